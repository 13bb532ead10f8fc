"""Files over HTTP: public by name, private only through a checked view, both with Range."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404
from django.test import Client, RequestFactory

from apps.media import services, views
from tests.media import samples

pytestmark = pytest.mark.django_db


def body(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


@pytest.fixture
def url() -> str:
    return str(services.add_picture(title="苹果", upload=samples.picture(), by=None).file.url)


def test_a_picture_is_served_with_its_type_and_kept_by_browsers(client: Client, url: str) -> None:
    response = client.get(url)

    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert body(response)[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize(
    ("asked", "start", "end"), [("bytes=0-9", 0, 10), ("bytes=5-", 5, None), ("bytes=-7", -7, None)]
)
def test_a_part_is_served(client: Client, url: str, asked: str, start: int, end: int | None) -> None:
    whole = body(client.get(url))

    part = client.get(url, headers={"range": asked})

    assert part.status_code == 206
    content = body(part)
    assert content == whole[start:end]
    assert part["Content-Length"] == str(len(content))
    assert part["Content-Range"].endswith(f"/{len(whole)}")


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=9-2", "bytes=-"])
def test_a_part_that_is_not_there_is_416(client: Client, url: str, asked: str) -> None:
    assert client.get(url, headers={"range": asked}).status_code == 416


@pytest.mark.parametrize(
    "path",
    [
        "/media/private/export.csv",
        "/media/original_images/../private/export.csv",
        "/media/original_images/%2e%2e/private/export.csv",
        "/media/original_images/x.svg",
        "/media/original_images/x.html",
        "/media/original_images/",
        "/media/images/nothing.jpg",
        "/media/keys.env",
    ],
)
def test_everything_else_is_not_there(client: Client, path: str) -> None:
    default_storage.save("private/export.csv", ContentFile(b"secret"))

    assert client.get(path).status_code == 404


def test_nothing_can_be_sent_to_it(client: Client, url: str) -> None:
    assert client.post(url).status_code == 405


def test_a_private_file_comes_as_a_download_that_nobody_keeps() -> None:
    name = default_storage.save("private/导出.csv", ContentFile(b"0123456789"))
    request = RequestFactory().get("/", headers={"range": "bytes=2-4"})

    response = views.serve_private(request, name, filename="客户 导出.csv", content_type="text/csv")

    assert body(response) == b"234"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")


def test_a_private_file_that_is_gone_is_404() -> None:
    with pytest.raises(Http404):
        views.serve_private(RequestFactory().get("/"), "private/none.csv", filename="x", content_type="x/y")
