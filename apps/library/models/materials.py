"""What HQ writes for hosts to share."""

import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import strip_tags
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.fields import StreamField
from wagtail.models import Orderable

from apps.catalog.models import Product
from apps.customers.models import Relation
from apps.database.fields import PlainCharField
from apps.lib import pinyin
from apps.lib.pii import Pii
from apps.lib.words import searchable
from apps.library.models.blocks import BODY_BLOCKS
from apps.library.models.festivals import Festival
from apps.library.models.layouts import PosterTemplate
from apps.library.models.publishing import NO_TITLE, Publishable
from apps.media.models import Image, Video

MAX_PICTURES = 9
#: How many characters a piece of a text has by which it is found.
GRAM_SIZES = (2, 3, 4)


#: What else may stand against a material's going live; other subjects add to it in `ready()`.
CHECKS: list[Callable[["Material"], list[str]]] = []
#: Why nothing may be written into a material any more, not even a draft; other subjects add to it likewise.
CLOSED: list[Callable[["Material"], list[str]]] = []


class MaterialQuerySet(models.QuerySet["Material"]):
    def live_at(self, now: datetime) -> "MaterialQuerySet":
        """Published and not past its date, even in the minute before the clock archives it."""
        return self.filter(live=True).filter(models.Q(expire_at=None) | models.Q(expire_at__gt=now))

    def titled(self) -> "MaterialQuerySet":
        """What HQ may plan or choose: nothing that is over, nothing that has no title yet."""
        return self.filter(expired=False).exclude(title="")

    def matching(self, words: str) -> "MaterialQuerySet":
        """Those that hold every word, by characters or pinyin initials. Two Chinese characters suffice."""
        found = self
        for word in searchable(words).split()[:8]:
            size = min(len(word), max(GRAM_SIZES))
            if size in GRAM_SIZES:
                found = found.filter(search_grams__contains=grams(word, sizes=[size]))
            if len(word) not in GRAM_SIZES:
                # Whether its pieces follow one another, or where a single character is, only the text tells.
                found = found.filter(GreaterThan(StrIndex("search_text", models.Value(word)), 0))
        return found

    def light(self) -> "MaterialQuerySet":
        """Without what only its own page or a search needs: a list of cards does not carry whole articles."""
        return self.defer("body", "search_text", "search_grams")

    def with_cards(self) -> "MaterialQuerySet":
        """Everything a card shows, in a fixed number of queries."""
        return self.select_related("cover", "video__cover", "product").prefetch_related(
            "pictures__image", "product__pictures__image"
        )


