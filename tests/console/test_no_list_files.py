"""Lists that tell of persons leave as a file by an approved export alone, whatever their address says."""

import pytest

from apps.accounts import roles
from apps.console_kit.lists import registry
from tests.console import desk
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db
#: Lists that tell of nobody but what HQ itself writes: they leave at once, and who took them is written down.
OF_THINGS = {
    *("brands", "cases", "categories", "festivals", "images", "invitations", "issues", "lessons"),
    *("materials", "notices", "organisations", "paths", "poster-templates", "products", "suppliers"),
    *("videos", "words"),
}


def test_a_new_list_says_whether_it_tells_of_persons() -> None:
    assert {key for key, viewset in registry.every().items() if not viewset.desk.personal} == OF_THINGS


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_of_persons_is_no_file_whatever_is_asked(kind: str) -> None:
    desk.furnish()
    boss = browser(a_person(roles.ADMIN))
    found = 0
    for key, viewset in registry.every().items():
        answer = boss.get(f"{viewset.list_url}?export={kind}")
        assert "Content-Disposition" not in answer, key
        if answer.status_code == 200:
            found += 1
            assert "</main>" in answer.content.decode(), key
        if viewset.desk.personal:
            sent = boss.post(f"/hq/lists/{key}/export/", {"kind": kind, "everything": "on"})
            assert "Content-Disposition" not in sent, key
    assert found > 8


def test_who_may_not_ask_for_exports_may_not_here_either() -> None:
    desk.furnish()
    analyst = browser(a_person(roles.ANALYST))

    assert "申请导出" not in analyst.get("/hq/hosts/").content.decode()
    assert analyst.post("/hq/lists/hosts/export/", {"kind": "xlsx"}).status_code in {302, 403}
