"""Many people at once, who go on while processes die: buyers tap again until they are answered."""

import html
import itertools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from tests.flows.house import House
from tests.flows.names import HOST
from tests.flows.pages import WECHAT
from tests.runtime.machine import until
from tests.sandbox_fixture import Sandbox, SandboxRefused

BUYERS = 2
PACE_S = 0.5


@dataclass
class Crowd:
    """Buyers on their phones and consumers who add the host in WeCom."""

    house: House
    wecom: Sandbox
    code: str
    sku: str
    #: Phone and quantity of every order that was answered with its page.
    ordered: dict[str, int] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    repeats: int = 0

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._numbers = itertools.count(1)
        self._troubles: list[BaseException] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the end of the block; then everybody finishes what she began."""
        threads = [threading.Thread(target=self._work, args=[self._buy]) for _ in range(BUYERS)]
        threads.append(threading.Thread(target=self._work, args=[self._add_host]))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
        assert self._troubles == []

    def go_on(self) -> None:
        """Wait until a few more orders and contacts went through."""
        orders, contacts = len(self.ordered), len(self.added)

        def have_gone_on() -> bool:
            assert self._troubles == []
            return len(self.ordered) >= orders + 3 and len(self.added) >= contacts + 1

        until(have_gone_on, "more orders and contacts", patience=300)

    def _work(self, act: Callable[[], None]) -> None:
        try:
            while not self._over.is_set():
                act()
                self._over.wait(PACE_S)
        except BaseException as trouble:  # noqa: BLE001 - a thread's failure is the test's
            self._troubles.append(trouble)

    # A buyer

    def _buy(self) -> None:
        number = next(self._numbers)
        phone, quantity = f"139{number:08}", 1 + number % 2
        with requests.Session() as browser:
            browser.trust_env = False
            browser.headers["user-agent"] = WECHAT
            address = f"{self.house.url}/s/{self.code}/order/?sku={self.sku}"
            page = self._answered(browser, "GET", address)
            assert page.status_code == 200, page.text
            form = {
                **{
                    name: _hidden(page.text, name)
                    for name in ("csrfmiddlewaretoken", "key", "price_fen", "seen")
                },
                "quantity": str(quantity),
                "name": "王小雨",
                "phone": phone,
                "address": f"杭州市西湖区文三路 {number} 号",
                "consent": "on",
            }
            done = self._answered(browser, "POST", address, form)
            assert done.status_code == 302, done.text
        self.ordered[phone] = quantity

    def _answered(
        self, browser: requests.Session, method: str, address: str, form: dict[str, str] | None = None
    ) -> requests.Response:
        """The same request, again and again, until somebody is there to answer it."""
        answers: list[requests.Response] = []

        def has_answered() -> bool:
            try:
                answer = browser.request(method, address, data=form, allow_redirects=False, timeout=30)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code < 500 and answer.status_code != 429:
                answers.append(answer)
                return True
            self.repeats += 1
            self._over.wait(PACE_S)
            return False

        until(has_answered, f"an answer to {method}", patience=300)
        return answers[0]

    # A consumer who adds the host

    def _add_host(self) -> None:
        try:
            self.added.append(self.wecom.customer_adds(HOST)["external_userid"])
        except (requests.RequestException, SandboxRefused):
            # WeCom itself was killed with the supervisor: its own books say who was added.
            self._over.wait(1)


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"\s+value="([^"]*)"', page)
    assert found is not None, page
    return html.unescape(found.group(1))
