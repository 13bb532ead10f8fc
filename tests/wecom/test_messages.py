"""App messages over real HTTP: once, whatever WeCom and the network do."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import Host
from apps.lib.clock import SHANGHAI
from apps.outbox.letters import Card
from apps.outbox.models import Delivery, DeliveryCall
from apps.wecom import endpoints
from apps.wecom.models import Breaker
from apps.wecom.services.messages import queue_app_message
from tests.outbox.people import a_host
from tests.runtime.machine import until
from tests.sandbox_fixture import Sandbox

LONG_AGO = datetime(2020, 1, 1, tzinfo=SHANGHAI)
PassTime = Callable[..., None]
Work = Callable[[], None]


@pytest.fixture
def hosts(wecom: Sandbox) -> list[Host]:
    """Three hosts who are members, always awake."""
    names = ["Lin.Guide", "zhao", "chen"]
    for name in names:
        wecom.add_member(name)
    return [a_host(name, quiet_from="00:00", quiet_to="00:00") for name in names]


def tell(text: str = "新一期来了", *, key: str = "issue:1", **more: object) -> int:
    return queue_app_message(Host.objects.active(), key_prefix=key, text=text, now=timezone.now(), **more)  # type: ignore[arg-type]


def states() -> list[str]:
    return list(Delivery.objects.order_by("host_id").values_list("state", flat=True))


def test_every_host_is_told_by_one_call(wecom: Sandbox, hosts: list[Host], work: Work) -> None:
    assert tell() == 3
    assert tell() == 0
    work()

    assert states() == ["sent"] * 3
    assert len(wecom.calls("message/send")) == 1
    assert [line["content"]["content"] for line in wecom.messages_to("zhao")] == ["新一期来了"]


def test_a_card_arrives_within_wecoms_limits(wecom: Sandbox, hosts: list[Host], work: Work) -> None:
    card = Card("标" * 60, "说" * 300, "https://dac.example/", "看今天发什么")
    queue_app_message([hosts[1].pk], key_prefix="k", card=card, now=timezone.now())
    work()

    [line] = wecom.messages_to("zhao")
    assert line["msgtype"] == "textcard"
    assert line["content"]["title"].endswith("…")
    assert len(line["content"]["title"].encode()) <= 128
    assert len(line["content"]["description"].encode()) <= 512
    assert line["content"]["btntxt"] == "看今天发"


def test_who_cannot_be_reached_is_named_and_the_others_are_told(
    wecom: Sandbox, hosts: list[Host], work: Work
) -> None:
    Host.objects.filter(pk=hosts[0].pk).update(wecom_userid=None)
    Host.objects.filter(pk=hosts[1].pk).update(wecom_userid="gone.with.the.wind")
    tell()
    work()

    assert states() == ["refused", "refused", "sent"]
    assert list(Delivery.objects.order_by("host_id").values_list("outcome", flat=True)) == [
        "没有绑定企业微信",
        "企业微信里找不到这位成员，或她不在应用的可见范围",
        "",
    ]


def test_a_message_in_quiet_hours_waits(wecom: Sandbox, hosts: list[Host], work: Work) -> None:
    Host.objects.filter(pk=hosts[0].pk).update(quiet_from="22:00", quiet_to="07:30")
    night = datetime.now(SHANGHAI).replace(hour=23) + timedelta(days=1)
    queue_app_message(Host.objects.active(), key_prefix="k", text="晚安", now=night)

    waits = dict(Delivery.objects.values_list("host_id", "not_before"))
    assert waits[hosts[0].pk] == night.replace(hour=7, minute=30, second=0, microsecond=0) + timedelta(days=1)
    assert waits[hosts[1].pk] < timezone.now()
    queue_app_message([hosts[0].pk], key_prefix="answer", text="这是你问的", now=night, urgent=True)
    assert Delivery.objects.get(key=f"answer:{hosts[0].pk}").not_before < timezone.now()


@pytest.mark.parametrize("mode", ["revoked", "expired"])
def test_a_token_that_went_stale_is_refreshed_once(
    wecom: Sandbox, hosts: list[Host], work: Work, mode: str
) -> None:
    tell(key="a")
    work()
    wecom.expire_tokens(mode)
    tell("第二条", key="b")
    work()

    assert states() == ["sent"] * 6
    assert len(wecom.calls("gettoken")) == 2
    assert [call["errcode"] for call in wecom.calls("message/send")] == [
        0,
        40014 if mode == "revoked" else 42001,
        0,
    ]


def test_a_storm_of_40014_is_answered_by_one_refresh(
    wecom: Sandbox, hosts: list[Host], work: Work, pass_time: PassTime
) -> None:
    wecom.fail_next("message/send", errcode=40014, times=1000)
    tell()
    for _ in range(5):
        work()

    # Two tries and one refresh; then the API rests until somebody has looked.
    assert len(wecom.calls("message/send")) == 2
    assert len(wecom.calls("gettoken")) <= 2
    assert states() == ["new"] * 3

    wecom.clear_faults()
    pass_time(minutes=10)
    Breaker.objects.all().delete()
    work()
    assert states() == ["sent"] * 3


def test_a_wrong_secret_is_not_tried_again_and_again(
    wecom: Sandbox, hosts: list[Host], work: Work, settings: object
) -> None:
    settings.WECOM_SECRET = "wrong"  # type: ignore[attr-defined]
    tell()
    for _ in range(5):
        work()

    assert len(wecom.calls("gettoken")) == 1
    assert states() == ["new"] * 3
    assert "管理员" in Delivery.objects.first().outcome  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["lost", "truncated"])
def test_a_lost_answer_leads_to_a_repeat_that_wecom_swallows(
    wecom: Sandbox, hosts: list[Host], work: Work, pass_time: PassTime, kind: str
) -> None:
    wecom.fail_next("message/send", kind=kind)
    tell()
    work()
    assert states() == ["unknown"] * 3

    pass_time(minutes=5)
    work()

    first, second = wecom.calls("message/send")
    assert first["body"] == second["body"]
    assert states() == ["sent"] * 3
    counts = wecom.counts()
    assert (counts["doubles"], counts["duplicates_swallowed"]) == (0, 1)
    assert counts["messages_delivered"] == 3


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "html"}, {"status": 502}])
def test_an_answer_that_cannot_be_read_is_not_taken_for_a_failure(
    wecom: Sandbox, hosts: list[Host], work: Work, pass_time: PassTime, fault: dict[str, object]
) -> None:
    wecom.fail_next("message/send", **fault)  # type: ignore[arg-type]
    tell()
    work()
    assert states() == ["unknown"] * 3

    pass_time(minutes=5)
    work()
    assert states() == ["sent"] * 3
    assert wecom.counts()["messages_delivered"] == 3


def test_a_silent_wecom_is_left_after_the_time_out(
    wecom: Sandbox, hosts: list[Host], work: Work, pass_time: PassTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = replace(endpoints.SEND_MESSAGE, timeout=(0.5, 0.5))
    monkeypatch.setitem(endpoints._DECLARED, impatient.path, impatient)
    wecom.fail_next("message/send", kind="hang", seconds=5)
    tell()
    work()

    assert states() == ["unknown"] * 3
    assert Delivery.objects.first().outcome == "企业微信没有回应"  # type: ignore[union-attr]
    until(lambda: wecom.calls("message/send"), "the end of the call that hangs over there")


def test_a_wecom_that_is_not_there_is_tried_later(hosts: list[Host], work: Work, settings: object) -> None:
    settings.WECOM_API_BASE = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    tell()
    work()

    assert states() == ["new"] * 3
    assert Delivery.objects.first().outcome == "连不上企业微信"  # type: ignore[union-attr]


def test_too_often_pauses_this_api_and_no_other(
    wecom: Sandbox, hosts: list[Host], work: Work, pass_time: PassTime
) -> None:
    wecom.fail_next("message/send", errcode=45009)
    tell()
    for _ in range(4):
        work()
    assert len(wecom.calls("message/send")) == 1
    assert list(Breaker.objects.values_list("api", flat=True)) == ["message/send"]

    Breaker.objects.update(open_until=LONG_AGO)
    pass_time(minutes=2)
    work()
    assert states() == ["sent"] * 3


def test_too_often_right_after_the_pause_pauses_for_an_hour(wecom: Sandbox) -> None:
    from apps.wecom import breakers

    assert breakers.note_too_often("message/send") == timedelta(minutes=1)
    # Others who are told at the same time do not lengthen it.
    assert breakers.note_too_often("message/send") == timedelta(minutes=1)
    Breaker.objects.update(open_until=datetime.now(SHANGHAI) - timedelta(seconds=5))
    assert breakers.note_too_often("message/send") == timedelta(hours=1)
    Breaker.objects.update(open_until=datetime.now(SHANGHAI) - timedelta(hours=1))
    assert breakers.note_too_often("message/send") == timedelta(minutes=1)


@pytest.mark.parametrize("errcode", [-1, 45033, 6000])
def test_busy_is_tried_again(
    wecom: Sandbox, hosts: list[Host], work: Work, pass_time: PassTime, errcode: int
) -> None:
    wecom.fail_next("message/send", errcode=errcode)
    tell()
    work()
    assert states() == ["new"] * 3

    pass_time(minutes=1)
    work()
    assert states() == ["sent"] * 3


def test_a_request_that_wecom_will_never_take_is_refused_with_its_code(
    wecom: Sandbox, hosts: list[Host], work: Work
) -> None:
    wecom.fail_next("message/send", errcode=40008)
    tell()
    work()

    assert states() == ["refused"] * 3
    assert set(Delivery.objects.values_list("errcode", flat=True)) == {"40008"}


def test_nobody_gets_so_many_messages_that_wecom_drops_some(
    wecom: Sandbox, hosts: list[Host], work: Work, pass_time: PassTime
) -> None:
    for number in range(40):
        queue_app_message([hosts[1].pk], key_prefix=f"n{number}", text=f"第 {number} 条", now=timezone.now())
    work()
    assert len(wecom.messages_to("zhao")) == 25

    wecom.advance(61)
    pass_time(seconds=61)
    work()
    assert len(wecom.messages_to("zhao")) == 40
    assert wecom.messages_to("zhao", state="dropped") == []


def test_the_request_is_kept_to_the_byte_and_sealed(wecom: Sandbox, hosts: list[Host], work: Work) -> None:
    tell()
    work()

    call = DeliveryCall.objects.get()
    assert json.loads(call.request) == wecom.calls("message/send")[0]["body"]
    assert json.loads(call.request)["touser"] == "Lin.Guide|zhao|chen"
    assert json.loads(call.request)["enable_duplicate_check"] == 1


def test_a_message_is_a_text_or_a_card(hosts: list[Host]) -> None:
    with pytest.raises(ValueError, match="either"):
        queue_app_message([hosts[0].pk], key_prefix="k", now=timezone.now())
