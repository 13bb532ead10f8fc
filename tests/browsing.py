"""A real browser for tests that serve the product from their own process (tests/committed.py, `web`)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from apps.accounts.models import User
from runtime.machine import find_browser

#: Chromium's own calls home would only meet a closed network.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 90_000
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
#: A folder for pictures of the pages on the way; without it none are taken.
SHOTS = os.environ.get("STORY_SHOTS", "")
_AXE = Path(settings.ROOT) / "build" / "tools" / "axe.min.js"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # Playwright runs a loop in this thread, beside which Django would refuse to touch the database.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(QUIET))
        # Far off: a busy machine is no fault of the page.
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def patient_context(chromium: Browser, **options: Any) -> BrowserContext:
    """A browser of nobody's yet, in which a step may take as long as a busy machine needs."""
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context


def window(chromium: Browser, web: str, size: str = "phone") -> BrowserContext:
    """A browser of nobody's yet, with a clipboard."""
    width, height = SIZES[size]
    return patient_context(
        chromium,
        base_url=web,
        viewport={"width": width, "height": height},
        locale="zh-CN",
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",  # what is still fading in has no contrast yet
    )


def signed_in(chromium: Browser, web: str, user: User, size: str = "phone") -> BrowserContext:
    context = window(chromium, web, size)
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": web}])
    return context


def faults(page: Page) -> list[dict[str, Any]]:
    """Serious and critical violations that axe finds on the page once it is at rest.

    What still slides or fades in has no contrast yet: only what is there at every look counts.
    """
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = _violations(page)
    for _ in range(3):
        if not found:
            break
        page.wait_for_timeout(700)
        found = _violations(page)
    return found


def _violations(page: Page) -> list[dict[str, Any]]:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        {"rule": one["id"], "help": one["help"], "nodes": [node["html"][:160] for node in one["nodes"][:3]]}
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


def shot(page: Page, name: str) -> None:
    """Keep the whole page as it looks in both sizes."""
    if not SHOTS:
        return
    Path(SHOTS).mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(250)
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True, animations="disabled")
    if before:
        page.set_viewport_size(before)
