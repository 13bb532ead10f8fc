"""A post whose product can't be bought: said on every way to sharing it, with something to share instead."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts.models import Host
from apps.catalog.models import Category, Product, Sku
from apps.catalog.services import add_to_shelf
from apps.library import services as content
from apps.tracking import services as tracking
from apps.tracking.models import Channel, Subject
from tests.factories import a_host, a_sku
from tests.library import desk
from tests.pages import html_of, text_of

pytestmark = pytest.mark.django_db
WORDS = "「高山苹果」卖完了，客户点开买不到。"


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False):
        yield


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def apple() -> Sku:
    return a_sku("高山苹果", stock=0)


@pytest.fixture
def pear(apple: Sku) -> Sku:
    """Something like it that can be bought."""
    return a_sku("砀山梨", stock=7)


@pytest.fixture
def post(apple: Sku, pear: Sku) -> Any:
    """Today's only post: it sells what is gone."""
    editor = desk.an_editor()
    material = desk.a_material(title="苹果怎么挑", product=apple.product)
    plan = [desk.a_material(title=f"第 {day} 天") for day in range(1, 4)]
    issue = desk.an_issue(editor, [*plan, material], starts_on=desk.MONDAY - timedelta(days=7))
    content.publish(issue, by=editor)
    return material


def test_the_day_the_page_the_sheet_and_the_mass_message_say_so(lin: Host, post: Any, settings: Any) -> None:
    settings.WECOM_CORP_ID, settings.WECOM_CONTACT_SECRET = "ww1", "secret"
    phone = desk.browser(lin.user)
    url = f"/materials/{post.public_id}/"

    pages = {
        path: html_of(phone.get(path)) for path in ("/", url, f"{url}share/", f"{url}mass/?channel=group")
    }

    for path, page in pages.items():
        assert WORDS in page, path
        assert "砀山梨" in page, path
    shared = html_of(phone.post(f"{url}share/", {"channel": "poster"}))
    assert WORDS in shared


def test_what_is_in_stock_is_said_with_its_number_and_without_a_warning(
    lin: Host, post: Any, apple: Sku
) -> None:
    Sku.objects.filter(pk=apple.pk).update(stock=30)
    page = html_of(desk.browser(lin.user).get("/"))
    assert "库存 30" in page
    assert "买不到" not in page


def test_instead_she_is_offered_the_material_that_sells_it(lin: Host, post: Any, pear: Sku) -> None:
    other = desk.a_material(title="梨汤怎么炖", product=pear.product)
    page = html_of(desk.browser(lin.user).get("/"))
    assert f"/materials/{other.public_id}/" in page
    assert "梨汤怎么炖" in page


@pytest.mark.parametrize("why", ["sold out", "off sale", "ends before"])
def test_hq_reads_which_planned_posts_lead_to_nothing(post: Any, apple: Sku, why: str) -> None:
    words = "商品卖完了"
    if why == "off sale":
        Product.objects.filter(pk=apple.product_id).update(status=Product.Status.OFF)
        words = "商品已下架"
    elif why == "ends before":
        Sku.objects.filter(pk=apple.pk).update(stock=30)
        type(post).objects.filter(pk=post.pk).update(expire_at=desk.NOW + timedelta(hours=3))
        words = "到那天已到期"
    editor = desk.browser(desk.User.objects.get(username="editor"))

    home = text_of(editor.get("/hq/"))
    issue = post.issue_entries.get().issue
    plan = html_of(editor.get(f"/hq/fortnights/{issue.pk}/"))

    assert f"1 条发出去也买不到：3月5日「苹果怎么挑」{words}" in home
    assert words in plan


def test_her_link_to_what_is_gone_leads_on_to_something_like_it(lin: Host, post: Any, pear: Sku) -> None:
    """Her shelf is empty: what HQ offers of its kind stands there, and her link opens it."""
    about = {"subject_kind": Subject.PRODUCT, "subject_id": post.product_id}
    link = tracking.link_for(lin, **about, channel=Channel.POSTER, now=desk.NOW)
    consumer = desk.Client()
    for status in (Product.Status.ACTIVE, Product.Status.OFF):
        Product.objects.filter(pk=post.product_id).update(status=status)
        assert "砀山梨" in html_of(consumer.get(f"/s/{link.code}/"))
    opened = consumer.get(f"/s/{link.code}/p/{pear.product.public_id}/")
    assert opened.status_code == 200
    far = a_sku("四件套", stock=5)
    Product.objects.filter(pk=far.product_id).update(category=Category.objects.create(name="家居"))
    assert consumer.get(f"/s/{link.code}/p/{far.product.public_id}/").status_code == 404


def test_a_product_says_so_on_its_page_and_wherever_it_is_shared(lin: Host, apple: Sku, pear: Sku) -> None:
    phone = desk.browser(lin.user)
    url = f"/offers/{apple.product.public_id}/"

    pages = [phone.get(url), phone.get(f"{url}share/"), phone.post(f"{url}share/", {"channel": "single"})]

    for page in map(html_of, pages):
        assert WORDS in page
        assert f"/offers/{pear.product.public_id}/" in page
    assert "买不到" not in html_of(phone.get(f"/offers/{pear.product.public_id}/share/"))


def test_her_shelf_tells_the_stock_and_what_to_put_there_instead(lin: Host, apple: Sku, pear: Sku) -> None:
    plum = a_sku("三华李", stock=40)
    for sku in (apple, plum):
        add_to_shelf(lin, sku.product, now=desk.NOW)
    page = html_of(desk.browser(lin.user).get("/shelf/"))
    assert WORDS in page
    assert f"/offers/{pear.product.public_id}/" in page
    assert "库存 40" in page
    assert "还有 40 件" not in page  # it stands on the shelf already
    assert "卖完的会自动排到最后" in page


def test_sharing_the_shelf_names_what_is_sold_out(lin: Host, apple: Sku, pear: Sku) -> None:
    phone = desk.browser(lin.user)
    add_to_shelf(lin, apple.product, now=desk.NOW)
    assert "货架上的东西都卖完了，客户点开买不到。" in html_of(phone.get("/shelf/share/"))
    add_to_shelf(lin, a_sku("三华李", stock=40).product, now=desk.NOW)

    for page in map(html_of, (phone.get("/shelf/share/"), phone.post("/shelf/share/", {"channel": "group"}))):
        assert "货架上有 1 样卖完了" in page
        assert "「高山苹果」卖完了" in page
        assert f"/offers/{pear.product.public_id}/" in page

    Sku.objects.filter(pk=apple.pk).update(stock=3)
    assert "卖完了" not in html_of(phone.get("/shelf/share/"))


def test_consumers_find_what_is_sold_out_last_and_not_counted(lin: Host, apple: Sku, pear: Sku) -> None:
    for sku in (apple, pear):
        add_to_shelf(lin, sku.product, now=desk.NOW)
    about = {"subject_kind": Subject.SHELF, "subject_id": lin.pk}
    link = tracking.link_for(lin, **about, channel=Channel.GROUP, now=desk.NOW)
    page = html_of(desk.Client().get(f"/s/{link.code}/"))
    assert page.index("砀山梨") < page.index("高山苹果")
    assert "1 件在售" in page
