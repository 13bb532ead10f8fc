"""The texts of a material as she may choose among them: her own first, then HQ's."""

from dataclasses import dataclass

from apps.accounts.models import Host
from apps.library.models import Material
from apps.library.selectors import own_variant

MINE, HQ = "mine", "hq"


@dataclass(frozen=True, slots=True)
class Say:
    key: str
    label: str
    text: str

    @property
    def is_mine(self) -> bool:
        return self.key == MINE


def variants_of(host: Host, material: Material) -> list[Say]:
    """Her own variant, HQ's text, HQ's other variants; empty for a material without words. Two queries."""
    found = []
    if own := own_variant(host, material):
        found.append(Say(MINE, "我的说法", own))
    if text := material.share_text.strip():
        found.append(Say(HQ, "总部文案", text))
    found += [Say(str(row.pk), row.label, row.text.strip()) for row in material.texts.all()]
    return found


def chosen(offered: list[Say], key: str) -> Say | None:
    """The one with this key; else the first."""
    return next((say for say in offered if say.key == key), offered[0] if offered else None)


def same_words(one: str, other: str) -> bool:
    """The same text, however a browser ends its lines."""
    return one.strip().splitlines() == other.strip().splitlines()


def is_by_hq(text: str, offered: list[Say]) -> bool:
    """Is it what HQ wrote, and has looked through, word for word?"""
    return any(not say.is_mine and same_words(say.text, text) for say in offered)
