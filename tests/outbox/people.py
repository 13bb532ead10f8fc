"""Hosts for the tests of messages."""

from typing import Any

from apps.accounts.models import Host
from tests import factories


def a_host(userid: str, /, **fields: Any) -> Host:
    """A host who is called as the WeCom member that she is."""
    return factories.a_host(userid, fields.pop("name", userid), **fields)
