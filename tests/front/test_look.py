"""What the look promises: readable colours, small pages, error pages that need nothing."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import loader

ROOT = Path(settings.ROOT)


def channel(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens(start: str) -> dict[str, str]:
    css = (ROOT / "static" / "css" / "base.css").read_text()
    block = css[css.index(start) :]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


@pytest.mark.parametrize(
    ("start", "grounds"),
    [("body {", ["#ffffff", "#ededed"]), ('body[data-weui-theme="dark"] {', ["#191919", "#111111"])],
)
def test_text_colours_reach_aa_on_card_and_page(start: str, grounds: list[str]) -> None:
    found = tokens(start)
    for name in ("brand", "money", "danger"):
        washes = [found[f"{name}-wash"]]
        for ground in grounds + washes:
            assert contrast(found[name], ground) >= 4.5, (name, ground)


def test_white_text_on_the_main_button_reaches_aa() -> None:
    assert contrast(tokens("body {")["brand-fill"], "#ffffff") >= 4.5


@pytest.mark.parametrize("name", ["403", "404", "500"])
def test_error_pages_render_from_nothing(name: str) -> None:
    page = loader.get_template(f"{name}.html").render({})
    assert "<h1>" in page
    assert "sheets/host.css" in page
    assert "csrf" not in page


def static_bytes(address: str) -> int:
    path = finders.find(address.removeprefix(settings.STATIC_URL))
    assert isinstance(path, str), address
    return len(gzip.compress(Path(path).read_bytes(), 9))


def test_what_a_consumer_page_loads_leaves_room_under_100_kb() -> None:
    page = loader.get_template("base_consumer.html").render({})
    linked = re.findall(r"(?:href|src)=\"(/static/[^\"]+\.(?:css|js|svg))\"", page)
    assert linked
    assert sum(map(static_bytes, linked)) + len(gzip.compress(page.encode(), 9)) < 20_000
