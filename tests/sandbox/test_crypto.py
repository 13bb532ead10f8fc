"""The vectors of the protocol's description, and those of the vendor."""

import pytest

from apps.sandbox.crypto import Box, CallbackCryptoError

OWN = Box("dcTOKEN", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "ww0123456789abcdef")
RANDOM = b"ABCDEFGHIJKLMNOP"
VENDOR = Box("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
VENDOR_SEALED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/"
    "sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYu"
    "R+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallc"
    "rw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z"
    "1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)


@pytest.mark.parametrize(
    ("plaintext", "sealed", "signature"),
    [
        (
            "4711",
            "vyx3HuuV3UaeH6CffeASr7bNV1g4nSa95YPlSnn3lp1ubcfFNf+NsCZKZIZLxcwTmzX5O1vPOxvutRtp0qPULQ==",
            "ab68afd1cb434d2a7f59244d43f63e6079b9f519",
        ),
        (
            "<xml><Event>demo</Event></xml>",
            (
                "vyx3HuuV3UaeH6CffeASr6ZmEdzRQWV9dLGDN/aP7iQxgql7K1m6wRvufLeoeyZGqoD+3qIQMLexghiw350+CaOng9aN4fY/"
                "7PpxyjcIn/WKpMo4AD/9yRjbWsxqQYBt"
            ),
            "3f17d5eb9fab25b4daf95474c7d73b7f1a7fa263",
        ),
    ],
)
def test_the_published_vectors_come_out_byte_for_byte(plaintext: str, sealed: str, signature: str) -> None:
    assert OWN.seal(plaintext, random=RANDOM) == sealed
    assert OWN.sign("1750000000", "nonce42", sealed) == signature
    assert OWN.open(signature, "1750000000", "nonce42", sealed) == plaintext


def test_an_empty_receiver_is_a_receiver_too() -> None:
    bot = Box(OWN.token, OWN.aes_key, "")

    assert bot.seal('{"a":1}', random=RANDOM) == "vyx3HuuV3UaeH6CffeASrwBaSZTx3tmBn18WOpm/UBk="


def test_the_vendors_own_message_opens() -> None:
    plaintext = VENDOR.open(
        "477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149", VENDOR_SEALED
    )

    assert "<FromUserName><![CDATA[mycreate]]></FromUserName>" in plaintext
    assert "<Content><![CDATA[hello]]></Content>" in plaintext
    assert "4561255354251345929" in plaintext


def opened_with(box: Box, sealed: str) -> str:
    return box.open(box.sign("1", "n", sealed), "1", "n", sealed)


def test_a_wrong_signature_is_refused() -> None:
    with pytest.raises(CallbackCryptoError, match="签名"):
        OWN.open("0" * 40, "1", "n", OWN.seal("x"))


def test_another_receiver_is_refused() -> None:
    other = Box(OWN.token, OWN.aes_key, "ww00000000000000ff")

    with pytest.raises(CallbackCryptoError, match="receiveid"):
        opened_with(OWN, other.seal("x"))


@pytest.mark.parametrize("sealed", ["", "AAAA", "这不是密文", "!!!!"])
def test_what_is_no_cipher_text_is_refused(sealed: str) -> None:
    with pytest.raises(CallbackCryptoError):
        opened_with(OWN, sealed)


def test_bad_padding_is_refused() -> None:
    with pytest.raises(CallbackCryptoError, match="填充"):
        opened_with(OWN, OWN.encrypt(b"\x00" * 64))
