"""What a fortnight of the demo is made of, and how an article's body is put together."""

from dataclasses import dataclass

from wagtail.rich_text import RichText

from apps.library.models import Material
from apps.media.models import Image

ARTICLE, PICTURES, VIDEO, LAUNCH, SCRIPT = (
    Material.Kind.ARTICLE,
    Material.Kind.PICTURES,
    Material.Kind.VIDEO,
    Material.Kind.NEW_PRODUCT,
    Material.Kind.SCRIPT,
)
QUOTAS = {str(ARTICLE): 3, str(PICTURES): 3, str(VIDEO): 1, str(LAUNCH): 2, str(SCRIPT): 2}


@dataclass(frozen=True, slots=True)
class Piece:
    """One material of a plan: on `day` at `hour`, about the product called `product`."""

    day: int
    hour: int
    kind: str
    title: str
    product: str
    summary: str
    text: str
    occasion: str = Material.Occasion.DAILY
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    theme: str
    intro: str
    tone: str
    pieces: tuple[Piece, ...]


def piece_of(day: int, hour: int, kind: str, title: str, product: str, summary: str, text: str, occasion: str, tip: str = "") -> Piece:  # fmt: skip
    return Piece(day, hour, str(kind), title, product, summary, text, str(occasion), tip)


def body_of(piece: Piece, *, subtitle: str, picture: Image) -> list[tuple[str, object]]:
    """An article's blocks: why, what, how to use it, and a line to remember."""
    return [
        ("paragraph", RichText(f"<p>{piece.text}</p>")),
        ("heading", "为什么值得试试"),
        (
            "paragraph",
            RichText(
                f"<p>{piece.product}，{subtitle}。我们的选品同事跑了产地，又请三十位群主在家试了两周，"
                "留下来的理由很简单：<b>好用，而且愿意再买一次</b>。</p>"
            ),
        ),
        ("picture", {"image": picture, "caption": f"{piece.product}，{subtitle}"}),
        ("heading", "怎么用更好"),
        (
            "points",
            ["开封后尽快用完，放在阴凉干燥处", "第一次先少买一点，全家喜欢再囤", "有问题拍照给我，当天处理"],
        ),
        ("quote", f"{piece.summary}。"),
        ("paragraph", RichText("<p>价格、规格和还有多少，看下面的卡片；拿不准的，在群里问我一声。</p>")),
    ]
