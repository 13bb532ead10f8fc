"""Whose a phone is, no list of the console tells uncounted: the registry is walked with a whole number."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts import roles
from apps.console_kit.lists import registry
from apps.records.models import AccessLog
from tests.accounts import walking
from tests.accounts.applying import an_invitation, applied
from tests.console import desk
from tests.console.listing import names_on
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db
#: The lists that compare what is typed with a sealed number.
BY_PHONE = {"applications", "customers", "rights"}


@pytest.fixture
def everything() -> None:
    """Of each list something, and one phone in every place that holds one."""
    cache.clear()
    walking.World()
    applied(an_invitation()[0], phone=desk.PHONE)
    assert Client().post("/my-data/", {"kind": "export", "phone": desk.PHONE}).status_code == 302


def asked(client: Client, key: str, words: str, part: str = "results/") -> Any:
    return client.get(f"{registry.every()[key].list_url}{part}", {"q": words})


@pytest.mark.usefixtures("everything")
def test_a_whole_number_finds_nobody_once_the_quota_is_spent(settings: Any) -> None:
    finding, spent = browser(a_person(roles.ADMIN, "finding")), browser(a_person(roles.ADMIN, "spent"))
    found = {key for key in registry.every() if names_on(asked(finding, key, desk.PHONE, ""))}
    settings.REVEALS_A_DAY = {}

    refused = set()
    for key in registry.every():
        for part in ("", "results/"):
            for words in (desk.PHONE, f"+86 {desk.PHONE}", "１３８-1234-8000"):
                answer = asked(spent, key, words, part)
                assert names_on(answer) == [], (key, part, words)
                if answer.status_code == 429:
                    refused.add(key)
    assert refused == found == BY_PHONE


@pytest.mark.usefixtures("everything")
def test_each_number_is_counted_once_wherever_it_is_searched_for(settings: Any) -> None:
    settings.REVEALS_A_DAY = {roles.ADMIN: 4}
    client = browser(a_person(roles.ADMIN, "trying"))

    answers = [asked(client, key, desk.PHONE).status_code for key in sorted(BY_PHONE)]
    assert answers == [200, 200, 200]
    assert AccessLog.objects.filter(action="search").count() == 1

    guessed = [asked(client, "rights", f"1391111{n:04d}").status_code for n in range(6)]
    assert guessed == [200, 200, 200, 429, 429, 429]
    assert AccessLog.objects.filter(action="search").count() == 4
    assert asked(client, "applications", "13922220000").status_code == 429
    assert asked(client, "rights", "用户abc").status_code == 200
    assert asked(client, "applications", "林").status_code == 200


@pytest.mark.usefixtures("everything")
def test_what_an_act_or_a_file_is_asked_for_by_a_number_is_counted_too(settings: Any) -> None:
    settings.REVEALS_A_DAY = {}
    client = browser(a_person(roles.ADMIN, "trying"))

    chosen = {"everything": "on", "query": f"q={desk.PHONE}", "back": "", "filled": "1", "reason": "名额满了"}
    shown = client.post("/hq/lists/applications/do/refuse/", chosen, follow=True)
    assert "林小满" not in shown.content.decode()
    for key in sorted(BY_PHONE):
        client.post(f"/hq/lists/{key}/export/", chosen, follow=True)
    assert not AccessLog.objects.filter(action="search").exists()
