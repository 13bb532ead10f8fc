"""素材: the library's filters, what works, favourites, and her own words."""

import json
from datetime import datetime

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.insights.selectors import Worked
from apps.library.models import Festival, HostVariant, Material, MaterialText
from apps.outbox.models import Delivery
from apps.tracking.models import Event, Link
from tests.factories import a_host
from tests.happenings import a_link, a_visitor, buy, look, share
from tests.pages import html_of
from tests.projecting import project_now
from tests.workbench.conftest import phone_of
from tests.workbench.issues import a_material, an_issue, sold, today_of


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    cache.clear()


def url_of(material: Material, more: str = "") -> str:
    return f"/materials/{material.public_id}/{more}"


def titles(page: str, *among: str) -> list[str]:
    """Those of `among` that stand on the page, in its order."""
    return sorted((one for one in among if f">{one}<" in page), key=lambda one: page.index(f">{one}<"))


def test_filters_narrow_and_stand_beside_each_other(phone: Client, apple: Sku, now: datetime) -> None:
    solstice = a_material("冬至的汤圆", kind=Material.Kind.SCRIPT, stage="mature", scene="price")
    solstice.festivals = [Festival.objects.get(name="冬至")]
    solstice.product = apple.product
    solstice.save()
    a_material("别的")
    for query in ("festival=冬至", "stage=mature&kind=script", "scene=price", "q=冬至&stage=mature"):
        page = html_of(phone.get(f"/materials/?{query}"))
        assert titles(page, "冬至的汤圆", "别的") == ["冬至的汤圆"], query
    page = html_of(phone.get("/materials/?all"))
    assert '<option value="冬至">冬至 · 12月' in page
    assert f'<option value="{apple.product.public_id}">' in page
    assert "清明" not in page  # nothing is written for it


def test_a_chip_keeps_what_else_was_asked(phone: Client, now: datetime) -> None:
    a_material("春茶")
    page = html_of(phone.get("/materials/?q=春茶&stage=new"))
    assert "?q=%E6%98%A5%E8%8C%B6&amp;stage=new&amp;kind=script" in page
    assert '<input type="hidden" name="stage" value="new">' in page.split("</form>")[0]


@pytest.mark.parametrize("query", ["kind=x", "stage=x", "festival=" + "x" * 99, "sort=x", "fav=x", "page=1"])
def test_what_makes_no_sense_is_left_out(phone: Client, now: datetime, query: str) -> None:
    assert phone.get(f"/materials/?all=1&{query}").status_code == 200


def test_a_product_not_on_offer_is_404(phone: Client, now: datetime) -> None:
    assert phone.get("/materials/?product=0").status_code == 404


def test_the_badge_new_is_on_the_card_until_she_posts_it(phone: Client, now: datetime) -> None:
    tea = a_material("春茶")
    assert ">新</span>" in html_of(phone.get("/materials/?all"))
    phone.post(url_of(tea, "share/"), {"channel": "group"})
    page = html_of(phone.get("/materials/?all"))
    assert ">新</span>" not in page
    assert "✓ 已发" in page


# --- favourites -------------------------------------------------------------------------------------------


def test_a_favourite_is_found_again_by_her_alone(phone: Client, mei: Host, now: datetime) -> None:
    tea = a_material("春茶")
    a_material("别的")
    phone.post(url_of(tea, "favourite/"), {"wanted": "1"})
    page = html_of(phone.get("/materials/?fav=1"))
    assert titles(page, "春茶", "别的") == ["春茶"]
    assert "★ 收藏" in page
    assert "还没有收藏" in html_of(phone_of(mei).get("/materials/?fav=1"))
    phone.post(url_of(tea, "favourite/"), {"wanted": "0"})
    assert "还没有收藏" in html_of(phone.get("/materials/?fav=1"))


def test_with_scripts_only_the_star_changes(phone: Client, now: datetime) -> None:
    tea = a_material("春茶")
    answer = phone.post(url_of(tea, "favourite/"), {"wanted": "1"}, headers={"hx-request": "true"})
    part = html_of(answer)
    assert 'aria-pressed="true"' in part
    assert "<html" not in part


# --- her own words ----------------------------------------------------------------------------------------


def test_her_own_words_come_first_and_go_along_with_a_share(
    phone: Client, lin: Host, mei: Host, now: datetime
) -> None:
    tea = a_material("春茶")
    phone.post(url_of(tea, "words/"), {"text": "林姐亲口尝过的茶"})
    page = html_of(phone.get(url_of(tea)))
    assert '<p class="share__words" id="share-words">林姐亲口尝过的茶</p>' in page
    assert 'aria-current="true">我的说法' in page
    shared = html_of(phone.post(url_of(tea, "share/"), {"channel": "group"}))
    assert "林姐亲口尝过的茶\nhttp" in shared
    others = html_of(phone_of(mei).get(url_of(tea)))
    assert "林姐亲口尝过的茶" not in others
    assert "我自己先泡了三天。" in others


