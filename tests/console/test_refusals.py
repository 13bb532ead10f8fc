"""An answer that says no says so to the device, too: what was typed stays there, to be sent again."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.kept_forms import ANSWER_COOKIE, PROOF
from apps.accounts.services import joining
from tests.accounts.applying import an_invitation, applied, approval
from tests.factories import a_host
from tests.library.desk import a_person, browser

APPS = Path(__file__).resolve().parents[2] / "apps"
ONCE = "0f8fad5b-d9cb-469f-a165-70867728950e"
#: What is said beside something that was done, or on a page that was only looked at.
CAUTIONS = {
    ("catalog/console.py", "form_valid"),
    ("customers/console.py", "say_what_is_wrong"),
    ("library/desk/editing.py", "get"),
    ("library/desk/editing.py", "keep_both"),
}
#: The rooms of hosts and consumers have pages of their own for what can't be done.
ROOMS = ("workbench/", "storefront/")


def _said(level: str) -> Iterator[tuple[str, str, bool]]:
    """Where something is said so: the file, the function, and whether it is in an `except`."""

    def walk(node: ast.AST, function: str, caught: bool) -> Iterator[tuple[str, bool]]:
        if isinstance(node, ast.FunctionDef):
            function, caught = node.name, False
        caught = caught or isinstance(node, ast.ExceptHandler)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"messages.{level}":
            yield function, caught
        for child in ast.iter_child_nodes(node):
            yield from walk(child, function, caught)

    for file in sorted(APPS.rglob("*.py")):
        for function, caught in walk(ast.parse(file.read_text(encoding="utf-8")), "", False):
            yield file.relative_to(APPS).as_posix(), function, caught


def test_a_refusal_is_said_as_an_error_since_the_device_forgets_what_was_done() -> None:
    assert {(file, function) for file, function, _ in _said("warning")} == CAUTIONS
    for level in ("info", "success"):
        caught = [one for one in _said(level) if one[2] and not one[0].startswith(ROOMS)]
        assert caught == [], level


def _word(client: Client, address: str, form: dict[str, object]) -> str:
    answer = client.post(address, {**form, PROOF: ONCE})
    assert answer.status_code == 302
    return str(answer.cookies[ANSWER_COOKIE].value)


@pytest.mark.django_db
def test_an_approval_that_came_too_late_stays_on_the_device() -> None:
    secret, _ = an_invitation()
    _, application = applied(secret)
    colleague, late = a_person(roles.ADMIN), browser(a_person(roles.ADMIN, "late"))
    joining.refuse(application, reason="名额满了", by=colleague, now=timezone.now())

    said = _word(late, f"/hq/applications/{application.public_id}/approve/", approval())

    assert said == f"{ONCE}.mend"


@pytest.mark.django_db
def test_a_place_for_who_has_left_stays_on_the_device() -> None:
    host = a_host("lin", status="left")

    said = _word(browser(a_person(roles.ADMIN)), f"/hq/hosts/{host.public_id}/place/", {"level": 2})

    assert said == f"{ONCE}.mend"
