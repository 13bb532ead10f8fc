"""Whatever a decrypted callback holds, it is read or refused, never an error of ours."""

from xml.sax.saxutils import escape

from hypothesis import given
from hypothesis import strategies as st

from apps.wecom.crypto import RefusedError
from apps.wecom.payloads import Callback, parse

#: What XML 1.0 may hold.
TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=60
)
NAME = st.from_regex(r"[A-Z][A-Za-z]{0,20}", fullmatch=True)
PIECES = st.sampled_from(
    [
        "<xml>",
        "</xml>",
        "<MsgType>",
        "</MsgType>",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE a>",
        "&a;",
        "&#0;",
        "event",
        "\x00",
    ]
)


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, TEXT)).map("".join)))
def test_any_text_is_a_callback_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except RefusedError:
        return
    assert isinstance(found, Callback)
    assert found.kind


@given(st.dictionaries(NAME, TEXT.map(str.strip), max_size=12), st.integers(0, 4_000_000_000))
def test_every_field_is_read_as_it_was_sent(fields: dict[str, str], at: int) -> None:
    sent = {**fields, "MsgType": "event", "CreateTime": str(at), "FromUserName": "sys"}
    text = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in sent.items())

    found = parse(f"<xml>{text}</xml>")

    assert {name: found[name] for name in sent} == sent
    assert found.created_at.timestamp() == at
