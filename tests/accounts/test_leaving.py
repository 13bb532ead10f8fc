"""A host who is suspended or leaves is out everywhere with the next request."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import services
from apps.accounts.models import ApiToken, Host, OneTimeLink, Session, User
from apps.outbox.invariants import check_outbox
from apps.outbox.letters import APP_MESSAGE, Text, pack
from apps.outbox.models import Delivery, DeliveryCall, Lane
from apps.outbox.services import deliveries
from apps.tracking import services as tracking
from tests.factories import MORNING, PASSWORD, a_host, api_of

pytestmark = pytest.mark.django_db
OUT = ("suspended", "left")


def leave(host: Host, to: str) -> None:
    services.move_host(host, to=to, actor=None, now=timezone.now(), reason="不做了")


def by_session(host: Host) -> Callable[[], bool]:
    web = Client()
    web.force_login(host.user)
    return lambda: web.get("/customers/").status_code == 200


def by_session_on_the_api(host: Host) -> Callable[[], bool]:
    web = Client()
    web.force_login(host.user)
    return lambda: web.get("/api/v1/customers/").status_code == 200


def by_token(host: Host) -> Callable[[], bool]:
    api = api_of(host)
    return lambda: api.get("/api/v1/customers/").status_code == 200


def by_password(host: Host) -> Callable[[], bool]:
    form = {"username": host.user.username, "password": PASSWORD}
    return lambda: Client().post("/login/", form).status_code == 302


def by_password_at_the_api(host: Host) -> Callable[[], bool]:
    """A token may be given to whoever has the password; it must open nothing of a host's."""

    def works() -> bool:
        form = {"username": host.user.username, "password": PASSWORD}
        answer = Client().post("/api/v1/auth/token/", form, content_type="application/json")
        if answer.status_code != 200:
            return False
        api = Client(headers={"authorization": f"Bearer {answer.json()['token']}"})
        return api.get("/api/v1/customers/").status_code == 200

    return works


def by_wecom(host: Host) -> Callable[[], bool]:
    """Signing in inside WeCom, by QR, and the sidebar all ask this."""
    userid = host.wecom_userid or ""
    return lambda: services.find_host_by_wecom(userid) is not None


def by_one_time_link(host: Host) -> Callable[[], bool]:
    secret, _ = services.make_link(
        host.user, purpose=OneTimeLink.Purpose.ACTIVATION, by=None, now=timezone.now()
    )
    return lambda: Client().get(f"/join/start/{secret}/").status_code == 200


def by_share_link(host: Host) -> Callable[[], bool]:
    link = tracking.link_for(host, subject_kind="shelf", subject_id=host.pk, channel="group", now=MORNING)

    def shows_her() -> bool:
        return Client().get(f"/s/{link.code}/").status_code == 200

    return shows_her


WAYS = (
    by_session,
    by_session_on_the_api,
    by_token,
    by_password,
    by_password_at_the_api,
    by_wecom,
    by_one_time_link,
    by_share_link,
)


@pytest.mark.parametrize("to", OUT)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_in_works_until_she_is_out(way: Any, to: str) -> None:
    host = a_host()
    works = way(host)
    assert works()

    leave(host, to)

    assert not works()


def test_nothing_of_hers_is_left_behind() -> None:
    host = a_host()
    for way in WAYS:
        way(host)()

    leave(host, "left")

    assert not Session.objects.filter(user_id=host.user_id).exists()
    assert not ApiToken.objects.filter(user=host.user, revoked_at=None).exists()
    assert not OneTimeLink.objects.filter(user=host.user, used_at=None, ended_at=None).exists()
    assert not User.objects.get(pk=host.user_id).is_active


def test_suspension_is_undone_and_departure_is_not() -> None:
    host = a_host()
    leave(host, "suspended")
    services.move_host(host, to="active", actor=None, now=timezone.now())
    assert by_password(host)()

    leave(host, "left")
    for to in ("active", "suspended", "left"):
        with pytest.raises(services.TransitionNotAllowedError):
            leave(host, to)
    with pytest.raises(services.TransitionNotAllowedError):
        services.place_host(host, level=3, actor=None, now=timezone.now())
    assert [row.words for row in host.transitions.order_by("pk")] == [
        "开通，成为大C",
        "停用",
        "恢复使用",
        "已离开",
    ]


def test_the_share_page_no_longer_names_her() -> None:
    host = a_host()
    link = tracking.link_for(host, subject_kind="shelf", subject_id=host.pk, channel="group", now=MORNING)

    leave(host, "left")

    page = Client().get(f"/s/{link.code}/")
    assert page.status_code == 410
    assert "推荐给你的人已经不在这里服务" in page.content.decode()


def a_delivery(host: Host, key: str, words: str = "") -> Delivery:
    deliveries.queue(APP_MESSAGE, key=key, body=pack(Text(words or key)), host_id=host.pk)
    return Delivery.objects.get(key=key)


def test_what_waits_for_her_is_cancelled_with_the_reason() -> None:
    lin, mei = a_host("lin"), a_host("mei", "小美")
    hers, theirs = a_delivery(lin, "a"), a_delivery(mei, "b")

    leave(lin, "left")

    hers.refresh_from_db()
    theirs.refresh_from_db()
    assert (hers.state, hers.outcome) == (Delivery.State.CANCELLED, "这位大C已离开，不再发送")
    assert theirs.state == Delivery.State.NEW
    assert check_outbox() == []


def test_a_call_that_waits_to_be_repeated_for_her_alone_ends() -> None:
    lin, mei = a_host("lin"), a_host("mei", "小美")
    alone, shared = a_delivery(lin, "a"), a_delivery(lin, "b")
    other = a_delivery(mei, "c")
    for rows, doubt in (((alone,), True), ((shared, other), False)):
        call = DeliveryCall.objects.create(
            kind=APP_MESSAGE,
            lane=Lane.NORMAL,
            request="{}",
            state=DeliveryCall.State.WAITING,
            unknown_since=timezone.now() if doubt else None,
        )
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(call=call)

    leave(lin, "suspended")

    for row in (alone, shared, other):
        row.refresh_from_db()
    assert alone.state == Delivery.State.CANCELLED
    assert "之前那次有没有送到不清楚" in alone.outcome
    assert alone.call is not None
    assert alone.call.state == DeliveryCall.State.REFUSED
    assert {shared.state, other.state} == {Delivery.State.NEW}
    assert check_outbox() == []


def test_who_has_a_role_at_hq_too_keeps_that() -> None:
    from django.contrib.auth.models import Group

    host = a_host()
    host.user.groups.add(Group.objects.get(name="内容编辑"))

    leave(host, "left")

    desk = Client()
    assert desk.post("/login/", {"username": "lin", "password": PASSWORD}).status_code == 302
    assert desk.get("/hq/").status_code == 200
    assert desk.get("/customers/").status_code in {302, 403}
