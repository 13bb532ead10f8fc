"""素材: the plan, the library, one material, and sharing it."""

import re
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
import zxingcpp
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image as Pillow

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.library.models import Material
from apps.media.models import Poster
from apps.tracking.models import Channel, Event, Link
from apps.workbench.ways import WAYS
from tests.happenings import a_visitor, buy, look
from tests.pages import html_of
from tests.projecting import project_now
from tests.workbench.issues import a_material, an_issue, sold, today_of, with_pictures

PART = {"hx-request": "true", "hx-target": "sheet-body"}


def url_of(material: Material, more: str = "") -> str:
    return f"/materials/{material.public_id}/{more}"


def acts(name: str) -> list[Event]:
    return list(Event.objects.filter(name=name))


def test_the_plan_tells_days_done_and_how_far(phone: Client, lin: Host, now: datetime) -> None:
    first, second = a_material("先发的茶"), a_material("后发的茶")
    an_issue((today_of(now), first), (min(today_of(now) + 1, 14), second), now=now)
    phone.post(url_of(first, "share/"), {"channel": "group"})
    page = html_of(phone.get("/materials/"))
    assert "先发的茶" in page
    assert "后发的茶" in page
    assert "1/2" in page
    assert page.count("✓ 已发") == 1


def test_days_gone_by_are_folded_away(phone: Client, now: datetime) -> None:
    an_issue((1, a_material("星期一的茶")), (14, a_material("最后的茶")), now=now)
    page = html_of(phone.get("/materials/"))
    assert ("前面 1 天 · 已发 0/1" in page) is (today_of(now) > 1)


def test_the_library_finds_by_words_and_initials(phone: Client, now: datetime) -> None:
    a_material("明前龙井")
    a_material("冬日暖锅")
    for words in ("龙井", "mqlj"):
        page = html_of(phone.get("/materials/", {"q": words}))
        assert "明前龙井" in page
        assert "冬日暖锅" not in page
    assert "没有找到这样的素材" in html_of(phone.get("/materials/?q=火箭"))


def test_the_library_filters_by_kind_occasion_and_product(phone: Client, apple: Sku, now: datetime) -> None:
    sold(a_material("苹果的话术", kind=Material.Kind.SCRIPT, occasion="care"), apple.product)
    a_material("别的图集")
    for query in ("kind=script", "occasion=care", f"product={apple.product.public_id}"):
        page = html_of(phone.get(f"/materials/?{query}"))
        assert "苹果的话术" in page, query
        assert "别的图集" not in page, query


def test_a_long_library_comes_in_pages_and_parts(phone: Client, now: datetime) -> None:
    for number in range(21):
        a_material(f"素材{number:02d}")
    page = html_of(phone.get("/materials/?all"))
    assert page.count("<article") == 20
    following = unescape(page.split('hx-get="?')[1].split('"')[0])
    part = phone.get(f"/materials/?{following}", headers={"hx-request": "true", "hx-target": "posts-more"})
    assert html_of(part).count("<article") == 1
    assert "<html" not in html_of(part)
    assert "HX-Request" in part["Vary"]
    assert "<html" in html_of(phone.get(f"/materials/?{following}"))


def test_opening_a_material_is_written_down_and_a_peek_is_not(
    phone: Client, lin: Host, now: datetime
) -> None:
    tea = with_pictures(a_material(), 3)
    phone.head(url_of(tea))
    assert acts("material.opened") == []
    page = html_of(phone.get(url_of(tea)))
    assert "左右滑动 · 3 张" in page
    assert "保存全部图片（3 张）" in page
    assert "我自己先泡了三天。" in page
    [event] = acts("material.opened")
    assert (event.host_id, event.subject_id) == (lin.pk, tea.pk)


@pytest.mark.parametrize("fields", [{"live": False}, {"expire_at": "past"}])
def test_what_may_not_be_shared_is_404(phone: Client, now: datetime, fields: dict[str, object]) -> None:
    tea = a_material()
    if fields.get("expire_at"):
        fields["expire_at"] = now - timedelta(minutes=1)
    Material.objects.filter(pk=tea.pk).update(**fields)
    assert phone.get(url_of(tea)).status_code == 404
    assert phone.post(url_of(tea, "share/"), {"channel": "group"}).status_code == 404
    assert phone.post(url_of(tea, "acts/"), {"act": "copied"}).status_code == 404


