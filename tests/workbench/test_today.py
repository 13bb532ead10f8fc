"""今日: the day's posts, whom to care for, what yesterday brought, and what it costs to build."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from apps.accounts.models import Host
from apps.catalog.models import ProductPicture, Sku
from apps.customers.imports.bulk import NewRelation, add_relations
from apps.customers.models import Relation
from apps.lib import clock
from apps.library import selectors as content
from apps.library.models import IssueEntry, Material
from apps.trade import services as trade
from apps.trade.models import Order
from apps.workbench.cards import Post, done_since
from apps.workbench.pictures import THUMB, sized
from apps.workbench.selectors import posts_of, top_of_today
from apps.workbench.views.today import greeting
from tests.factories import a_branch, a_host
from tests.happenings import buy, pass_on
from tests.pages import html_of
from tests.projecting import project_now
from tests.workbench.issues import a_material, a_picture, an_issue, sold, today_of, with_pictures
from tests.workbench.questions import questions

MOST_QUERIES = 12


def page_of(phone: Client) -> str:
    return html_of(phone.get("/"))


def many_customers(host: Host, count: int, now: datetime, start: int = 0) -> None:
    add_relations(
        [
            NewRelation(
                host_id=host.pk,
                joined_at=now - timedelta(days=5 + number % 300),
                source=Relation.Source.WECOM,
                name=f"客户{number}",
                phone=f"+8613{number:09d}",
                # One in ten has a birthday today: there is somebody to care for among few and among many.
                birthday_month=clock.day_of(now).month if number % 10 == 0 else 1,
                birthday_day=clock.day_of(now).day if number % 10 == 0 else 1,
            )
            for number in range(start, start + count)
        ],
        now=now,
    )


def test_the_plan_of_today_stands_first_with_its_hour(phone: Client, now: datetime) -> None:
    today, tomorrow = a_material("今天的茶"), a_material("明天的茶")
    an_issue((today_of(now), today), (today_of(now) + 1, tomorrow), now=now)
    page = page_of(phone)
    assert "今天的茶" in page
    assert "明天的茶" not in page
    assert "09:00 最合适" in page
    assert f"第 {today_of(now)} 天" in page
    assert "一键分享" in page


def test_what_she_shared_is_marked_done(phone: Client, lin: Host, now: datetime) -> None:
    tea = a_material("今天的茶")
    an_issue((today_of(now), tea), now=now)
    pass_on(lin, tea, at=now)
    page = page_of(phone)
    assert "✓ 已发" in page
    assert "再发一次" in page


def test_a_share_before_the_issue_began_does_not_count(phone: Client, lin: Host, now: datetime) -> None:
    tea = a_material("今天的茶")
    issue = an_issue((today_of(now), tea), now=now)
    pass_on(lin, tea, at=issue.starts_at - timedelta(minutes=1))
    assert "✓ 已发" not in page_of(phone)


def test_another_hosts_share_is_not_hers(phone: Client, mei: Host, now: datetime) -> None:
    tea = a_material("今天的茶")
    an_issue((today_of(now), tea), now=now)
    pass_on(mei, tea, at=now)
    assert "✓ 已发" not in page_of(phone)


def test_what_is_meant_for_guides_stays_with_guides(phone: Client, now: datetime) -> None:
    tea = a_material("给导购的话")
    an_issue((today_of(now), tea), now=now)
    IssueEntry.objects.update(host_kind=Host.Kind.GUIDE)
    assert "给导购的话" not in page_of(phone)


def test_an_expired_material_is_gone(phone: Client, now: datetime) -> None:
    tea = a_material("过期的茶", expire_at=now - timedelta(minutes=1))
    an_issue((today_of(now), tea), now=now)
    assert "过期的茶" not in page_of(phone)


def test_the_one_query_agrees_with_contents_own_rules(
    lin: Host, mei: Host, apple: Sku, now: datetime
) -> None:
    team = a_branch("杭州团队")
    guide = a_host("guide", "小陈", kind=Host.Kind.GUIDE, organisation=team, level=3)
    product = sold(a_material("随商品图", kind=Material.Kind.NEW_PRODUCT), apple.product)
    ProductPicture.objects.create(product=apple.product, image=a_picture("#335577"))
    covered = with_pictures(a_material("有封面", cover=a_picture("#aa3333")), 2)
    plain = a_material("没有图", kind=Material.Kind.SCRIPT, summary="")
    gone = a_material("到期", expire_at=now)
    draft = a_material("没发布")
    Material.objects.filter(pk=draft.pk).update(live=False)
    pictured = with_pictures(a_material("有两张图"), 2)
    today = today_of(now)
    issue = an_issue(*[(today, one) for one in (product, covered, plain, gone, draft, pictured)], now=now)
    an_issue((today, a_material("上一期")), now=now - timedelta(days=14), number=6)
    hours = {product: "08:00", covered: "20:00", plain: "07:00", pictured: "12:30"}
    for material, hour in hours.items():
        IssueEntry.objects.filter(material=material).update(best_time=hour)
    IssueEntry.objects.filter(material=covered).update(organisation=team)
    IssueEntry.objects.filter(material=pictured).update(host_kind=Host.Kind.GUIDE, min_level=3)
    IssueEntry.objects.filter(material=plain).update(min_level=1)
    pass_on(guide, covered, at=now)
    pass_on(lin, product, at=issue.starts_at - timedelta(seconds=1))
    seen = []
    for host in (lin, mei, guide):
        found, _ = top_of_today(host, now)
        expected = content.plan_of_day(issue, today, now=now, host=host)
        assert found
        posts = posts_of(found, host, now, limit=10)
        assert (found.number, found.theme, found.day) == (7, "春茶季", content.issue_day(issue, now))
        assert [post.public_id for post in posts] == [entry.material.public_id for entry in expected]
        done = done_since(host, [entry.material_id for entry in expected], issue.starts_at)
        for post, entry in zip(posts, expected, strict=True):
            picture = entry.material.picture
            thumb = sized([picture.pk], THUMB)[picture.pk] if picture else None
            assert post.picture == thumb, post.title
            assert post.is_done == (entry.material_id in done), post.title
            assert post.first_line == Post(entry.material, None).first_line
            assert post.kind_label == entry.material.get_kind_display()
        seen.append([post.title for post in posts])
    assert seen == [
        ["没有图", "随商品图"],
        ["没有图", "随商品图"],
        ["没有图", "随商品图", "有两张图", "有封面"],
    ]


def test_without_an_issue_she_is_led_to_the_library(phone: Client) -> None:
    page = page_of(phone)
    assert "新一期还没开始" in page
    assert "/materials/?all" in page


def test_a_day_without_a_post_says_so(phone: Client, now: datetime) -> None:
    an_issue((today_of(now) + 1, a_material()), now=now)
    assert "今天没有安排" in page_of(phone)


def test_orders_waiting_for_her_are_counted(phone: Client, order: Order, lin: Host, now: datetime) -> None:
    assert "1 张订单等你确认" in page_of(phone)
    trade.confirm_order(order, by=lin.user, now=now)
    assert "等你确认" not in page_of(phone)


def test_yesterdays_numbers_open_their_rows(phone: Client, lin: Host, apple: Sku, now: datetime) -> None:
    buy(lin, apple, at=now - timedelta(days=1), name="王小雨")
    project_now()
    page = page_of(phone)
    assert "¥8.85" in page  # 15 % of 59.00
    day = (now - timedelta(days=1)).astimezone().date()
    assert "/me/numbers/commission/?day=" in page
    rows = html_of(phone.get(f"/me/numbers/orders/?day={day.isoformat()}"))
    assert "王小雨" in rows


def test_whom_to_care_for_comes_with_the_reason_and_the_words(
    phone: Client, xiaoyu: Relation, now: datetime
) -> None:
    Relation.objects.filter(pk=xiaoyu.pk).update(next_action_on=now.date())
    page = page_of(phone)
    assert "今天关心谁" in page
    assert "王小雨" in page
    assert "data-copy=" in page


def test_the_home_asks_the_same_with_few_and_with_many_customers(
    phone: Client, lin: Host, apple: Sku, now: datetime
) -> None:
    tea = with_pictures(sold(a_material("今天的茶", kind=Material.Kind.NEW_PRODUCT), apple.product), 1)
    an_issue((1, a_material("漏发的")), (today_of(now), tea), now=now)
    many_customers(lin, 20, now)
    page_of(phone)  # the first visit makes the small picture
    few = questions(phone, "/")
    many_customers(lin, 1_980, now, start=20)
    assert questions(phone, "/") == few
    assert few <= MOST_QUERIES


def test_the_customer_list_asks_the_same_with_few_and_with_many(
    phone: Client, lin: Host, now: datetime
) -> None:
    many_customers(lin, 20, now)
    phone.get("/customers/")  # the first look is written down
    few = questions(phone, "/customers/")
    many_customers(lin, 1_980, now, start=20)
    assert questions(phone, "/customers/") == few
    assert questions(phone, "/customers/?q=kh") <= few + 1
    assert few <= MOST_QUERIES


@pytest.mark.parametrize(
    ("hour", "words"), [(2, "夜深了"), (7, "早上好"), (12, "中午好"), (15, "下午好"), (21, "晚上好")]
)
def test_the_greeting_knows_the_hour(hour: int, words: str) -> None:
    assert greeting(hour) == words
