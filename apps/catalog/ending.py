"""What it means that HQ stops selling products: for shelves, links, and what higher apps hang on them."""

from collections.abc import Callable, Collection

from apps.catalog.models import Product, ShelfItem
from apps.tracking.models import Link, Subject

Told = Callable[[Collection[Product]], list[str]]
#: What higher apps hang on products, in sentences; registered in their `ready()`.
_told_by: list[Told] = []


def tell(about: Told) -> None:
    if about not in _told_by:
        _told_by.append(about)


def what_it_means(products: Collection[Product]) -> list[str]:
    """What will happen to how many when they are off sale, in sentences; for one product and for many."""
    it = "它" if len(products) == 1 else "它们"
    keys = [product.pk for product in products]
    found = [f"小c马上买不了{it}，已经下的单照常处理。"]
    if shelves := ShelfItem.objects.filter(product__in=keys).values("host").distinct().count():
        found.append(f"{shelves} 位大C的货架上不再显示{it}。")
    links = Link.objects.filter(subject_kind=Subject.PRODUCT, subject_id__in=keys).count()
    if links:
        found.append(f"发出去的 {links} 个链接和海报会显示「下架了」和替代推荐。")
    return [*found, *(sentence for about in _told_by for sentence in about(products))]