@pytest.mark.parametrize("channel", ["group", "single"])
def test_sharing_gives_her_words_with_her_own_link(
    phone: Client, lin: Host, now: datetime, channel: str
) -> None:
    tea = a_material()
    page = html_of(phone.post(url_of(tea, "share/"), {"channel": channel}))
    link = Link.objects.get()
    assert (link.host, link.subject_id, link.channel) == (lin, tea.pk, channel)
    assert f"我自己先泡了三天。\n{settings.SITE_URL}/s/{link.code}/</textarea>" in page
    [event] = acts("material.shared")
    assert (event.link_id, event.props) == (link.pk, {"channel": channel})


def test_sharing_twice_on_one_day_keeps_the_link_and_counts_once(phone: Client, now: datetime) -> None:
    tea = a_material()
    for _ in range(2):
        phone.post(url_of(tea, "share/"), {"channel": "group"})
    assert Link.objects.count() == 1
    assert len(acts("material.shared")) == 1


def test_two_hosts_have_two_links(phone: Client, mei: Host, now: datetime) -> None:
    tea = a_material()
    other = Client()
    other.force_login(mei.user)
    for client in (phone, other):
        client.post(url_of(tea, "share/"), {"channel": "group"})
    assert set(Link.objects.values_list("host__name", flat=True)) == {"林姐", "梅姐"}


@pytest.mark.parametrize("channel", ["poster", "moments"])
def test_the_poster_carries_a_code_of_her_link(phone: Client, now: datetime, channel: str) -> None:
    tea = with_pictures(a_material(), 1)
    page = html_of(phone.post(url_of(tea, "share/"), {"channel": channel}))
    poster = Poster.objects.get()
    assert poster.url in page
    with default_storage.open(str(poster.file.name)) as file:
        codes = zxingcpp.read_barcodes(Pillow.open(file))
    link = Link.objects.get()
    assert [code.text for code in codes] == [f"{settings.SITE_URL}/s/{link.code}/"]
    assert link.channel == channel
    # The picture itself is served, to whoever has its name.
    answer = phone.get(urlsplit(poster.url).path)
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]
    answer.close()


def test_she_chooses_how_her_poster_looks_and_it_is_remembered(phone: Client, now: datetime) -> None:
    tea, milk = with_pictures(a_material(), 1), with_pictures(a_material("鲜奶"), 1)
    page = html_of(phone.post(url_of(tea, "share/"), {"channel": "poster"}))
    assert re.search(r'value="picture"\s+aria-current="true"\s*>大图', page)
    assert "总部版式" not in page

    page = html_of(phone.post(url_of(tea, "share/"), {"channel": "poster", "look": "words"}))
    assert re.search(r'value="words"\s+aria-current="true"\s*>文字', page)
    assert Poster.objects.count() == 2
    # The next thing she shares looks as she likes it, and what she saves is what she saw.
    page = html_of(phone.post(url_of(milk, "share/"), {"channel": "moments"}))
    assert re.search(r'value="words"\s+aria-current="true"\s*>文字', page)
    assert page.count('name="look" value="words"') == 3
    assert Event.objects.filter(name="material.shared").count() == 2
    answer = phone.post(url_of(tea, "share/"), {"channel": "poster", "look": "neon"})
    assert answer.status_code == 422


def test_moments_get_no_link_in_the_words(phone: Client, now: datetime) -> None:
    tea = a_material()
    page = html_of(phone.post(url_of(tea, "share/"), {"channel": "moments"}))
    words = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert words
    assert "/s/" not in words[1]


def test_with_scripts_the_answer_is_a_part_for_the_sheet(phone: Client, now: datetime) -> None:
    tea = a_material()
    for answer in (
        phone.get(url_of(tea, "share/"), headers=PART),
        phone.post(url_of(tea, "share/"), {"channel": "copy"}, headers=PART),
    ):
        page = html_of(answer)
        assert "<html" not in page
        assert "sheet__head" in page
        assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("data", [{}, {"channel": "pigeon"}])
def test_an_unknown_way_is_refused_and_nothing_is_written(
    phone: Client, now: datetime, data: dict[str, str]
) -> None:
    answer = phone.post(url_of(a_material(), "share/"), data)
    assert answer.status_code == 422
    assert "请从下面选一种分享方式。" in html_of(answer)
    assert not Link.objects.exists()
    assert acts("material.shared") == []


