"""Being invited, applying and being let in, as the tests of joining do it."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Application, Host, Invitation
from apps.accounts.services import joining
from tests.factories import a_company
from tests.library.desk import a_person
from tests.storefront.pages import hidden_fields

FORM = {
    "name": "林小满",
    "phone": "138 0000 8000",
    "wecom_userid": "xiaoman",
    "why": "我有三个宝妈群",
    "consent": "on",
}


def an_invitation(**fields: Any) -> tuple[str, Invitation]:
    now = fields.pop("now", timezone.now())
    return joining.invite(
        organisation=fields.pop("organisation", None) or a_company(),
        kind=Host.Kind.OWNER,
        level=2,
        uses=fields.pop("uses", 1),
        expires_at=now + fields.pop("life", timedelta(days=7)),
        by=fields.pop("by", None) or a_person(roles.OPERATOR),
        now=now,
    )


def send(secret: str, *, client: Client | None = None, **changes: Any) -> Any:
    seen = hidden_fields(Client().get(f"/join/{secret}/").content.decode()).get("seen", "")
    return (client or Client()).post(f"/join/{secret}/", {**FORM, "seen": seen, **changes})


def applied(secret: str, **changes: Any) -> tuple[str, Application]:
    """The address of the applicant's own page, and her application."""
    answer = send(secret, **changes)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"], Application.objects.latest("pk")


def words_of(answer: Any) -> str:
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


def approval(**changes: Any) -> dict[str, Any]:
    return {
        "username": "xiaoman",
        "organisation": a_company().pk,
        "level": 3,
        "wecom_userid": "xiaoman",
        **changes,
    }
