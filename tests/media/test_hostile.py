"""Uploads that mean harm: refused in plain Chinese or stored without what they carried, in bounded memory."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from apps.media import cleaning, services
from apps.media.cleaning import UploadRefusedError
from apps.media.models import Image, Rendition, Video
from tests.media import hostile

pytestmark = pytest.mark.django_db
#: These may be kept, since they are pictures or films beside what they carry; all others must be refused.
SOUND = {
    "jpeg and zip",
    "png and html",
    "webp and script",
    "as many pixels as are allowed",
    "text that is a script",
    "exif that lies",
    "exif of eighteen megabytes",
    "comments of eighteen megabytes",
    "a profile that is none",
    "no such orientation",
    "many frames, webp",
    "many frames, png",
    "a script beside",
    "the last byte gone",
    "an index of four gigabytes",
    "a box of no size",
    "a bomb of a colour profile",
}
#: What the child may take at its worst, by its own limit.
MOST_BYTES = 1024 * cleaning.MEGABYTE


def stored() -> set[str]:
    """Every file in the storage, by its name."""
    found, folders = set(), [""]
    while folders:
        folder = folders.pop()
        try:
            inner, files = default_storage.listdir(folder)
        except FileNotFoundError:
            continue
        folders += [f"{folder}{one}/" for one in inner]
        found |= {f"{folder}{one}" for one in files}
    return found


def offer(corpus: dict[str, bytes], add: Callable[[bytes], Any]) -> dict[str, str]:
    """Offer each upload; name → the sentence with which it was refused, or "" when it was stored."""
    said = {}
    for name, content in corpus.items():
        before = stored()
        try:
            row = add(content)
        except UploadRefusedError as refused:
            said[name] = str(refused)
            assert stored() == before, name
        else:
            said[name] = ""
            with row.file.open("rb") as file:
                assert hostile.SCRIPT not in file.read(), name
    return said


def check(said: dict[str, str]) -> None:
    unfinished = {name for name, words in said.items() if not words} - SOUND
    # Damage may leave a picture that still can be decoded; then what is stored was written anew.
    assert {name for name in unfinished if not name.startswith("damaged")} == set()
    for name, words in said.items():
        if words:
            assert "请" in words or "只收" in words, name
            assert not any(sign in words for sign in ("Error", "Traceback", "/tmp", "None")), name


def test_each_hostile_picture_is_refused_or_stored_without_its_burden() -> None:
    said = offer(hostile.pictures(), lambda content: services.add_picture(title="x", upload=content, by=None))

    check(said)
    assert Image.objects.count() == sum(not words for words in said.values())
    assert not Rendition.objects.exists()


def test_each_hostile_film_is_refused_or_stored_without_its_burden(tmp_path: Path) -> None:
    corpus = hostile.films(tmp_path)
    said = offer(corpus, lambda content: services.add_film(title="x", upload=content, by=None))

    check(said)
    assert Video.objects.count() == sum(not words for words in said.values())
    # A film's cover is the only picture that came in.
    assert Image.objects.count() == Video.objects.count()


@pytest.mark.parametrize(
    "name", ["a bomb of pixels", "as many pixels as are allowed", "a bomb of text", "many frames, webp"]
)
def test_the_childs_memory_is_bounded(name: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(hostile.pictures()[name])
    watch = (
        "import json, resource, subprocess, sys;"
        f"subprocess.run([sys.executable, '-I', {str(cleaning.DECODER)!r}, 'picture', {str(tmp_path)!r}],"
        " stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(json.dumps(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))"
    )

    done = subprocess.run([sys.executable, "-I", "-c", watch], capture_output=True, text=True, check=True)

    peak = int(json.loads(done.stdout)) * 1024
    print(f"{name}: {peak / cleaning.MEGABYTE:.0f} MB")
    assert peak < MOST_BYTES


def test_nothing_of_an_upload_stays_in_the_temporary_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for content in (b"<html>", hostile.pictures()["jpeg and zip"]):
        with contextlib.suppress(UploadRefusedError):
            cleaning.clean_picture(content)
    assert list(tmp_path.iterdir()) == []
