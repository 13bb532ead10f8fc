"""Style sheets put together for a page: what one needs for its first paint comes in one piece.

A host comes back each day: her pages link one sheet, which her browser keeps for a year. A consumer comes
once, on a bad network: hers stands in the page, marked with the request's nonce, and nothing is waited for.
Of WeUI only what our pages use goes along: what it says of plain elements, and the variables that are named.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

_CORE = ("base", "components", "frame")
#: By name; the files of `static/css`, in their order.
SHEETS: dict[str, tuple[str, ...]] = {
    "host": (*_CORE, "workbench", "goods", "material", "library", "sends", "learning", "skeleton"),
    "consumer": (*_CORE, "storefront", "product", "order", "material"),
}
#: Those that pages link by `{% static %}`; the others stand in the page.
LINKED = ("host",)
_FOLDER = "sheets"

#: Selectors that hit nothing of ours: its classes, and its mode for large type (ours is the phone's).
_NOT_OURS = (".", "[class", "[data-weui-mode")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NAMED = re.compile(r"var\(\s*(--weui-[\w-]+)")
_DECLARED = re.compile(r"(--weui-[\w-]+)\s*:")
_BLANKS_AROUND = re.compile(r"\s*([{};,])\s*")


def sheet(name: str) -> str:
    """The rules of this sheet, or of one file of `static/css`, as short as they can be said."""
    return _made(name, _state())


@lru_cache(maxsize=32)
def _made(name: str, state: tuple[float, ...]) -> str:
    own = "\n".join(_own(one) for one in SHEETS.get(name, (name,)))
    return short(_weui_for(own) + own if name in SHEETS else own)


def _state() -> tuple[float, ...]:
    """While developing, when the files were changed; else nothing, since they can't be."""
    if not settings.DEBUG:
        return ()
    return tuple(
        sorted(file.stat().st_mtime for file in (Path(settings.ROOT) / "static" / "css").glob("*.css"))
    )


def _own(name: str) -> str:
    return (Path(settings.ROOT) / "static" / "css" / f"{name}.css").read_text(encoding="utf-8")


def _weui_for(own: str) -> str:
    file = Path(settings.ROOT) / "build" / "static" / "vendor" / "weui" / "weui.min.css"
    return used_of(file.read_text(encoding="utf-8"), own)


def used_of(framework: str, own: str) -> str:
    """The rules of `framework` for plain elements, with the variables that they and `own` name."""
    rules = list(_plain_rules(_COMMENT.sub("", framework)))
    wanted = set(_NAMED.findall(own)) | {
        name for _, _, body in rules for name in _NAMED.findall(body) if not _DECLARED.search(body)
    }
    values = [
        (one.partition(":")[0].strip(), one)
        for _, _, body in rules
        for one in body.split(";")
        if "--weui-" in one
    ]
    while more := {
        name for key, one in values if key in wanted for name in _NAMED.findall(one) if name not in wanted
    }:
        wanted |= more
    out = []
    for around, selector, body in rules:
        kept = [
            one
            for one in body.split(";")
            if one.strip() and (not one.lstrip().startswith("--") or one.partition(":")[0].strip() in wanted)
        ]
        if kept:
            rule = f"{selector}{{{';'.join(kept)}}}"
            out.append(f"{around}{{{rule}}}" if around else rule)
    return "\n".join(out)


def _plain_rules(css: str, around: str = "") -> Iterator[tuple[str, str, str]]:
    """What surrounds it (`@media …`), selector and body of each rule that asks for no class."""
    at = 0
    while (opens := css.find("{", at)) >= 0:
        head, closes = css[at:opens].strip(), _end_of(css, opens)
        body = css[opens + 1 : closes]
        at = closes + 1
        if head.startswith("@media"):
            yield from _plain_rules(body, head)
        elif not head.startswith("@"):
            plain = [
                one for one in head.split(",") if one != "page" and not any(sign in one for sign in _NOT_OURS)
            ]
            if plain:
                yield around, ",".join(plain), body


def _end_of(css: str, opens: int) -> int:
    depth = 0
    for at in range(opens, len(css)):
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        if not depth:
            return at
    return len(css)


def short(css: str) -> str:
    """Without comments and blanks that say nothing; `a b` and `calc(1px + 2px)` keep theirs."""
    css = " ".join(_COMMENT.sub("", css).split())
    css = _BLANKS_AROUND.sub(r"\1", css)
    return re.sub(r"([{;][\w-]+):\s+", r"\1:", css).replace(";}", "}").strip()


class SheetFinder(BaseFinder):
    """Gives the linked sheets to collectstatic and to whoever serves files uncollected."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        folder = Path(settings.VAR_DIR) / _FOLDER
        self.storage = FileSystemStorage(location=str(folder))
        self.storage.prefix = _FOLDER  # type: ignore[attr-defined]
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        for name in LINKED:
            if path == f"{_FOLDER}/{name}.css":
                file = str(self._written(name))
                return [file] if find_all else file
        return []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in LINKED:
            yield self._written(name).name, self.storage

    def _written(self, name: str) -> Path:
        """The file as it must be; written only when it is not, so that its age says whether it changed."""
        file = Path(self.storage.location) / f"{name}.css"
        text = sheet(name)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            half = file.with_suffix(f".{id(self)}.part")
            half.write_text(text, encoding="utf-8")
            half.replace(file)
        return file