def test_she_may_still_take_hqs_words_or_another_variant(phone: Client, now: datetime) -> None:
    tea = a_material("春茶")
    tea.texts = [MaterialText(label="朋友圈短版", text="今年的茶，到了。")]
    tea.save()
    phone.post(url_of(tea, "words/"), {"text": "林姐亲口尝过的茶"})
    short = tea.texts.get().pk
    for key, words in (("hq", "我自己先泡了三天。"), (str(short), "今年的茶，到了。"), ("none", "林姐亲口")):
        assert words in html_of(phone.get(f"{url_of(tea)}?say={key}"))
        answer = phone.post(url_of(tea, "share/"), {"channel": "moments", "say": key})
        area = html_of(answer).split("<textarea")[1].split("</textarea>")[0]
        assert words in area, key
    # Choosing a text is no second look at the material.
    assert Event.objects.filter(name="material.opened").count() == 0


def test_hqs_words_come_back(phone: Client, now: datetime) -> None:
    tea = a_material("春茶")
    phone.post(url_of(tea, "words/"), {"text": "林姐亲口尝过的茶"})
    page = html_of(phone.post(url_of(tea, "words/reset/"), follow=True))
    assert "林姐亲口尝过的茶" not in page
    assert "已恢复总部的文案。" in page
    assert not HostVariant.objects.exists()


def test_a_wrong_price_is_doubted_once_and_kept_when_she_insists(
    phone: Client, apple: Sku, now: datetime
) -> None:
    tea = sold(a_material("苹果"), apple.product)
    answer = phone.post(url_of(tea, "words/"), {"text": "只要 39 块，原价 ¥59"})
    page = html_of(answer)
    assert answer.status_code == 422
    assert "文案里写了 ¥39.00，「高山苹果」现在的售价是 ¥59.00" in page
    assert "只要 39 块" in page  # nothing lost
    assert not HostVariant.objects.exists()
    phone.post(url_of(tea, "words/"), {"text": "只要 39 块，原价 ¥59", "anyway": "on"})
    assert HostVariant.objects.get().text == "只要 39 块，原价 ¥59"


def test_forbidden_words_of_hers_are_doubted_too_and_again_where_she_shares(
    phone: Client, now: datetime
) -> None:
    tea = a_material("春茶")
    answer = phone.post(url_of(tea, "words/"), {"text": "现在是最低价的茶"})
    assert answer.status_code == 422
    assert "里有「最低价」" in html_of(answer)
    phone.post(url_of(tea, "words/"), {"text": "现在是最低价的茶", "anyway": "on"})
    assert "里有「最低价」" in html_of(phone.get(url_of(tea, "share/")))
    assert "里有「最低价」" not in html_of(phone.get(url_of(tea, "share/?say=hq")))


def test_what_a_customer_told_stands_in_the_sheet_to_be_read_only(phone: Client, now: datetime) -> None:
    tea = a_material("春茶")
    for is_story in (False, True):
        Material.objects.filter(pk=tea.pk).update(is_story=is_story)
        page = html_of(phone.post(url_of(tea, "share/"), {"channel": "group"}))
        area = page.split("<textarea")[1].split(">")[0]
        assert ("readonly" in area) is is_story
        assert ("可以先改改" in page) is not is_story


@pytest.mark.parametrize(
    ("text", "words"), [("", "还没有写"), ("长" * 1001, "最多 1000 个字，现在有 1001 个")]
)
def test_no_words_and_too_many_are_refused(phone: Client, now: datetime, text: str, words: str) -> None:
    answer = phone.post(url_of(a_material(), "words/"), {"text": text})
    assert answer.status_code == 422
    assert words in html_of(answer)
    assert not HostVariant.objects.exists()


# --- what may not be shared -------------------------------------------------------------------------------


def test_expired_foreign_and_absent_are_refused_in_the_same_kind_words(
    phone: Client, lin: Host, now: datetime
) -> None:
    over, others = a_material("过期的"), a_material("给别人的")
    Material.objects.filter(pk=over.pk).update(expire_at=now)
    issue = an_issue((today_of(now), others), now=now)
    issue.entries.update(min_level=9)
    type(issue).objects.filter(pk=issue.pk).update(first_published_at=now)
    pages = []
    for public_id in (over.public_id, others.public_id, lin.public_id):
        for more, method in (("", "get"), ("words/", "post"), ("favourite/", "post"), ("share/", "post")):
            answer = getattr(phone, method)(f"/materials/{public_id}/{more}")
            assert answer.status_code == 404, more
        page = html_of(phone.get(f"/materials/{public_id}/"))
        assert "这条素材现在不能分享" in page
        pages.append(page.split("<main")[1].split("</main>")[0])
    assert len(set(pages)) == 1


# --- what works -------------------------------------------------------------------------------------------


@pytest.fixture
def peers(lin: Host, now: datetime) -> list[Host]:
    """Three hosts of her level beside her."""
    return [a_host(f"peer{number}", f"同伴{number}") for number in range(3)]


