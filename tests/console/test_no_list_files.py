"""Lists of the console are pages: their rows leave as a file by an approved export alone."""

import pytest

from apps.accounts import roles
from tests.console import desk
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db
LISTS = (
    *("customers", "orders", "hosts", "staff", "products", "categories", "organisations", "access-log"),
    *("rights", "exports", "applications", "invitations", "hand-overs", "deliveries", "materials"),
)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_no_file_whatever_its_address_says(kind: str) -> None:
    desk.furnish()
    boss = browser(a_person(roles.ADMIN))
    found = 0
    for name in LISTS:
        answer = boss.get(f"/hq/{name}/?export={kind}")
        assert "Content-Disposition" not in answer, name
        if answer.status_code == 200:
            found += 1
            assert "</main>" in answer.content.decode(), name
    assert found > 8
