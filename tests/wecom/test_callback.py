"""The callback address: what is stored, answered and refused."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.models import Host, Organisation
from apps.outbox.models import Delivery, Inbox, Lane
from apps.outbox.services import inbox
from apps.wecom import commands
from apps.wecom.services import callbacks
from tests import scale
from tests.outbox.people import a_host
from tests.wecom.wire import ADDRESS, post, post_raw, wecom

pytestmark = pytest.mark.django_db

SAMPLES = sorted((Path(__file__).parent / "payloads").glob("*.xml"))


def typed(text: str, *, by: str = "lin", ago: timedelta = timedelta(), number: int = 1) -> str:
    """What WeCom sends when a member types `text`."""
    at = int((datetime.now(UTC) - ago).timestamp())
    return (
        f"<xml><ToUserName><![CDATA[{wecom().corp_id}]]></ToUserName>"
        f"<FromUserName><![CDATA[{by}]]></FromUserName><CreateTime>{at}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>75123456789{number}</MsgId><AgentID>1000002</AgentID></xml>"
    )


def said(answer: bytes) -> str:
    """The words of a passive reply, opened as WeCom opens it."""
    from xml.etree import ElementTree

    fields = {element.tag: element.text or "" for element in ElementTree.fromstring(answer)}
    assert fields["MsgSignature"] == wecom().sign(fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
    inner = ElementTree.fromstring(wecom().open(fields["Encrypt"]))
    return inner.findtext("Content") or ""


@pytest.fixture
def phone() -> Client:
    """WeCom's server; our errors are its 500, as in production."""
    return Client(raise_request_exception=False)


