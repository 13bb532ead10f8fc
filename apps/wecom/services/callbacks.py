"""What a sound callback sets off: stored first, then answered or left to a worker."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction

from apps.accounts.models import Host
from apps.accounts.services import find_host_by_wecom
from apps.database import db_role
from apps.lib.clock import SHANGHAI
from apps.outbox.models import Lane
from apps.outbox.registry import Arrival, Handler, IgnoredError
from apps.outbox.services import inbox
from apps.wecom import commands, crypto, payloads, replies
from apps.wecom.payloads import Callback
from apps.wecom.services import contacts
from apps.wecom.services.messages import queue_app_message

logger = logging.getLogger(__name__)

CONTACT = "wecom.contact"
COMMAND = "wecom.command"
OTHER = "wecom.other"

#: A command that is older was kept back or replayed: answering it now would only puzzle her.
_FRESH = timedelta(minutes=5)
#: How long the passive answer may take; WeCom waits five seconds.
_QUICK_MS = 2000
#: In this time the one who received a command has answered it, or its process is dead.
_HELD_FOR = timedelta(seconds=10)

_SAID_NOTHING = frozenset({"image", "voice", "video", "location", "link", "file"})


def receive(text: str, *, now: datetime) -> str:
    """Store what came, once, and give the passive reply to it (empty: none, or it follows as a message).

    The row is committed before anything is done about it. The same text again has no second effect and gets
    the same reply to the byte. crypto.RefusedError when the text is no callback.
    """
    callback = payloads.parse(text)
    if callback.is_contact_change and callback.change in contacts.HANDLED_CHANGES:
        urgent = bool(callback["WelcomeCode"])
        inbox.accept(CONTACT, text=text, lane=Lane.WELCOME if urgent else Lane.NORMAL)
        return ""
    if callback.command is None and callback.kind not in _SAID_NOTHING:
        name = f"{callback.event} {callback.change}".strip() or callback.kind
        inbox.accept(OTHER, text=text, ignored=f"不需要处理的事件：{name[:100]}")
        return ""
    if abs(now - callback.created_at) > _FRESH:
        inbox.accept(COMMAND, text=text, ignored="不是五分钟以内的指令")
        return ""
    accepted = inbox.accept(COMMAND, text=text, held_for=_HELD_FOR)
    if not accepted.is_new:
        return inbox.answer_to(accepted.id)
    return _answer_quickly(accepted.id, callback, now=now)


def _answer_quickly(row_id: int, callback: Callback, *, now: datetime) -> str:
    """Run the command in a transaction of its own, with little time; if that fails a worker takes over."""
    fence = inbox.FIRST_FENCE
    try:
        with transaction.atomic(), db_role.as_worker():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {_QUICK_MS}")
            row = inbox.held(row_id, fence)
            if row is None:
                return ""
            words = _words_for(callback, now=now)
            reply = crypto.our_box().seal_reply(
                replies.text_reply(callback, words), timestamp=str(int(now.timestamp()))
            )
            inbox.finish(row, reply=reply)
            return reply
    except Exception as error:
        if not isinstance(error, DatabaseError):
            logger.exception("command of inbox row %s broke", row_id)
        inbox.give_back(row_id, fence)
        return ""


def _words_for(callback: Callback, *, now: datetime) -> str:
    host = find_host_by_wecom(callback.sender)
    if host is None:
        return commands.for_strangers()
    return _answer(host, callback, now=now)


def _answer(host: Host, callback: Callback, *, now: datetime) -> str:
    if callback.command is None:
        return commands.for_no_text()
    with db_role.acting_as(host.pk):
        return commands.answer(host, callback.command, now=now)


def _answer_slowly(arrival: Arrival, prepared: None, now: datetime) -> None:
    """The passive reply was not possible in time: the answer follows as a message."""
    callback = payloads.parse(arrival.body)
    host = find_host_by_wecom(callback.sender)
    if host is None:
        raise IgnoredError("没有绑定的成员，没能及时回复")
    asked_at = callback.created_at.astimezone(SHANGHAI)
    # The time makes equal answers differ: WeCom swallows a repeat of the same words.
    words = f"回复你 {asked_at:%H:%M:%S} 问的：\n{_answer(host, callback, now=now)}"
    queue_app_message(
        [host.pk], key_prefix=f"reply:{arrival.id}", text=words, now=now, urgent=True, lane=Lane.NORMAL
    )


HANDLERS = (
    Handler(CONTACT, prepare=contacts.read, handle=contacts.handle, lease=timedelta(seconds=15)),
    Handler(COMMAND, handle=_answer_slowly),
)
