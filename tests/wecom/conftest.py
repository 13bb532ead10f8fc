"""The product and a WeCom that it can talk to, both over real HTTP."""

from collections.abc import Callable

import pytest

from apps.outbox.models import Lane
from apps.outbox.services import deliveries, inbox
from tests.committed import own_tables, transactional_db, web
from tests.outbox.conftest import pass_time
from tests.sandbox_fixture import Sandbox, sandbox, sandbox_server

__all__ = ["own_tables", "pass_time", "sandbox", "sandbox_server", "transactional_db", "web"]


@pytest.fixture
def wecom(sandbox: Sandbox, transactional_db: None, settings: object) -> Sandbox:
    """WeCom as the product finds it."""
    for name in ("WECOM_API_BASE", "WECOM_OAUTH_BASE", "WECOM_LOGIN_BASE"):
        setattr(settings, name, sandbox.base_url)
    return sandbox


@pytest.fixture
def listening(wecom: Sandbox, web: str) -> Sandbox:
    """WeCom that brings its callbacks to the product."""
    wecom.set_callback_url(f"{web}/wecom/callback/")
    return wecom


@pytest.fixture
def work() -> Callable[[], None]:
    """What the workers would do now, in every lane."""

    def worked() -> None:
        for lane in (Lane.WELCOME, Lane.NORMAL, Lane.BULK):
            inbox.drain(lane)
            deliveries.drain(lane)

    return worked
