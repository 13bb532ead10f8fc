"""What people type: how it is kept, how long it may be, and how it is compared when it is looked for."""

import unicodedata
from collections.abc import Callable

#: The longest name of a person, as code points: `Wolfeschlegelsteinhausenbergerdorff` and many a Uyghur name
#: are past twenty.
LONGEST_NAME = 60

#: Marks that join or part letters of emoji and of Persian or Indian names, though nobody sees them.
_JOINERS = {"\u200c", "\u200d"}
_NO_WORDS = {"Cc", "Cf", "Cs"}


def plain(text: str) -> str:
    """One line without control and direction marks; runs of blanks become one.

    Letters of private use stay: many a name is written with one until its letter gets a place.
    """
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or char in _JOINERS or unicodedata.category(char) not in _NO_WORDS
    )
    return " ".join(kept.split())


#: What one person writes between the parts of a name or a number and the next does not.
_BETWEEN = dict.fromkeys(map(ord, "-‐‑‒–—―−·•‧・'’‘`ˊ"))


def folded(text: str) -> str:
    """One spelling for looking things up: no full width, no capitals, single blanks."""
    return _settled(text, lambda one: " ".join(unicodedata.normalize("NFKC", one).casefold().split()))


def searchable(text: str) -> str:
    """`folded`, and without hyphens, dots and apostrophes; for what is stored and for what is asked."""
    return _settled(text, lambda one: folded(folded(one).translate(_BETWEEN)))


def looks_alike(one: str, other: str) -> bool:
    """Whether two names read the same: but for capitals, width, blanks and what nobody sees."""
    seen = [squeezed("".join(char for char in plain(name) if char not in _JOINERS)) for name in (one, other)]
    return seen[0] == seen[1]


def _settled(text: str, change: Callable[[str], str]) -> str:
    """`text` changed until it stays: of a few letters the small form is composed anew, and small again."""
    while (changed := change(text)) != text:
        text = changed
    return text


def squeezed(text: str) -> str:
    """`searchable` without any blank: `曾 小贤` is `曾小贤`, `136-0000-0000` is `13600000000`."""
    return _settled(text, lambda one: searchable(one).replace(" ", ""))
