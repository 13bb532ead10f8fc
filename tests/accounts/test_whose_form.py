"""A form is its sender's alone: nobody else's session does it, and its proof leads nobody else anywhere."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.accounts import roles, services
from apps.accounts.models import Host, Session, User
from apps.customers.models import Note, Relation
from apps.privacy.models import RightsRequest
from tests.accounts.test_sent_once import browser_of, mark_on
from tests.factories import PASSWORD, a_host, a_person_at_hq
from tests.happenings import a_customer

pytestmark = pytest.mark.django_db
PHONE = "13800008000"


@pytest.fixture
def lin(db: None) -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def relation(lin: Host) -> Relation:
    return a_customer(lin, PHONE, at=timezone.now())


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def who(client: Client) -> str:
    client.get("/")
    return client.cookies["who"].value


def form(client: Client, page: str, **fields: str) -> dict[str, str]:
    """What the device sends of a form that stands on a page of this account."""
    return {
        "_once": str(uuid4()),
        "_who": who(client),
        "csrfmiddlewaretoken": mark_on(client, page),
        **fields,
    }


def word(client: Client) -> str:
    return client.cookies["sent"].value.partition(".")[2]


def test_a_page_names_its_account(lin: Host) -> None:
    client, boss = signed_in(lin.user), signed_in(a_person_at_hq(roles.ADMIN, "boss"))
    for one, page in ((client, "/me/"), (boss, "/hq/")):
        named = re.search(r'name="who"\s+content="(\w+)"', one.get(page).content.decode())
        assert named is not None
        assert named[1] == one.cookies["who"].value
    assert who(client) != boss.cookies["who"].value
    assert 'name="who"' not in Client().get("/login/").content.decode()


@pytest.mark.parametrize("fits", [True, False], ids=["its token fits", "its token is old"])
@pytest.mark.parametrize("part", [{}, {"HX-Request": "true"}], ids=["page", "part"])
def test_another_account_s_form_is_not_done(lin: Host, fits: bool, part: dict[str, str]) -> None:
    old = browser_of(lin)
    sent = form(old, "/customers/new/", name="小雨", phone=PHONE)
    mei = browser_of(a_host("mei", "梅姐"))
    if fits:
        sent["csrfmiddlewaretoken"] = mark_on(mei, "/customers/new/")

    answer = mei.post("/customers/new/", sent, headers=part)

    assert answer.status_code == 403
    assert "另一个账号" in answer.content.decode()
    assert word(mei) == "door"
    assert not Relation.objects.exists()
    # Whose it is may still send it, with the same proof.
    sent["csrfmiddlewaretoken"] = mark_on(old, "/customers/new/")
    assert old.post("/customers/new/", sent).status_code == 302
    assert (word(old), Relation.objects.get().host) == ("done", lin)


def test_also_a_form_without_a_proof(lin: Host) -> None:
    mei = a_host("mei", "梅姐")
    client = signed_in(mei.user)
    answer = client.post(
        "/me/settings/", {"_who": who(signed_in(lin.user)), "name": "林姐", "tagline": "换了"}
    )
    assert answer.status_code == 403
    mei.refresh_from_db()
    assert mei.tagline != "换了"


@pytest.mark.parametrize("somebody", ["desk", "nobody", "nobody, a part", "an ended session"])
def test_who_may_not_come_in_has_done_nothing(lin: Host, somebody: str) -> None:
    """A way round to another room, or to signing in, is not what the form was meant for."""
    client, headers = Client(), {}
    if somebody == "desk":
        client.force_login(a_person_at_hq(roles.ADMIN, "boss"))
    if somebody == "nobody, a part":
        headers = {"HX-Request": "true"}
    if somebody == "an ended session":
        client.force_login(lin.user)
        Session.objects.all().delete()
    proof = str(uuid4())

    client.post("/customers/new/", {"_once": proof, "name": "小雨", "phone": PHONE}, headers=headers)

    assert word(client) == "door"
    # In between she comes in on the same browser: it is done now, and not taken for its own twin.
    client.force_login(lin.user)
    client.post("/customers/new/", {"_once": proof, "name": "小雨", "phone": PHONE}, headers=headers)
    assert (word(client), Relation.objects.count()) == ("done", 1)


def test_a_host_at_the_door_of_the_desk(lin: Host) -> None:
    client = signed_in(lin.user)
    client.post("/hq/brands/new/", {"_once": str(uuid4()), "name": "山野"})
    assert word(client) == "door"


def test_a_suspended_host_s_form_stays_hers(lin: Host, relation: Relation) -> None:
    client, page = signed_in(lin.user), f"/customers/{relation.public_id}/notes/"
    services.move_host(lin, to=Host.Status.SUSPENDED, actor=lin.user, now=timezone.now(), reason="休假")
    client.post(page, {"_once": str(uuid4()), "text": "爱喝茶"})
    assert word(client) == "door"
    client.force_login(lin.user)  # suspended, though a session is there
    client.post(page, {"_once": str(uuid4()), "text": "爱喝茶"})
    assert (word(client), Note.objects.count()) == ("mend", 0)


def test_a_proof_leads_nobody_else_where_it_led_her() -> None:
    asked = {"_once": str(uuid4()), "_who": "guest", "kind": "export", "phone": PHONE}

    def browser() -> tuple[Client, dict[str, str]]:
        client = Client(enforce_csrf_checks=True)
        return client, {**asked, "csrfmiddlewaretoken": mark_on(client, "/my-data/")}

    hers, first = browser()
    led = hers.post("/my-data/", first)["Location"]
    assert hers.post("/my-data/", first)["Location"] == led
    assert RightsRequest.objects.count() == 1
    stranger, same = browser()
    assert stranger.post("/my-data/", same)["Location"] != led


def test_nor_another_account(lin: Host) -> None:
    sent = {"_once": str(uuid4()), "name": "小雨", "phone": PHONE}
    hers, mei = signed_in(lin.user), signed_in(a_host("mei", "梅姐").user)
    led = hers.post("/customers/new/", sent)["Location"]
    assert mei.post("/customers/new/", sent).get("Location") != led


def test_other_words_under_one_proof_are_done_too(lin: Host, relation: Relation) -> None:
    """What the page hides differs each time it is opened, and is none of her words."""
    client, page = signed_in(lin.user), f"/customers/{relation.public_id}/notes/"
    sent = {
        "_once": str(uuid4()),
        "text": "爱喝茶\r\n不吃辣",
        "read": "1",
        "_hides": "csrfmiddlewaretoken\r\nread",
    }

    def send(**changed: str) -> str:
        client.post(page, {**sent, **changed})
        return word(client)

    assert [send(), send(), send(read="2", csrfmiddlewaretoken="x"), send(text="爱喝茶\n不吃辣")] == [
        "done"
    ] * 4
    assert Note.objects.count() == 1
    assert send(text="爱喝咖啡") == "done"
    assert sorted(note.text for note in Note.objects.all()) == ["爱喝咖啡", "爱喝茶\r\n不吃辣"]
    # What she can change counts, also where it is hidden from her eyes.
    send(_hides="csrfmiddlewaretoken", read="3")
    assert Note.objects.count() == 3


NEW = "quite-another-phrase-9"
Leave = Callable[[Client, User], object]
LEAVING: dict[str, Leave] = {
    "signing out": lambda client, _: client.post("/logout/"),
    "everywhere": lambda client, _: client.post("/me/settings/sign-out-everywhere/"),
    "the desk": lambda client, _: client.post("/hq/logout/"),
    "everywhere, at the desk": lambda client, _: client.post("/hq/my-sign-in/", {"act": "sign-out"}),
    "her own ways in": lambda client, user: client.post(
        f"/hq/ways-in/{user.public_id}/", {"act": "sign-out"}
    ),
    "another name": lambda client, user: client.post(
        f"/hq/ways-in/{user.public_id}/", {"act": "rename", "username": "boss-2", "reason": "换了"}
    ),
}


@pytest.mark.parametrize("how", LEAVING)
def test_whoever_leaves_is_forgotten_by_the_device(lin: Host, how: str) -> None:
    user = lin.user if how in {"signing out", "everywhere"} else a_person_at_hq(roles.ADMIN, "boss")
    client = signed_in(user)
    client.get("/")
    LEAVING[how](client, user)
    assert client.cookies["left"].value == client.cookies["who"].value
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("is_hers", [True, False])
def test_a_new_password_by_a_link_ends_it_here_too(lin: Host, is_hers: bool) -> None:
    boss = a_person_at_hq(roles.ADMIN, "boss")
    client = signed_in(lin.user if is_hers else a_host("mei").user)
    text, _ = services.make_password_link(lin.user, by=boss, now=timezone.now())
    answer = client.post(f"/password/{text}/", {"new_password1": NEW, "new_password2": NEW})
    assert answer["Location"] == "/login/"
    assert ("left" in client.cookies) == is_hers


def test_an_ended_session_and_a_new_password_forget_nothing(lin: Host) -> None:
    client = signed_in(lin.user)
    client.post("/me/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert client.get("/").status_code == 200
    Session.objects.all().delete()
    assert client.get("/").status_code == 302
    assert "left" not in client.cookies
    assert settings.SESSION_COOKIE_NAME in client.cookies
