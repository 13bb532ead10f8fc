"""One's own account in the console: name, picture, password, each by the road that the product has for it."""

from typing import Any
from unittest import mock

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow
from wagtail.users.models import UserProfile

from apps.accounts import roles, services
from apps.accounts.models import AccountEvent, User
from tests.accounts.walking import put_down
from tests.factories import PASSWORD, a_person_at_hq
from tests.media import samples

pytestmark = pytest.mark.django_db
PAGE = "/hq/account/"
NEW = "quite-another-phrase-9"


@pytest.fixture
def person() -> User:
    return a_person_at_hq(roles.EDITOR)


@pytest.fixture
def desk(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def save(desk: Client, **fields: Any) -> Any:
    form = {"name_email-name": "何晓", "theme-theme": "light", "theme-contrast": "system"}
    return desk.post(PAGE, {**form, "theme-density": "default", **fields})


def passwords(old: str, new: str, again: str = "") -> dict[str, str]:
    given = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return {f"password-{name}": value for name, value in given.items()}


def test_one_name_is_enough_and_nothing_else_is_written(desk: Client, person: User) -> None:
    User.objects.filter(pk=person.pk).update(last_name="总部", first_name="小何")

    assert save(desk).status_code == 302

    person.refresh_from_db()
    assert (person.first_name, person.last_name, person.name) == ("何晓", "", "何晓")
    assert "name_email-last_name" not in desk.get(PAGE).content.decode()
    assert save(desk, **{"name_email-name": " "}).status_code == 200


def test_a_new_password_ends_tokens_and_other_devices_and_keeps_this_one(desk: Client, person: User) -> None:
    text, _ = services.issue_token(person, now=timezone.now(), is_verified=False, name="报表")
    other = Client()
    other.force_login(person)

    assert save(desk, **passwords(PASSWORD, NEW)).status_code == 302

    assert desk.get("/hq/").status_code == 200
    assert other.get("/hq/").status_code == 302
    assert Client().get("/api/v1/me/", headers={"authorization": f"Bearer {text}"}).status_code == 401
    assert AccountEvent.objects.get(kind="password_chosen").actor == person
    assert Client().post("/hq/login/", {"username": "staff", "password": NEW}).status_code == 302


@pytest.mark.parametrize("given", [("wrong", NEW), (PASSWORD, "12345"), (PASSWORD, NEW, "other"), ("", NEW)])
def test_a_password_that_is_not_taken_changes_nothing(
    desk: Client, person: User, given: tuple[str, ...]
) -> None:
    answer = save(desk, **passwords(*given))

    assert answer.status_code == 200
    assert "password-new_password1" in answer.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert person.name == "总部小何"  # all or nothing


def test_a_picture_is_decoded_in_the_child_made_small_and_shown(desk: Client, person: User) -> None:
    photograph = samples.picture("JPEG", (1600, 1200))
    with mock.patch.object(Pillow, "open", side_effect=AssertionError("decoded in the web process")):
        answer = save(desk, **{"avatar-avatar": SimpleUploadedFile("私人文件名.JPG", photograph)})
    assert answer.status_code == 302

    first = UserProfile.objects.get(user=person).avatar
    with first.open() as file:
        assert min(Pillow.open(file).size) == 400
    assert "私人文件名" not in first.name
    shown = Client().get(first.url)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    put_down(shown)
    assert first.url in desk.get(PAGE).content.decode()

    refused = save(desk, **{"avatar-avatar": SimpleUploadedFile("a.gif", b"GIF89a" + bytes(60))})
    assert refused.status_code == 200
    assert "只收 JPG、PNG、WebP、HEIC 图片" in refused.content.decode()
    assert default_storage.exists(first.name)


def test_wagtails_own_way_to_passwords_is_closed(settings: Any) -> None:
    from wagtail.admin.views.account import password_management_enabled, password_reset_enabled

    assert not password_management_enabled()
    assert not password_reset_enabled()
