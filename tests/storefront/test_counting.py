"""What counts as a visit, as reading, and what does not."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.database import crypto
from apps.storefront.throttles import NEW_BROWSERS_AN_HOUR
from apps.tracking.models import Visitor
from tests.factories import a_person_at_hq
from tests.storefront.pages import data_of, open_page
from tests.storefront.people import (
    WECHAT,
    a_host,
    a_link,
    a_material,
    a_phone,
    a_product,
    events,
    on_shelf,
    order_url,
)

pytestmark = pytest.mark.django_db


def say_read(phone: Client, html: str, **values: str) -> int:
    body = {"page": data_of(html, "page"), "csrfmiddlewaretoken": data_of(html, "csrf"), **values}
    return phone.post(data_of(html, "read-url"), body).status_code


def test_a_material_served_to_a_person_is_one_view_by_a_new_visitor() -> None:
    host = a_host()
    material = a_material()
    link = a_link(host, material)
    phone = a_phone()

    open_page(phone, f"/s/{link.code}/")

    (event,) = events()
    visitor = Visitor.objects.get()
    assert event.name == "material.viewed"
    assert (event.host_id, event.link_id, event.visitor_id) == (host.pk, link.pk, visitor.pk)
    assert (event.subject_kind, event.subject_id) == ("material", material.pk)


def test_product_and_shelf_links_are_counted_by_their_own_names() -> None:
    host = a_host()
    product = a_product()
    on_shelf(host, product)
    phone = a_phone()

    open_page(phone, f"/s/{a_link(host, product).code}/")
    open_page(phone, f"/s/{a_link(host, host).code}/")

    assert [(e.name, e.subject_id) for e in events()] == [
        ("product.viewed", product.pk),
        ("shelf.viewed", host.pk),
    ]


def test_a_product_behind_a_material_is_a_view_of_the_product_by_the_same_link() -> None:
    host, product = a_host(), a_product()
    link = a_link(host, a_material(product=product))

    open_page(a_phone(), f"/s/{link.code}/p/{product.public_id}/")

    (event,) = events()
    assert (event.name, event.subject_id, event.link_id) == ("product.viewed", product.pk, link.pk)


def test_the_cookie_is_random_hashed_at_rest_and_lasts_180_days() -> None:
    link = a_link(a_host(), a_material())
    phone = a_phone()

    phone.get(f"/s/{link.code}/")

    cookie = phone.cookies["v"]
    assert len(cookie.value) >= 21  # 128 bits in base58
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 180 * 24 * 3600
    assert bytes(Visitor.objects.get().digest) == crypto.digest(cookie.value)


def test_the_cookie_is_secure_where_pages_are(settings: object) -> None:
    settings.SESSION_COOKIE_SECURE = True  # type: ignore[attr-defined]
    link = a_link(a_host(), a_material())
    phone = a_phone()

    phone.get(f"/s/{link.code}/")

    assert phone.cookies["v"]["secure"] is True


def test_who_comes_back_is_the_same_visitor_and_every_visit_counts() -> None:
    link = a_link(a_host(), a_material())
    phone = a_phone()

    first = phone.get(f"/s/{link.code}/")
    second = phone.get(f"/s/{link.code}/")

    assert "v" in first.cookies
    assert "v" not in second.cookies
    assert len({event.visitor_id for event in events("material.viewed")}) == 1
    assert len(events("material.viewed")) == 2


def test_a_made_up_cookie_makes_nobody_known() -> None:
    link = a_link(a_host(), a_material())
    phone = a_phone()
    phone.cookies["v"] = "1" * 22

    phone.get(f"/s/{link.code}/")

    assert phone.cookies["v"].value != "1" * 22
    assert Visitor.objects.count() == 1


MACHINES = [
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (compatible; Bytespider)",
    "facebookexternalhit/1.1",
    "WhatsApp/2.23.20.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; WeComBot/1.0; LinkPreview)",
    "",
    "curl/8.5.0",
    "axios/1.7.2",
    "node",
    "PostmanRuntime/7.39.0",
    "Java-http-client/21",
    "okhttp/4.12.0",
    "Dalvik/2.1.0 (Linux; U; Android 13)",
    "Mozilla/5.0 (compatible; python-httpx/0.27)",
    "python-requests/2.32",
    "Go-http-client/1.1",
]
PEOPLE = [
    WECHAT,
    "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Chrome/116 Mobile MicroMessenger/8.0.42",
    "Mozilla/5.0 (Linux; U; Android 9) AppleWebKit/537.36 SogouMobileBrowser/6.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0) AppleWebKit/605.1.15 baiduboxapp/13.36",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/119 wxwork/4.1.20 MicroMessenger/7.0.1",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36",
]


@pytest.mark.parametrize("agent", MACHINES)
def test_machines_get_the_page_and_are_not_counted(agent: str) -> None:
    link = a_link(a_host(), a_material("糖心苹果"))

    answer = Client().get(f"/s/{link.code}/", headers={"User-Agent": agent})

    assert answer.status_code == 200
    assert 'property="og:title" content="糖心苹果"' in answer.content.decode()
    assert "v" not in answer.cookies
    assert (events(), Visitor.objects.count()) == ([], 0)


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_are_counted_whatever_their_phone_is_called(agent: str) -> None:
    link = a_link(a_host(), a_material())

    Client().get(f"/s/{link.code}/", headers={"User-Agent": agent})

    assert [event.name for event in events()] == ["material.viewed"]


def test_head_and_prefetching_are_not_counted() -> None:
    link = a_link(a_host(), a_material())
    phone = a_phone()

    assert phone.head(f"/s/{link.code}/").status_code == 200
    phone.get(f"/s/{link.code}/", headers={"Sec-Purpose": "prefetch;prerender"})
    phone.get(f"/s/{link.code}/", headers={"X-Moz": "prefetch"})

    assert (events(), Visitor.objects.count()) == ([], 0)


def test_a_page_that_is_gone_or_was_never_there_is_no_view() -> None:
    host = a_host()
    expired = a_material(expire_at=timezone.now() + timedelta(days=1))
    link = a_link(host, expired)
    phone = a_phone()

    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        open_page(phone, f"/s/{link.code}/", status=410)
    open_page(phone, "/s/1111111111/", status=404)

    assert events() == []


def test_reading_counts_once_for_one_served_page() -> None:
    host, material = a_host(), a_material()
    link = a_link(host, material)
    phone = a_phone()
    html = open_page(phone, f"/s/{link.code}/")

    assert [say_read(phone, html) for _ in range(3)] == [204, 204, 204]

    (event,) = events("material.read")
    assert (event.host_id, event.link_id, event.subject_id) == (host.pk, link.pk, material.pk)
    assert event.visitor_id == Visitor.objects.get().pk


def test_each_page_view_may_be_read_once() -> None:
    link = a_link(a_host(), a_material())
    phone = a_phone()

    for _ in range(2):
        say_read(phone, open_page(phone, f"/s/{link.code}/"))

    assert len(events("material.read")) == 2


def test_reading_a_product_and_a_shelf_carries_their_names() -> None:
    host, product = a_host(), a_product()
    phone = a_phone()

    say_read(phone, open_page(phone, f"/s/{a_link(host, product).code}/"))
    say_read(phone, open_page(phone, f"/s/{a_link(host, host).code}/"))

    assert [event.name for event in events() if event.name.endswith("read")] == ["product.read", "shelf.read"]


def test_the_signal_needs_the_csrf_token() -> None:
    link = a_link(a_host(), a_material())
    phone = a_phone()
    html = open_page(phone, f"/s/{link.code}/")

    assert say_read(phone, html, csrfmiddlewaretoken="x" * 64) == 403
    assert events("material.read") == []


def test_the_signal_can_not_be_made_up_or_moved_to_another_link() -> None:
    host = a_host()
    phone = a_phone()
    one, other = a_link(host, a_material("甲")), a_link(host, a_material("乙"))
    html = open_page(phone, f"/s/{one.code}/")
    csrf = data_of(html, "csrf")

    for url, page in [
        (f"/s/{other.code}/read/", data_of(html, "page")),
        (f"/s/{one.code}/read/", data_of(html, "page") + "x"),
        (f"/s/{one.code}/read/", ""),
        (f"/s/{one.code}/read/", "a.b:c"),
    ]:
        assert phone.post(url, {"page": page, "csrfmiddlewaretoken": csrf}).status_code == 400
    missing = phone.post("/s/1111111111/read/", {"page": "", "csrfmiddlewaretoken": csrf})
    assert missing.status_code == 404
    assert events("material.read") == []


def test_a_page_left_open_for_days_is_not_being_read_any_more() -> None:
    link = a_link(a_host(), a_material())
    phone = a_phone()
    html = open_page(phone, f"/s/{link.code}/")

    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        assert say_read(phone, html) == 400

    assert events("material.read") == []


def test_the_page_names_no_primary_keys() -> None:
    link = a_link(a_host(), a_material())
    html = open_page(a_phone(), f"/s/{link.code}/")

    id_, rest = data_of(html, "page").split(".")
    assert [event.id.hex for event in events()] == [id_]
    assert rest.split(":")[0].isdecimal()  # the moment, not a key


def test_opening_the_order_form_is_a_tap_for_phones_without_scripts() -> None:
    host, product = a_host(), a_product()
    material = a_material(product=product)
    link = a_link(host, material)
    phone = a_phone()
    open_page(phone, f"/s/{link.code}/")

    open_page(phone, order_url(link, product))
    open_page(phone, order_url(link, product))

    assert [(e.name, e.subject_id) for e in events()] == [
        ("material.viewed", material.pk),
        ("material.read", material.pk),
    ]


def test_the_order_form_adds_no_tap_when_the_page_said_it_is_read() -> None:
    host, product = a_host(), a_product()
    link = a_link(host, product)
    phone = a_phone()
    say_read(phone, open_page(phone, f"/s/{link.code}/"))

    open_page(phone, order_url(link, product))

    assert [event.name for event in events()] == ["product.viewed", "product.read"]


def test_the_same_program_without_our_cookie_counts_as_a_household_at_most() -> None:
    link, other = a_link(a_host(), a_material()), a_link(a_host("小美"), a_material())
    known = a_phone()
    known.get(f"/s/{link.code}/")

    for _ in range(20):
        answer = a_phone().get(f"/s/{link.code}/")  # no cookie is ever given back
        assert answer.status_code == 200

    assert len(events("material.viewed")) == Visitor.objects.count() == NEW_BROWSERS_AN_HOUR
    known.get(f"/s/{link.code}/")  # who is known counts on
    a_phone(**{"User-Agent": f"{WECHAT} Language/zh_CN"}).get(f"/s/{link.code}/")
    a_phone(**{"X-Forwarded-For": "203.0.113.9"}).get(f"/s/{link.code}/")
    a_phone().get(f"/s/{other.code}/")
    assert len(events("material.viewed")) == NEW_BROWSERS_AN_HOUR + 4
    with time_machine.travel(timezone.now() + timedelta(hours=1, minutes=1)):
        a_phone().get(f"/s/{link.code}/")
    assert len(events("material.viewed")) == NEW_BROWSERS_AN_HOUR + 5


def test_the_host_herself_and_hq_look_without_being_visits() -> None:
    host = a_host()
    product = a_product()
    link, order = a_link(host, product), order_url(a_link(host, product), product)
    hers, staff, colleague = a_phone(), a_phone(), a_phone()
    hers.force_login(host.user)
    hers.get("/me/")  # her phone is known as hers from now on
    staff.force_login(a_person_at_hq(roles.EDITOR))
    colleague.force_login(a_host("小美").user)

    for phone in (hers, staff):
        assert phone.get(f"/s/{link.code}/").status_code == 200
        assert phone.get(order).status_code == 200
    hers.post("/logout/", {"csrfmiddlewaretoken": hers.cookies["csrftoken"].value})
    hers.cookies.pop("sessionid", None)
    assert hers.get("/").status_code == 302  # signed out
    assert hers.get(f"/s/{link.code}/").status_code == 200

    assert events() == []
    colleague.get(f"/s/{link.code}/")  # to her it is a shop like another
    assert len(events("product.viewed")) == 1
