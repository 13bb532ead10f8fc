"""What an event or a link is about, in words."""

from collections import defaultdict
from collections.abc import Iterable

from apps.catalog.models import Product
from apps.content.models import Material
from apps.tracking.models import Subject

Key = tuple[str, int]


def titles(keys: Iterable[Key]) -> dict[Key, str]:
    """`《春茶上新》` of each subject that has a name: one query for each kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for kind, pk in keys:
        wanted[kind].add(pk)
    found: dict[Key, str] = {}
    for kind, model in ((Subject.MATERIAL, Material), (Subject.PRODUCT, Product)):
        if wanted[kind]:
            rows = model.objects.filter(pk__in=wanted[kind]).values_list("pk", "title")  # type: ignore[attr-defined]
            found |= {(str(kind), pk): f"《{title}》" for pk, title in rows}
    found |= {(str(Subject.SHELF), pk): "我的货架" for pk in wanted[Subject.SHELF]}
    return found
