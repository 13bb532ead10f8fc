"""Every sample of the protocol is read; unsound XML inside a sound envelope is not."""

from pathlib import Path

import pytest

from apps.wecom.crypto import RefusedError
from apps.wecom.payloads import parse

SAMPLES = sorted((Path(__file__).parent / "payloads").glob("*.xml"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_read(path: Path) -> None:
    callback = parse(path.read_text())

    assert callback.created_at.year == 2025
    assert callback.sender
    assert (callback.kind == "event") == bool(callback.event)


def test_there_are_samples() -> None:
    assert len(SAMPLES) == 54


def test_an_event_is_taken_apart() -> None:
    path = Path(__file__).parent / "payloads" / "event_change_external_contact_add_external_contact.xml"
    callback = parse(path.read_text())

    assert callback.is_contact_change
    assert callback.change == "add_external_contact"
    assert callback["UserID"] == "lin.guide"
    assert callback["WelcomeCode"] == "WC_5m1x9q"
    assert callback["Nonsense"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<xml>",
        "<xml></xml>",
        "<other><MsgType>text</MsgType><CreateTime>1</CreateTime></other>",
        "<xml><MsgType>text</MsgType></xml>",
        "<xml><MsgType>text</MsgType><CreateTime>soon</CreateTime></xml>",
        "<xml><MsgType>text</MsgType><CreateTime>" + "9" * 30 + "</CreateTime></xml>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><xml><MsgType>&b;</MsgType><CreateTime>1</CreateTime></xml>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><xml><MsgType>text</MsgType><CreateTime>1</CreateTime></xml>",
        "<xml><MsgType>text</MsgType><CreateTime>1</CreateTime>" + "<a>" * 9 + "</a>" * 9 + "</xml>",
        "<xml><MsgType>text</MsgType><CreateTime>1</CreateTime>" + "<a/>" * 2001 + "</xml>",
        "<xml><MsgType>text</MsgType><CreateTime>1</CreateTime><FromUserName>"
        + "x" * 65
        + "</FromUserName></xml>",
        "<xml>\x00<MsgType>text</MsgType><CreateTime>1</CreateTime></xml>",
    ],
)
def test_unsound_xml_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        parse(text)
