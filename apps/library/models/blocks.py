"""The parts of which an article is put together."""

from typing import Any

from django.apps import apps
from django.utils.functional import cached_property
from wagtail.admin.forms.models import registry
from wagtail.blocks import CharBlock, ChooserBlock, ListBlock, RichTextBlock, StructBlock, TextBlock
from wagtail.images.blocks import ImageChooserBlock

from apps.catalog.models import Product


class ChosenProductBlock(ChooserBlock):
    """A product picked in the console's own chooser."""

    @cached_property
    def target_model(self) -> type[Product]:
        return Product

    @cached_property
    def widget(self) -> Any:
        # The console's chooser registers itself there, for every key to a product.
        material = apps.get_model("library.Material")
        widget = registry.get(material._meta.get_field("product"))["widget"]
        return widget() if isinstance(widget, type) else widget

    class Meta:
        icon = "tag"


class PictureBlock(StructBlock):
    image = ImageChooserBlock(label="图片")
    caption = CharBlock(label="图注", required=False, max_length=60)

    class Meta:
        icon = "image"
        label = "图片"
        template = "library/blocks/picture.html"


class TalkBlock(StructBlock):
    """One turn of a script: what the customer says, and what the host answers."""

    they = CharBlock(label="客户说", max_length=80)
    you = TextBlock(label="你说", max_length=300, rows=3)

    class Meta:
        icon = "comment"
        label = "对话"
        template = "library/blocks/talk.html"


class ProductBlock(StructBlock):
    """A product in the middle of a story. Consumers see the host's price and may buy it through her link."""

    product = ChosenProductBlock(label="商品")
    why = CharBlock(label="推荐的理由", required=False, max_length=60)

    class Meta:
        icon = "tag"
        label = "商品卡"
        template = "library/blocks/product.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        # The storefront puts the products of the page at its host's price; elsewhere the catalog's stands.
        product = value.get("product")
        context["card"] = (context.get("story_cards") or {}).get(product.pk if product else None)
        return context


def labelled(block: CharBlock) -> CharBlock:
    """The console shows the label as a heading above; a screen reader wants it on the input."""
    block.field.widget.attrs["aria-label"] = block.meta.label
    return block


BODY_BLOCKS = [
    (
        "heading",
        labelled(
            CharBlock(label="小标题", icon="title", max_length=40, template="library/blocks/heading.html")
        ),
    ),
    (
        "paragraph",
        RichTextBlock(
            label="正文",
            icon="pilcrow",
            features=["bold", "italic", "ol", "ul"],
            template="library/blocks/paragraph.html",
        ),
    ),
    ("picture", PictureBlock()),
    (
        "points",
        ListBlock(
            labelled(CharBlock(label="要点", max_length=60)),
            label="要点清单",
            icon="list-ul",
            template="library/blocks/points.html",
        ),
    ),
    (
        "quote",
        labelled(
            CharBlock(label="金句", icon="openquote", max_length=120, template="library/blocks/quote.html")
        ),
    ),
    ("product", ProductBlock()),
    ("talk", TalkBlock()),
]
