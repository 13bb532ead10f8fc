"""What a check reads, and what it says."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.catalog.models import Product
from apps.library.models import Material
from apps.library.models.materials import texts_of
from apps.media.models import Image

#: Characters shown around what was found.
_AROUND = 8


@dataclass(frozen=True)
class Finding:
    """One thing to be looked at: where, what, and how to mend it."""

    #: The form's field; empty when it stands in none.
    field: str
    #: The place in words, e.g. 「分享文案」.
    place: str
    problem: str
    mend: str
    blocks: bool
    #: The words around it, cut to a line; empty when it is about no words.
    excerpt: str = ""

    def __str__(self) -> str:
        where = f"「{self.place}」" if self.place else ""
        return f"{where}{self.problem}{self.mend}"


@dataclass(frozen=True)
class Text:
    """Words of one place."""

    field: str
    place: str
    words: str

    def finding(self, at: int, length: int, problem: str, mend: str, *, blocks: bool) -> Finding:
        """What is said of `length` characters from `at` on."""
        start, end = max(0, at - _AROUND), min(len(self.words), at + length + _AROUND)
        excerpt = " ".join(self.words[start:end].split())
        shown = f"{'…' if start else ''}{excerpt}{'…' if end < len(self.words) else ''}"
        return Finding(self.field, self.place, problem, mend, blocks, shown)


@dataclass(frozen=True)
class Draft:
    """A material (or an issue's words) as it would be handed in."""

    texts: list[Text]
    pictures: list[Image] = field(default_factory=list)
    product: Product | None = None
    expire_at: datetime | None = None
    #: The material itself, once it has a row: its own earlier text is no duplicate.
    material_id: int | None = None
    now: datetime = field(default_factory=timezone.now)

    @property
    def words(self) -> str:
        return " ".join(text.words for text in self.texts)

    @classmethod
    def of_material(cls, material: Material) -> "Draft":
        """From a row or a revision's object."""
        return cls.of_parts(
            material_id=material.pk,
            title=material.title,
            summary=material.summary,
            share_text=material.share_text,
            body=material.body,
            variants=[(one.label, one.text) for one in material.texts.all()],
            pictures=[(one.image, one.caption) for one in material.pictures.all()],
            cover=material.cover,
            product=material.product,
            expire_at=material.expire_at,
        )

    @classmethod
    def of_parts(
        cls,
        *,
        material_id: int | None,
        title: str,
        summary: str,
        share_text: str,
        body: Any,
        variants: Iterable[tuple[str, str]],
        pictures: Iterable[tuple[Image, str]],
        cover: Image | None,
        product: Product | None,
        expire_at: datetime | None,
    ) -> "Draft":
        """From a form's cleaned values."""
        pictures = list(pictures)
        texts = [
            Text("title", "标题", title),
            Text("summary", "一句话简介", summary),
            Text("share_text", "分享文案", share_text),
            *(Text("", f"另一种说法：{label}", words) for label, words in variants),
            *(Text("body", "正文", words) for words in texts_of(body)),
            *(Text("", f"第 {n} 张图的图注", words) for n, (_image, words) in enumerate(pictures, 1)),
        ]
        return cls(
            texts=[text for text in texts if text.words.strip()],
            pictures=[*([cover] if cover is not None else []), *(image for image, _words in pictures)],
            product=product,
            expire_at=expire_at,
            material_id=material_id,
        )

    @classmethod
    def of_issue(cls, *, theme: str, intro: str, tips: Iterable[tuple[int, str]]) -> "Draft":
        """The words of an issue itself, with its hints by day; its materials are checked for themselves."""
        texts = [
            Text("theme", "主题", theme),
            Text("intro", "给大C的一句话", intro),
            *(Text("", f"第 {day} 天的小提示", tip) for day, tip in tips),
        ]
        return cls(texts=[text for text in texts if text.words.strip()])
