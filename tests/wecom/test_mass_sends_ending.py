"""Mass messages that are called off, that WeCom lost, or that nobody confirmed."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.library import publishing
from apps.library.models import Material
from apps.outbox.models import Delivery, DeliveryCall
from apps.outbox.services import jobs
from apps.wecom.models import MassSend
from tests.pages import html_of
from tests.sandbox_fixture import Sandbox
from tests.wecom.mass_sending import ADD, Work, ask, befriend, detail, lin, phone, results, tea

__all__ = ["lin", "phone", "tea"]


@pytest.mark.parametrize("to", [Host.Status.SUSPENDED, Host.Status.LEFT])
@pytest.mark.parametrize("channel", ["single", "moments"])
def test_what_waits_for_her_in_wecom_is_called_off_when_she_is_out(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work, channel: str, to: str
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, channel=channel, audience="all")
    work()
    [task] = wecom.mass_tasks() or wecom.moments()
    assert task["is_cancelled"] is False
    wecom.advance(5)

    accounts.move_host(lin, to=to, actor=None, now=timezone.now(), reason="测试")
    jobs.drain()
    work()

    [task] = wecom.mass_tasks() or wecom.moments()
    assert task["is_cancelled"] is True
    send = MassSend.objects.get()
    assert send.state == "expired"
    assert "已经撤下" in send.note


def test_what_is_about_a_withdrawn_material_is_called_off_or_never_made(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    work()
    ask(phone, tea, audience="all", again="on")  # this one has not left yet
    wecom.advance(5)
    by = User.objects.create_user(username="reviewer")

    effects = publishing.effects_of_withdrawing(tea, timezone.now())
    done = publishing.withdraw(tea, by=by, now=timezone.now())
    work()
    results()

    assert "还等着发出的 1 条消息全部取消，不会再发。" in effects
    assert "大C排好、还没在企业微信里点发送的 1 条群发会撤下，她们看得到原因。" in effects
    assert (done.cancelled, done.called_off, done.gone_out) == (1, 1, 0)
    [task] = wecom.mass_tasks()
    assert task["is_cancelled"] is True
    first, second = MassSend.objects.order_by("pk")
    assert (first.state, second.state) == ("expired", "refused")
    assert first.note.startswith("下架了")
    assert "下架了" in second.note


def test_what_she_had_sent_before_she_was_out_stays_sent(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    work()
    wecom.advance(5)
    [task] = wecom.mass_tasks()
    wecom.confirm(task["msgid"], "lin.guide")

    accounts.move_host(lin, to=Host.Status.SUSPENDED, actor=None, now=timezone.now(), reason="测试")
    jobs.drain()
    work()
    results()

    assert wecom.mass_tasks()[0]["is_cancelled"] is False
    send = MassSend.objects.get()
    assert (send.state, send.reached) == ("sent", 1)


def test_one_that_wecom_does_not_call_off_says_so_and_ends(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    work()
    wecom.advance(5)
    wecom.fail_next("externalcontact/cancel_groupmsg_send", errcode=41047)

    accounts.move_host(lin, to=Host.Status.SUSPENDED, actor=None, now=timezone.now(), reason="测试")
    jobs.drain()
    work()

    send = MassSend.objects.get()
    assert send.state == "expired"
    assert send.finished_at is not None
    assert "没有撤下" in send.note


def test_what_reached_wecom_after_she_was_out_is_called_off_by_the_next_look(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    work()
    wecom.advance(5)
    Host.objects.update(status=Host.Status.SUSPENDED)

    results()
    work()

    assert wecom.mass_tasks()[0]["is_cancelled"] is True
    assert MassSend.objects.get().state == "expired"


def let_it_be_repeated() -> None:
    DeliveryCall.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def test_an_answer_that_is_lost_makes_no_second_task(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    wecom.fail_next(ADD, kind="lost")
    ask(phone, tea, audience="all")
    work()
    assert Delivery.objects.get().state == "unknown"

    let_it_be_repeated()
    work()

    assert len(wecom.mass_tasks()) == 1
    assert Delivery.objects.get().state == "sent"
    send = MassSend.objects.get()
    assert (send.state, send.msgid) == ("waiting", wecom.mass_tasks()[0]["msgid"])


def test_what_never_arrived_is_made_again_after_two_looks(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    wecom.fail_next(ADD, kind="reset")
    ask(phone, tea, audience="all")
    work()
    for _ in range(2):
        let_it_be_repeated()
        work()
        assert wecom.mass_tasks() == []
    MassSend.objects.update(missing_since=timezone.now() - timedelta(seconds=61))
    let_it_be_repeated()
    work()

    assert len(wecom.mass_tasks()) == 1
    assert MassSend.objects.get().state == "waiting"


def test_a_moment_without_an_answer_is_never_repeated(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    wecom.fail_next("externalcontact/add_moment_task", kind="lost")
    ask(phone, tea, channel="moments")
    work()
    for _ in range(2):
        let_it_be_repeated()
        work()

    assert len(wecom.moments()) == 1
    assert len(wecom.calls("externalcontact/add_moment_task")) == 1
    send = MassSend.objects.get()
    assert send.state == "unsure"
    assert "可能已经排上" in detail(phone, send)


def test_what_she_never_confirms_ends(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    work()
    wecom.advance(5)
    results(days=8)

    send = MassSend.objects.get()
    assert send.state == "expired"
    assert "没有确认" in detail(phone, send)


def test_who_is_suspended_meanwhile_sends_nothing(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    from apps.accounts import services as accounts

    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    accounts.move_host(lin, to="suspended", actor=None, now=timezone.now())
    work()
    results()

    assert wecom.mass_tasks() == []
    assert MassSend.objects.get().state == "refused"


def test_without_a_binding_she_reads_why_and_copies(lin: Host, phone: Client, tea: Material) -> None:
    Host.objects.filter(pk=lin.pk).update(wecom_userid=None)

    sheet = html_of(phone.post(f"/materials/{tea.public_id}/share/", {"channel": "single"}))
    assert "你的账号还没绑定企业微信" in sheet
    assert "复制文字" in sheet
    assert "/mass/" not in sheet
    assert "复制去发" in html_of(phone.get(f"/materials/{tea.public_id}/mass/"))
    assert ask(phone, tea, audience="all").status_code == 422
    assert not MassSend.objects.exists()


def test_her_ids_are_in_no_delivery_in_clear(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    """What waits holds an id of ours; WeCom's ids are sealed in the request."""
    befriend(wecom, lin, "小雨")
    ask(phone, tea, audience="all")
    letter = Delivery.objects.get().letter
    assert json.loads(letter.body) == {"send": MassSend.objects.get().pk}
