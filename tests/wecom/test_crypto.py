"""The protocol's vectors, and what must not pass."""

import pytest

from apps.wecom import crypto
from apps.wecom.crypto import Box, RefusedError
from tests.wecom.wire import Wecom

OWN = Wecom("dcTOKEN", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "ww0123456789abcdef")
VENDOR = Wecom("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
VENDOR_CIPHER = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/s"
    "YYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJ"
    "YuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGU"
    "callcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDY"
    "A5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)


def box_of(wecom: Wecom) -> Box:
    return crypto._box(wecom.token, wecom.aes_key, wecom.corp_id)


def test_the_vendors_own_vector_opens() -> None:
    text = box_of(VENDOR).open(
        signature="477715d11cdb4164915debcba66cb864d751f3e6",
        timestamp="1409659813",
        nonce="1372623149",
        cipher=VENDOR_CIPHER,
    )

    assert "<Content><![CDATA[hello]]></Content>" in text
    assert "<MsgId>4561255354251345929</MsgId>" in text


def test_our_own_vector_opens() -> None:
    text = box_of(OWN).open(
        signature="ab68afd1cb434d2a7f59244d43f63e6079b9f519",
        timestamp="1750000000",
        nonce="nonce42",
        cipher="vyx3HuuV3UaeH6CffeASr7bNV1g4nSa95YPlSnn3lp1ubcfFNf+NsCZKZIZLxcwTmzX5O1vPOxvutRtp0qPULQ==",
    )

    assert text == "4711"


def test_a_sealed_reply_opens_on_the_other_side() -> None:
    from xml.etree import ElementTree

    reply = ElementTree.fromstring(box_of(OWN).seal_reply("<xml>好</xml>", timestamp="1750000001"))
    fields = {element.tag: element.text or "" for element in reply}

    assert OWN.open(fields["Encrypt"]) == "<xml>好</xml>"
    assert fields["MsgSignature"] == OWN.sign("1750000001", fields["Nonce"], fields["Encrypt"])


def packet(text: bytes, pad: bytes, receiver: bytes = b"ww0123456789abcdef") -> bytes:
    return b"r" * 16 + len(text).to_bytes(4, "big") + text + receiver + pad


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(packet(b"x" * 10, b"\x00" * 16), id="padding of zero"),
        pytest.param(packet(b"x" * 10, b"\x10" * 15 + b"\x21"), id="padding beyond the block"),
        pytest.param(packet(b"x" * 10, b"\x01" * 15 + b"\x10"), id="uneven padding"),
        pytest.param(packet(b"\xff\xfe" * 5, b"\x10" * 16), id="no UTF-8"),
        pytest.param(packet(b"x" * 10, b"\x10" * 16, b"ww0123456789abcdee"), id="another corp"),
        pytest.param(packet(b"x" * 28, b"\x10" * 16, b""), id="no corp"),
        pytest.param(
            b"r" * 16 + b"\xff\xff\xff\xff" + b"x" * 28 + b"\x10" * 16, id="a length beyond the end"
        ),
        pytest.param(b"\x20" * 32, id="nothing but padding"),
        pytest.param(b"\x01" * 16, id="shorter than its head"),
    ],
)
def test_a_packet_with_an_unsound_inside_is_refused(raw: bytes) -> None:
    assert len(raw) % 16 == 0
    cipher = OWN.seal_bytes(raw)

    with pytest.raises(RefusedError):
        box_of(OWN).open(signature=OWN.sign("1", "n", cipher), timestamp="1", nonce="n", cipher=cipher)


@pytest.mark.parametrize(
    "envelope",
    [
        b"",
        b"<xml></xml>",
        b"<xml><Encrypt></xml>",
        b"<xml><Encrypt>a</Encrypt><Encrypt>a</Encrypt></xml>",
        b"<xml><Encrypt a='b'>a</Encrypt></xml>",
        b"<xml><Encrypt><b>a</b></Encrypt></xml>",
        b"<xml><!-- --><Encrypt>a</Encrypt></xml>",
        b"<?xml version='1.0'?><xml><Encrypt>a</Encrypt></xml>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml><Encrypt>&a;</Encrypt></xml>",
        b"<xml><Encrypt>&a;</Encrypt></xml>",
        b"<xml>" + b"<A>1</A>" * 20 + b"<Encrypt>a</Encrypt></xml>",
        b"<xml><Encrypt>\xe4\xb8\xad</Encrypt></xml>",
        b"<xml><Encrypt>a</Encrypt></xml><xml/>",
        b'{"encrypt": "a"}',
    ],
)
def test_an_envelope_that_is_not_exactly_one_is_refused(envelope: bytes) -> None:
    with pytest.raises(RefusedError):
        crypto.cipher_in(envelope)


@pytest.mark.parametrize(
    "envelope",
    [
        b"<xml><Encrypt>abc=</Encrypt></xml>",
        b"<xml><Encrypt><![CDATA[abc=]]></Encrypt></xml>",
        b"\n<xml>\n <To>ww</To>\n <Encrypt><![CDATA[abc=]]></Encrypt>\n <A><![CDATA[]]></A>\n</xml>\n",
        b"<xml><New>1</New><Encrypt>abc=</Encrypt></xml>",
    ],
)
def test_an_envelope_may_be_written_with_more_or_less_care(envelope: bytes) -> None:
    assert crypto.cipher_in(envelope) == "abc="
