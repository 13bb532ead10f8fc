"""Words that the advertising law (广告法) or HQ does not want, and texts too long for their place."""

import unicodedata
from collections.abc import Iterator

from apps.library.checks.draft import Draft, Finding, Text
from apps.library.models import ForbiddenWord

#: WeChat folds a post in 朋友圈 behind 「全文」 beyond about this many characters.
FOLDED_AFTER = 120
#: WeCom takes no longer text in a mass message (bytes of UTF-8).
MOST_BYTES = 4_000
LONG_TITLE = 24
#: What people put between characters to get around a list: zero-width blanks, dots, stars, lines.
_SKIPPED = "\u200b\u200c\u200d\ufeff·.*-_|"


def forbidden(draft: Draft) -> list[Finding]:
    """Every place of every listed word, however it is spaced or written wide."""
    listed = list(ForbiddenWord.objects.filter(is_active=True).order_by("pk"))
    found = []
    for text in draft.texts:
        plain, places = _plain(text.words)
        taken: set[int] = set()
        # The longest first: 「全国第一」 is named once, not 「第一」 inside it again.
        for word in sorted(listed, key=lambda word: -len(word.word)):
            for at in _each(plain, _plain(word.word)[0]):
                end = at + len(_plain(word.word)[0])
                if taken & set(range(at, end)) or _is_allowed(plain, at, end, word.fine_in):
                    continue
                taken |= set(range(at, end))
                found.append(_finding(text, word, places[at], places[end - 1] + 1))
    return found


def _finding(text: Text, word: ForbiddenWord, start: int, end: int) -> Finding:
    mend = f"可以改成：{word.instead}。" if word.instead else "请换一个说法或去掉。"
    why = f"（{word.reason}）" if word.reason else ""
    return text.finding(
        start,
        end - start,
        f"里有「{word.word}」{why}。",
        mend,
        blocks=word.level == ForbiddenWord.Level.BLOCK,
    )


def _plain(words: str) -> tuple[str, list[int]]:
    """One spelling without blanks and dots between characters, and where each character stood."""
    letters, places = [], []
    for at, letter in enumerate(words):
        for plain in unicodedata.normalize("NFKC", letter).lower():
            if not plain.isspace() and plain not in _SKIPPED:
                letters.append(plain)
                places.append(at)
    return "".join(letters), places


def _each(words: str, part: str) -> Iterator[int]:
    at = words.find(part) if part else -1
    while at >= 0:
        yield at
        at = words.find(part, at + 1)


def _is_allowed(words: str, start: int, end: int, fine_in: str) -> bool:
    """Is it part of a longer word that is fine: 「第一」 in 「第一次」?"""
    for fine in fine_in.replace("，", "、").replace(",", "、").split("、"):
        longer = _plain(fine)[0]
        for at in _each(words, longer):
            if at <= start and end <= at + len(longer):
                return True
    return False


def length(draft: Draft) -> list[Finding]:
    """Texts that the phone folds away or WeCom refuses."""
    found = []
    for text in draft.texts:
        count = len(text.words.strip())
        if text.field == "title" and count > LONG_TITLE:
            found.append(
                Finding(
                    "title",
                    text.place,
                    f"有 {count} 个字。",
                    f"卡片上只看得到前 {LONG_TITLE} 个字左右。",
                    False,
                )
            )
        if text.field != "share_text" and not text.place.startswith("另一种说法"):
            continue
        size = len(text.words.encode())
        if size > MOST_BYTES:
            mend = "企业微信群发不收这么长的，请删短到 1300 字以内。"
            found.append(Finding(text.field, text.place, f"有 {count} 个字。", mend, True))
        elif count > FOLDED_AFTER:
            mend = f"朋友圈超过 {FOLDED_AFTER} 字会折叠，发圈可以另备一个短版。"
            found.append(Finding(text.field, text.place, f"有 {count} 个字。", mend, False))
    return found
