"""Rules about the whole code that import-linter cannot see."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]


def _height_of() -> dict[str, int]:
    """How high each app stands, as import-linter is told in pyproject.toml."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(rule["layers"] for rule in contracts if rule.get("containers") == ["apps"])
    return {
        name.strip(" ()"): height
        for height, layer in enumerate(reversed(layers))
        for name in layer.split("|")
    }


def test_foreign_keys_point_downwards() -> None:
    # A key by string, ForeignKey("library.Material"), is no import: the contracts stay green.
    height = _height_of()
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("apps.")
        for field in model._meta.get_fields()
        if field.concrete
        and field.is_relation
        and isinstance(field.related_model, type)
        and field.related_model.__module__.startswith("apps.")
        and model._meta.app_label != field.related_model._meta.app_label
        and height[field.related_model._meta.app_label] >= height[model._meta.app_label]
    ]

    assert upward == []


def test_every_app_has_its_place() -> None:
    here = {folder.name for folder in (ROOT / "apps").iterdir() if (folder / "__init__.py").exists()}

    assert here - set(_height_of()) == {"sandbox"}


def test_the_borders_of_the_sandbox_leave_no_app_out() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    rules = {rule["name"]: rule for rule in contracts}
    here = {f"apps.{file.parent.name}" for file in (ROOT / "apps").glob("*/__init__.py")} - {"apps.sandbox"}

    inwards = rules["the sandbox shares nothing with the product"]["forbidden_modules"]
    outwards = rules["the product shares nothing with the sandbox"]["source_modules"]

    assert set(inwards) == here | {"config", "runtime"}
    assert set(outwards) == here | {"config"}


def test_imports_keep_their_direction() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout[-4000:]


def test_templates_hold_no_script_and_no_style() -> None:
    # The content security policy refuses them; behaviour lives in static/js, looks in static/css.
    forbidden = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son[a-z]+\s*=\s*[\"']|\sstyle\s*=\s*[\"']"
    )
    folders = [ROOT / "templates", *(ROOT / "apps").glob("*/templates")]
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}"
        for folder in folders
        for path in folder.rglob("*.html")
        for hit in forbidden.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_no_third_party_front_end_file_is_committed() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    foreign = [
        name
        for name in tracked.stdout.splitlines()
        if re.search(r"(^|/)(node_modules|vendor)/|\.min\.(js|css)$", name)
    ]

    assert foreign == []
