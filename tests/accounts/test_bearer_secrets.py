"""Everything that opens an account or a person's data to whoever holds it, and what each ending does to it.

docs/sign-in.md says the same in a table. A route with a key in its path must be named here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts import roles, services
from apps.accounts.models import Host, OneTimeLink
from apps.accounts.services import binding, joining, signing_in
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.outbox.services import jobs
from apps.privacy.services import data_requests
from apps.reach import asking
from apps.stories import services as stories
from apps.tracking import services as tracking
from tests.accounts import walking
from tests.accounts.applying import an_invitation, applied
from tests.factories import MORNING, a_host, api_of
from tests.library.desk import a_person, browser
from tests.reach.test_asking import order
from tests.storefront.test_hers_alone import in_chat

pytestmark = pytest.mark.django_db

ENDINGS = ("rebound", "signed out", "suspended", "left", "handed over", "erased")
#: Of her way in: all that touches her account.
ACCOUNT = ("rebound", "signed out", "suspended", "left")
#: Of what one host asked of her customer.
ASKED = ("suspended", "left", "handed over", "erased")


@dataclass
class Scene:
    host: Host
    relation: Relation
    #: The browser that ordered.
    phone: Client
    order: str
    #: Her page as an applicant, and the invitation by which she came.
    application: str
    invitation: str


Opens = Callable[[], tuple[Any, bool]]


@dataclass(frozen=True)
class Bearer:
    """One kind: whose it is, the endings that end it, how it is made and what opening it gives.

    What opens is tried in a browser that knows nothing else; `shows` says whether the answer opened.
    """

    whose: str
    ended_by: tuple[str, ...]
    make: Callable[[Scene], Opens]
    #: The addresses that carry it.
    routes: tuple[str, ...] = ()


def _page(address: str, words: str = "") -> Opens:
    def opens() -> tuple[Any, bool]:
        answer = Client().get(address)
        return answer, answer.status_code == 200 and words in answer.content.decode()

    return opens


def _post(address: str, data: dict[str, str], to: str = "") -> Opens:
    def opens() -> tuple[Any, bool]:
        answer = Client().post(address, data)
        return answer, answer.status_code == 302 and answer["Location"].startswith(to)

    return opens


def a_session(scene: Scene) -> Opens:
    web = browser(scene.host.user)
    return lambda: ((answer := web.get("/me/")), answer.status_code == 200)


def a_token(scene: Scene) -> Opens:
    api = api_of(scene.host)
    return lambda: ((answer := api.get("/api/v1/me/")), answer.status_code == 200)


def a_link(purpose: str, address: str, scene: Scene) -> Opens:
    secret, _ = services.make_link(scene.host.user, purpose=purpose, by=None, now=timezone.now())
    return _page(f"/{address}/{secret}/")


def my_orders(scene: Scene) -> Opens:
    link = tracking.link_for(
        scene.host, subject_kind="shelf", subject_id=scene.host.pk, channel="single", now=MORNING
    )

    def opens() -> tuple[Any, bool]:
        answer = scene.phone.get(f"/s/{link.code}/orders/")
        return answer, scene.order in answer.content.decode()

    return opens


def an_asking(scene: Scene) -> Opens:
    address = in_chat(scene.relation, "ask-offers", r"/agree/\w+/")
    return _post(address, {"do": "yes", "seen": asking.mark_of(scene.relation, now=timezone.now())})


def a_story(scene: Scene) -> Opens:
    now = timezone.now()
    secret, story = stories.ask(
        scene.relation, title="喝粥的故事", called="爱喝粥的人", text="早晚两碗粥，三个月没断过。", now=now
    )
    seen = stories.mark_of(story, stories.notice(now=now))
    return _post(f"/u/{secret}/", {"do": "agree", "consent": "on", "seen": seen})


def my_data(scene: Scene) -> Opens:
    address = in_chat(scene.relation, "my-data", r"/my-data/\w+/")

    def opens() -> tuple[Any, bool]:
        Client().post(address, {"kind": "export", "last4": "8000"})
        jobs.drain(seconds=30)
        answer = Client().get(address)
        return answer, Client().get(f"{address}copy/").status_code == 200

    return opens


def my_copy(scene: Scene) -> Opens:
    address = in_chat(scene.relation, "my-data", r"/my-data/\w+/")
    assert Client().post(address, {"kind": "export", "last4": "8000"}).status_code == 302
    jobs.drain(seconds=30)
    return _page(f"{address}copy/")


BEARERS: dict[str, Bearer] = {
    "session": Bearer("the host's", ACCOUNT, a_session),
    "API token": Bearer("the host's", ACCOUNT, a_token),
    "link to a new password": Bearer(
        "the host's",
        ACCOUNT,
        partial(a_link, OneTimeLink.Purpose.PASSWORD, "password"),
        ("password/<str:token>/",),
    ),
    "link to begin": Bearer(
        "the host's",
        ACCOUNT,
        partial(a_link, OneTimeLink.Purpose.ACTIVATION, "join/start"),
        ("join/start/<str:token>/",),
    ),
    "page of her application": Bearer(
        "the applicant's: what leads from it into the account ends",
        ACCOUNT,
        lambda scene: _post(f"{scene.application}begin/", {}, to="/join/start/"),
        ("join/state/<str:token>/", "join/state/<str:token>/begin/", "join/state/<str:token>/withdraw/"),
    ),
    "invitation": Bearer(
        "the company's", (), lambda scene: _page(f"/join/{scene.invitation}/"), ("join/<str:token>/",)
    ),
    "order": Bearer(
        "the consumer's: one order, masked",
        ("erased",),
        lambda scene: _page(scene.order),
        ("o/<str:token>/", "o/<str:token>/consents/<uuid:public_id>/"),
    ),
    "cookie of 我的订单": Bearer("the consumer's browser's", ("erased",), my_orders),
    "question about offers": Bearer(
        "the consumer's; a no is taken for ever", ASKED, an_asking, ("agree/<str:token>/",)
    ),
    "story": Bearer(
        "the consumer's; taking back is always taken",
        ASKED,
        a_story,
        ("u/<str:token>/", "u/<str:token>/pictures/<uuid:public_id>/"),
    ),
    "my data": Bearer(
        "the consumer's, by the word of her host",
        ASKED,
        my_data,
        (
            "my-data/<str:token>/",
            "my-data/<str:token>/consents/<uuid:public_id>/",
            "my-data/<str:token>/consents/<uuid:public_id>/confirm/",
        ),
    ),
    "copy of her data": Bearer(
        "the consumer's",
        ASKED,
        my_copy,
        ("my-data/<str:token>/file/", "my-data/<str:token>/copy/"),
    ),
}


@pytest.fixture
def scene() -> Scene:
    cache.clear()
    invitation, _ = an_invitation(uses=9)
    state, application = applied(invitation)
    host = joining.approve(
        application,
        username="xiaoman",
        organisation=application.invitation.organisation,
        level=2,
        wecom_userid="xiaoman",
        by=a_person(roles.ADMIN),
        now=timezone.now(),
    ).host
    phone, page = order(host, phone="13800008000")
    return Scene(host, Relation.objects.get(), phone, page, state, invitation)


def end(scene: Scene, how: str) -> None:
    host, now, admin = scene.host, timezone.now(), a_person(roles.ADMIN)
    match how:
        case "rebound":
            assert binding.bind_wecom(host, "another", by=admin, now=now, reason="换了手机")
        case "signed out":
            signing_in.sign_out_everywhere(host.user, now=now, by=admin)
        case "suspended" | "left":
            services.move_host(host, to=how, actor=admin, now=now, reason="不做了")
        case "handed over":
            hand_over(
                host,
                a_host("mei", "小美"),
                relations=Relation.objects.all(),
                scope="全部",
                reason="换区",
                by=None,
                now=now,
            )
        case "erased":
            secret = data_requests.vouch(
                host_id=host.pk, relation_id=scene.relation.pk, phone="", by=host.user, now=now
            )
            request = data_requests.behind(secret, now=now)
            assert request is not None
            data_requests.prove_by_host(request, kind="erase", last4="8000", now=now)
    jobs.drain(seconds=60)
    cache.clear()


@pytest.mark.parametrize("name", BEARERS)
def test_each_opens_before_any_ending(scene: Scene, name: str) -> None:
    answer, is_open = BEARERS[name].make(scene)()

    assert is_open, answer.content.decode()


@pytest.mark.parametrize("how", ENDINGS)
def test_each_is_ended_kindly_or_stays_the_consumers(scene: Scene, how: str) -> None:
    opening = {name: bearer.make(scene) for name, bearer in BEARERS.items()}

    end(scene, how)

    found = {name: opens() for name, opens in opening.items()}
    still = {name for name, (_, is_open) in found.items() if is_open}
    assert still == {name for name, bearer in BEARERS.items() if how not in bearer.ended_by}
    for name, (answer, is_open) in found.items():
        if not is_open:
            assert answer.status_code in (200, 302, 401, 404, 409, 410), name
            words = answer.content.decode()
            assert any("一" <= letter <= "鿿" for letter in words) or answer.status_code == 302, name
            assert "13800008000" not in words


def test_every_route_with_a_key_in_its_path_is_named() -> None:
    carry = {route for route in walking.routes() if "token>" in route}

    named = [route for bearer in BEARERS.values() for route in bearer.routes]
    assert sorted(named) == sorted(carry)
