"""The isolation run: every route × every role × method × foreign ids in path, query, body, list and filter.

Three ways: with both walls; without row-level security; without access.py (there for hosts, consumers and
strangers: HQ's roles have one wall). A canary in an answer that is not its host's is a leak.
`make test` takes a share of it, `make soak` all.
"""

import logging
from collections.abc import Callable, Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path

from apps.customers.models import Relation
from apps.database import db_role
from tests.isolation import run, sabotage
from tests.isolation.routes import routes
from tests.isolation.run import BOTH, HOSTS, IMPOSTOR, NO_ACCESS, NO_ROWS, OUTSIDE, Run, plan, share, who_asks

WAYS = (BOTH, NO_ROWS, NO_ACCESS, IMPOSTOR)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are what we want, not what we want to read."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_the_run_is_large_enough() -> None:
    asked = {way: sum(1 for who in who_asks(way) for _ in plan(way, who)) for way in WAYS}

    assert sum(asked[way] for way in (BOTH, NO_ROWS, NO_ACCESS)) >= 20_000, asked
    assert min(asked.values()) > 1_000, asked


def test_a_share_of_it_asks_every_route_each_way() -> None:
    for way in WAYS:
        everywhere = {ask.route.template for who in who_asks(way) for ask in plan(way, who)}
        asked = {ask.route.template for who in who_asks(way) for ask in share(way, who)}
        assert everywhere == asked


def test_every_scoping_function_is_taken_down_or_has_a_reason_not_to_be() -> None:
    replaced = {f"{module}.{name}" for module, names in sabotage.SCOPING.items() for name in names}

    assert replaced.isdisjoint(sabotage.NO_SCOPE)
    assert sabotage.functions() == replaced | set(sabotage.NO_SCOPE)


@pytest.mark.django_db
@pytest.mark.parametrize(("way", "asker"), [(way, who) for way in WAYS for who in who_asks(way)])
def test_nothing_reaches_whom_it_does_not_belong_to(
    way: str,
    asker: str,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    ours = Run(way, asker, monkeypatch)
    before = ours.rows()

    outcome = ours.ask(share(way, asker))

    record_property("isolation", [way, outcome.asked, len(outcome.leaks)])
    assert outcome.leaks == []
    if asker in (*HOSTS, *OUTSIDE):
        assert ours.rows() == before
    if way in (BOTH, NO_ROWS):
        assert outcome.broken == []
        assert outcome.statuses.get(429, 0) < outcome.asked / 100
    if asker in HOSTS and way != IMPOSTOR:
        # She was signed in to the end, or else the silence would prove nothing.
        assert ours.mine is not None
        assert ours.mine.canary in ours.web.get(f"/customers/{ours.mine.ids['relation']}/").content.decode()
        assert ours.mine.canary in ours.api.get("/api/v1/customers/").content.decode()


# --- a planted leak is found ----------------------------------------------------------------------------


def forgetful(request: HttpRequest) -> HttpResponse:
    """Asks nobody whose rows these are."""
    return HttpResponse("、".join(one.shown_name for one in Relation.objects.all()))


def careless(request: HttpRequest) -> HttpResponse:
    """Takes on the role of the jobs, too."""
    with db_role.as_worker():
        return forgetful(request)


class Leaky:
    urlpatterns = [
        path("api/v1/planted/", careless),
        path("planted/", forgetful),
        path("", include("config.urls")),
    ]


@pytest.fixture
def leaky(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The product with two bad views; only they are asked."""
    monkeypatch.setattr(run, "routes", lambda: [one for one in routes() if "planted" in one.template])
    with override_settings(ROOT_URLCONF=Leaky):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("asker", ["owner one", "anonymous"])
def test_a_planted_leak_is_found_and_one_wall_holds_what_the_other_lets_through(
    asker: str, leaky: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaks = Run(BOTH, asker, monkeypatch).everything().leaks

    # The view that only forgot to scope shows a host her own rows, and a stranger none.
    assert {template for _, template, _ in leaks} == {"api/v1/planted/"}


@pytest.mark.django_db
def test_a_view_that_forgets_to_scope_is_found_without_the_second_wall(
    leaky: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaks = Run(NO_ROWS, "owner one", monkeypatch).everything().leaks

    assert {template for _, template, _ in leaks} == {"api/v1/planted/", "planted/"}
