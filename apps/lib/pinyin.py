"""Pinyin of Chinese text, for order and for search by initials."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=20_000)
def sort_key(text: str) -> str:
    """`林姐` is `lin jie`: what Chinese lists are ordered by (the database collates by bytes)."""
    return " ".join(lazy_pinyin(text.strip().lower(), errors="default"))


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """`林姐` is `lj`; Latin letters and digits stay."""
    parts = lazy_pinyin(text.strip().lower(), style=Style.FIRST_LETTER, errors="default")
    return "".join("".join(parts).split())
