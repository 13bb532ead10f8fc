"""The first words that a new contact reads from her host."""

from datetime import datetime

from apps.accounts.models import Host
from apps.sharing import subjects
from apps.sharing.services import link_to
from apps.sharing.subjects import State
from apps.tracking.models import Channel


def welcome_text(host: Host, now: datetime) -> str:
    """Who she is, and her shelf when there is something on it."""
    about = f"，{host.tagline}" if host.tagline else ""
    lines = [f"你好呀，我是{host.name}{about}。"]
    shelf = subjects.of_shelf(host)
    link = link_to(host, shelf, Channel.SINGLE, now=now) if shelf.state is State.OPEN else None
    if link is not None:
        lines.append(f"我挑的好东西都放在这里，想看随时点开：\n{link.address}")
    return "\n".join([*lines, "想问什么直接发我，看到就回。"])
