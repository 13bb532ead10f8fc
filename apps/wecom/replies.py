"""Passive replies: what the app says in the answer to a callback."""

from django.conf import settings
from wechatpy.enterprise.replies import TextReply

from apps.wecom.messages import TEXT_BYTES, shorten
from apps.wecom.payloads import Callback


def text_reply(callback: Callback, text: str) -> str:
    """The plain XML of a text answer to whoever sent `callback`."""
    return str(
        TextReply(
            source=callback["ToUserName"],
            target=callback.sender,
            agent=settings.WECOM_AGENT_ID,
            time=int(callback.created_at.timestamp()),
            # wechatpy puts it into CDATA as it is: the end mark must not occur in it.
            content=shorten(text, TEXT_BYTES).replace("]]>", "]] >"),
        ).render()
    )
