"""Forms with rows at HQ, sent as no browser sends them: bad input with a sentence, and quick."""

import os
import random
import re
import time
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import transaction
from django.test import Client

from config import form_rows
from tests.accounts import walking

pytestmark = pytest.mark.django_db
SAID = "什么都没有改动"
JUNK = ("abc", "+1", "1_0", "²", "-1", "1.5", "9" * 40, "\t", "%", "[]")


def _forms(boss: Client, world: walking.World) -> dict[str, dict[str, str]]:
    """Address → what its form sends, for every form of the console that has rows."""
    found = {}
    for route in walking.routes():
        if not re.fullmatch(r"hq/.+/(add|new|edit/<int:pk>)/", route):
            continue
        address = world.address(route).partition("?")[0]
        answer = boss.get(address)
        walking.put_down(answer)
        if answer.status_code != 200 or b"-TOTAL_FORMS" not in answer.content:
            continue
        page = BeautifulSoup(answer.content, "html.parser")
        total = page.find("input", attrs={"name": re.compile("-TOTAL_FORMS$")})
        assert total is not None
        found[address] = _fields(total.find_parent("form"))
    return found


def _fields(form: Any) -> dict[str, str]:
    sent = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name = field.get("name")
        if not name or field.get("type") in {"file", "checkbox", "submit"}:
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True)
            sent[name] = chosen["value"] if chosen else ""
        else:
            sent[name] = field.get("value") or field.text.strip()
    return sent


def _junk(sent: dict[str, str]) -> list[dict[str, str | None]]:
    """The changes that are tried: of each form one row's worth, since all its rows are read alike.

    All of them in the long run; else of each form the ones that broke it, and some by chance.
    """
    always: list[dict[str, str | None]] = []
    changes: list[dict[str, str | None]] = []
    for total in [name for name in sent if name.endswith("-TOTAL_FORMS")]:
        prefix, count = total.removesuffix("-TOTAL_FORMS"), int(sent[total])
        changes += [{total: value} for value in (*JUNK, str(form_rows.MOST_ROWS), None, "")]
        changes += [{f"{prefix}-INITIAL_FORMS": value} for value in ("abc", "99999", "7", None)]
        row = f"{prefix}-{count}"
        always += [{total: "99999"}, {total: str(count + 1)}]
        new = {total: str(count + 1), f"{row}-id": ""}
        changes += [{**new, f"{row}-ORDER": value} for value in (*JUNK, None)]
        always.append({**new, f"{row}-ORDER": None})
        changes += [{**new, f"{row}-ORDER": "x", f"{row}-DELETE": "on"}]
        changes += [{**new, f"{row}-id": value, f"{row}-ORDER": "1"} for value in (*JUNK, "424242")]
        if count:
            always.append({f"{prefix}-0-id": "abc"})
            changes += [{f"{prefix}-0-id": value} for value in (*JUNK, "424242", None)]
            changes += [{f"{prefix}-0-ORDER": value} for value in ("x", None)]
    return [*always, *(changes if os.environ.get("SOAK") else random.Random(20_260_305).sample(changes, 5))]


@pytest.mark.timeout(300)
def test_junk_in_the_rows_of_a_form_breaks_none_and_takes_no_time() -> None:
    world, boss = walking.World(), Client(raise_request_exception=False)
    boss.force_login(world.people["A"])
    forms, broken = _forms(boss, world), []
    for address, sent in forms.items():
        for change in _junk(sent):
            with transaction.atomic():
                began = time.process_time()
                fields = {**sent, **change}
                answer = boss.post(
                    address, {name: value for name, value in fields.items() if value is not None}
                )
                took = time.process_time() - began
                transaction.set_rollback(True)
            if answer.status_code >= 500 or took > 5 or len(answer.content) > 4_000_000:
                broken.append((answer.status_code, address, change, round(took, 1)))
            odd = [value for name, value in change.items() if value in JUNK and not name.endswith("-DELETE")]
            if odd and answer.status_code != 400:
                broken.append((answer.status_code, address, change, "not refused"))
            if answer.status_code == 400:
                assert SAID in answer.content.decode()
    assert broken == []
    for kind in ("issues", "cases", "materials", "paths", "products"):
        assert sum(f"/{kind}/" in address for address in forms) == 2, (kind, list(forms))


@pytest.mark.parametrize(
    ("sent", "odd"),
    [
        ({"a-TOTAL_FORMS": "1", "a-INITIAL_FORMS": "0", "a-0-id": "", "a-0-ORDER": "1"}, False),
        ({"a-TOTAL_FORMS": "0", "a-INITIAL_FORMS": "0", "a-__prefix__-ORDER": "x"}, False),
        ({"body-0-id": "01a2-uuid", "body-count": "1"}, False),
        ({"a-TOTAL_FORMS": "2", "a-0-id": ""}, True),
        ({"a-TOTAL_FORMS": "201"}, True),
        ({"a-TOTAL_FORMS": "1", "a-0-id": "abc"}, True),
        ({"a-TOTAL_FORMS": "1", "a-0-ORDER": "x"}, True),
        ({"a-TOTAL_FORMS": "0", "a-INITIAL_FORMS": "x"}, True),
    ],
)
def test_which_rows_are_malformed(sent: dict[str, str], odd: bool) -> None:
    assert form_rows.are_malformed(sent) is odd
