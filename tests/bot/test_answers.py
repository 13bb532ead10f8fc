"""What a host reads in the chat when she sends a word."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.test import Client

from apps.accounts.models import Host
from apps.bot import answers
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.lib.clock import SHANGHAI
from apps.library.models import Issue, IssueEntry, Material
from apps.library.services import publish
from apps.tracking import services as tracking
from apps.tracking.models import Link
from apps.trade import services as trade
from apps.trade.pricing import Item, quote
from apps.wecom import commands
from tests.projecting import project_now
from tests.storefront.people import a_host, a_link, a_material, a_product
from tests.wecom.test_callback import said, typed
from tests.wecom.wire import post

pytestmark = pytest.mark.django_db

#: A Thursday, the fourth day of a fortnight.
NOW = datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)
SITE = "https://dac.example"


@pytest.fixture(autouse=True)
def that_morning(settings: object) -> Iterator[None]:
    settings.SITE_URL = SITE  # type: ignore[attr-defined]
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def host() -> Host:
    return a_host("林姐")


def an_issue(owner: Host, *entries: tuple[Material, int, str]) -> Issue:
    issue = Issue(number=9, theme="春日焕新", starts_on=NOW.date() - timedelta(days=3), owner=owner.user)
    issue.live = False
    issue.save()
    for material, day, tip in entries:
        IssueEntry.objects.create(
            issue=issue, material=material, day=day, best_time=time(8 + day % 3), tip=tip
        )
    publish(Issue.objects.get(pk=issue.pk), by=None, as_of=NOW - timedelta(days=4))
    return Issue.objects.get(pk=issue.pk)


def ask(host: Host, text: str) -> str:
    reply = commands.answer(host, text, now=NOW)
    assert len(reply.encode()) <= 2048
    return reply


def an_order(host: Host, at: datetime, phone: str = "13800008000", quantity: int = 1) -> trade.Placed:
    product = a_product(price_fen=5_900, commission_bp=1_000)
    return trade.place_order(
        quote(host, [Item(product.skus.get(), quantity)]),
        name="张小雨",
        phone=phone,
        address="杭州市西湖区文三路 1 号",
        now=at,
    )


def a_visit(host: Host, at: datetime) -> None:
    material = Material.objects.first() or a_material()
    link = a_link(host, material)
    _, visitor = tracking.new_visitor(now=at)
    tracking.record(
        "material.viewed",
        at=at,
        host_id=host.pk,
        visitor_id=visitor.pk,
        link_id=link.pk,
        subject_kind="material",
        subject_id=material.pk,
    )


def test_help_names_every_word_and_where_the_rest_is(host: Host) -> None:
    for text in ("帮助", "?", "help", "帮助 一下"):
        reply = ask(host, text)
        assert all(f"「{word}」" in reply for word in commands.words())
        assert f"{SITE}/" in reply


def test_unknown_words_get_a_kind_hint(host: Host) -> None:
    assert ask(host, "唱首歌") == "这句我还不会。可以发「今日」、「素材」、「业绩」、「帮助」试试。"


def test_today_lists_the_plan_with_links_of_her_own(host: Host) -> None:
    post_, later = a_material("三月的苹果"), a_material("明天才发")
    an_issue(host, (post_, 4, "配一张切开的图"), (later, 5, ""))
    other = a_host("赵姐")

    reply = ask(host, "今日")

    link = Link.objects.get(host=host, subject_id=post_.pk)
    assert "第 9 期《春日焕新》，第 4 天" in reply
    assert "1. 09:00 种草文章《三月的苹果》" in reply
    assert "小提示：配一张切开的图" in reply
    assert f"{SITE}/s/{link.code}/" in reply
    assert "明天才发" not in reply
    assert link.code not in ask(other, "今日")
    assert Client().get(f"/s/{link.code}/").status_code == 200


def test_asking_twice_gives_the_same_link(host: Host) -> None:
    an_issue(host, (a_material(), 4, ""))

    assert ask(host, "今日") == ask(host, "今天")
    assert Link.objects.count() == 1


def test_words_to_say_lead_to_her_own_page_not_to_a_consumers(host: Host) -> None:
    script = a_material("开场白", kind=Material.Kind.SCRIPT, body=[])
    an_issue(host, (script, 4, ""))

    reply = ask(host, "今日")

    assert f"{SITE}/materials/{script.public_id}/" in reply
    assert not Link.objects.exists()


def test_what_is_not_meant_for_her_or_expired_is_not_named(host: Host) -> None:
    mine, theirs, over = a_material("给大家的"), a_material("给导购的"), a_material("过期的")
    an_issue(host, (mine, 4, ""), (theirs, 4, ""), (over, 4, ""))
    IssueEntry.objects.filter(material=theirs).update(host_kind=Host.Kind.GUIDE)
    Material.objects.filter(pk=over.pk).update(expire_at=NOW - timedelta(minutes=1))

    reply = ask(host, "今日")

    assert "今天发 1 条" in reply
    assert "给大家的" in reply


def test_without_an_issue_or_a_plan_for_the_day_she_is_led_to_the_library(host: Host) -> None:
    assert "这一期还没发布" in ask(host, "今日")

    an_issue(host, (a_material(), 9, ""))

    assert f"今天没有排期，可以从素材库挑一条发：{SITE}/materials/" in ask(host, "今日")


def test_a_long_day_is_cut_between_posts_and_says_how_many_are_left(host: Host) -> None:
    entries = [(a_material("长" * 58 + f"{number:02}"), 4, "提" * 60) for number in range(12)]
    an_issue(host, *entries)

    reply = ask(host, "今日")

    shown = reply.count(f"{SITE}/s/")
    assert 3 <= shown < 12
    assert f"还有 {12 - shown} 条，在工作台里看" in reply
    assert reply.endswith(f"打开工作台：{SITE}/")
    assert "�" not in reply
    assert reply.count("小提示：" + "提" * 60) == shown


def test_today_counts_whom_to_care_for_without_naming_anyone(host: Host) -> None:
    relation, _ = customers.find_or_make_relation(
        host, phone="13800008000", name="张小雨", source=Relation.Source.WECOM, now=NOW - timedelta(hours=3)
    )
    an_order(a_host("赵姐"), NOW - timedelta(hours=2), phone="13900009000")
    project_now()

    reply = ask(host, "今日")

    assert "今天关心 1 位：1 位新来的，还没打招呼" in reply
    assert "张小雨" not in reply
    assert str(relation.public_id) not in reply


def test_today_says_what_yesterday_brought_her(host: Host) -> None:
    yesterday = NOW - timedelta(days=1)
    an_order(host, yesterday, quantity=2)
    # What was taken back yesterday is taken off: the same money as on her pages.
    before = an_order(host, yesterday - timedelta(days=1))
    trade.cancel_order(before.order, by=None, now=yesterday)
    a_visit(host, yesterday)
    a_visit(host, yesterday)
    an_order(a_host("赵姐"), yesterday)
    project_now()

    assert "昨天带来：2 次来访，1 位新客，1 单，成交 ¥59.00。" in ask(host, "今日")
    assert "昨天带来" not in ask(a_host("陈姐"), "今日")


def test_results_of_today_are_hers_alone_and_exact(host: Host) -> None:
    an_order(host, NOW - timedelta(hours=1), quantity=2)
    an_order(host, NOW - timedelta(days=2), phone="13900009000")
    a_visit(host, NOW - timedelta(hours=2))
    an_order(a_host("赵姐"), NOW - timedelta(hours=1))
    project_now()

    reply = ask(host, "业绩")

    assert reply == (
        "今日业绩\n来访 1 次，1 人\n订单 1 单，成交 ¥118.00\n佣金 ¥11.80\n新客 1 位，一共 2 位\n"
        f"转发 0 次\n看明细：{SITE}/me/?period=today"
    )


def test_a_cancelled_order_is_taken_off_and_said(host: Host) -> None:
    placed = an_order(host, NOW - timedelta(hours=2))
    an_order(host, NOW - timedelta(hours=1), phone="13900009000")
    trade.cancel_order(placed.order, by=None, now=NOW)
    project_now()

    assert "订单 2 单，成交 ¥59.00（已减去取消和退货 ¥59.00）" in ask(host, "业绩")


@pytest.mark.parametrize(
    ("text", "head", "orders"),
    [
        ("业绩 今日", "今日业绩", 1),
        ("业绩7天", "近 7 天业绩", 2),
        ("业绩 7 天", "近 7 天业绩", 2),
        ("数据 本周", "近 7 天业绩", 2),
        ("业绩 30天", "近 30 天业绩", 3),
        ("业绩本期", "第 9 期业绩", 2),
    ],
)
def test_results_of_the_period_she_names(host: Host, text: str, head: str, orders: int) -> None:
    an_issue(host, (a_material(), 1, ""))
    for days, phone in ((0, "13800008000"), (3, "13900009000"), (20, "13700007000")):
        an_order(host, NOW - timedelta(days=days), phone=phone)
    project_now()

    reply = ask(host, text)

    assert reply.splitlines()[0] == head
    assert f"订单 {orders} 单" in reply


def test_an_unknown_period_says_which_there_are(host: Host) -> None:
    assert ask(host, "业绩 去年") == "「业绩」后面可以跟：今日、7天、30天、本期。比如发「业绩 7天」。"


def test_a_bound_member_gets_her_answer_over_the_wire_and_a_stranger_no_data(host: Host) -> None:
    an_issue(host, (a_material("三月的苹果"), 4, ""))
    client = Client()

    mine = said(post(client, typed("今日", by=str(host.wecom_userid))).content)
    strangers = said(post(client, typed("今日", by="who.is.this", number=2)).content)

    assert "三月的苹果" in mine
    assert "三月的苹果" not in strangers
    assert "绑定" in strangers


def test_a_suspended_host_gets_nothing(host: Host) -> None:
    an_issue(host, (a_material("三月的苹果"), 4, ""))
    Host.objects.filter(pk=host.pk).update(status=Host.Status.SUSPENDED)

    reply = said(post(Client(), typed("今日", by=str(host.wecom_userid))).content)

    assert "三月的苹果" not in reply


def test_lines_are_cut_whole_from_the_end_of_the_list() -> None:
    text = answers.fit(["头", *["一二三"] * 10], keep=["留下"], end="尾", more="还有 {} 条", limit=60)

    lines = text.splitlines()
    assert len(text.encode()) <= 60
    assert lines[0] == "头"
    assert lines[-2:] == ["留下", "尾"]
    assert lines[-3] == f"还有 {10 - lines.count('一二三')} 条"


# --- 素材 ---------------------------------------------------------------------------------------------


def test_materials_are_found_by_two_characters_with_her_own_links(host: Host) -> None:
    apple, other = a_material("高山苹果怎么挑"), a_host("小美")
    a_material("小米粥怎么煮", share_text="热粥")

    mine, theirs = ask(host, "素材 苹果"), ask(other, "素材苹果")

    code = Link.objects.get(host=host, subject_id=apple.pk).code
    assert mine.startswith("找到 1 条「苹果」：\n1. ")
    assert f"《高山苹果怎么挑》\n{SITE}/s/{code}/" in mine
    assert "小米粥" not in mine
    assert f"/s/{code}/" not in theirs
    assert f"/s/{Link.objects.get(host=other, subject_id=apple.pk).code}/" in theirs
    assert "全部素材：" in mine


def test_of_many_materials_the_newest_five_are_said(host: Host) -> None:
    for number in range(8):
        a_material(f"苹果第{number}篇")

    reply = ask(host, "素材 苹果")

    assert reply.startswith("找到 8 条，先看最新的 5 条：")
    assert [f"第{n}篇" in reply for n in range(8)] == [False] * 3 + [True] * 5
    assert Link.objects.filter(host=host).count() == 5


@pytest.mark.parametrize("text", ["素材", "素材 果", "素材  "])
def test_less_than_two_characters_find_nothing_and_say_how(host: Host, text: str) -> None:
    a_material("高山苹果怎么挑")

    assert ask(host, text) == "「素材」后面跟两个字以上的词就行，比如「素材 高山」。"
    assert not Link.objects.exists()


def test_words_that_nothing_holds_lead_to_the_library(host: Host) -> None:
    reply = ask(host, "素材 榴莲")

    assert reply.startswith("没有找到「榴莲」。")
    assert f"{SITE}/materials/" in reply


def test_what_is_expired_or_meant_for_others_is_not_found(host: Host) -> None:
    over, others = a_material("苹果到期了"), a_material("苹果给别人")
    Material.objects.filter(pk=over.pk).update(expire_at=NOW)
    issue = an_issue(host, (others, 1, ""))
    IssueEntry.objects.filter(issue=issue).update(min_level=9)

    assert ask(host, "素材 苹果").startswith("没有找到")
