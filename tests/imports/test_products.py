"""Products of an outside shop: off the shelves until HQ sells them."""

from pathlib import Path

import pytest

from apps.catalog.models import Product
from apps.files.tables import UnreadableError
from tests.imports.files import counts, products, sent_back, written

pytestmark = pytest.mark.django_db

TWO = "商品编号,商品名,类目,品牌\nA1,高山苹果,生鲜,山野集\nB2,野蜂蜜,,\n"


def test_new_products_wait_off_the_shelves(tmp_path: Path) -> None:
    assert counts(products(written(tmp_path, TWO))) == (2, 2, 0, 0, 0)
    apple, honey = Product.objects.order_by("source_key")
    assert (apple.title, apple.category.name, apple.status) == ("高山苹果", "生鲜", "off")
    assert apple.brand is not None
    assert (apple.brand.name, honey.brand, honey.category.name) == ("山野集", None, "未归类")


def test_the_same_file_again_changes_nothing_and_another_word_is_a_change(tmp_path: Path) -> None:
    path = written(tmp_path, TWO)
    products(path)
    assert counts(products(path)) == (2, 0, 0, 2, 0)
    assert counts(products(written(tmp_path, TWO.replace("野蜂蜜", "土蜂蜜")))) == (2, 0, 1, 1, 0)
    assert Product.objects.get(source_key="shop:B2").title == "土蜂蜜"


def test_what_hq_sells_keeps_hqs_words(tmp_path: Path) -> None:
    products(written(tmp_path, TWO))
    Product.objects.filter(source_key="shop:A1").update(status="active", title="阿克苏苹果")
    assert counts(products(written(tmp_path, TWO))) == (2, 0, 0, 2, 0)
    assert Product.objects.get(source_key="shop:A1").title == "阿克苏苹果"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",柿饼,,", "商品编号：没有填"),
        ("C3,,,", "商品名：没有填"),
        ("6.9E+12,柿饼,,", "已被 Excel 改成科学计数法"),
        ("A1,苹果,,", "与第 2 行是同一个商品编号"),
        ("C3,柿饼," + "类" * 41 + ",", "类目：超过 40 个字"),
    ],
)
def test_a_bad_row_goes_back(tmp_path: Path, line: str, reason: str) -> None:
    outcome = products(written(tmp_path, f"{TWO}{line}\n"))
    assert counts(outcome) == (3, 2, 0, 0, 1)
    (back,) = sent_back(outcome)
    assert back.startswith("4,")
    assert reason in back


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="缺少“商品名”一列"):
        products(written(tmp_path, "商品编号,类目\nA1,生鲜\n"))
    assert not Product.objects.exists()
