"""What people type: how it is kept, how long it may be, and how it is compared when it is looked for."""

import re
import unicodedata
from collections.abc import Callable

#: The longest name of a person, as code points: `Wolfeschlegelsteinhausenbergerdorff` and many a Uyghur name
#: are past twenty.
LONGEST_NAME = 60

#: Marks that join or part letters of emoji and of Persian or Indian names, though nobody sees them.
_JOINERS = {"\u200c", "\u200d"}
_NO_WORDS = {"Cc", "Cf", "Cs"}
#: Letters by their kind, and yet nothing on any screen: fillers of Hangul, the empty pattern of Braille.
_BLANKS = {*_JOINERS, "\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}
#: Which of several shapes a character has: `葛` is written in two, and an emoji with colour or without.
_SHAPES = {chr(one) for one in (0x034F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))}


def plain(text: str) -> str:
    """One line without control and direction marks; runs of blanks become one.

    Letters of private use stay: many a name is written with one until its letter gets a place. Where nobody
    would see anything, nothing is left.
    """
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or char in _JOINERS or unicodedata.category(char) not in _NO_WORDS
    )
    if not set(kept) - _BLANKS - _SHAPES - {" "}:
        return ""
    return " ".join(kept.split())


#: What one person writes between the parts of a name or a number and the next does not.
_BETWEEN = dict.fromkeys(map(ord, "-‐‑‒–—―−·•‧・∙⋅᛫●'’‘`ˊʻʼʹ′"))
#: A full stop does for the dot of a name; in `2.5 斤` it is part of the number.
_STOP = re.compile(r"(?<!\d)[.。]|[.。](?!\d)")
#: Accents, and the letters that are one with theirs.
_ACCENTS = dict.fromkeys(range(768, 880)) | str.maketrans("đøłı", "doli")


def folded(text: str) -> str:
    """One spelling for looking things up: no full width, no capitals, nothing unseen, single blanks."""
    return _settled(text, lambda one: " ".join(_seen(unicodedata.normalize("NFKC", one)).casefold().split()))


def _seen(text: str) -> str:
    if text.isascii():
        return text
    return "".join(one for one in text if one not in _SHAPES and unicodedata.category(one) != "Cf")


def without_accents(text: str) -> str:
    """`josé` is `jose`, `nguyễn` is `nguyen`; of what is `folded`."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_ACCENTS))


def searchable(text: str) -> str:
    """`folded`, and without hyphens, dots and apostrophes; for what is stored and for what is asked."""
    return _settled(text, lambda one: folded(_STOP.sub("", folded(one)).translate(_BETWEEN)))


def looks_alike(one: str, other: str) -> bool:
    """Whether two names read the same: but for capitals, width, blanks and what nobody sees."""
    seen = [squeezed(plain(name)) for name in (one, other)]
    return seen[0] == seen[1]


def _settled(text: str, change: Callable[[str], str]) -> str:
    """`text` changed until it stays: of a few letters the small form is composed anew, and small again."""
    while (changed := change(text)) != text:
        text = changed
    return text


def squeezed(text: str) -> str:
    """`searchable` without any blank: `曾 小贤` is `曾小贤`, `136-0000-0000` is `13600000000`."""
    return _settled(text, lambda one: searchable(one).replace(" ", ""))
