"""A consumer's copy of her data is in her language, speaks to her, and promises nothing that was not."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.outbox.services import jobs
from apps.profiles import wording
from apps.reach.erasure import export as reach_export
from apps.reach.models import Touch
from apps.records import declarations
from apps.tracking.facts import Fact
from apps.wecom.erasure import export as wecom_export
from apps.wecom.models import MassSend, MassSendRecipient
from tests.privacy.asking import proved
from tests.privacy.people import Her
from tests.privacy.test_rights import patience, she
from tests.projecting import project_now

__all__ = ["patience", "she"]
pytestmark = pytest.mark.django_db


#: Under these stands what is quoted: an account, the browser that she used, a digest.
QUOTED = {
    "企业微信客户号", "店铺里的编号", "值", "来源",
    "浏览器", "网络地址的摘要", "页面", "订单的编号", "看到的内容的摘要",
}  # fmt: skip


def _texts(value: object, word: str = "") -> Iterator[str]:
    """Every word of the copy but what is quoted."""
    if word in QUOTED:
        return
    match value:
        case dict():
            yield from value
            for name, one in value.items():
                yield from _texts(one, name)
        case list():
            for one in value:
                yield from _texts(one, word)
        case str():
            yield value


def test_the_copy_speaks_to_her_in_her_language_and_of_what_was(she: Her) -> None:
    project_now()
    client, address = proved("export")
    jobs.drain(seconds=60)

    copied = json.loads(client.get(f"{address}file/").content)

    assert [text for text in _texts(copied) if re.search(r"[A-Za-z]|一个页面", text)] == []
    told = {row["事情"]: row["关于"] for row in copied["发生过的事"]}
    assert told["下单"] == told["记了一笔"] == told["打了标签"] == ""
    assert told["打开了素材的分享页"] == "《小米粥》"
    consent = next(row for row in copied["你同意过的"] if row["渠道"] == "下单的页面")
    assert consent["凭据"] == {"网络地址的摘要": "abc", "浏览器": "canary-agent"}


def test_no_word_for_what_happened_is_foreign_or_speaks_of_her_as_somebody_else() -> None:
    words = {fact: wording.say_to_her(fact) for fact in Fact}
    assert {fact: said for fact, said in words.items() if re.search(r"[A-Za-z]|她", said)} == {}


def test_what_waits_is_told_as_planned(she: Her) -> None:
    Touch.objects.create(
        relation=she.at_lin, purpose="story", way="link", state="allowed", cause="test", at=timezone.now()
    )
    send = MassSend.objects.create(
        host=she.lin, channel="single", key=uuid4(), title="新茶", audience="全部", created_at=timezone.now()
    )
    MassSendRecipient.objects.create(send=send, relation=she.at_lin)

    def told() -> tuple[Any, Any]:
        subject = declarations.Subject((she.at_lin.pk,), (), (she.lin.pk,))
        row = reach_export(subject)["联系你的记录，没有发的也在里面"][-1]
        return (row["用途"], row["结果"]), wecom_export(subject)["为你准备的群发"][0]["结果"]

    assert told() == (("请你讲自己的故事", "打算发"), "打算发，还没有送达")
    MassSend.objects.update(state=MassSend.State.EXPIRED)
    assert told()[1] == "没有发"
