"""What it means that HQ stops selling a product: for shelves, links, and what higher apps hang on it."""

from collections.abc import Callable

from apps.catalog.models import Product, ShelfItem
from apps.tracking.models import Link, Subject

#: What higher apps hang on a product, in sentences; registered in their `ready()`.
_told_by: list[Callable[[Product], list[str]]] = []


def tell(about: Callable[[Product], list[str]]) -> None:
    if about not in _told_by:
        _told_by.append(about)


def what_it_means(product: Product) -> list[str]:
    """What will happen to how many when it is off sale, in sentences."""
    found = ["小c马上买不了它，已经下的单照常处理。"]
    if shelves := ShelfItem.objects.filter(product=product).count():
        found.append(f"{shelves} 位大C的货架上不再显示它。")
    links = Link.objects.filter(subject_kind=Subject.PRODUCT, subject_id=product.pk).count()
    if links:
        found.append(f"发出去的 {links} 个链接和海报会显示「下架了」和替代推荐。")
    return [*found, *(sentence for about in _told_by for sentence in about(product))]
