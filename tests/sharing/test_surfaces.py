"""One way to share: from every surface her link opens the same page, and one act is one event."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
import zxingcpp
from django.test import Client
from django.utils import timezone
from PIL import Image as Pillow

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.lib import clock
from apps.library.models import Material
from apps.library.services import keep_words
from apps.outbox.letters import unpack
from apps.outbox.models import Delivery
from apps.tracking.models import Event, Link
from apps.wecom import commands, welcoming
from apps.wecom.models import MassSend
from tests.factories import MORNING
from tests.storefront.people import a_host, a_material, a_phone, a_product, on_shelf

pytestmark = pytest.mark.django_db

Shared = Material | Product | Host
SCRIPT = Material.Kind.SCRIPT


@pytest.fixture(autouse=True)
def connected(settings: Any) -> None:
    settings.WECOM_CORP_ID, settings.WECOM_CONTACT_SECRET = "ww-corp", "secret"


@pytest.fixture
def lin() -> Host:
    host = a_host("林姐")
    Host.objects.filter(pk=host.pk).update(wecom_userid="lin.guide")
    host.refresh_from_db()
    return host


@pytest.fixture
def phone(lin: Host) -> Client:
    client = Client()
    client.force_login(lin.user)
    return client


def an_article(lin: Host) -> Material:
    return a_material("霜降苹果")


def a_script_that_sells(lin: Host) -> Material:
    return a_material("苹果怎么说", kind=SCRIPT, body=[], share_text="今天的苹果真甜", product=a_product())


def an_apple(lin: Host) -> Product:
    return a_product()


def a_sold_out_apple(lin: Host) -> Product:
    return a_product(stock=0)


def her_shelf(lin: Host) -> Host:
    on_shelf(lin, a_product())
    return lin


def of_api(subject: Shared) -> str:
    match subject:
        case Material():
            return f"/api/v1/materials/{subject.public_id}/links/"
        case Product():
            return f"/api/v1/products/{subject.public_id}/links/"
    return "/api/v1/shelf/links/"


def of_phone(subject: Shared) -> str:
    match subject:
        case Material():
            return f"/materials/{subject.public_id}/share/"
        case Product():
            return f"/offers/{subject.public_id}/share/"
    return "/shelf/share/"


def by_phone(phone: Client, subject: Shared, channel: str = "single") -> str:
    return in_text(phone.post(of_phone(subject), {"channel": channel}).content.decode())


def by_api(phone: Client, subject: Shared, channel: str = "single") -> str:
    answer = phone.post(of_api(subject), {"channel": channel}, "application/json")
    assert answer.status_code == 201
    return str(answer.json()["url"])


def by_mass_message(phone: Client, subject: Shared) -> str:
    by_phone(phone, subject, "group")
    assert isinstance(subject, Material)
    asked = {"channel": "group", "key": uuid4(), "text": "看看这个", "audience": "all"}
    assert phone.post(f"/materials/{subject.public_id}/mass/", asked).status_code == 302
    link = MassSend.objects.get().link
    assert link is not None
    return link.address


def by_note_to_herself(phone: Client, subject: Shared) -> str:
    by_phone(phone, subject)
    assert isinstance(subject, Material)
    assert phone.post(f"/materials/{subject.public_id}/send/", {"channel": "single"}).status_code == 302
    return in_text(getattr(unpack(Delivery.objects.get().letter.body), "text", ""))


def by_bot(phone: Client, subject: Shared) -> str:
    host = Host.objects.get(name="林姐")
    return in_text(commands.answer(host, f"素材 {str(subject)[:2]}", now=timezone.now()))


def by_welcome(phone: Client, subject: Shared) -> str:
    assert isinstance(subject, Host)
    return in_text(welcoming.text_for(subject, now=timezone.now()))


def in_text(text: str) -> str:
    [address] = set(re.findall(r"http://[^\s\"<&]+/s/\w+/", text)) or {""}
    return address


def acts_of_sharing() -> list[Event]:
    return list(Event.objects.filter(name__endswith=".shared"))


MATERIALS = (an_article, a_script_that_sells)
OTHERS = (an_apple, a_sold_out_apple, her_shelf)
ACTS = (by_phone, by_api)
WAYS = [
    *((make, way, 1) for make in (*MATERIALS, *OTHERS) for way in ACTS),
    *((make, way, 1) for make in MATERIALS for way in (by_mass_message, by_note_to_herself)),
    *((make, by_bot, 0) for make in MATERIALS),  # she reads a list
    (her_shelf, by_welcome, 0),  # nobody did anything but come
]


@pytest.mark.parametrize(
    ("make", "way", "events"), WAYS, ids=[f"{make.__name__}-{way.__name__}" for make, way, _ in WAYS]
)
def test_it_opens_the_same_page_for_a_consumer(
    lin: Host,
    phone: Client,
    make: Callable[[Host], Shared],
    way: Callable[[Client, Shared], str],
    events: int,
) -> None:
    subject = make(lin)
    address = way(phone, subject)

    link = Link.objects.get()
    sold = subject.product if isinstance(subject, Material) and subject.kind == SCRIPT else None
    kind = {Material: "material", Product: "product", Host: "shelf"}[type(sold or subject)]
    assert (link.host, link.subject_kind, link.subject_id) == (lin, kind, (sold or subject).pk)
    assert address == link.address
    assert a_phone().get(urlsplit(address).path).status_code == 200
    assert [one.link_id for one in acts_of_sharing()] == [link.pk] * events


@pytest.mark.parametrize("channel", ["group", "single", "moments", "poster", "copy"])
@pytest.mark.parametrize("make", [*MATERIALS, an_apple], ids=lambda make: make.__name__)
def test_phone_and_api_write_the_same(
    lin: Host, phone: Client, make: Callable[[Host], Shared], channel: str
) -> None:
    subject = make(lin)
    with time_machine.travel(MORNING, tick=False):
        assert phone.post(of_phone(subject), {"channel": channel}).status_code == 200
    with time_machine.travel(MORNING + timedelta(days=1), tick=False):
        phone.force_login(lin.user)
        by_api(phone, subject, channel)

    one, other = acts_of_sharing()
    assert Link.objects.get().channel == channel
    assert one.props == other.props == {"channel": channel}
    told = ("name", "host_id", "actor_id", "link_id", "subject_kind", "subject_id")
    assert [getattr(one, name) for name in told] == [getattr(other, name) for name in told]


# --- how often it counts -------------------------------------------------------------------------------

ALL = [*MATERIALS, an_apple]
by_name = {"ids": lambda make: make.__name__}


def channels_shared() -> list[str]:
    return sorted(event.props["channel"] for event in acts_of_sharing())


@pytest.mark.parametrize("make", ALL, **by_name)
def test_looking_at_every_way_is_one_share(lin: Host, phone: Client, make: Callable[[Host], Shared]) -> None:
    subject = make(lin)
    for channel in ("group", "poster", "single", "moments", "group"):
        assert phone.post(of_phone(subject), {"channel": channel}).status_code == 200
    assert channels_shared() == ["group"]


@pytest.mark.parametrize("make", [*ALL, her_shelf], **by_name)
def test_what_she_takes_from_a_second_way_counts_once_a_day(
    lin: Host, phone: Client, make: Callable[[Host], Shared]
) -> None:
    subject = make(lin)
    phone.post(of_phone(subject), {"channel": "group"})
    for _ in range(2):
        for channel in ("group", "single"):
            taken = phone.post(
                of_phone(subject),
                {"channel": channel, "took": "copied"},
                headers={"X-Requested-With": "fetch"},
            )
            assert (taken.status_code, taken.content) == (204, b"")
    assert channels_shared() == ["group", "single"]


def test_the_days_are_those_of_shanghai(lin: Host, phone: Client) -> None:
    material, midnight = an_article(lin), clock.start_of(clock.day_of(MORNING) + timedelta(days=1))
    for at in (midnight - timedelta(minutes=1), midnight):
        with time_machine.travel(at, tick=False):
            phone.force_login(lin.user)
            phone.post(of_phone(material), {"channel": "group"})
    assert channels_shared() == ["group", "group"]


@pytest.mark.parametrize(("took", "how"), [("copied", "长按上面的文字"), ("saved", "长按图片")])
def test_without_scripts_the_page_says_how_to_take_it(lin: Host, phone: Client, took: str, how: str) -> None:
    material = an_article(lin)
    page = phone.post(of_phone(material), {"channel": "moments", "took": took}).content.decode()
    assert how in page
    assert channels_shared() == ["moments"]
    assert Event.objects.filter(name=f"material.{took}").count() == 1


# --- words to say --------------------------------------------------------------------------------------


@pytest.fixture
def words(lin: Host) -> Material:
    return a_material("生日祝福", kind=SCRIPT, body=[], share_text="生日快乐呀")


def test_words_that_sell_nothing_are_given_without_a_link(phone: Client, words: Material) -> None:
    page = phone.post(of_phone(words), {"channel": "group"}).content.decode()
    answer = phone.post(of_api(words), {"channel": "group"}, "application/json")

    assert "生日快乐呀" in page
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in ("id", "url", "text")} == {
        "id": None,
        "url": None,
        "text": "生日快乐呀",
    }
    assert [(one.subject_id, one.link_id) for one in acts_of_sharing()] == [(words.pk, None)]
    assert not Link.objects.exists()


@pytest.mark.parametrize("channel", ["copy", "poster"])
def test_no_surface_gives_a_link_or_a_poster_of_them(phone: Client, words: Material, channel: str) -> None:
    why = "这段话术没有页面可以打开，把文字复制出去就行，请选社群、一对一、朋友圈。"
    page = phone.post(of_phone(words), {"channel": channel})
    answer = phone.post(of_api(words), {"channel": channel}, "application/json")
    poster = phone.get(f"/api/v1/materials/{words.public_id}/poster/")

    assert page.status_code == 422
    assert why in page.content.decode()
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"channel": [f"{why}可以填：group、single、moments。"]}
    assert poster.status_code == 409
    assert "没有海报" in poster.json()["message"]
    assert phone.post(f"/materials/{words.public_id}/send/", {"channel": channel}).status_code == 302
    assert not Delivery.objects.exists()
    assert not Link.objects.exists()
    assert acts_of_sharing() == []


def test_the_bot_leads_to_where_words_are_copied(lin: Host, phone: Client, words: Material) -> None:
    alone = commands.answer(lin, "素材 生日", now=timezone.now())
    a_script_that_sells(lin)
    both = commands.answer(lin, "素材 苹果", now=timezone.now())

    assert f"/materials/{words.public_id}/" in alone
    assert "/s/" not in alone
    assert "复制文字：" in both
    assert f"配的商品：{Link.objects.get().address}" in both


# --- what is not to be had --------------------------------------------------------------------------


def test_what_is_over_is_shared_nowhere(lin: Host, phone: Client) -> None:
    past, off = a_material(), a_product(status="off")
    Material.objects.filter(pk=past.pk).update(expire_at=timezone.now())
    for subject in (past, off):
        assert phone.post(of_phone(subject), {"channel": "group"}).status_code == 404
        assert phone.post(of_api(subject), {"channel": "group"}, "application/json").status_code == 404
    assert acts_of_sharing() == []


def test_a_shelf_with_nothing_to_buy_is_shared_nowhere(lin: Host, phone: Client) -> None:
    on_shelf(lin, a_product(status="off"))

    assert phone.post("/shelf/share/", {"channel": "group"}).status_code == 302
    answer = phone.post("/api/v1/shelf/links/", {"channel": "group"}, "application/json")
    assert (answer.status_code, answer.json()["message"]) == (409, "货架还是空的，先挑几样商品再分享。")
    assert "/s/" not in welcoming.text_for(lin, now=timezone.now())
    assert acts_of_sharing() == []


@pytest.mark.parametrize("channel", ["poster", "moments"])
def test_a_shelf_has_no_poster_on_any_surface(lin: Host, phone: Client, channel: str) -> None:
    her_shelf(lin)

    page = phone.post("/shelf/share/", {"channel": channel})
    answer = phone.post("/api/v1/shelf/links/", {"channel": channel}, "application/json")
    assert (page.status_code, answer.status_code) == (422, 400)
    assert "货架没有海报" in page.content.decode()
    assert "货架没有海报" in answer.json()["fields"]["channel"][0]
    assert not Link.objects.exists()


def test_the_api_says_how_the_goods_stand(lin: Host, phone: Client) -> None:
    sold_out = a_material("卖完的苹果", product=a_product(stock=0))

    def goods(subject: Shared) -> str:
        return str(phone.post(of_api(subject), {"channel": "group"}, "application/json").json()["goods"])

    assert goods(sold_out) == "卖完了"
    assert goods(a_product(stock=3)) == "只剩 3 件"
    assert goods(an_article(lin)) == ""


# --- looking is no sharing ---------------------------------------------------------------------------


def test_a_poster_that_is_looked_at_twice_is_no_share(lin: Host, phone: Client) -> None:
    material = an_article(lin)
    answers = [phone.get(f"/api/v1/materials/{material.public_id}/poster/") for _ in range(2)]

    pictures = [b"".join(answer.streaming_content) for answer in answers]  # type: ignore[attr-defined]
    assert pictures[0] == pictures[1]
    [code] = zxingcpp.read_barcodes(Pillow.open(io.BytesIO(pictures[0])))
    assert code.text == Link.objects.get(channel="poster").address
    assert acts_of_sharing() == []


@pytest.mark.parametrize("make", [*MATERIALS, an_apple, her_shelf], ids=lambda make: make.__name__)
def test_opening_the_sheet_writes_nothing(lin: Host, phone: Client, make: Callable[[Host], Shared]) -> None:
    assert phone.get(of_phone(make(lin))).status_code == 200
    assert acts_of_sharing() == []
    assert not Link.objects.exists()


# --- her words ----------------------------------------------------------------------------------------


def test_every_surface_gives_her_own_words(lin: Host, phone: Client) -> None:
    material, product = an_article(lin), a_product()
    keep_words(lin, material, text="我自己先吃了三天", now=timezone.now())
    on_shelf(lin, product, pitch="脆甜，孩子爱吃")

    for subject, words in ((material, "我自己先吃了三天"), (product, f"脆甜，孩子爱吃\n{product.title}")):
        page = phone.post(of_phone(subject), {"channel": "single"}).content.decode()
        answer = phone.post(of_api(subject), {"channel": "single"}, "application/json").json()
        assert words in page
        assert answer["text"] == words
        assert f"{words}\n{answer['url']}" in page
