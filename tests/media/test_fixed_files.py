"""What was approved shows the very file: it is never replaced in place, and goes by the list's act alone."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import User
from apps.catalog.models import ProductPicture
from apps.media import services
from apps.media.forms import VideoForm
from apps.media.models import Image, Video
from tests.library.desk import a_person, browser
from tests.media import samples
from tests.storefront.people import a_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def mer() -> User:
    return a_person(roles.MERCHANDISER, "mer", "选品小陈")


@pytest.fixture
def client(mer: User) -> Client:
    return browser(mer)


def a_picture(by: User | None) -> Image:
    return services.add_picture(title="苹果", upload=samples.picture(), by=by)


def test_the_file_behind_a_picture_stays(client: Client, mer: User) -> None:
    image = a_picture(mer)
    before = image.file.name

    client.post(
        f"/hq/images/{image.pk}/",
        {
            "title": "换了名字",
            "description": "",
            "tags": "",
            "collection": image.collection_id,
            "file": SimpleUploadedFile("other.jpg", samples.picture(colour="#204060"), "image/jpeg"),
        },
    )

    image.refresh_from_db()
    assert image.file.name == before
    assert "file" not in client.get(f"/hq/images/{image.pk}/").context["form"].fields


def test_the_file_behind_a_film_stays(mer: User) -> None:
    assert "file" in VideoForm(for_user=mer).fields
    assert "file" not in VideoForm(instance=Video(pk=1), for_user=mer).fields


def test_wagtail_takes_back_only_what_was_just_brought_and_nobody_uses(client: Client, mer: User) -> None:
    used, old, foreign, fresh = (a_picture(by) for by in (mer, mer, None, mer))
    ProductPicture.objects.create(product=a_product(), image=used)
    Image.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=2))

    for image in (used, old, foreign):
        assert client.post(f"/hq/images/{image.pk}/delete/").status_code == 404
        ajax = {"X-Requested-With": "XMLHttpRequest"}
        assert client.post(f"/hq/images/multiple/{image.pk}/delete/", headers=ajax).status_code == 404
    assert client.post(f"/hq/images/{fresh.pk}/delete/").status_code == 302

    assert set(Image.objects.values_list("pk", flat=True)) == {used.pk, old.pk, foreign.pk}