class Material(Publishable):  # type: ignore[django-manager-missing]
    """One thing to share: an article, up to nine pictures, a film, a new product, or words to say."""

    class Kind(models.TextChoices):
        ARTICLE = "article", "种草文章"
        PICTURES = "pictures", "产品图集"
        VIDEO = "video", "小视频"
        NEW_PRODUCT = "new_product", "新品介绍"
        SCRIPT = "script", "话术"

    class Occasion(models.TextChoices):
        DAILY = "daily", "日常"
        NEWCOMER = "newcomer", "新客"
        NEW_PRODUCT = "launch", "上新"
        FESTIVAL = "festival", "节日"
        SEASON = "season", "换季"
        PROMOTION = "promotion", "活动"
        BIRTHDAY = "birthday", "生日"
        REPURCHASE = "repurchase", "复购"
        CARE = "care", "售后关怀"

    class Scene(models.TextChoices):
        """Where in a talk the words of a script belong."""

        ICEBREAK = "icebreak", "破冰"
        INVITE = "invite", "邀约"
        RECOMMEND = "recommend", "推荐"
        PRICE = "price", "谈价"
        OBJECTION = "objection", "打消顾虑"
        CLOSING = "closing", "催单"
        AFTER_SALE = "after_sale", "售后"
        WAKE = "wake", "唤醒"

    kind = models.CharField("类型", max_length=12, choices=Kind)
    title = PlainCharField("标题", max_length=60)
    summary = PlainCharField("一句话简介", max_length=120, blank=True)
    share_text = models.TextField(
        "分享文案", max_length=1000, blank=True, help_text="大C一键复制的就是这段话。"
    )
    body = StreamField(BODY_BLOCKS, verbose_name="正文", blank=True)
    cover = models.ForeignKey(
        Image,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="封面",
        related_name="+",
        help_text="不选就用第一张图、视频封面或商品图。",
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, verbose_name="关联商品", related_name="materials"
    )
    video = models.ForeignKey(
        Video, models.PROTECT, null=True, blank=True, verbose_name="视频", related_name="materials"
    )
    channels_url = models.URLField(
        "视频号链接",
        max_length=500,
        blank=True,
        default="",
        help_text="视频在视频号上时填它，就不用再传文件。",
    )
    poster_template = models.ForeignKey(
        PosterTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="海报模板",
        related_name="materials",
        help_text="不选就用标准版式。",
    )
    occasion = models.CharField("场合", max_length=12, choices=Occasion, default=Occasion.DAILY)
    festivals = ParentalManyToManyField(
        Festival, blank=True, verbose_name="节气节日", related_name="materials"
    )
    stage = models.CharField(
        "适合的客户阶段",
        max_length=10,
        choices=Relation.Stage,
        blank=True,
        default="",
        help_text="不选就是都适合。",
    )
    scene = models.CharField("话术场景", max_length=12, choices=Scene, blank=True, default="")
    #: A consumer's own story (apps/stories): shown as she agreed to it, by nobody reworded or copied.
    is_story = models.BooleanField("用户故事", editable=False, default=False, db_default=False)
    search_text = models.TextField(editable=False, default="")
    #: Hashes of neighbouring characters in `search_text`: they find a word without a scan.
    search_grams = ArrayField(models.IntegerField(), editable=False, default=list)

    CONTENT: ClassVar[tuple[str, ...]] = (
        *("summary", "share_text", "body", "cover_id", "product_id", "video_id", "channels_url"),
    )
    objects = MaterialQuerySet.as_manager()
    preview_modes: ClassVar[list[tuple[str, Any]]] = [("consumer", "小c看到的"), ("host", "大C看到的")]
    PII: ClassVar[dict[str, Pii]] = {
        "kind": Pii.NONE,
        "title": Pii.NONE,
        "summary": Pii.NONE,
        "share_text": Pii.NONE,
        "body": Pii.NONE,
        "occasion": Pii.NONE,
        "channels_url": Pii.NONE,
        "stage": Pii.NONE,
        "scene": Pii.NONE,
        "search_text": Pii.NONE,
    }

    class Meta:
        verbose_name = "素材"
        verbose_name_plural = "素材"
        permissions = [("withdraw_material", "可以下架素材")]
        indexes = [
            models.Index(fields=["live", "-first_published_at", "-id"], name="material_newest"),
            GinIndex(fields=["search_grams"], name="material_grams"),
        ]

    def __str__(self) -> str:
        return self.title or NO_TITLE

    def save(self, *args: Any, **kwargs: Any) -> None:
        fields = kwargs.get("update_fields")
        if fields is None or _SEARCHED & set(fields):
            self.search_text = self.words_to_find()
            self.search_grams = grams(self.search_text)
            if fields is not None:
                kwargs["update_fields"] = {*fields, "search_text", "search_grams"}
        super().save(*args, **kwargs)

    def words_to_find(self) -> str:
        """What a search looks in: its words in one spelling, and the initials of title and product."""
        product = self.product.title if self.product else ""
        texts = [self.title, self.get_kind_display(), self.get_occasion_display(), product]
        texts += [self.get_scene_display(), *(festival.name for festival in self._festivals())]
        texts += [self.summary, self.share_text, *texts_of(self.body)]
        texts += [variant.text for variant in self._variants()]
        found = searchable(" ".join(str(text) for text in texts))
        return f"{found} {pinyin.initials(self.title)} {pinyin.initials(product)}".strip()

    def _festivals(self) -> list[Festival]:
        return list(self.festivals.all())

    def _variants(self) -> list["MaterialText"]:
        return list(self.texts.all())

    def problems(self, now: datetime) -> list[str]:
        found = what_is_missing(
            kind=self.kind,
            has_body=bool(self.body),
            pictures=len(self.pictures.all()),
            has_product=self.product_id is not None,
            has_video=self.video_id is not None or bool(self.channels_url),
            has_share_text=bool(self.share_text.strip()),
            expire_at=self.expire_at,
            go_live_at=self.go_live_at,
            now=now,
        )
        return found + [reason for check in CHECKS for reason in check(self)]

    def is_open(self, now: datetime) -> bool:
        """May it be seen and shared now?"""
        return self.live and (self.expire_at is None or self.expire_at > now)

    @property
    def picture(self) -> Image | None:
        """What stands for it on a card; free of queries after `with_cards()`."""
        if self.cover is not None:
            return self.cover
        pictures = list(self.pictures.all())
        if pictures:
            return pictures[0].image
        if self.video is not None:
            return self.video.cover
        return self.product.cover if self.product is not None else None

    def products_told_of(self) -> set[int]:
        """Ids of the products that its story shows."""
        cards = [part.value for part in self.body if part.block_type == "product"]
        return {card["product"].pk for card in cards if card.get("product")}

    @property
    def is_new(self) -> bool:
        """Within three days of its first publication: the badge."""
        return bool(self.first_published_at and (timezone.now() - self.first_published_at).days < 3)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return f"library/preview_material_{mode_name}.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return {"material": self, "is_preview": True, "mode": mode_name}


