"""Back, reload, twice, offline, after the session: nothing typed is lost and nothing happens twice."""

import pytest
from playwright.sync_api import Browser

from tests import scale
from tests.accounts import walking
from tests.browsing import chromium
from tests.committed import own_tables, transactional_db, web
from tests.factories import PASSWORD
from tests.front.hurried_forms import FORMS, Form, people
from tests.front.hurries import HURRIES, Hand

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

#: How many of the hurries a form meets in `make test`.
SHARE = 2


def test_the_table_is_whole() -> None:
    assert len(set(HURRIES)) == len(HURRIES) == 60
    assert {side: sum(one.side == side for one in FORMS) for side in ("phone", "desk", "consumer")} == {
        "phone": 10,
        "desk": 10,
        "consumer": 10,
    }


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.side}-{form.name}")
def test_nothing_is_lost_and_nothing_happens_twice(
    transactional_db: None, chromium: Browser, web: str, form: Form
) -> None:
    first = FORMS.index(form) * SHARE + scale.SEED
    chosen = [HURRIES[(first + n) % len(HURRIES)] for n in range(scale.of(SHARE, len(HURRIES)))]
    world = walking.World()
    user, size = people(world)[form.side]
    if user is not None:
        user.set_password(PASSWORD)
        user.save()
    wrong = []
    for n, hurry in enumerate(chosen, 1):
        sheet = form.make(world, n)
        hand = Hand(chromium, web, sheet, user, size)
        try:
            hand.begin()
            hand.do(hurry)
            if said := hand.finish():
                wrong.append(f"{hurry}: {said}")
        finally:
            hand.end()
    assert not wrong, "\n".join(wrong)
