"""The words of a message to hosts, in our own terms: whoever carries it puts them into its own.

Any app may write such a letter without knowing by which way it travels.
"""

import json
from dataclasses import asdict, dataclass

#: The kind of delivery that carries a letter to a host's work chat.
APP_MESSAGE = "app-message"


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Card:
    """A title, a few lines and one address that it opens. The button has room for four characters."""

    title: str
    description: str
    url: str
    button: str = "查看"


def pack(letter: Text | Card) -> str:
    """The body of a delivery. Equal letters are equal texts."""
    return json.dumps({type(letter).__name__: asdict(letter)}, ensure_ascii=False, sort_keys=True)


def unpack(body: str) -> Text | Card:
    [(name, fields)] = json.loads(body).items()
    return {"Text": Text, "Card": Card}[name](**fields)