@pytest.fixture
def greeting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command 问好 that counts how often it was answered."""
    answered: list[str] = []

    def answer(host: Host, argument: str, now: datetime) -> str:
        answered.append(argument)
        Organisation.add_root(name=f"第 {len(answered)} 次", kind="team")
        return f"{host.name}你好，第 {len(answered)} 次，{argument or '没有别的'}"

    monkeypatch.setattr(commands, "_commands", {})
    commands.register("问好", answer, also=("hi",))
    return answered


# --- verification -----------------------------------------------------------------------------------


def test_the_address_proves_itself_with_the_exact_plain_text(client: Client) -> None:
    cipher = wecom().seal("1616140317555161061")
    answer = client.get(ADDRESS, {**wecom().query(cipher), "echostr": cipher})

    assert answer.status_code == 200
    assert answer.content == b"1616140317555161061"


def test_a_plus_that_became_a_space_is_understood(client: Client) -> None:
    cipher = next(sealed for sealed in (wecom().seal("47") for _ in range(50)) if "+" in sealed)
    query = urlencode({**wecom().query(cipher), "echostr": cipher}).replace("%2B", "+")

    assert client.get(f"{ADDRESS}?{query}").content == b"47"


@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce", "echostr"])
def test_an_incomplete_verification_is_refused(client: Client, missing: str) -> None:
    cipher = wecom().seal("47")
    query = {**wecom().query(cipher), "echostr": cipher}
    del query[missing]

    assert client.get(ADDRESS, query).status_code == 403


# --- events -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_stored_once(phone: Client, path: Path) -> None:
    text = path.read_text().strip()

    for _ in range(3):
        answer = post(phone, text)
        assert (answer.status_code, answer.content) == (200, b"")

    row = Inbox.objects.get()
    assert row.body == text
    handled = any(change in text for change in ("add_", "edit_external", "del_")) and (
        "change_external_contact" in text
    )
    assert row.state == ("new" if handled else "ignored")
    assert handled or row.reason


def test_a_new_customers_event_takes_the_fast_lane(phone: Client) -> None:
    name = "event_change_external_contact_add_external_contact.xml"
    text = (Path(__file__).parent / "payloads" / name).read_text()
    post(phone, text)
    post(phone, text.replace("<WelcomeCode><![CDATA[WC_5m1x9q]]></WelcomeCode>", ""))

    assert list(Inbox.objects.order_by("pk").values_list("lane", flat=True)) == [Lane.WELCOME, Lane.NORMAL]


def test_two_customers_of_one_second_are_two_rows(phone: Client) -> None:
    name = "event_change_external_contact_add_external_contact.xml"
    text = (Path(__file__).parent / "payloads" / name).read_text()
    post(phone, text)
    post(phone, text.replace("wmDC7aBAAAk3uQ0r8VbTq1ZpXe5sLyHw", "wmOTHER"))

    assert Inbox.objects.count() == 2


def test_what_came_is_not_stored_in_clear(phone: Client) -> None:
    post(phone, typed("王小雨的电话 13800008000"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM outbox_inbox")
        stored = bytes(cursor.fetchone()[0])
    assert "王小雨".encode() not in stored
    assert b"13800008000" not in stored


# --- commands ---------------------------------------------------------------------------------------


def test_a_command_is_answered_in_the_reply(phone: Client, greeting: list[str]) -> None:
    a_host("lin")
    answer = post(phone, typed("问好  大家 都好"))

    assert answer["Content-Type"] == "application/xml"
    assert said(answer.content) == "lin你好，第 1 次，大家 都好"
    assert Inbox.objects.get().state == "done"


def test_the_case_of_userid_and_word_does_not_matter(phone: Client, greeting: list[str]) -> None:
    a_host("Lin.Guide")

    assert said(post(phone, typed("HI", by="lin.guide")).content).startswith("Lin.Guide你好")


def test_a_retry_gets_the_same_bytes_and_has_no_effect(phone: Client, greeting: list[str]) -> None:
    a_host("lin")
    text = typed("问好")

    answers = {post(phone, text).content for _ in range(4)}

    assert len(answers) == 1
    assert greeting == [""]
    assert Organisation.objects.filter(name__startswith="第").count() == 1
    assert Delivery.objects.count() == 0


def test_the_same_word_twice_is_two_questions(phone: Client, greeting: list[str]) -> None:
    a_host("lin")
    post(phone, typed("问好", number=1))
    post(phone, typed("问好", number=2))

    assert len(greeting) == 2


def test_a_stranger_gets_a_kind_sentence_and_no_data(phone: Client, greeting: list[str]) -> None:
    words = said(post(phone, typed("问好", by="who.is.this")).content)

    assert "还没有绑定" in words
    assert greeting == []


def test_a_suspended_host_is_a_stranger(phone: Client, greeting: list[str]) -> None:
    a_host("lin", status=Host.Status.SUSPENDED)

    assert "还没有绑定" in said(post(phone, typed("问好")).content)
    assert greeting == []


def test_an_unknown_word_is_answered_with_what_is_known(phone: Client, greeting: list[str]) -> None:
    a_host("lin")

    assert said(post(phone, typed("唱歌")).content) == "这句我还不会。可以发「问好」试试。"


def test_a_voice_is_answered_kindly(phone: Client, greeting: list[str]) -> None:
    a_host("lin")
    text = typed("").replace("<![CDATA[text]]>", "<![CDATA[voice]]>")

    assert "文字" in said(post(phone, text).content)


def test_a_menu_entry_is_a_command(phone: Client, greeting: list[str]) -> None:
    a_host("lin")
    event = "<Event><![CDATA[click]]></Event><EventKey><![CDATA[问好]]></EventKey>"
    text = typed("").replace("<![CDATA[text]]></MsgType>", f"<![CDATA[event]]></MsgType>{event}")

    assert said(post(phone, text).content).startswith("lin你好")


def test_words_that_would_end_the_reply_early_do_not(phone: Client, greeting: list[str]) -> None:
    a_host("lin")
    text = typed("问好 X").replace("问好 X", "问好 ]]]]><![CDATA[></Content><MsgType>a</MsgType>")

    assert "</Content><MsgType>a</MsgType>" in said(post(phone, text).content)


@pytest.mark.parametrize("ago", [timedelta(minutes=6), timedelta(days=3), timedelta(minutes=-6)])
def test_a_command_out_of_time_is_ignored(phone: Client, greeting: list[str], ago: timedelta) -> None:
    a_host("lin")
    answer = post(phone, typed("问好", ago=ago))

    assert (answer.status_code, answer.content) == (200, b"")
    assert greeting == []
    assert (Inbox.objects.get().state, Inbox.objects.get().reason) == ("ignored", "不是五分钟以内的指令")


@pytest.mark.filterwarnings("ignore")
def test_a_command_that_breaks_is_answered_by_a_message(
    phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = a_host("lin")
    failures = [RuntimeError("bug")]

    def answer(host: Host, argument: str, now: datetime) -> str:
        Organisation.add_root(name="一次", kind="team")
        if failures:
            raise failures.pop()
        return "这次好了"

    monkeypatch.setattr(commands, "_commands", {})
    commands.register("试试", answer)

    reply = post(phone, typed("试试"))
    assert (reply.status_code, reply.content) == (200, b"")
    inbox.drain(Lane.NORMAL)

    delivery = Delivery.objects.get()
    assert (delivery.host_id, delivery.lane) == (host.pk, Lane.NORMAL)
    assert "这次好了" in delivery.letter.body
    assert Organisation.objects.filter(name="一次").count() == 1


@pytest.mark.filterwarnings("ignore")
def test_a_slow_command_is_answered_by_a_message(phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    a_host("lin")

    def answer(host: Host, argument: str, now: datetime) -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            limit = cursor.fetchone()[0]
            cursor.execute("SELECT pg_sleep(%s)", [0.2 if limit == "50ms" else 0])
        return "慢慢查到了"

    monkeypatch.setattr(commands, "_commands", {})
    monkeypatch.setattr(callbacks, "_QUICK_MS", 50)
    commands.register("慢", answer)

    assert post(phone, typed("慢")).content == b""
    with connection.cursor() as cursor:
        # Tests run inside one transaction, which keeps the limit of the callback's own.
        cursor.execute("SET LOCAL statement_timeout = 0")
    inbox.drain(Lane.NORMAL)

    assert "慢慢查到了" in Delivery.objects.get().letter.body


# --- refusals ---------------------------------------------------------------------------------------


def test_a_body_over_64_kib_is_413(phone: Client) -> None:
    cipher = wecom().seal(typed("x" * 60_000))

    assert post_raw(phone, wecom().envelope(cipher), wecom().query(cipher)).status_code == 413
    assert post_raw(phone, b"<" * (64 * 1024 + 1), {}).status_code == 413
    assert Inbox.objects.count() == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda query: query | {"msg_signature": "0" * 40},
        lambda query: query | {"msg_signature": query["msg_signature"].upper()},
        lambda query: query | {"timestamp": "1750000001"},
        lambda query: query | {"nonce": "nonce43"},
        lambda query: query | {"nonce": ""},
        lambda query: {},
    ],
)
def test_every_forgery_is_the_same_403(
    phone: Client, spoil: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    cipher = wecom().seal(typed("问好"))
    answer = post_raw(phone, wecom().envelope(cipher), spoil(wecom().query(cipher)))

    assert (answer.status_code, answer.content) == (403, b"")
    assert Inbox.objects.count() == 0


def test_another_corps_callback_is_refused(phone: Client) -> None:
    assert post(phone, typed("问好"), receiver="ww0000000000000000").status_code == 403


@pytest.mark.parametrize(
    "inside", ["", "not xml", "<xml/>", "<!DOCTYPE a><xml><MsgType>text</MsgType></xml>"]
)
def test_a_sound_envelope_with_an_unsound_inside_is_refused(phone: Client, inside: str) -> None:
    assert post(phone, inside).status_code == 403
    assert Inbox.objects.count() == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_other_methods_are_refused(phone: Client, method: str) -> None:
    assert phone.generic(method, ADDRESS).status_code == 403


def mutations(rng: random.Random, body: bytes, query: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """One thing wrong with a sound callback."""
    place = rng.randrange(len(body))
    match rng.randrange(9):
        case 0:
            body = body[:place] + bytes([body[place] ^ (1 << rng.randrange(8))]) + body[place + 1 :]
        case 1:
            body = body[:place]
        case 2:
            body = body[:place] + rng.randbytes(rng.randrange(1, 40)) + body[place:]
        case 3:
            body = body[:place] + body[rng.randrange(len(body)) :]
        case 4:
            body = rng.randbytes(rng.randrange(2000))
        case 5:
            body = body.replace(b"<xml>", rng.choice([b"<xml a='1'>", b"<xml><xml>", b"<!DOCTYPE x><xml>"]))
        case 6:
            name = rng.choice(list(query))
            query = query | {name: rng.choice(["", "0", "\x00", "中", "'", query[name] + "0", "9" * 2000])}
        case 7:
            name = rng.choice(list(query))
            query = {key: value for key, value in query.items() if key != name}
        case 8:
            body = b"".join(
                rng.sample([body[i : i + 40] for i in range(0, len(body), 40)], k=(len(body) + 39) // 40)
            )
    return body, query


def test_spoiled_callbacks_are_refused_and_none_breaks_us(phone: Client) -> None:
    rng = random.Random(scale.SEED)
    accepted = broken = 0
    for number in range(scale.of(400, 4_000)):
        cipher = wecom().seal(typed("问好", number=number))
        sound, query = wecom().envelope(cipher), wecom().query(cipher)
        body, spoiled = mutations(rng, sound, query)
        status = post_raw(phone, body, spoiled).status_code
        broken += status >= 500
        # What is not covered by the signature (whitespace, the agent's number) may differ.
        accepted += status == 200 and not (spoiled == query and cipher.encode() in body)

    assert (accepted, broken) == (0, 0)


def test_any_inside_of_a_sound_envelope_is_answered_without_breaking(phone: Client) -> None:
    rng = random.Random(scale.SEED)
    samples = [path.read_text().strip() for path in SAMPLES]
    statuses = set()
    for _ in range(scale.of(200, 1_500)):
        text = rng.choice(samples)
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(text))
            text = (
                rng.choice(
                    [
                        text[:place] + chr(rng.randrange(0x20, 0x3000)) + text[place:],
                        text[:place] + text[place + rng.randrange(20) :],
                        text.replace("1750000000", str(rng.randrange(-(10**12), 10**20))),
                    ]
                )
                or "<"
            )
        statuses.add(post(phone, text).status_code)

    assert statuses == {200, 403}
