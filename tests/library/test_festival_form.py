"""The form of a festival, sent with a calendar that there is not."""

import pytest

from apps.library.models import Festival
from tests.library import desk

pytestmark = pytest.mark.django_db


def test_an_unknown_calendar_is_said_at_its_field() -> None:
    sent = {
        "name": "自家节日",
        "calendar": "9999-12-31",
        "month": "1",
        "day": "1",
        "is_active": "on",
    }
    before = Festival.objects.count()

    answer = desk.browser(desk.an_editor()).post("/hq/festivals/new/", sent)

    assert answer.status_code == 200
    assert "calendar" in answer.context["form"].errors
    assert Festival.objects.count() == before
