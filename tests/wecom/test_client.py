"""The client's own promises: tokens, time-outs, transactions, declared endpoints."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.models import F

import apps.wecom
from apps.outbox.registry import Idempotency, senders
from apps.wecom import endpoints
from apps.wecom.client import HttpInTransactionError, app_client, contact_client
from apps.wecom.endpoints import UndeclaredEndpointError
from apps.wecom.errors import BadRequestError, NoRightError, TryLaterError, UnknownOutcomeError
from apps.wecom.models import AccessToken, Breaker
from tests.sandbox_fixture import Sandbox

MESSAGE = '{"touser": "lin", "msgtype": "text", "agentid": 1000002, "text": {"content": "x"}}'


def test_every_path_in_the_code_says_what_a_repeat_does() -> None:
    # A new call fails here (and at run time) until somebody has decided.
    source = "\n".join(path.read_text() for path in Path(apps.wecom.__file__).parent.rglob("*.py"))
    called = set(re.findall(r"""_(?:get|post)\(\s*["']([a-z_/]+)["']""", source))

    assert called
    assert called <= endpoints.declared_paths()


def test_an_undeclared_path_is_refused() -> None:
    with pytest.raises(UndeclaredEndpointError):
        app_client().post("externalcontact/add_contact_way", data={})
    with pytest.raises(UndeclaredEndpointError):
        app_client().menu.get(1000002)


def test_every_sender_has_the_class_of_its_endpoint() -> None:
    classes = {sender.kind: sender.idempotency for sender in senders()}

    assert classes["app-message"] is Idempotency.DEDUPLICATED
    assert classes["wecom.welcome"] is Idempotency.ONE_SHOT
    assert classes["wecom.mass-send"] is Idempotency.LOOK_FIRST


@pytest.mark.django_db
def test_no_call_is_made_inside_a_transaction() -> None:
    with pytest.raises(HttpInTransactionError), transaction.atomic():
        app_client().messages.send(MESSAGE)


def test_one_process_of_many_fetches_the_token(wecom: Sandbox) -> None:
    wecom.add_member("lin")

    def read(_: int) -> list[str]:
        try:
            return contact_client().contacts.members()
        finally:
            connection.close()

    wecom.settings(latency_ms=50, parallel_limit=100)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [["lin"]] * 8

    assert len(wecom.calls("gettoken")) == 1
    wecom.expire_tokens("expired")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [["lin"]] * 8
    assert len(wecom.calls("gettoken")) == 2
    assert AccessToken.objects.get().fetches == 2


def test_a_token_is_kept_until_it_ends_and_not_in_clear(wecom: Sandbox) -> None:
    contact_client().contacts.members()
    contact_client().contacts.members()
    assert len(wecom.calls("gettoken")) == 1

    token = AccessToken.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM wecom_accesstoken")
        assert token.token.encode() not in bytes(cursor.fetchone()[0])

    AccessToken.objects.update(expires_at=F("expires_at") - timedelta(hours=3))
    contact_client().contacts.members()
    assert len(wecom.calls("gettoken")) == 2


def test_two_secrets_have_two_tokens(wecom: Sandbox, settings: object) -> None:
    wecom.set_app(agent_id=1000009, secret="another", has_customer_api=True)
    settings.WECOM_CONTACT_SECRET = "another"  # type: ignore[attr-defined]
    wecom.add_member("lin")
    contact_client().contacts.members()
    app_client().messages.send(MESSAGE)

    assert AccessToken.objects.count() == 2


@pytest.mark.parametrize(
    ("errcode", "raised"),
    [
        (-1, TryLaterError),
        (45009, TryLaterError),
        (45033, TryLaterError),
        (48002, NoRightError),
        (60020, NoRightError),
        (60011, NoRightError),
        (40058, BadRequestError),
        (99999, BadRequestError),
    ],
)
def test_an_errcode_becomes_a_typed_error(wecom: Sandbox, errcode: int, raised: type[Exception]) -> None:
    wecom.fail_next("message/send", errcode=errcode)

    with pytest.raises(raised):
        app_client().messages.send(MESSAGE)


def test_an_api_without_right_rests(wecom: Sandbox) -> None:
    wecom.fail_next("message/send", errcode=48002, times=9)
    with pytest.raises(NoRightError):
        app_client().messages.send(MESSAGE)
    with pytest.raises(TryLaterError):
        app_client().messages.send(MESSAGE)

    assert len(wecom.calls("message/send")) == 1
    assert Breaker.objects.get().reason == "48002"


def test_no_secret_and_no_token_reach_the_logs(
    wecom: Sandbox, caplog: pytest.LogCaptureFixture, settings: object
) -> None:
    caplog.set_level("DEBUG")
    settings.WECOM_API_BASE = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    with pytest.raises(TryLaterError) as error:
        app_client().messages.send(MESSAGE)
    settings.WECOM_API_BASE = wecom.base_url  # type: ignore[attr-defined]
    wecom.fail_next("message/send", kind="reset")
    with pytest.raises(UnknownOutcomeError) as lost:
        app_client().messages.send(MESSAGE)

    told = caplog.text + str(error.value) + str(lost.value) + repr(lost.value.__context__)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("apps.")]
    assert any("wecom message/send" in line for line in ours)
    assert "test-secret" not in told
    assert AccessToken.objects.get().token not in told


class Dripping(threading.Thread):
    """A server that gives a token, and then an answer a byte at a time."""

    def __init__(self, *, chunked: bool) -> None:
        super().__init__(daemon=True)
        self.chunked = chunked
        self.stopped = threading.Event()
        self.sent = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                self.answer(peer)

    def answer(self, peer: socket.socket) -> None:
        asked = peer.recv(65536)
        if b"gettoken" in asked:
            body = b'{"errcode":0,"access_token":"T","expires_in":7200}'
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            return
        length = b"Transfer-Encoding: chunked" if self.chunked else b"Content-Length: 4000"
        peer.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n")
        while not self.stopped.wait(0.05):
            try:
                peer.sendall(b"1\r\n \r\n" if self.chunked else b" ")
            except OSError:
                return
            self.sent += 1

    def stop(self) -> None:
        self.stopped.set()
        self.listener.close()
        self.join(5)


@pytest.fixture(params=[False, True], ids=["length", "chunked"])
def dripping(request: pytest.FixtureRequest) -> Iterator[Dripping]:
    server = Dripping(chunked=request.param)
    server.start()
    yield server
    server.stop()


def test_an_answer_that_drips_does_not_hold_a_worker(
    transactional_db: None, dripping: Dripping, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = replace(endpoints.SEND_MESSAGE, total=0.5)
    monkeypatch.setitem(endpoints._DECLARED, brief.path, brief)
    settings.WECOM_API_BASE = dripping.url  # type: ignore[attr-defined]

    with pytest.raises(UnknownOutcomeError):
        app_client().messages.send(MESSAGE)

    assert dripping.sent < 4_000, "it was read to its end"


def test_contacts_are_read_to_the_last_page(wecom: Sandbox) -> None:
    wecom.settings(has_short_pages=True)
    wecom.add_member("lin")
    wecom.add_customers([{"name": f"客户{n}", "follows": [{"userid": "lin"}]} for n in range(120)])

    found = [contact for page in contact_client().contacts.pages_of(["lin"]) for contact in page]

    assert len({contact.external_userid for contact in found}) == 120


def test_a_token_that_ends_in_the_middle_of_paging_loses_nothing(
    wecom: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom.add_member("lin")
    wecom.add_customers([{"name": f"客户{n}", "follows": [{"userid": "lin"}]} for n in range(250)])

    found = set()
    for page in contact_client().contacts.pages_of(["lin"]):
        found |= {contact.external_userid for contact in page}
        wecom.expire_tokens("revoked")

    assert len(found) == 250


def test_somebody_else_at_the_door_is_no_contact(wecom: Sandbox) -> None:
    wecom.add_member("lin")
    wecom.add_member("zhao")
    hers = wecom.add_customer(follows="zhao")

    find: Callable[..., object] = contact_client().contacts.find
    assert find(userid="lin", external_userid=hers) is None
    assert find(userid="ZHAO", external_userid=hers) is not None
    assert find(userid="lin", external_userid="wmNOBODY") is None
