"""Texts that are nearly the same as one we have: min-hash over runs of three characters.

A text's signature is, for each of `ROWS * BANDS` hash functions, the least hash of any of its runs; two texts
agree at one place with the probability of their Jaccard likeness. Signatures are cut into bands, the hash of
a band is one integer, and an index over those integers finds every text that shares a band: with 16 bands of
4 rows, a likeness of 0.8 is found with 99.98 %, of 0.6 with 89 %, of 0.3 with 12 %. The few found are
compared exactly, over all their runs.
"""

import unicodedata
import zlib
from functools import cache
from random import Random

from apps.lib import humanize
from apps.library.checks.draft import Draft, Finding
from apps.library.models import Material, TextPrint
from apps.library.models.materials import texts_of

RUN = 3
BANDS, ROWS = 16, 4
#: From here on two texts count as the same one with small changes.
ALIKE = 0.6
#: Shorter texts are alike by chance.
FEWEST_RUNS = 12
_PRIME = (1 << 61) - 1


def runs_of(words: str) -> frozenset[int]:
    """Hashes of all runs of three letters or digits; punctuation, emoji and blanks do not count."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", words).lower() if letter.isalnum())
    return frozenset(zlib.crc32(letters[at : at + RUN].encode()) for at in range(len(letters) - RUN + 1))


@cache
def _functions() -> list[tuple[int, int]]:
    # The seed is part of the stored signatures: another one would need them all made anew.
    dice = Random(20261122)  # noqa: S311
    return [(dice.randrange(1, _PRIME), dice.randrange(_PRIME)) for _ in range(BANDS * ROWS)]


def bands_of(runs: frozenset[int]) -> list[int]:
    """The signature's bands as integers that the database holds; empty for texts too short to compare."""
    if len(runs) < FEWEST_RUNS:
        return []
    signature = [min((a * run + b) % _PRIME for run in runs) for a, b in _functions()]
    return [
        zlib.crc32(repr((band, signature[band * ROWS : (band + 1) * ROWS])).encode()) - 0x80000000
        for band in range(BANDS)
    ]


def words_of(material: Material) -> str:
    """What is compared: everything that people read, without labels and names of kinds."""
    return " ".join([material.title, material.summary, material.share_text, *texts_of(material.body)])


def keep_print(material: Material) -> None:
    """Have the print of the material as its row reads now."""
    runs = runs_of(words_of(material))
    TextPrint.objects.update_or_create(
        material=material,
        defaults={"runs": sorted(run - 0x80000000 for run in runs), "bands": bands_of(runs)},
    )


def fill(limit: int = 200) -> int:
    """Make prints of materials that have none (written before there were any, or by bulk); how many."""
    missing = list(Material.objects.filter(text_print=None).order_by("pk")[:limit])
    for material in missing:
        keep_print(material)
    return len(missing)


def near_duplicates(draft: Draft) -> list[Finding]:
    """Materials that hosts have seen, and whose words are nearly these; the likest two."""
    runs = runs_of(" ".join(text.words for text in draft.texts if text.field))
    bands = bands_of(runs)
    if not bands:
        return []
    candidates = (
        TextPrint.objects.filter(bands__overlap=bands, material__first_published_at__isnull=False)
        .exclude(material_id=draft.material_id or 0)
        .select_related("material")[:200]
    )
    alike = []
    for candidate in candidates:
        theirs = {run + 0x80000000 for run in candidate.runs}
        likeness = len(runs & theirs) / len(runs | theirs)
        if likeness >= ALIKE:
            alike.append((likeness, candidate.material))
    alike.sort(key=lambda one: (-one[0], one[1].pk))
    return [
        Finding(
            "share_text",
            "文字",
            f"和「{material.title}」（{_when(material, draft)}发布）有 {likeness:.0%} 一样。",
            "大C已经发过一遍，最好换个说法，或者直接排那一条。",
            False,
        )
        for likeness, material in alike[:2]
    ]


def _when(material: Material, draft: Draft) -> str:
    return (
        humanize.say_moment(material.first_published_at, now=draft.now) if material.first_published_at else ""
    )
