"""Hosts for the tests of messages."""

from datetime import datetime
from typing import Any

from apps.accounts.models import Host, Organisation
from apps.accounts.services import create_host
from apps.lib.clock import SHANGHAI

MORNING = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)


def a_host(userid: str, /, **fields: Any) -> Host:
    """An active host, bound to the WeCom member `userid`."""
    root = Organisation.objects.filter(depth=1).first() or Organisation.add_root(name="总部", kind="company")
    host = create_host(
        username=userid,
        name=fields.pop("name", userid),
        kind=Host.Kind.OWNER,
        organisation=root,
        now=MORNING,
        wecom_userid=userid,
    )
    if fields:
        Host.objects.filter(pk=host.pk).update(**fields)
        host.refresh_from_db()
    return host
