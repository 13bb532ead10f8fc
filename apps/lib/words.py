"""What people type: how it is kept, how long it may be, and how it is compared when it is looked for."""

import unicodedata

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
