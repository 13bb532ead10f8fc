"""What holds for every page: who gets in, whose rows, which method, and how the look is loaded."""

import re
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.catalog.services import add_to_shelf
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.lib.ids import uuid7
from apps.trade.models import Order
from apps.workbench.urls import urlpatterns
from tests.factories import a_person_at_hq
from tests.workbench.conftest import phone_of
from tests.workbench.issues import a_material

#: Signing in, and becoming a host by a private link (tests/accounts/test_joining.py).
OPEN = {"sign-in", "sign-out", "join", "join-state", "join-withdraw", "join-begin", "join-start"}
PAGES = [pattern for pattern in urlpatterns if pattern.name not in OPEN]
OF_A_ROW = [pattern for pattern in PAGES if "public_id" in str(pattern.pattern)]
PLAIN = [pattern for pattern in PAGES if "<" not in str(pattern.pattern)]


def address(pattern: URLPattern, public_id: UUID, name: str = "visits") -> str:
    route = str(pattern.pattern)
    kwargs: dict[str, object] = {}
    if "public_id" in route:
        kwargs["public_id"] = public_id
    if "tag_id" in route:
        kwargs["tag_id"] = public_id
    if "<str:name>" in route:
        kwargs["name"] = name
    if "<str:kind>" in route:
        kwargs["kind"] = "face"
    return reverse(f"workbench:{pattern.name}", kwargs=kwargs)


def ask(client: Client, url: str) -> int:
    """The answer to a GET, or to a POST where GET is not for this address."""
    answer = client.get(url)
    if answer.status_code == 405:
        answer = client.post(
            url, {"text": "x", "name": "x", "channel": "group", "act": "copied", "step": "add"}
        )
    return answer.status_code


@pytest.mark.parametrize("pattern", PAGES, ids=lambda pattern: pattern.name)
def test_strangers_are_sent_to_sign_in(db: None, client: Client, pattern: URLPattern) -> None:
    url = address(pattern, uuid4())
    for answer in (client.get(url), client.post(url)):
        assert answer.status_code in {302, 405}
        if answer.status_code == 302:
            assert answer["Location"].startswith("/login/?next=")


def test_a_part_asked_for_by_a_stranger_sends_the_whole_page(db: None, client: Client) -> None:
    answer = client.get("/customers/", headers={"hx-request": "true"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/login/")


def test_people_at_hq_are_sent_to_the_console(db: None, client: Client) -> None:
    client.force_login(a_person_at_hq(roles.OPERATOR))
    assert client.get("/")["Location"] == "/hq/"


def test_a_host_who_left_is_refused_at_once(lin: Host, phone: Client) -> None:
    Host.objects.filter(pk=lin.pk).update(status=Host.Status.LEFT)
    assert phone.get("/").status_code == 403


@pytest.mark.parametrize("pattern", OF_A_ROW, ids=lambda pattern: pattern.name)
def test_an_absent_row_is_404(phone: Client, pattern: URLPattern) -> None:
    assert ask(phone, address(pattern, uuid7())) == 404


def test_another_hosts_rows_are_404_like_absent_ones(
    mei: Host, order: Order, xiaoyu: Relation, apple: Sku, lin: Host, now: datetime
) -> None:
    item = add_to_shelf(lin, apple.product, now=now)
    tag = customers.tag_relation(xiaoyu, name="爱喝茶", by=lin.user, now=now)
    client = phone_of(mei)
    asked = 0
    for pattern in OF_A_ROW:
        route = str(pattern.pattern)
        if route.startswith("customers/"):
            row: UUID = xiaoyu.public_id
        elif route.startswith("me/orders/"):
            row = order.public_id
        elif route.startswith("shelf/"):
            row = item.public_id
        else:
            continue  # offers and materials are everybody's
        url = address(pattern, row)
        if "tag_id" in route:
            url = reverse("workbench:customer-untag", args=[row, tag.public_id])
        assert ask(client, url) == 404, url
        asked += 1
    assert asked >= 18
    order.refresh_from_db()
    assert order.status == Order.Status.PLACED
    assert xiaoyu.notes.count() == 0


@pytest.mark.parametrize("pattern", PLAIN, ids=lambda pattern: pattern.name)
def test_every_page_works_for_a_host_who_has_nothing_yet(phone: Client, pattern: URLPattern) -> None:
    url = address(pattern, uuid4())
    answer = phone.get(url)
    if answer.status_code == 405:
        return
    if pattern.name == "shelf-share":  # nothing to share: back to the shelf, with a word
        assert answer["Location"] == "/shelf/"
        return
    if str(pattern.name).startswith("many-"):  # nobody is chosen: back to the list
        assert answer["Location"].startswith("/customers/")
        return
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.count("<h1") == 1
    assert 'lang="zh-CN"' in page


@pytest.mark.parametrize("pattern", PLAIN, ids=lambda pattern: pattern.name)
def test_methods_without_meaning_are_refused(phone: Client, pattern: URLPattern) -> None:
    url = address(pattern, uuid4())
    assert phone.put(url).status_code == 405
    assert phone.delete(url).status_code == 405


@pytest.mark.parametrize(
    "url", ["/offers/?after=0", "/offers/?after=x", "/customers/?after=-1", "/me/orders/?after=" + "A" * 80]
)
def test_a_place_that_is_none_is_404(phone: Client, url: str) -> None:
    assert phone.get(url).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "/customers/?view=nonsense&sort=nonsense",
        "/materials/?kind=x&occasion=y",
        "/offers/?category=not-a-uuid&sort=zzz",
        "/me/?period=century&chart=zzz",
        "/me/orders/?status=eaten",
        "/me/numbers/visits/?period=x&day=yesterday",
    ],
)
def test_unknown_choices_fall_back_to_the_usual(phone: Client, url: str) -> None:
    assert phone.get(url).status_code == 200


def test_forms_without_a_token_are_refused(lin: Host) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(lin.user)
    assert client.post("/logout/").status_code == 403


def test_the_token_stands_on_the_body_and_the_pages_load_only_our_files(phone: Client) -> None:
    page = phone.get("/").content.decode()
    assert re.search(r"<body[^>]+hx-headers='\{\"X-CSRFToken\": \"\w+\"\}'", page)
    for url in re.findall(r"(?:src|href)=\"([^\"]+)\"", page):
        assert url.startswith(("/", "#", "?")), url


def test_charts_are_loaded_only_where_there_is_one(phone: Client) -> None:
    assert "echarts" in phone.get("/me/").content.decode()
    assert "echarts" not in phone.get("/").content.decode()


def test_a_long_name_is_escaped_and_kept(phone: Client, lin: Host, now: datetime) -> None:
    a_material("<b>超长" + "标题" * 20)
    page = phone.get("/materials/?all").content.decode()
    assert "&lt;b&gt;超长" in page
    assert "<b>超长" not in page