class MaterialPicture(Orderable):
    """One of up to nine pictures, in order."""

    material = ParentalKey(Material, on_delete=models.CASCADE, related_name="pictures")
    image = models.ForeignKey(Image, models.PROTECT, related_name="+", verbose_name="图片")
    caption = PlainCharField("图注", max_length=60, blank=True)

    PII: ClassVar[dict[str, Pii]] = {"caption": Pii.NONE}

    class Meta(Orderable.Meta):
        verbose_name = "图片"
        verbose_name_plural = "图片"


class MaterialText(Orderable):
    """Another way to say it, beside the material's own `share_text`: for moments, for a group, shorter."""

    material = ParentalKey(Material, on_delete=models.CASCADE, related_name="texts")
    label = PlainCharField("叫什么", max_length=12, help_text="例如「朋友圈短版」。")
    text = models.TextField("文案", max_length=1000)

    PII: ClassVar[dict[str, Pii]] = {"label": Pii.NONE, "text": Pii.NONE}

    class Meta(Orderable.Meta):
        verbose_name = "另一种说法"
        verbose_name_plural = "另几种说法"

    def __str__(self) -> str:
        return self.label


#: Fields whose change changes what a search finds.
_SEARCHED = {"title", "kind", "occasion", "scene", "product", "product_id", "summary", "share_text", "body"}


def what_is_missing(
    *,
    kind: str,
    has_body: bool,
    pictures: int,
    has_product: bool,
    has_video: bool,
    has_share_text: bool,
    expire_at: datetime | None,
    go_live_at: datetime | None,
    now: datetime,
) -> list[str]:
    """What a material of this kind still needs, in sentences: asked of forms, drafts and live rows alike."""
    kinds = Material.Kind
    found = []
    if kind == kinds.ARTICLE and not has_body:
        found.append("文章还没有正文，请至少写一段。")
    if kind == kinds.PICTURES and not pictures:
        found.append("图集还没有图片，请添加 1 到 9 张。")
    if pictures > MAX_PICTURES:
        found.append(f"图片有 {pictures} 张，最多 {MAX_PICTURES} 张。")
    if kind == kinds.VIDEO and not has_video:
        found.append("小视频还没有选视频，也没有填视频号链接。")
    if kind == kinds.NEW_PRODUCT and not has_product:
        found.append("新品介绍要关联一个商品。")
    if kind == kinds.SCRIPT and not has_share_text:
        found.append("话术还没有写分享文案。")
    if expire_at is not None and expire_at <= max(now, go_live_at or now):
        found.append("到期时间要晚于发布时间。")
    return found


def grams(text: str, *, sizes: Sequence[int] = GRAM_SIZES) -> list[int]:
    """A hash for each piece of `sizes` neighbouring characters in the words of `text`, each hash once.

    A word of such a size is one hash, and the database knows how common it is. Of its pairs it would think
    that few have them all, and read a thousand articles where the newest two hundred are enough.
    """
    pieces = {
        word[at : at + size] for word in text.split() for size in sizes for at in range(len(word) - size + 1)
    }
    # crc32 is unsigned, the database's integer is not.
    return sorted(zlib.crc32(piece.encode()) - 0x80000000 for piece in pieces)


def texts_of(value: Any) -> list[str]:
    """Every text inside a StreamField's value, without its tags."""
    if isinstance(value, str):
        return [strip_tags(value)]
    if hasattr(value, "source"):  # rich text
        return [strip_tags(value.source.replace("</p>", " ").replace("<br/>", " "))]
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts_of(part)]
    if hasattr(value, "value") and hasattr(value, "block"):  # a StreamField's child
        return texts_of(value.value)
    if hasattr(value, "__iter__"):
        return [text for part in value for text in texts_of(part)]
    return []
