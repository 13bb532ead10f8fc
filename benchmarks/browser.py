"""First and largest paint in a real browser on a slow phone and a bad network, beside an empty page.

The demo's own pages, served as production serves them: gunicorn, collected and compressed files. The slowness
is the browser's own emulation (CDP): a processor four times slower, 400 kbit/s, 400 ms for each round.
"""

import os
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import ground
from benchmarks.pages import session_of
from benchmarks.report import Verdict
from benchmarks.server import server

ROUNDS = 5
SLOWER = 4
ROUND_TRIP_MS, BYTES_PER_S = 400, 400_000 // 8
#: A phone of five years ago: 390 points wide, two pixels each.
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
_LISTEN = """
window.paints = {fcp: 0, lcp: 0, what: ""};
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.name === "first-contentful-paint") paints.fcp = one.startTime;
}).observe({type: "paint", buffered: true});
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) {
    paints.lcp = one.startTime;
    paints.what = one.url || one.element?.tagName || "";
  }
}).observe({type: "largest-contentful-paint", buffered: true});
"""


@dataclass(frozen=True, slots=True)
class Look:
    """One opening of a page: seconds to its first and largest paint, bytes on the wire without pictures."""

    first: float
    largest: float
    bytes_loaded: int
    what: str


def run(folder: Path) -> list[Verdict]:
    ground.fresh()
    host, article = _demo()
    session = session_of(host)
    _collect()
    verdicts = []
    with server(collected=True) as port, _browser() as chromium:
        site = f"http://127.0.0.1:{port}"
        pages = {
            "empty": ("/bench/empty/s/", ""),
            "article": (f"/s/{article}/", ""),
            "frame": ("/bench/empty/", session),
            "home": ("/", session),
        }
        # Once at full speed: sizes of pictures are made when they are first asked for.
        for path, cookie in pages.values():
            _open(chromium, site, [path], cookie, slow=False)
        looks: dict[str, list[list[Look]]] = {name: [] for name in pages}
        for _ in range(ROUNDS):  # in turns, so that all meet the same moments of the machine
            for name, (path, cookie) in pages.items():
                looks[name].append(_open(chromium, site, [path, path], cookie))
    cold = {name: _typical([one[0] for one in found]) for name, found in looks.items()}
    warm = {name: _typical([one[1] for one in found]) for name, found in looks.items()}
    for name, beside, word in (("article", "empty", "顾客看文章"), ("home", "frame", "大C的首页")):
        one, bare = cold[name], cold[beside]
        said = f"空页 {bare.first:.2f} 秒；{one.bytes_loaded / 1000:.0f} KB，不算图片"
        if name == "article":
            verdicts += [
                Verdict(f"{word}，最大一块画出来（秒）", one.largest, 3.0, True, f"{said}；{one.what}"),
                Verdict(f"{word}，第一笔（秒）", one.first, 2.0, True, said),
                Verdict(f"{word}，不算图片（KB）", one.bytes_loaded / 1000, 100, True, ""),
            ]
        else:
            again = f"空页 {warm[beside].first:.2f} 秒"
            verdicts += [
                Verdict(f"{word}，第一笔（秒）", one.first, 2.5, True, said),
                Verdict(f"{word}再开，第一笔（秒）", warm[name].first, 0.8, True, again),
            ]
        verdicts.append(
            Verdict(f"{word}，第一笔对空页", one.first / bare.first, 1.3, True, "同一次运行，轮流打开")
        )
    return verdicts


def _typical(looks: list[Look]) -> Look:
    return Look(
        statistics.median(one.first for one in looks),
        statistics.median(one.largest for one in looks),
        max(one.bytes_loaded for one in looks),
        looks[-1].what,
    )


def _demo() -> tuple[Any, str]:
    """The demo's own house: its first host, and the code of her link to an article with pictures."""
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from apps.accounts.models import Host
    from apps.library.models import Material
    from apps.sharing import services as sharing
    from apps.sharing import subjects
    from apps.tracking.models import Channel

    call_command("seed_demo")
    host = Host.objects.get(user__username="host1")
    now = timezone.now()
    material = (
        Material.objects.filter(kind=Material.Kind.ARTICLE, live=True, pictures__isnull=False)
        .order_by("pk")
        .distinct()
        .first()
        or Material.objects.filter(live=True, pictures__isnull=False).order_by("pk").first()
    )
    assert material is not None
    link = sharing.link_to(host, subjects.of_material(material, now), Channel.GROUP, now=now)
    assert link is not None
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return host, link.code


def _collect() -> None:
    """As production does; the benchmark's process itself serves nothing."""
    import subprocess
    import sys

    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"],
        check=True,
        env={**os.environ, "BENCH_COLLECTED": "1"},
    )


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from runtime.machine import find_browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield browser
        browser.close()


def _open(chromium: Any, site: str, paths: list[str], session: str, *, slow: bool = True) -> list[Look]:
    """These pages one after the other in one browser that begins with nothing kept."""
    context = chromium.new_context(base_url=site, locale="zh-CN", **PHONE)
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    context.add_init_script(_LISTEN)
    page = context.new_page()
    page.set_default_timeout(120_000)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    if slow:
        wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        wire.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": ROUND_TRIP_MS,
                "downloadThroughput": BYTES_PER_S,
                "uploadThroughput": BYTES_PER_S,
            },
        )
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    wire.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    looks = []
    for path in paths:
        kinds.clear(), sizes.clear()
        page.goto(path, wait_until="load")
        page.wait_for_load_state("networkidle")
        # Asked again and again from here: the pages' policy forbids what `wait_for_function` does in them.
        while not ((seen := page.evaluate("paints"))["fcp"] and seen["lcp"]):
            page.wait_for_timeout(100)
        weight = sum(size for one, size in sizes.items() if kinds.get(one) not in ("Image", "Media"))
        looks.append(Look(seen["fcp"] / 1e3, seen["lcp"] / 1e3, weight, seen["what"].rpartition("/")[2]))
        page.goto("about:blank")
    context.close()
    return looks
