"""Pages travel compressed; files do not, and no two answers are of one length that tells something."""

import gzip
from pathlib import Path

import pytest
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.test import Client, override_settings
from django.urls import path

TEXT = "一样的话。" * 200


def words(request: object) -> HttpResponse:
    return HttpResponse(TEXT)


def picture(request: object) -> HttpResponse:
    return HttpResponse(b"\xff" * 2_000, content_type="image/jpeg")


def part(request: object) -> HttpResponse:
    return HttpResponse("x" * 2_000, status=206, headers={"Content-Range": "bytes 0-1999/9000"})


def stream(request: object) -> StreamingHttpResponse:
    return StreamingHttpResponse([b"x" * 2_000])


def file(request: object) -> FileResponse:
    return FileResponse(Path(__file__).open("rb"), content_type="text/html")


urlpatterns = [path(f"{view.__name__}/", view) for view in (words, picture, part, stream, file)]

pytestmark = [pytest.mark.django_db]


@override_settings(ROOT_URLCONF=__name__)
def test_words_are_compressed_for_who_can_read_it(client: Client) -> None:
    answer = client.get("/words/", headers={"Accept-Encoding": "gzip, deflate, br"})

    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert gzip.decompress(answer.content).decode() == TEXT
    assert len(answer.content) < len(TEXT.encode()) / 5
    assert client.get("/words/").content.decode() == TEXT


@override_settings(ROOT_URLCONF=__name__)
def test_the_same_words_are_not_always_of_the_same_length(client: Client) -> None:
    asked = [client.get("/words/", headers={"Accept-Encoding": "gzip"}) for _ in range(20)]

    assert len({len(answer.content) for answer in asked}) > 3


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("what", ["picture", "part", "stream", "file"])
def test_files_and_their_parts_stay_as_they_are(client: Client, what: str) -> None:
    answer = client.get(f"/{what}/", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer
    answer.close()