def test_words_to_say_lead_to_what_they_sell(phone: Client, lin: Host, apple: Sku, now: datetime) -> None:
    words = sold(a_material("开场白", kind=Material.Kind.SCRIPT), apple.product)
    page = html_of(phone.post(url_of(words, "share/"), {"channel": "group"}))
    link = Link.objects.get()
    assert (link.subject_kind, link.subject_id) == ("product", apple.product_id)
    assert f"/s/{link.code}/" in page
    [event] = acts("material.shared")
    assert (event.subject_id, event.link_id) == (words.pk, link.pk)
    assert phone.get(f"/s/{link.code}/").status_code == 200


def test_words_without_a_product_are_shared_as_words(phone: Client, now: datetime) -> None:
    words = a_material("生日祝福", kind=Material.Kind.SCRIPT)
    assert "海报" not in html_of(phone.get(url_of(words, "share/"))).split("发到群")[1]
    page = html_of(phone.post(url_of(words, "share/"), {"channel": "moments"}))
    assert "/s/" not in page
    assert "复制这段话" in page
    assert len(acts("material.shared")) == 1
    assert not Link.objects.exists()
    for channel in ("poster", "copy"):
        assert phone.post(url_of(words, "share/"), {"channel": channel}).status_code == 422


@pytest.mark.parametrize("act", ["copied", "saved"])
def test_copying_and_saving_are_written_down(phone: Client, lin: Host, now: datetime, act: str) -> None:
    tea = with_pictures(a_material(), 1)
    answer = phone.post(url_of(tea, "acts/"), {"act": act}, headers={"x-requested-with": "fetch"})
    assert answer.status_code == 204
    [event] = acts(f"material.{act}")
    assert (event.host_id, event.subject_id) == (lin.pk, tea.pk)


def test_without_scripts_saving_leads_to_the_pictures(phone: Client, now: datetime) -> None:
    tea = with_pictures(a_material(), 2)
    answer = phone.post(url_of(tea, "acts/"), {"act": "saved"}, follow=True)
    assert html_of(answer).count("<img") >= 2
    assert "长按" in html_of(answer)


def test_an_unknown_act_is_refused(phone: Client, now: datetime) -> None:
    assert phone.post(url_of(a_material(), "acts/"), {"act": "eaten"}).status_code == 400


def test_what_it_brought_her_is_hers_and_opens_its_rows(
    phone: Client, lin: Host, mei: Host, apple: Sku, now: datetime
) -> None:
    tea = a_material()
    phone.post(url_of(tea, "share/"), {"channel": "group"})
    link, visitor = Link.objects.get(), a_visitor(now)
    look(link, visitor, at=now - timedelta(minutes=9), stays=True)
    buy(lin, apple, at=now - timedelta(minutes=3), name="王小雨", link=link, visitor=visitor)
    project_now()
    page = html_of(phone.get(url_of(tea)))
    assert _figures(page) == {"转发": "1", "打开": "1", "阅读": "1", "订单": "1", "成交金额": "¥59.00"}
    for name in ("shares", "reached", "read", "orders", "gmv"):
        rows = html_of(phone.get(f"/me/numbers/{name}/?material={tea.public_id}"))
        assert rows.count('class="rows__row"') == 1, name
    other = Client()
    other.force_login(mei.user)
    assert "你还没发过这一条" in html_of(other.get(url_of(tea)))
    rows = html_of(other.get(f"/me/numbers/orders/?material={tea.public_id}"))
    assert "王小雨" not in rows


def _figures(page: str) -> dict[str, str]:
    pairs = re.findall(r'figure__value[^"]*">([^<]+)</span><span class="figure__name">([^<]+)', page)
    return {word: value for value, word in pairs}


def test_others_success_is_told_on_the_card(phone: Client, mei: Host, apple: Sku, now: datetime) -> None:
    tea = a_material()
    other = Client()
    other.force_login(mei.user)
    other.post(url_of(tea, "share/"), {"channel": "group"})
    buy(mei, apple, at=now, link=Link.objects.get())
    project_now()
    assert "1 人转发 · 带来 1 单" in html_of(phone.get("/materials/?all"))


def test_a_product_taken_off_sale_leaves_the_material_without_a_dead_link(
    phone: Client, apple: Sku, now: datetime
) -> None:
    tea = sold(a_material(), apple.product)
    assert "关联商品" in html_of(phone.get(url_of(tea)))
    apple.product.status = "off"
    apple.product.save()
    assert "关联商品" not in html_of(phone.get(url_of(tea)))


def test_every_channel_has_its_words() -> None:
    assert set(WAYS) == set(Channel)
