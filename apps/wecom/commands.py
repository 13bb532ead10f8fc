"""Words that a member may send to the app. Higher apps register what they answer, in their `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import Host

#: Gets the host, what she wrote after the word, and the clock; gives the answer's text.
Answer = Callable[[Host, str, datetime], str]


@dataclass(frozen=True)
class _Command:
    word: str
    answer: Answer


_commands: dict[str, _Command] = {}


def register(word: str, function: Answer, *, also: tuple[str, ...] = ()) -> None:
    """Answer `word` (and the words in `also`) by `function`."""
    command = _Command(word, function)
    for name in (word, *also):
        if _commands.setdefault(name.casefold(), command) != command:
            raise ValueError(f"two commands are named {name}")


def words() -> list[str]:
    """The words, in the order in which they were registered, without their other names."""
    return list(dict.fromkeys(command.word for command in _commands.values()))


def answer(host: Host, text: str, *, now: datetime) -> str:
    """The answer to what a host wrote. Raises what the command raises."""
    said = " ".join(text.split())
    word, _, argument = said.partition(" ")
    command = _commands.get(word.casefold())
    if command is None:  # on a phone people write 「业绩7天」 without the blank
        name = max((name for name in _commands if said.casefold().startswith(name)), key=len, default="")
        command, argument = _commands.get(name), said[len(name) :].strip()
    if command is None:
        known = "、".join(f"「{word}」" for word in words())
        return f"这句我还不会。可以发{known}试试。" if known else "这句我还不会。"
    return command.answer(host, argument, now)


def for_strangers() -> str:
    """For a member who is no active host: no data, only where to turn."""
    return "你的企业微信还没有绑定到大C账号，所以暂时查不到数据。请联系总部运营帮你绑定，绑好就能用了。"


def for_no_text() -> str:
    return "我暂时只看得懂文字。发「帮助」看看可以问什么。"
