"""Whose rows these are: from a store's or host's code in a file to the host."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import Host, Organisation, User
from apps.files.tables import UnreadableError

#: Hosts of one transaction.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a file: whose they are, whose rows can't come in and why, and which nobody goes by yet."""

    known: dict[str, int]
    refused: dict[str, str]
    unknown: set[str]


def sort_out(codes: Iterable[str], *, source: str) -> Codes:
    """What the codes of a file stand for. No guide is made for a store whose host has left."""
    codes = set(codes)
    known = find_hosts(codes, source=source)
    others = codes - known.keys()
    names = _account_names(others, source)
    taken = User.objects.filter(username__in=names).values_list("username", "host__status")
    refused = {}
    for username, status in taken:
        if status == Host.Status.LEFT:
            refused[names[username]] = f"编号是 {names[username]} 的大C已经离开"
        elif username == _account_name(names[username], source):
            refused[names[username]] = f"登录账号 {username} 不是大C的，不能为这个门店建导购"
    return Codes(known, refused, others - refused.keys())


def _account_name(code: str, source: str) -> str:
    return f"{source}-{code}"


def _account_names(codes: Iterable[str], source: str) -> dict[str, str]:
    """Account → code: a code is what `make_hosts` named an account by, or the account itself."""
    codes = set(codes)
    return {_account_name(code, source): code for code in codes} | {code: code for code in codes}


def find_hosts(codes: Iterable[str], *, source: str) -> dict[str, int]:
    """Code → host id, for the codes that are known.

    A code is the user name of a host's account, her WeCom account, or what `make_hosts` named her by.
    """
    codes = set(codes)
    names = _account_names(codes, source)
    found: dict[str, int] = {}
    hosts = Host.objects.exclude(status=Host.Status.LEFT).select_related("user")
    for host in hosts.filter(user__username__in=names):
        found.setdefault(names[host.user.username], host.pk)
    for host in hosts.filter(wecom_userid__in=codes - found.keys()):
        found.setdefault(str(host.wecom_userid), host.pk)
    return found


def make_hosts(
    codes: Iterable[str], *, source: str, organisation: Organisation, now: datetime
) -> dict[str, int]:
    """A guide for each store of the shop, under `organisation`. She signs in once HQ binds her account."""
    made: dict[str, int] = {}
    waiting = sorted(codes)
    for begin in range(0, len(waiting), _AT_ONCE):
        with transaction.atomic():
            for code in waiting[begin : begin + _AT_ONCE]:
                made[code] = accounts.create_host(
                    username=_account_name(code, source),
                    name=f"{code} 店导购"[:40],
                    kind=Host.Kind.GUIDE,
                    organisation=organisation,
                    now=now,
                ).pk
    return made


def organisation_named(text: str) -> Organisation:
    """The node with this code or, if only one has it, this name. UnreadableError."""
    open_ones = Organisation.objects.filter(is_active=True)
    found = list(open_ones.filter(code=text)) or list(open_ones.filter(name=text)[:2])
    if len(found) == 1:
        return found[0]
    reason = "有好几个组织叫" if found else "没有编号或名称是"
    raise UnreadableError(f"{reason}“{text}”{'，请写它的编号' if found else '的组织'}。")
