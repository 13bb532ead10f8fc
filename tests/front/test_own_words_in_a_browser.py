"""Words that stand ready to be copied: what she made of them stays, though no form sends them."""

import pytest
from playwright.sync_api import Browser, expect

from tests.accounts import walking
from tests.browsing import chromium, signed_in
from tests.committed import own_tables, transactional_db, web

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

HERS = "姐妹们，这一批我自己先吃过了"


@pytest.fixture
def world(transactional_db: None) -> walking.World:
    return walking.World()


def test_the_words_to_share_when_she_comes_back_to_them(
    world: walking.World, chromium: Browser, web: str
) -> None:
    share = f"/materials/{world.values['materials/']['public_id']}/share/"
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        page.goto(share)
        page.get_by_role("button", name="发朋友圈").click()
        words = page.locator("#share-text")
        served = words.input_value()
        words.fill(HERS)

        page.goto(share)
        page.get_by_role("button", name="发朋友圈").click()
        expect(words).to_have_value(HERS)
        page.get_by_role("button", name="用原来的").click()
        expect(words).to_have_value(served)
        page.goto(share)
        page.get_by_role("button", name="发朋友圈").click()
        expect(words).to_have_value(served)
        expect(page.get_by_text("你改过的话还在")).to_have_count(0)


def test_the_question_has_a_new_link_among_her_words(
    world: walking.World, chromium: Browser, web: str
) -> None:
    her = f"/customers/{world.values['customers/']['public_id']}/"
    ask = 'form[action$="/ask-offers/"] button'
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        links = []
        for _ in range(2):
            page.goto(her)
            page.locator(ask).first.click()
            words = page.locator("#ask-words")
            links.append(words.get_attribute("data-own-link"))
            if len(links) == 1:
                words.fill(f"{HERS} {links[0]} 点开选一下")
        assert links[0] != links[1]
        expect(words).to_have_value(f"{HERS} {links[1]} 点开选一下")
