"""A customer's private pages take no yes and give no proof in a browser of the house, none of them."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.reach import asking
from apps.records.models import Consent
from apps.records.services import consents
from apps.storefront.urls import urlpatterns
from apps.stories import services as stories
from tests.factories import a_host
from tests.library.desk import a_person, browser
from tests.reach.people import agrees

pytestmark = pytest.mark.django_db
#: What may be done with a private link in any browser: her host sees more of it in the workbench.
OPEN_TO_ALL = {
    "order-state": "shows one order masked",
    "order-withdraw": "taking back needs less than giving",
    "story-picture": "her host took the picture herself",
}


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()


@pytest.fixture
def yu() -> Relation:
    relation, _ = customers.find_or_make_relation(
        a_host("lin"), phone="13800138000", name="小雨", source="manual", now=timezone.now()
    )
    return relation


def where_she_worked(host: Host) -> Client:
    """A browser in which she was signed in, and is no more."""
    client = browser(host.user)
    client.get("/me/")
    client.post("/accounts/sign-out/")
    client.cookies.pop("sessionid", None)
    assert "own" in client.cookies
    return client


def of_the_house(host: Host) -> list[Client]:
    colleague = browser(a_host("mei", "小美").user)
    return [browser(host.user), where_she_worked(host), colleague, browser(a_person(roles.SUPPORT))]


def in_chat(relation: Relation, what: str, pattern: str) -> str:
    page = browser(relation.host.user).post(f"/customers/{relation.public_id}/{what}/").content.decode()
    found = re.search(pattern, page)
    assert found is not None
    return found[0]


def pages_of(relation: Relation) -> dict[str, tuple[str, dict[str, str]]]:
    """Route → an address of hers, and what is posted there."""
    secret, story = stories.ask(
        relation,
        title="喝粥的故事",
        called="爱喝粥的人",
        text="早晚两碗粥，三个月没断过。",
        now=timezone.now(),
    )
    seen = stories.mark_of(story, stories.notice(now=timezone.now()))
    my_data = in_chat(relation, "my-data", r"/my-data/\w+/")
    # She has proved herself: the pages behind the proof are open, but not here.
    assert Client().post(my_data, {"kind": "export", "last4": "8000"}).status_code == 302
    agrees(relation, proof="")
    claim = Consent.objects.get(confirmed_at=None)
    return {
        "story": (f"/u/{secret}/", {"do": "agree", "consent": "on", "seen": seen}),
        "agree": (
            in_chat(relation, "ask-offers", r"/agree/\w+/"),
            {"do": "yes", "seen": asking.mark_of(relation, now=timezone.now())},
        ),
        "my-data-page": (my_data, {"kind": "export", "last4": "8000"}),
        "my-data-file": (f"{my_data}file/", {}),
        "my-data-copy": (f"{my_data}copy/", {}),
        "my-data-withdraw": (f"{my_data}consents/{claim.public_id}/", {}),
        "my-data-confirm": (f"{my_data}consents/{claim.public_id}/confirm/", {}),
    }


def test_no_browser_of_the_house_answers_for_her(yu: Relation) -> None:
    private = {one.name for one in urlpatterns if "<str:token>" in str(one.pattern)}
    pages = pages_of(yu)
    assert private == pages.keys() | OPEN_TO_ALL.keys()
    before = sorted(Consent.objects.values_list("pk", "confirmed_at", "withdrawn_at"))

    for client in of_the_house(yu.host):
        for name, (address, data) in pages.items():
            ways: list[Callable[[], int]] = [lambda: client.post(address, data).status_code]  # noqa: B023
            if name.startswith("my-data"):
                ways.append(lambda: client.get(address).status_code)  # noqa: B023
            for way in ways:
                cache.clear()
                assert way() in (403, 405), name

    assert sorted(Consent.objects.values_list("pk", "confirmed_at", "withdrawn_at")) == before
    hers = Client()
    for name in ("story", "agree", "my-data-confirm"):
        address, data = pages[name]
        assert hers.post(address, data).status_code == 302, name
    assert consents.of_relations([yu.pk])[0].confirmed_at is not None
    assert hers.post(f"/my-data/nothing/consents/{uuid4()}/confirm/").status_code == 404
