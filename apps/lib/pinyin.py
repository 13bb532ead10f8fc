"""Pinyin of Chinese text, for order and for search by initials or syllables.

The dictionary is loaded with the first word: a quarter of a second that most processes never need.
"""

import re
import unicodedata
from functools import lru_cache

from apps.lib.words import folded, squeezed, without_accents

#: Characters that are read otherwise at the head of a name than elsewhere.
_SURNAMES = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "朴": "piao", "盖": "ge",
    "翟": "zhai", "乐": "yue", "覃": "qin", "冼": "xian", "洗": "xian", "员": "yun", "贠": "yun",
    "种": "chong", "折": "she", "缪": "miao", "繁": "po", "郇": "xun", "卜": "bu", "隗": "wei", "阚": "kan",
    "钭": "tou",
    "句": "gou", "祭": "zhai", "过": "guo", "召": "shao", "任": "ren", "华": "hua", "宁": "ning", "那": "na",
    "燕": "yan", "车": "che", "柏": "bai", "葛": "ge", "盛": "sheng", "宓": "mi", "秘": "bi", "长": "chang",
    "尹": "yin", "沈": "shen", "谌": "chen", "晟": "cheng", "哈": "ha", "黑": "he", "要": "yao", "撒": "sa",
    "乜": "nie", "佴": "nai", "么": "yao", "薄": "bo", "都": "du", "能": "nai",
}  # fmt: skip
_DOUBLE_SURNAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "澹台": ("tan", "tai"),
    "单于": ("chan", "yu"), "令狐": ("ling", "hu"), "宰父": ("zai", "fu"), "乐正": ("yue", "zheng"),
    "夏侯": ("xia", "hou"), "呼延": ("hu", "yan"), "拓跋": ("tuo", "ba"), "谷梁": ("gu", "liang"),
    "亓官": ("qi", "guan"), "皇甫": ("huang", "fu"), "仲长": ("zhong", "chang"), "赫连": ("he", "lian"),
    "濮阳": ("pu", "yang"), "鲜于": ("xian", "yu"), "闾丘": ("lv", "qiu"), "漆雕": ("qi", "diao"),
}  # fmt: skip
#: The surnames above as they are written in the traditional way.
_SIMPLIFIED = str.maketrans(
    "單區蓋樂員種繆闞過華寧車長謝遲萬孫臺鮮閭陽淵", "单区盖乐员种缪阚过华宁车长谢迟万孙台鲜闾阳渊"
)
#: What stands before the surname of whom one knows: 小曾, 老单, 阿仇.
_BEFORE = "小老阿大"
#: These are a word there more often than a surname: 小乐 is called so.
_NO_SURNAME_AFTER = "乐黑哈能长种要"
#: A whole name in characters is this long; what is longer is a sentence, and its head no surname.
_LONGEST = 4
#: Whose mother she is, or what she is called besides: no part of the name.
_CALLED = re.compile(
    r"的?(?:妈妈|爸爸|妈|爸|奶奶|爷爷|外婆|外公|女儿|儿子|老公|老婆|先生|太太|家属|家长|朋友|同事|邻居"
    r"|女士|小姐|老师|医生|阿姨|叔叔|姐姐|妹妹|哥哥|弟弟)+"
)

#: For each syllable (or word in other letters) the ways it is read, the likeliest first.
Readings = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=30_000)
def _of_character(char: str) -> tuple[str, ...]:
    """Every way one Chinese character is read, itself at the end; nothing for any other sign.

    Kept for each character, of which there are few, not for each name: the first search in a process reads
    5,000 names in some forty milliseconds where asking for each would take four hundred.
    """
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    return (*(form for one in found[0] for form in _forms(one)), char) if found else ()


def _forms(syllable: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_spellings(syllable), without_accents(syllable))))


@lru_cache(maxsize=20_000)
def _read(name: str) -> tuple[frozenset[str], Readings]:
    """The letters or characters any of its syllables may begin with, and the readings of each."""
    text = _of_words(name)
    found: list[tuple[str, ...]] = []
    word = ""
    for char in f"{text} ":
        read = _of_character(char)
        if word and (read or char == " "):
            found.append(_forms(word))
            word = ""
        if read:
            found.append(read)
        elif char != " ":
            word += char
    head, skipped = _head(text)
    for place, reading in enumerate(_surname(head), start=skipped):
        found[place] = (reading, *found[place])
    readings = tuple(tuple(form for form in dict.fromkeys(forms) if form) for forms in found)
    return frozenset(one[0] for each in readings for one in each), readings


def _head(text: str) -> tuple[str, int]:
    """Where its surname would stand, and how many characters stand before it."""
    head = text.split(" ", maxsplit=1)[0]
    skipped = 1 if _is_before_surname(head) else 0
    return head[skipped:], skipped


