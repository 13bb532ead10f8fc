"""What a host has ready in WeCom is not for a customer who is another host's by now."""

from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.library.models import Material
from apps.wecom.models import MassSend
from tests.outbox.people import a_host
from tests.sandbox_fixture import Sandbox
from tests.wecom.mass_sending import ADD, Work, ask, befriend, detail, lin, phone, tea

__all__ = ["lin", "phone", "tea"]


def give(giver: Host, taker: Host, relation: Relation) -> None:
    rows = Relation.objects.filter(pk=relation.pk)
    hand_over(giver, taker, relations=rows, scope="一位", reason="换区", by=None, now=timezone.now())


def test_who_was_handed_over_is_left_out_of_what_waits(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    mei = a_host("mei", name="小美")
    yu, jing = befriend(wecom, lin, "小雨"), befriend(wecom, lin, "静静")
    ask(phone, tea, audience="all")
    work()
    wecom.advance(5)

    give(lin, mei, jing)
    work()
    work()

    first, second = MassSend.objects.order_by("pk")
    assert [task["is_cancelled"] for task in wecom.mass_tasks()] == [True, False]
    assert (first.state, second.state) == (MassSend.State.EXPIRED, MassSend.State.WAITING)
    assert wecom.calls(ADD)[-1]["body"]["external_userid"] == [yu.external_userid]
    assert "有客户交接给了别的大C" in detail(phone, first)


def test_the_next_host_writes_to_her_when_she_agreed_to_that(
    wecom: Sandbox, lin: Host, phone: Client, tea: Material, work: Work
) -> None:
    wecom.add_member("mei", "小美")
    mei = a_host("mei", name="小美")
    jing = befriend(wecom, lin, "静静")
    give(lin, mei, jing)
    work()
    hers = Client()
    hers.force_login(mei.user)

    answer = ask(hers, tea, audience="all")

    assert answer.status_code == 422
    assert "1 位只同意过原来服务她的人" in answer.content.decode()
    assert not MassSend.objects.exists()
