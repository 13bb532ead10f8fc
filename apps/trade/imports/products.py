"""Importing a shop's products, so that order files have something to name. HQ decides what goes on sale."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from apps.catalog.models import Brand, Category, Product
from apps.customers.imports import columns as cell
from apps.customers.imports.by_line import LineImport
from apps.customers.imports.columns import Column
from apps.customers.imports.importer import Cells, Counts
from apps.customers.imports.people import source_key
from apps.customers.models import ImportRun
from apps.database.copying import copy_rows
from apps.lib.ids import uuid7

UNSORTED = "未归类"
_COLUMNS = (
    "public_id",
    "title",
    "subtitle",
    "description",
    "category_id",
    "brand_id",
    "status",
    "commission_bp",
    "source_key",
    "is_placeholder",
    "search_text",
    "created_at",
)


def add_products(products: Sequence[Product]) -> None:
    """Write new products by COPY."""
    copy_rows(
        Product._meta.db_table,
        _COLUMNS,
        (
            (
                uuid7(),
                product.title,
                product.subtitle,
                product.description,
                product.category_id,
                product.brand_id,
                str(product.status),
                product.commission_bp,
                product.source_key,
                product.is_placeholder,
                product.words_to_find(),
                product.created_at,
            )
            for product in products
        ),
    )


def _named(model: Any, names: Iterable[str]) -> Any:
    return model._default_manager.filter(name__in=list(names)).select_related("merged_into")


class ProductImport(LineImport):
    """New products are off the shelves. A placeholder that the file names becomes a real product."""

    kind = ImportRun.Kind.PRODUCTS
    columns = (
        Column("product", "商品编号", ("货号", "sku", "product_no", "product_id"), is_required=True),
        Column("title", "商品名", ("商品名称", "标题", "name"), is_required=True),
        Column("category", "类目", ("分类", "品类")),
        Column("brand", "品牌"),
    )
    staged: ClassVar[dict[str, str]] = {
        "line": "int NOT NULL",
        "product": "text NOT NULL",
        "title": "text NOT NULL",
        "category": "text",
        "brand": "text",
    }

    def check(self, cells: Cells) -> Sequence[Any]:
        title = cells.read("title", lambda text: cell.words(text, longest=200))
        if title == "":
            cells.problems.append("商品名：没有填")
        return (
            cells.line,
            cells.read("product", cell.key),
            (title or "")[:60],
            cells.read_if_given("category", lambda text: cell.words(text, longest=40)),
            cells.read_if_given("brand", lambda text: cell.words(text, longest=60)),
        )

    def reject_whole(self) -> None:
        super().reject_whole()
        self.reject_repeated("product", "与第 %s 行是同一个商品编号")

    def prepare(self) -> None:
        rows = self.staging.rows
        categories = self.staging.ask(f"SELECT DISTINCT category FROM {rows} WHERE category IS NOT NULL")
        brands = self.staging.ask(f"SELECT DISTINCT brand FROM {rows} WHERE brand IS NOT NULL")
        names = [UNSORTED, *(name for (name,) in categories)]
        Category.objects.bulk_create([Category(name=name) for name in names], ignore_conflicts=True)
        Brand.objects.bulk_create([Brand(name=name) for (name,) in brands], ignore_conflicts=True)
        self._categories = {one.name: one.meant for one in _named(Category, names)}
        self._brands = {one.name: one.meant for one in _named(Brand, [name for (name,) in brands])}

    def write_rows(self, rows: list[tuple[Any, ...]]) -> tuple[Counts, list[tuple[int, str]]]:
        keys = {code: source_key(self.source, code) for _, code, *_ in rows}
        known = {
            product.source_key: product
            for product in Product.objects.filter(source_key__in=keys.values())
            .select_related("category", "brand")
            .select_for_update(of=("self",))
        }
        new: list[Product] = []
        changed: list[Product] = []
        for _, code, title, category, brand in rows:
            product = known.get(keys[code])
            if product is None:
                new.append(
                    Product(
                        title=title,
                        category=self._categories[category or UNSORTED],
                        brand=self._brands.get(brand),
                        status=Product.Status.OFF,
                        source_key=keys[code],
                        created_at=self.now,
                    )
                )
            elif self._update(product, title, category, brand):
                changed.append(product)
        add_products(new)
        Product.objects.bulk_update(
            changed, ["title", "category", "brand", "is_placeholder", "search_text"], batch_size=500
        )
        return Counts(len(new), len(changed), len(rows) - len(new) - len(changed)), []

    def _update(self, product: Product, title: str, category: str | None, brand: str | None) -> bool:
        """Take the file's words; whether any is new. Once HQ sells it, words and category are HQ's."""
        before = (product.title, product.category_id, product.brand_id, product.is_placeholder)
        if product.status == Product.Status.OFF:
            product.title = title
            product.category = self._categories[category] if category else product.category
            product.brand = self._brands[brand] if brand else product.brand
            product.is_placeholder = False
            product.search_text = product.words_to_find()
        return before != (product.title, product.category_id, product.brand_id, product.is_placeholder)
