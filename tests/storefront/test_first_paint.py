"""What a consumer's page asks for first, and what it leaves for later (measured by `make bench`)."""

import re

import pytest

from tests.storefront.pages import open_page
from tests.storefront.people import a_host, a_link, a_material, a_phone, a_product

pytestmark = pytest.mark.django_db


def pictures_of(html: str) -> list[str]:
    main = html[html.index("<main") : html.index("</main>")]
    return re.findall(r"<img[^>]*>", main)


def test_the_first_picture_is_asked_for_at_once_and_the_rest_when_they_come_near() -> None:
    product = a_product(picture=True)
    link = a_link(a_host(), a_material(product=product, pictures=3))

    first, *others = pictures_of(open_page(a_phone(), f"/s/{link.code}/"))

    assert 'fetchpriority="high"' in first
    assert 'loading="eager"' in first
    assert len(others) >= 3
    assert all('loading="lazy"' in one and 'fetchpriority="high"' not in one for one in others)
    assert all(re.search(r'width="\d+"', one) and re.search(r'height="\d+"', one) for one in [first, *others])


def test_no_picture_of_an_article_is_wider_than_a_sharp_phone_shows() -> None:
    html = open_page(a_phone(), f"/s/{a_link(a_host(), a_material(pictures=1)).code}/")

    widths = [int(one) for one in re.findall(r" (\d+)w", html)]
    assert widths
    assert max(widths) <= 800


def test_no_script_stands_in_the_way_of_the_first_paint() -> None:
    html = open_page(a_phone(), f"/s/{a_link(a_host(), a_product(picture=True)).code}/")

    scripts = re.findall(r"<script[^>]*>", html)
    assert scripts
    assert all(" defer" in one for one in scripts)
    assert 'rel="stylesheet"' not in html
