"""Where the sandbox starts and where it refuses to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox_server import ROOT, SandboxServer


def start(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import apps.sandbox.settings"],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "variables", [{"SANDBOX_ALLOWED": "0"}, {"SANDBOX_ALLOWED": ""}, {"DJANGO_ENV": "production"}]
)
def test_it_refuses_production_in_one_sentence(
    sandbox_server: SandboxServer, variables: dict[str, str]
) -> None:
    refused = start(sandbox_server.environment() | variables)

    assert refused.returncode != 0
    assert "企业微信沙箱只能在开发环境运行" in refused.stderr.splitlines()[-1]


def test_a_missing_variable_is_named(sandbox_server: SandboxServer) -> None:
    refused = start(sandbox_server.environment() | {"WECOM_CORP_ID": ""})

    assert "WECOM_CORP_ID" in refused.stderr.splitlines()[-1]


def test_its_tables_stay_in_its_own_schema(sandbox_server: SandboxServer) -> None:
    import psycopg

    with psycopg.connect(sandbox_server.database_url()) as connection:
        schemas = connection.execute(
            "SELECT DISTINCT schemaname FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()

    assert schemas == [("sandbox",)]


def test_it_imports_nothing_of_the_product_and_is_imported_by_nothing() -> None:
    sandbox = sorted((ROOT / "apps" / "sandbox").rglob("*.py"))
    foreign = [
        f"{file}: {line}"
        for file in sandbox
        for line in file.read_text().splitlines()
        if line.startswith(("from apps.", "import apps.", "from config", "import config"))
        and not line.startswith(("from apps.sandbox", "import apps.sandbox"))
    ]
    others: list[Path] = [
        file for file in (ROOT / "apps").rglob("*.py") if file.parts[len(ROOT.parts) + 1] != "sandbox"
    ]
    users = [str(file) for file in others if "apps.sandbox" in file.read_text()]

    assert foreign == []
    assert users == []
