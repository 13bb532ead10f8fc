"""The main pages in a real browser under their content security policy: nothing is refused."""

import pytest
from playwright.sync_api import Browser, ConsoleMessage

from tests.accounts import walking
from tests.browsing import SIZES, chromium, signed_in, window
from tests.committed import own_tables, transactional_db, web

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

HOST = [
    "",
    "materials/",
    "materials/<uuid:public_id>/",
    "offers/",
    "offers/<uuid:public_id>/",
    "shelf/",
    "customers/",
    "customers/<uuid:public_id>/",
    "me/",
    "me/orders/",
    "me/orders/<uuid:public_id>/",
    "me/settings/",
    "me/settings/tokens/",
    "second-step/set-up/",
]
CONSUMER = [
    "s/<str:code>/",
    "s/<str:code>/p/<str:public_id>/",
    "s/<str:code>/order/",
    "s/<str:code>/orders/",
    "s/<str:code>/basket/",
    "o/<str:token>/",
    "login/",
    "join/<str:token>/",
    "password/<str:token>/",
    "api/docs/",
    "no/such/page/",
]
HQ = [
    "hq/",
    "hq/materials/",
    "hq/materials/add/",
    "hq/materials/edit/<int:pk>/",
    "hq/issues/edit/<int:pk>/",
    "hq/images/add/",
    "hq/products/",
    "hq/products/edit/<int:pk>/",
    "hq/hosts/<uuid:public_id>/",
    "hq/customers/",
    "hq/orders/<uuid:public_id>/",
    "hq/insights/",
    "hq/roles/",
    "hq/ways-in/<uuid:public_id>/",
    "hq/my-sign-in/",
    "hq/account/",
    "hq/login/",
]


def test_the_ear_hears(chromium: Browser) -> None:
    # Else the silence below would prove nothing.
    page = chromium.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.route(
        "**/*",
        lambda route: route.fulfill(
            body="<script>1</script><p style='color:red'>x</p>",
            headers={"content-type": "text/html", "content-security-policy": "default-src 'self'"},
        ),
    )
    page.goto("http://localhost/")
    page.close()

    assert len([text for text in heard if "Content Security Policy" in text]) == 2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("who", ["host", "consumer", "hq"])
def test_no_page_breaks_its_policy(
    transactional_db: None, chromium: Browser, web: str, who: str, size: str
) -> None:
    world = walking.World()
    routes = {"host": HOST, "consumer": CONSUMER, "hq": HQ}[who]
    if who == "consumer":
        context = window(chromium, web, size)
    else:
        user = world.host.user if who == "host" else world.people["A"]
        context = signed_in(chromium, web, user, size)
    page = context.new_page()
    complaints: list[tuple[str, str]] = []

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Permissions policy" in message.text:
            complaints.append((page.url, message.text))

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append((page.url, str(error))))
    opened = 0
    for route in routes:
        answer = page.goto(world.address(route), wait_until="load")
        assert answer is not None
        assert answer.status < 500, route
        opened += answer.status < 300
        # A tap anywhere harmless: what pages do late they do now.
        page.mouse.wheel(0, 600)
    if who == "hq":
        # The phone frame beside the editor: its page keeps the strict policy and may stand in the console.
        page.goto(world.address("hq/materials/edit/<int:pk>/"))
        page.evaluate(
            """address => new Promise(done => {
                const frame = document.createElement("iframe");
                frame.id = "framed";
                frame.src = address;
                frame.onload = done;
                document.body.append(frame);
            })""",
            world.address("hq/materials/inspect/<int:pk>/"),
        )
        assert page.frame_locator("#framed").locator("h1").count() == 1
    context.close()

    assert opened >= len(routes) - 2
    assert complaints == []
