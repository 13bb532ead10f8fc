"""The WeCom sandbox for tests: a real server in a process of its own, spoken to over HTTP.

Two fixtures, both named in tests/conftest.py:

* `sandbox_server` (session): the running server, one for each xdist worker, with a database of its own.
* `sandbox` (function): the same server with an empty world, real time and no faults. Use this one.

    def test_she_is_told(sandbox, live_server):
        sandbox.set_callback_url(live_server.url + "/wecom/callback/")
        sandbox.add_member("lin.guide", "林导")

        added = sandbox.customer_adds("lin.guide", name="小雨", state="store_S001", wait=5)

        assert added["callbacks"][0]["state"] == "delivered"
        assert sandbox.welcome_of(added["external_userid"])["text"].startswith("你好")

The product reaches it by `WECOM_API_BASE = sandbox.base_url` (the same for the OAuth and login bases), and by
the credentials on the object. Every act takes `wait` seconds for the first try of its callbacks; 0 returns at
once. Callbacks go nowhere until `set_callback_url` was called: they are recorded as `unheard`.
Time is virtual: `advance(20)` lets twenty seconds pass for tokens, welcome codes and retries.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.sandbox_client import AES_KEY, CORP_ID, TOKEN, Sandbox, SandboxRefused
from tests.sandbox_server import SandboxServer

__all__ = [
    "AES_KEY",
    "CORP_ID",
    "TOKEN",
    "Sandbox",
    "SandboxRefused",
    "SandboxServer",
    "sandbox",
    "sandbox_server",
]


@pytest.fixture(scope="session")
def sandbox_server(
    database_server: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SandboxServer]:
    """The running sandbox, with a database beside the test run's own."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    name = f"test_{database['NAME'].removeprefix('test_')[:30]}_sandbox_{worker}"
    server = SandboxServer(database=database, name=name, folder=tmp_path_factory.mktemp("sandbox"))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> Sandbox:
    """WeCom with nobody in it yet."""
    sandbox_server.client.reset()
    return sandbox_server.client
