"""How much of a secret is made of what everybody knows: words, rows of keys, counting, what it already said.

A guesser's estimator (zxcvbn) was weighed and left: it values a sentence of seven words like a random text of
the same length, and those are what people paste here.
"""

import gzip
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from django.contrib.auth import password_validation

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROWS = (
    *(_LETTERS * 2, "01234567890123456789", "1234567890-=", "!@#$%^&*()_+"),
    *("qwertyuiop[]qwertyuiop", "asdfghjkl;'asdfghjkl", "zxcvbnm,./zxcvbnm"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p"),
)
_ALONG = tuple(row for one in _ROWS for row in (one, one[::-1]))
_SHORTEST_RUN = 3
_RUNS = frozenset(
    row[start : start + _SHORTEST_RUN] for row in _ALONG for start in range(len(row) - _SHORTEST_RUN + 1)
)
_SHORTEST_WORD = 4
_LONGEST_WORD = 16
#: What stands in examples, beside the passwords that everybody uses.
_OURS = """
change changeme please secret insecure django production staging default example token callback wecom weixin
qiye battery random string something before with this that very have your from replace here value correct
horse staple test testing dummy placeholder mima miyao zhege women shengchan huanjing
""".split()  # noqa: SIM905 - words to read
_TYPED_FOR = str.maketrans("013457@$!", "oleastasi")
#: The pairs of letters that most of English and of pinyin is written with: an eighth of all there are.
_OFTEN = """
th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve ra
ld ur me co ro ch ll be ne el om ri li io ic ce ec wo sh zh ia ua ao ai ei ui uo iu gu xi ji qi yi wh ho ey ke
ee ss ow ew ma ns ot pa rd us ut
"""
_PAIRS = frozenset(_OFTEN.split())
#: From here on two known rows that take turns, as in a1b2c3, are looked for too.
_LONG = 24
_FEWEST_PAIRS = 20
_MOST_OF_THEM = 0.7
_IN_ONE_CASE = re.compile(r"[a-z]{2,}|[A-Z]{2,}")


def is_mostly(text: str) -> bool:
    """Whether more than half of it is known, each piece counting for one letter, or it reads as a language.

    A random text of 8 letters and digits is taken for one once in a million, a longer one never in practice.
    """
    if 2 * _weight(text) < len(text) or _reads_as_words(text) or re.search(r"\s", text):
        return True  # a blank: a sentence, since no generator of keys writes one
    turns = (text[::2], text[1::2]) if len(text) >= _LONG else ()
    return bool(turns) and all(2 * _weight(half) < len(half) for half in turns)


def _weight(text: str) -> int:
    """How many letters remain when each known piece counts for one."""
    folded, position, weight = text.casefold(), 0, 0
    if len(folded) != len(text):  # letters that fold into two
        folded = text
    while position < len(text):
        position += max(
            1,
            _along_a_row(folded, position),
            _said_before(folded, position),
            _word(text, folded, position),
        )
        weight += 1
    return weight


def _along_a_row(folded: str, start: int) -> int:
    if folded[start : start + _SHORTEST_RUN] not in _RUNS:
        return 0
    length = _SHORTEST_RUN
    while start + length < len(folded) and any(folded[start : start + length + 1] in row for row in _ALONG):
        length += 1
    return length


def _said_before(folded: str, start: int) -> int:
    length = _SHORTEST_WORD
    while (
        start + length <= len(folded)
        and folded.find(folded[start : start + length], 0, start + length - 1) >= 0
    ):
        length += 1
    return length - 1 if length > _SHORTEST_WORD else 0


def _word(text: str, folded: str, start: int) -> int:
    words, beginnings = _words()
    plain = folded[start : start + _LONGEST_WORD]
    for piece in (plain, plain.translate(_TYPED_FOR)):
        if piece[:_SHORTEST_WORD] not in beginnings:
            continue
        for length in range(len(piece), _SHORTEST_WORD - 1, -1):
            # `Secret`, `secret` and `SECRET` were typed, `sEcReT` came out of a generator.
            written, low = text[start : start + length], plain[:length]
            if piece[:length] in words and written in {low, low.upper(), low.capitalize()}:
                return length
    return 0


def _reads_as_words(text: str) -> bool:
    pairs = ["".join(pair) for run in _IN_ONE_CASE.findall(text) for pair in pairwise(run.casefold())]
    known = sum(pair in _PAIRS for pair in pairs)
    return len(pairs) >= _FEWEST_PAIRS and known > len(pairs) * _MOST_OF_THEM


@cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    """The passwords that Django refuses to people, as far as they are words, and ours; how they begin."""
    path = Path(password_validation.__file__).parent / "common-passwords.txt.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        common = {line.strip() for line in file}
    words = frozenset(word for word in {*common, *_OURS} if word.isalpha() and len(word) >= _SHORTEST_WORD)
    return words, frozenset(word[:_SHORTEST_WORD] for word in words)
