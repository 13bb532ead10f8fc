"""The ledger's vocabulary: each word is documented and written somewhere, and each act has one."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from apps.tracking import services
from apps.tracking.facts import Fact
from apps.tracking.management.commands import document_events
from apps.tracking.models import Event

APPS = Path(__file__).resolve().parents[2] / "apps"
CODES = "|".join(re.escape(fact.value) for fact in Fact)


def _sources() -> Iterator[Path]:
    for path in APPS.rglob("*.py"):
        if not {"sandbox", "migrations"} & set(path.parts) and path.name != "facts.py":
            yield path


def _found(place: str) -> Any:
    """The function or method at a dotted place below `apps`, and its module's source."""
    parts = place.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            module = import_module(".".join(["apps", *parts[:cut]]))
        except ModuleNotFoundError:
            continue
        found: Any = module
        for name in parts[cut:]:
            found = getattr(found, name)
        return Path(str(module.__file__)).read_text()
    raise AssertionError(f"there is no {place}")


@pytest.mark.parametrize("fact", Fact)
def test_each_word_has_a_meaning_and_is_written_where_it_says(fact: Fact) -> None:
    family, verb = fact.value.split(".")
    assert fact.meaning
    assert fact.written_in
    for place in fact.written_in:
        source = _found(place)
        ways = (f"Fact.{fact.name}", f"Fact.{verb}(", f'Fact(f"{family}.{{')
        assert any(way in source for way in ways), f"{place} does not write {fact}"


def test_the_page_of_events_is_what_the_code_says() -> None:
    assert document_events.PAGE.read_text() == document_events.page(), "run manage.py document_events"


def test_nobody_spells_a_word_by_hand() -> None:
    whole, quoted = re.compile(CODES), re.compile(f"'({CODES})'")
    spelled = []
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if whole.fullmatch(text) or quoted.search(text):
                spelled.append(f"{path.relative_to(APPS)}:{node.lineno}: {text[:60]}")
    assert spelled == []


@pytest.mark.django_db
def test_a_word_that_is_none_is_refused(django_assert_num_queries: Any) -> None:
    at = Event(name="x").recorded_at
    for write in (
        lambda: services.record("customer.hugged", at=at),  # type: ignore[arg-type]
        lambda: services.record_many([Event(name="customer.hugged", occurred_at=at)]),
    ):
        with django_assert_num_queries(0), pytest.raises(ValueError, match="hugged"):
            write()


#: Why a function that writes leaves no event.
OWN_BOOK = "a table of its own keeps who did what, and when"
TASTE = "a liking of hers, which tells nobody anything"
PART = "a part of an act that has its event"
READS = "it only asks the database"
UPKEEP = "nobody's act: the house keeps itself in order"
DRAFT = "nobody sees a draft; that it goes live is an event"
WITHOUT = {
    "accounts.services.rate_limits": {"wait_s": UPKEEP, "forget": UPKEEP},
    "accounts.services.hosts": {"create_host": OWN_BOOK, "place_host": OWN_BOOK, "release_wecom": PART},
    "accounts.services.organisations": {},  # Wagtail's log of the row
    "accounts.services.staff": {},
    "catalog.merging": {"merge": OWN_BOOK, "take_apart": OWN_BOOK, "switch": PART},
    "accounts.services.phones": {
        "keep_phone": PART
    },  # insights.services.keep_phone; an application's approval
    "insights.services": {},
    "catalog.services": {"take_stock": PART, "return_stock": PART, "change_stock": PART},
    # Wagtail's signals: library.receivers
    "library.publishing": {"withdraw": PART},
    "library.services": {
        "tick": PART,
        "ensure_next_issue": DRAFT,
        "add_issue": DRAFT,
    },
    "learning.cases.services": {"ensure_next_case": DRAFT, "add_case": DRAFT},
    "learning.training.services": {},
    "stories.services": {"links_end": PART},
    "stories.taking_back": {"hide": PART, "forget": PART, "delete_file": PART},
    "customers.services": {},
    "customers.adding": {},
    "customers.many": {},
    "customers.erasure": {"block": PART, "by_digest": READS},
    "customers.handover.acts": {"hand_over": PART},  # each customer's: customers.handover.moving
    "customers.handover.moving": {},
    "records.services.consents": {"notice_for": OWN_BOOK, "publish": OWN_BOOK},
    "records.services.access_log": {},
    "records.services.alerts": {"handle": OWN_BOOK},
    "reach.asking": {"answer": PART, "askings_end": PART},  # consents given, taken back; the hand-over
    "sharing.services": {"remember_look": TASTE},
    "sharing.to_her": {},
    "storefront.services": {},
    "trade.services": {"orders_follow": PART},
    "commission.services": {"earn": PART, "take_back": PART},  # the order's, and its reversal's
}
_WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create",
    "execute", "record_access",
}  # fmt: skip
#: What leaves an event: the ledger itself, a signal that `tracking.receivers` hears, the book of an account.
_TELLS = {"Fact", "send", "note", "record_access", "record"}


def _calls(function: ast.FunctionDef) -> set[str]:
    nodes = list(ast.walk(function))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute)} | {
        node.id for node in nodes if isinstance(node, ast.Name)
    }


@pytest.mark.parametrize("module", WITHOUT)
def test_every_act_has_its_event(module: str) -> None:
    path = APPS.joinpath(*module.split(".")).with_suffix(".py")
    tree = ast.parse(path.read_text())
    direct = {node.name: _calls(node) for node in tree.body if isinstance(node, ast.FunctionDef)}

    def reached(name: str, seen: set[str]) -> set[str]:
        seen.add(name)
        found = set(direct[name])
        for other in direct[name] & direct.keys() - seen:
            found |= reached(other, seen)
        return found

    silent = {
        name
        for name in direct
        if not name.startswith("_") and (calls := reached(name, set())) & _WRITES and not calls & _TELLS
    }
    assert silent == set(WITHOUT[module]), "say in WITHOUT why it leaves no event, or let it leave one"


def test_no_module_of_acts_is_forgotten() -> None:
    """Modules whose functions only keep books of their own, or carry what others decided, are named here."""
    others = {
        "accounts.services", "accounts.services.events", "accounts.services.joining",
        "accounts.services.links",
        "accounts.services.passwords", "accounts.services.second_step", "accounts.services.signing_in",
        "accounts.services.tokens", "accounts.services.binding", "accounts.services.sent_forms",
        "accounts.services.two_people", "privacy.services.calling", "privacy.services.replaying",
        "privacy.services.gathering", "privacy.services.own_customers",
        "privacy.services.exports", "privacy.services.keys",
        "privacy.services.retention", "privacy.services.data_requests", "records.services.seals",
        "media.services",
        "tracking.services",
    }  # fmt: skip
    found = {
        ".".join(path.relative_to(APPS).with_suffix("").parts).removesuffix(".__init__")
        for path in _sources()
        if path.name == "services.py" or path.parent.name == "services"
    }
    carried = {name for name in found if name.startswith(("outbox.", "wecom."))}
    assert (
        found - carried - others - {"privacy.services", "records.services", "records.services.marks"}
        <= WITHOUT.keys()
    )
