"""Pinyin of Chinese text, for order and for search by initials.

The dictionary is loaded with the first word: a quarter of a second that most processes never need.
"""

from functools import lru_cache


@lru_cache(maxsize=20_000)
def sort_key(text: str) -> str:
    """`林姐` is `lin jie`: what Chinese lists are ordered by (the database collates by bytes)."""
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(text.strip().lower(), errors="default"))


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """`林姐` is `lj`; Latin letters and digits stay."""
    from pypinyin import Style, lazy_pinyin

    parts = lazy_pinyin(text.strip().lower(), style=Style.FIRST_LETTER, errors="default")
    return "".join("".join(parts).split())


def letters(text: str) -> str:
    """`林姐` is `linjie`; whatever has no pinyin is left out."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text, errors="ignore"))
