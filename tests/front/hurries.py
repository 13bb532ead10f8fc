"""Sixty things that a hurried person does with a form, and the hand that does them in a real browser."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Error, Page, Route

from apps.accounts.models import RateHit, Session
from tests.browsing import window
from tests.factories import PASSWORD

#: Each line is one thing done, in the words of `Hand`.
HURRIES = (
    # Taps.
    "fill tap",
    "fill tap tap",
    "fill tap tap tap",
    "fill tap arrive tap",
    "fill tap arrive back tap",
    "fill tap arrive back forward",
    # Back, reload, away and back again.
    "fill reload tap",
    "fill reload reload tap",
    "fill leave return tap",
    "fill leave back tap",
    "fill close open tap",
    "fill leave close open tap",
    "fill tap reload",
    "fill tap back",
    "fill tap leave",
    "fill tap close open",
    "fill tap arrive reload",
    "fill tap arrive back reload",
    "fill tap arrive close open",
    "fill back return tap",
    # Without a network.
    "fill offline tap online",
    "offline fill tap online",
    "fill offline tap tap online",
    "fill offline tap tap tap online",
    "fill offline tap online tap",
    "fill offline tap online reload",
    "fill offline tap online leave",
    "fill offline tap close online open",
    "fill offline tap reload online return",
    "fill offline tap back online return",
    "fill offline reload online return tap",
    "fill offline leave online return tap",
    "fill offline online tap",
    "fill offline tap online offline online",
    "fill offline tap online window",
    "fill offline tap session online",
    # The session ends.
    "fill session tap sign-in tap",
    "session fill tap sign-in tap",
    "fill session tap tap sign-in tap",
    "fill session reload sign-in tap",
    "fill session leave sign-in return tap",
    "fill session tap back",
    "fill session window sign-in first tap",
    "fill session window sign-in tap",
    "fill tap session",
    "fill tap arrive session back",
    # Two windows.
    "fill window tap",
    "fill window tap first tap",
    "fill tap window tap",
    "fill window close tap",
    "window fill tap first reload",
    "fill tap arrive window first reload",
    # A slow network, and one that swallows.
    "slow fill tap",
    "slow fill tap tap",
    "slow fill tap reload",
    "slow fill tap back",
    "slow fill reload tap",
    "fill deaf tap return tap",
    "fill deaf tap back tap",
    "fill mute tap return tap",
)
PATIENCE_S = 90
_KEPT = "() => Object.values(JSON.parse(localStorage.getItem('dac.kept') || '{}')).map(({state}) => state)"
_FILL = """
(form, {fields, ticks}) => {
  for (const [name, value] of Object.entries(fields)) {
    let one = form.elements[name];
    one.value = value;
    if (one instanceof RadioNodeList) one = [...one].find((other) => other.checked);
    one.dispatchEvent(new Event("input", {bubbles: true}));
    one.dispatchEvent(new Event("change", {bubbles: true}));
  }
  for (const name of ticks) if (!form.elements[name].checked) form.elements[name].click();
}
"""
#: The button as a thumb meets it; nothing where the page has no such form any more.
_TAP = """
({form, button}) => {
  const one = document.querySelector(form);
  if (one) one.dataset.confirmed = "1";  // asked "sure?", she says yes at once
  const buttons = one ? [...one.elements].filter((other) => other.type === "submit") : [];
  (button ? buttons.find((other) => other.value === button) : buttons[0])?.click();
}
"""
_VALUE = "({form, name}) => document.querySelector(form)?.elements[name]?.value ?? null"


@dataclass(frozen=True)
class Sheet:
    """One form on one page: what is typed into it, and how often that took effect."""

    address: str
    form: str
    fields: Mapping[str, str]
    effects: Callable[[], int]
    ticks: tuple[str, ...] = ()
    button: str = ""
    #: A page of the same people, to go away to.
    elsewhere: str = "/"
    #: What the page says when it has it already: then her words may stay, to be taken away by her.
    known: str = ""
    #: Before each: a basket filled, for instance.
    before: Callable[[Page], None] = field(default=lambda page: None)

    @property
    def first(self) -> tuple[str, str]:
        return next(iter(self.fields.items()), ("", ""))


class Hand:
    """Somebody in a hurry, with a browser of her own."""

    def __init__(self, chromium: Browser, web: str, sheet: Sheet, user: Any, size: str) -> None:
        self.sheet, self.user = sheet, user
        self.context: BrowserContext = window(chromium, web, size)
        self.context.on("page", lambda page: page.on("dialog", lambda dialog: dialog.accept()))
        self.pages: list[Page] = [self.context.new_page()]
        self.at_login = "/hq/login/" if sheet.address.startswith("/hq/") else "/login/"

    @property
    def page(self) -> Page:
        return self.pages[-1]

    def begin(self) -> None:
        if self.user is not None:
            self._go(self.at_login)
            self._sign_in()
        self._go(self.sheet.elsewhere)
        self.sheet.before(self.page)
        self._go(self.sheet.address)

    def do(self, hurry: str) -> None:
        for step in hurry.split():
            getattr(self, f"_{step.replace('-', '_')}")()

    # --- what she does --------------------------------------------------------------------------------

    def _go(self, address: str) -> None:
        """Open a page; what is still under way may get in between, and without a network nothing opens."""
        for _ in range(5):
            try:
                self.page.goto(address)
            except Error as error:
                if "ERR_INTERNET_DISCONNECTED" in str(error):
                    return
            else:
                return
        self.page.goto(address)

    def _quiet(self, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Error:
            return None

    def _fill(self) -> None:
        form = self.page.locator(self.sheet.form).first
        form.wait_for(state="attached")
        form.evaluate(_FILL, {"fields": dict(self.sheet.fields), "ticks": self.sheet.ticks})

    def _tap(self) -> None:
        self._quiet(lambda: self.page.evaluate(_TAP, {"form": self.sheet.form, "button": self.sheet.button}))

    def _arrive(self) -> None:
        self._until(lambda: self.sheet.effects() > 0)
        self._quiet(lambda: self.page.wait_for_load_state("load"))

    def _reload(self) -> None:
        self._quiet(self.page.reload)

    def _back(self) -> None:
        self._quiet(self.page.go_back)

    def _forward(self) -> None:
        self._quiet(self.page.go_forward)

    def _leave(self) -> None:
        self._go(self.sheet.elsewhere)

    def _return(self) -> None:
        self._go(self.sheet.address)

    def _close(self) -> None:
        self.pages.pop().close()
        if not self.pages:
            self.pages.append(self.context.new_page())

    def _open(self) -> None:
        self._go(self.sheet.address)

    def _window(self) -> None:
        self.pages.append(self.context.new_page())
        self._go(self.sheet.address)

    def _first(self) -> None:
        self.pages.append(self.pages.pop(0))

    def _offline(self) -> None:
        self.context.set_offline(True)

    def _online(self) -> None:
        self.context.set_offline(False)

    def _session(self) -> None:
        """Hers ends; a consumer has none, and her browser forgets the token of her forms."""
        if self.user is not None:
            Session.objects.all().delete()
        else:
            self.context.clear_cookies(name="csrftoken")

    def _sign_in(self) -> None:
        if self.user is None:
            return
        if "/login/" not in self.page.url:
            self._go(self.sheet.address)
        if "/login/" not in self.page.url:
            return
        self.page.fill("[name=username]", self.user.username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def _slow(self) -> None:
        wire = self.context.new_cdp_session(self.page)
        wire.send(
            "Network.emulateNetworkConditions",
            {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000},
        )

    def _deaf(self) -> None:
        """The next form gets there, and its answer does not come back."""

        def swallow(route: Route) -> None:
            if route.request.method != "POST" or "_once" not in str(route.request.post_data_buffer):
                return route.fallback()
            self.context.unroute("**/*", swallow)
            route.fetch(max_redirects=0)
            return route.abort()

        self.context.route("**/*", swallow)

    def _mute(self) -> None:
        """The next form is lost on its way."""

        def swallow(route: Route) -> None:
            if route.request.method != "POST" or "_once" not in str(route.request.post_data_buffer):
                return route.fallback()
            self.context.unroute("**/*", swallow)
            return route.abort()

        self.context.route("**/*", swallow)

    # --- how it ends ----------------------------------------------------------------------------------

    def _until(self, done: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + PATIENCE_S
        while not done():
            if time.monotonic() > deadline:
                return False
            self._quiet(lambda: self.page.wait_for_timeout(100))
        return True

    def _states(self) -> list[str]:
        found: list[list[str]] = []

        def is_told() -> bool:
            # Nothing is told while one page goes and another comes.
            told = self._quiet(lambda: self.page.evaluate(_KEPT))
            found.append(told or [])
            return told is not None

        self._until(is_told)
        return found[-1]

    def _is_known(self) -> bool:
        words = self.sheet.known
        return bool(words) and words in (self._quiet(lambda: self.page.locator("body").inner_text()) or "")

    def _settled(self) -> bool:
        """Nothing of hers is on its way any more."""
        return not {"waiting", "sent"} & set(self._states())

    def finish(self) -> str:
        """The net is there and she has time: what is wrong in the end, or nothing."""
        self.context.set_offline(False)
        self.context.unroute_all()
        for page in self.pages[:-1]:
            page.close()
        del self.pages[:-1]
        self._until(lambda: self._quiet(lambda: self.page.evaluate("document.readyState")) == "complete")
        for _ in range(4):
            self._return()
            self._sign_in()
            if self.sheet.address.split("?")[0] not in self.page.url:
                self._return()
            self._until(self._settled)
            if self.sheet.effects():
                break
            name, word = self.sheet.first
            if name and self.page.evaluate(_VALUE, {"form": self.sheet.form, "name": name}) != word:
                if not self.sheet.effects():
                    return f"lost: {self.page.url} {self.page.locator('body').inner_text()[:200]}"
                break
            for tick in self.sheet.ticks:
                if not self.page.locator(f"{self.sheet.form} [name={tick}]").is_checked():
                    return f"lost: the tick at {tick}"
            self._tap()
            self._until(lambda: self.sheet.effects() > 0)
        self._return()
        self._until(self._settled)
        if "typed" in self._states():
            # Its answer never came, and she is asked to send it again: so she does.
            self._tap()
            self._until(lambda: not self._states() or self._is_known())
        count = self.sheet.effects()
        if count != 1:
            return f"{count} effects: {self._states()} {self.page.locator('body').inner_text()[:300]}"
        left = self._states()
        return f"still kept: {left}" if left and not self._is_known() else ""

    def end(self) -> None:
        self.context.close()
        RateHit.objects.all().delete()
        connection.close()
