"""HQ's lists find a row by what it is called, however that is typed; names that look alike are one."""

from datetime import date

import pytest

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog.models import Brand, Category
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.trade.models import Order
from tests.factories import MORNING, a_branch, a_host, a_sku
from tests.happenings import a_customer, buy
from tests.library import desk
from tests.pages import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def hq() -> object:
    return desk.browser(desk.a_person(roles.ADMIN, "chief", "编辑小顾"))


def found(hq: object, url: str, words: str) -> list[str]:
    """The rows of a list, as text."""
    rows = hq.get(url, {"q": words}).context["object_list"]  # type: ignore[attr-defined]
    return [str(row) for row in rows]


@pytest.mark.parametrize("words", ["林 姐", "linjie", "lj", "ＬＪ", "林姐"])
def test_a_host_is_found_as_she_is_called(hq: object, words: str) -> None:
    a_host("h1", "林姐")
    a_host("h2", "阿秀")
    assert found(hq, "/hq/hosts/", words) == ["林姐"]


def test_other_lists_of_names_forgive_as_much(hq: object) -> None:
    a_branch("杭州")
    a_branch("宁波")
    desk.an_issue(desk.an_editor(), [], number=26, starts_on=date(2026, 3, 9))
    Brand.objects.create(name="禾里")
    for url, words, name in [
        ("/hq/organisations/", "杭 州", "杭州"),
        ("/hq/organisations/", "hangzhou", "杭州"),
        ("/hq/staff/", "编 辑小顾", "chief"),
        ("/hq/issues/", "春日 焕新", "第 26 期《春日焕新》"),
        ("/hq/issues/", "第26期", "第 26 期《春日焕新》"),
        ("/hq/issues/", "26", "第 26 期《春日焕新》"),
        ("/hq/issues/", "crhx", "第 26 期《春日焕新》"),
        ("/hq/brands/", "heli", "禾里"),
    ]:
        assert found(hq, url, words) == [name], (url, words)
        assert found(hq, url, "没有这个") == []


def test_pictures_are_found_by_pinyin(hq: object) -> None:
    desk.a_picture("坚果礼盒")
    assert "坚果礼盒" in html_of(hq.get("/hq/images/", {"q": "jgl"}))  # type: ignore[attr-defined]
    assert "坚果礼盒" not in html_of(hq.get("/hq/images/", {"q": "jgx"}))  # type: ignore[attr-defined]


def test_an_order_is_found_by_its_number_in_capitals_or_not_and_by_its_host(hq: object) -> None:
    host, sku = a_host("xiu", "阿秀"), a_sku()
    order = buy(host, sku, at=MORNING)
    buy(a_host("lin", "林姐"), sku, at=MORNING)
    Order.objects.filter(pk=order.pk).update(source="shop", external_no="TB2026Ab")
    for words in ("TB2026Ab", "tb2026ab", "ＴＢ2026AB", "阿 秀", "axiu"):
        rows = hq.get("/hq/orders/", {"q": words}).context["object_list"]  # type: ignore[attr-defined]
        assert [row.pk for row in rows] == [order.pk], words
    assert found(hq, "/hq/orders/", "TB2026") == []


def test_a_category_is_never_above_itself(hq: object) -> None:
    top = Category.objects.create(name="生鲜")
    below = Category.objects.create(name="水果", parent=top)
    for parent in (top, below):
        form = {"name": "生鲜", "parent": parent.pk, "position": 0}
        answer = hq.post(f"/hq/categories/edit/{top.pk}/", form)  # type: ignore[attr-defined]
        assert "上级类目不能是它自己，也不能是它下面的类目。请换一个。" in html_of(answer)
    top.refresh_from_db()
    assert top.parent is None


@pytest.mark.parametrize("name", ["禾\u200b里", "禾\u200d里", " 禾里", "禾 里"])
def test_a_brand_that_looks_like_another_is_refused(hq: object, name: str) -> None:
    Brand.objects.create(name="禾里")
    answer = hq.post("/hq/brands/new/", {"name": name})  # type: ignore[attr-defined]
    assert "已经有「禾里」了，请用那一个，或换个名称。" in html_of(answer)


def test_no_label_stands_over_what_is_hidden(hq: object) -> None:
    page = html_of(hq.get("/hq/orders/rules/"))  # type: ignore[attr-defined]
    assert 'name="begun_with"' in page
    assert "Begun with" not in page


def test_a_hand_over_promises_nothing_to_whom_wecom_does_not_know() -> None:
    giver, taker = a_host("lin", "林姐"), a_host("mei", "梅姐")
    relation = a_customer(giver, "13800008000", at=MORNING)
    Relation.objects.filter(pk=relation.pk).update(external_index=b"1" * 32)
    Host.objects.filter(pk=taker.pk).update(wecom_userid=None)
    taker.refresh_from_db()

    said = " ".join(acts.what_it_means(giver, taker, Relation.objects.all()))

    assert "1 位是企业微信好友。梅姐没有绑定企业微信，这里转接不了，要在企业微信后台转接。" in said
    assert "林姐收到一条消息" in said
    assert "梅姐没有绑定企业微信，收不到消息，请另外告诉她。" in said
    assert "24 小时内" not in said
