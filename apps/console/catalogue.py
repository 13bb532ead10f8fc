"""Our Chinese for Wagtail's missing strings: kept as .po, compiled to .mo where Django reads it."""

import logging
import os
import tempfile
from pathlib import Path

import polib

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "locale" / "zh_Hans" / "LC_MESSAGES"


def build() -> list[Path]:
    """Compile every catalogue; the files written."""
    return [_compile(source) for source in sorted(FOLDER.glob("*.po"))]


def build_stale() -> list[Path]:
    """Compile those whose .mo is missing or stale. A read-only installation keeps what it has."""
    written = []
    for source in sorted(FOLDER.glob("*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            written.append(_compile(source))
        except OSError as error:
            logger.warning("console.catalogue_not_written", extra={"why": type(error).__name__})
    return written


def _compile(source: Path) -> Path:
    """Written beside and moved into place, since several processes may start at once."""
    target = source.with_suffix(".mo")
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    os.close(handle)
    beside = Path(name)
    try:
        polib.pofile(str(source)).save_as_mofile(str(beside))
        beside.chmod(0o644)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return target