def happened(
    hosts: list[Host], material: Material, *, shares: int, sku: Sku, orders: int, at: datetime
) -> None:
    """Each host shared it, looked at by one person for each share, and some orders came of it."""
    for number, host in enumerate(hosts):
        link = a_link(host, material, at=at)
        for _ in range(shares):
            share(link, at=at)
            look(link, a_visitor(at), at=at, stays=False)
        for count in range(orders if number == 0 else 0):
            buy(host, sku, at=at, phone=f"1390000{material.pk % 100:02d}{count:02d}", link=link)


def test_what_works_is_sorted_by_orders_per_share_with_its_sample(
    phone: Client, peers: list[Host], apple: Sku, now: datetime
) -> None:
    good, fair, poor, rare = (a_material(title) for title in ("好用的", "一般的", "没用的", "没人发的"))
    for material, orders in ((good, 5), (fair, 2), (poor, 0)):
        happened(peers, material, shares=4, sku=apple, orders=orders, at=now)
    happened(peers[:1], rare, shares=4, sku=apple, orders=4, at=now)
    project_now()

    page = html_of(phone.get("/materials/?sort=works"))

    assert titles(page, "好用的", "一般的", "没用的", "没人发的") == ["好用的", "一般的", "没用的"]
    assert "3 位发了 12 次 · 12 人打开 · 5 单" in page
    assert "平均发 2.4 次换 1 单" in page
    assert "平均发 1 次有 1 人打开" in page
    assert "还有 1 条数据不够" in page
    assert "同级的大C" in page
    searched = html_of(phone.get("/materials/?sort=works&q=一般"))
    assert titles(searched, "好用的", "一般的") == ["一般的"]


@pytest.mark.parametrize(
    ("shares", "visits", "orders", "words"),
    [
        (10, 40, 30, "平均发 1 次有 3 单"),
        (10, 40, 23, "平均发 1 次有 2.3 单"),
        (10, 40, 10, "平均发 1 次换 1 单"),
        (12, 12, 5, "平均发 2.4 次换 1 单"),
        (10, 24, 0, "平均发 1 次有 2.4 人打开"),
    ],
)
def test_what_a_share_brings_is_told_as_it_is(shares: int, visits: int, orders: int, words: str) -> None:
    assert Worked(1, 3, shares, visits, orders).words == words


def test_too_little_is_said_to_be_too_little(
    phone: Client, peers: list[Host], apple: Sku, now: datetime
) -> None:
    material = a_material("才发了一次的")
    happened(peers[:2], material, shares=30, sku=apple, orders=9, at=now)
    project_now()

    page = html_of(phone.get("/materials/?sort=works"))

    assert "还说不准哪条有效果" in page
    assert "才发了一次的" in page


def test_her_own_shares_do_not_praise_themselves(
    phone: Client, lin: Host, apple: Sku, peers: list[Host], now: datetime
) -> None:
    material = a_material("自己发的")
    happened([lin, *peers[:2]], material, shares=20, sku=apple, orders=9, at=now)
    project_now()

    assert "还说不准哪条有效果" in html_of(phone.get("/materials/?sort=works"))


def test_the_list_costs_the_same_for_one_and_for_twenty(phone: Client, now: datetime) -> None:
    from tests.workbench.questions import questions

    a_material("第一条")
    phone.get("/materials/?all")
    few = questions(phone, "/materials/?all")
    for number in range(19):
        a_material(f"素材{number:02d}")
    assert questions(phone, "/materials/?all") == few
    assert Link.objects.count() == 0


# --- to her own work chat ---------------------------------------------------------------------------------


def test_what_she_shares_comes_to_her_own_work_chat_once_a_minute(
    phone: Client, lin: Host, now: datetime
) -> None:
    tea = a_material("春茶", share_text="长" * 1000)
    phone.post(url_of(tea, "share/"), {"channel": "group"})
    for _ in range(2):
        answer = phone.post(url_of(tea, "send/"), {"channel": "group"}, follow=True)
    assert "正在发到你的企业微信" in html_of(answer)
    [delivery] = Delivery.objects.all()
    assert delivery.host_id == lin.pk
    link = Link.objects.get()
    text = json.loads(delivery.letter.body)["Text"]["text"]
    assert text.endswith(f"…\n{settings.SITE_URL}/s/{link.code}/")
    assert len(text.encode()) <= 2048
    # She shared when she opened the way; sending it by the same is no second time.
    assert Event.objects.filter(name="material.shared").count() == 1


def test_without_a_wecom_account_she_is_told_another_way(phone: Client, lin: Host, now: datetime) -> None:
    Host.objects.filter(pk=lin.pk).update(wecom_userid=None)
    tea = a_material("春茶")
    page = html_of(phone.post(url_of(tea, "share/"), {"channel": "group"}))
    assert "发到我的企业微信" not in page
    answer = phone.post(url_of(tea, "send/"), {"channel": "group"}, follow=True)
    assert "还没有绑定企业微信" in html_of(answer)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("data", [{}, {"channel": "pigeon"}])
def test_an_unknown_way_to_her_chat_is_refused(phone: Client, now: datetime, data: dict[str, str]) -> None:
    assert phone.post(url_of(a_material(), "send/"), data).status_code == 400
    assert not Delivery.objects.exists()
