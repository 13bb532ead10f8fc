"""Reading a page as a browser does."""

import re
from typing import Any

#: Outside and inside of their tags, a page shows no blank.
_BLOCKS = (
    "article aside blockquote body caption dd details dialog div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 head header html legend li main meta nav ol optgroup option p section summary table "
    "tbody td tfoot th thead title tr ul"
)
_BLOCK = rf"</?(?:{_BLOCKS.replace(' ', '|')})(?:\s[^<>]*)?>"
_KEPT = re.compile(r"(<(textarea|pre)\b.*?</\2>)", re.DOTALL)


def html_of(answer: Any) -> str:
    """The HTML of a response without blanks that nobody sees, however its template is broken into lines."""
    page = answer if isinstance(answer, str) else answer.content.decode()
    parts = [match for at, match in enumerate(_KEPT.split(page)) if at % 3 != 2]
    return "".join(part if at % 2 else _one_line(part) for at, part in enumerate(parts))


def text_of(answer: Any) -> str:
    """What is written on the page, without its tags."""
    return re.sub(r"<[^<>]*>", "", html_of(answer))


def lasting_of(answer: Any) -> str:
    """The HTML without what is new in every answer: the nonce of its style, the tokens of its forms."""
    return re.sub(r'(?:nonce|csrfmiddlewaretoken" value)="[^"]*"|csrf\S+', "", answer.content.decode())


def _one_line(html: str) -> str:
    html = re.sub(r"\s+", " ", html)
    html = re.sub(r" (?=>)", "", html)
    html = re.sub(rf" ?({_BLOCK}) ?", r"\1", html)
    return re.sub(r"(<button\b[^<>]*>) | (?=</button>)", r"\1", html)