def _of_words(name: str) -> str:
    """The letters of a name, a blank for all between them, and none for what parts a name from itself.

    `阿不都·热合曼` is read through, `张小雨（老张家）` too. What has no letter at all stays as it is.
    """
    text = folded(name)
    parted = "".join(char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in text)
    return " ".join(parted.split()) or text


def _is_before_surname(text: str) -> bool:
    """Whether the name is a surname behind such a word, with at most a title behind it: 小曾, 老单哥."""
    if text[:1] not in _BEFORE or len(text) < 2 or text[1] in _NO_SURNAME_AFTER:
        return False
    if called := _CALLED.search(text, 2):
        text = text[: called.start()]
    return len(text.rstrip("姐哥妹弟总")) == (3 if text[1:3] in _DOUBLE_SURNAMES else 2)


def _surname(text: str) -> tuple[str, ...]:
    """How the head of a name is read where that is not how it is read elsewhere."""
    if not all("\u4e00" <= char <= "\u9fff" for char in text):
        return ()
    if called := _CALLED.search(text, 1):
        text = text[: called.start()]
    if len(text) > _LONGEST:
        return ()
    text = text.translate(_SIMPLIFIED)
    return _DOUBLE_SURNAMES.get(text[:2]) or ((_SURNAMES[text[0]],) if text[:1] in _SURNAMES else ())


def _spellings(syllable: str) -> tuple[str, ...]:
    """ü is typed as v, u or yu: 吕 is `lv`, `lu` and `lyu`."""
    if syllable in {"lv", "nv", "lve", "nve"}:
        return syllable, syllable.replace("v", "u"), syllable.replace("v", "yu")
    return (syllable,)


def is_called(asked: str, name: str) -> bool:
    """Whether somebody who types `asked` may mean `name`: by its letters, without its accents, or by pinyin.

    `林 姐`, `linjie`, `lj`, `林j` and `ＬＪ` are all 林姐; `jose` is José, and `lü` is 吕.
    """
    wanted, typed = _asked(asked)
    if not wanted:
        return False
    whole, bare = _spelt(name)
    return wanted in whole or wanted in bare or answers(typed, name)


@lru_cache(maxsize=500)
def _asked(asked: str) -> tuple[str, str]:
    """What is looked for, and how it may be typed of a name that is read."""
    wanted = squeezed(asked)
    typed = without_accents(wanted.replace("ü", "v"))
    return wanted, typed if typed.isalnum() else ""


@lru_cache(maxsize=20_000)
def _spelt(name: str) -> tuple[str, str]:
    whole = squeezed(name)
    return whole, without_accents(whole)


def answers(asked: str, name: str) -> bool:
    """Whether `name` is read so: `zxx`, `zengxx`, `z小贤`, `xiaoxian` and `cengxiaoxian` are all 曾小贤.

    `asked` is lower case without blanks. It begins with a syllable and goes on through its neighbours, of
    each of them at least the first letter.
    """
    firsts, readings = _read(name)
    if not asked or asked[0] not in firsts:
        return False
    #: How much of `asked` is read when we come to a syllable.
    reached: set[int] = set()
    for each in readings:
        reached = {
            start + length
            for start in reached | {0}
            for reading in each
            for length in range(1, _common(reading, asked, start) + 1)
        }
        if len(asked) in reached:
            return True
    return False


def _common(reading: str, asked: str, start: int) -> int:
    """How many letters of `reading` stand in `asked` from `start`."""
    length = 0
    while length < len(reading) and asked[start + length : start + length + 1] == reading[length]:
        length += 1
    return length


@lru_cache(maxsize=20_000)
def sort_key(name: str) -> str:
    """`林姐` is `lin jie`: what Chinese names are ordered by (the database collates by bytes)."""
    from pypinyin import lazy_pinyin

    text = _of_words(name)
    read = [word for each in lazy_pinyin(text, errors="default") for word in each.split()]
    head, skipped = _head(text)
    surname = _surname(head)
    return without_accents(" ".join([*read[:skipped], *surname, *read[skipped + len(surname) :]]))


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """`小米粥` is `xmz`: of a title, read as any text is; Latin letters and digits stay."""
    from pypinyin import Style, lazy_pinyin

    parts = lazy_pinyin(folded(text), style=Style.FIRST_LETTER, errors="default")
    return "".join("".join(parts).split())


def letters(name: str) -> str:
    """`曾小贤` is `zengxiaoxian`; what is no letter or digit of ASCII is left out."""
    return "".join(one for one in sort_key(name) if one.isascii() and one.isalnum())
