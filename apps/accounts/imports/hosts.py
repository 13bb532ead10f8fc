"""A file with hosts: read and checked whole, then written; the same file twice changes nothing."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet

from apps.accounts import services
from apps.accounts.models import Host, HostImport, Organisation, User
from apps.accounts.services import two_people
from apps.accounts.services.hosts import NOT_ONESELF
from apps.files.tables import Row, Table, UnreadableError, open_table
from apps.lib import given, wecom_id
from apps.lib.words import LONGEST_NAME, plain

#: By what name each column is found; the first three must be there.
COLUMNS = {
    "username": ("登录账号", "登录名", "账号", "username"),
    "name": ("称呼", "对外称呼", "姓名", "name"),
    "organisation": ("组织", "组织编号", "门店", "区域", "organisation"),
    "kind": ("身份", "类型", "kind"),
    "level": ("等级", "level"),
    "wecom_userid": ("企业微信账号", "企业微信", "wecom_userid"),
}
NEEDED = ("username", "name", "organisation")
KINDS = {"群主": Host.Kind.OWNER, "导购": Host.Kind.GUIDE, "owner": Host.Kind.OWNER, "guide": Host.Kind.GUIDE}
#: What one request may bring in; longer files go by `manage.py import_hosts`.
MOST_BY_HAND = 500
#: Hosts of one transaction.
_AT_ONCE = 100
_REASON = "批量导入"


@dataclass(slots=True)
class _Wanted:
    """One row of the file that can be used."""

    line: int
    username: str
    name: str
    organisation: Organisation
    kind: str
    level: int
    wecom_userid: str | None


@dataclass(slots=True)
class Rejected:
    line: int
    cells: list[str]
    reason: str


@dataclass(slots=True)
class Outcome:
    """What came of a file, or (a dry run) would come of it."""

    header: list[str]
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    run: HostImport | None = None

    @property
    def rows_in(self) -> int:
        return self.created + self.changed + self.unchanged + len(self.rejected)

    def rejected_csv(self) -> str:
        """The rows that were turned back, with their lines and reasons, to be mended and given again."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([*self.header, "行号", "原因"])
        for row in self.rejected:
            writer.writerow([*(_as_text(cell) for cell in row.cells), row.line, row.reason])
        return out.getvalue()


def import_hosts(
    path: Path,
    *,
    nodes: "QuerySet[Organisation]",
    by: User | None,
    now: datetime,
    dry_run: bool = False,
    file_name: str = "",
    most: int | None = None,
) -> Outcome:
    """Bring the file's hosts in, below `nodes` alone. UnreadableError: nothing was written."""
    table = open_table(path)
    places = _columns(table)
    rows = [row for block in table.blocks() for row in block.parsed()]
    if not rows:
        raise UnreadableError("文件里只有表头，没有大C。")
    if most is not None and len(rows) > most:
        raise UnreadableError(f"一次最多 {most} 行，这个文件有 {len(rows)} 行：分成几个文件，或用命令导入。")
    outcome = Outcome(table.header)
    wanted = _check(rows, places, nodes, outcome)
    for begin in range(0, len(wanted), _AT_ONCE):
        with transaction.atomic():
            _write(wanted[begin : begin + _AT_ONCE], outcome, rows, by=by, now=now, dry_run=dry_run)
    if not dry_run:
        outcome.run = HostImport.objects.create(
            file_name=(file_name or path.name)[:200],
            file_sha256=table.sha256,
            actor=by,
            at=now,
            rows_in=outcome.rows_in,
            created=outcome.created,
            changed=outcome.changed,
            unchanged=outcome.unchanged,
            rejected=len(outcome.rejected),
            rejected_csv=outcome.rejected_csv() if outcome.rejected else "",
        )
    outcome.rejected.sort(key=lambda row: row.line)
    return outcome


def _columns(table: Table) -> dict[str, int]:
    names = [cell.strip().lower() for cell in table.header]
    places = {
        column: names.index(known)
        for column, words in COLUMNS.items()
        for known in words[::-1]
        if known in names
    }
    missing = [COLUMNS[column][0] for column in NEEDED if column not in places]
    if missing:
        raise UnreadableError(f"缺少这些列：{'、'.join(missing)}。第一行要写列名。")
    return places


def _check(
    rows: Iterable[Row], places: dict[str, int], nodes: "QuerySet[Organisation]", outcome: Outcome
) -> list[_Wanted]:
    """The usable rows; the others go to `outcome.rejected` with the reason."""
    by_name: dict[str, list[Organisation]] = {}
    for node in nodes:
        for key in {node.code, node.name} - {None, ""}:
            by_name.setdefault(str(key), []).append(node)
    wanted: list[_Wanted] = []
    seen: dict[str, set[str]] = {"username": set(), "wecom_userid": set()}
    for row in rows:
        cells = {
            name: row.cells[place].strip() if place < len(row.cells) else "" for name, place in places.items()
        }
        found = _read(row.line, cells, by_name)
        if isinstance(found, str):
            outcome.rejected.append(Rejected(row.line, row.cells, found))
            continue
        keys = {"username": found.username.lower(), "wecom_userid": (found.wecom_userid or "").lower()}
        twice = next((name for name, key in keys.items() if key and key in seen[name]), None)
        if twice is not None:
            outcome.rejected.append(Rejected(row.line, row.cells, f"{COLUMNS[twice][0]}在文件里出现了两次"))
            continue
        for name, key in keys.items():
            seen[name].add(key)
        wanted.append(found)
    return wanted


def _read(line: int, cells: dict[str, str], by_name: dict[str, list[Organisation]]) -> _Wanted | str:
    """The row as it is meant, or what is wrong with it."""
    username, name = cells["username"], plain(cells["name"])
    if not username or not name:
        return f"没有写{'登录账号' if not username else '称呼'}"
    if len(name) > LONGEST_NAME:
        return f"称呼超过 {LONGEST_NAME} 个字"
    try:
        User._meta.get_field("username").run_validators(username)
    except ValidationError:
        return "登录账号只能用字母、数字和 @ . + - _，最多 150 位"
    places = by_name.get(cells["organisation"], [])
    if len(places) != 1:
        what = "有好几个组织叫" if places else "没有（或不归你管）编号或名称是"
        return f"{what}“{cells['organisation']}”{'，请写编号' if places else '的组织'}"
    kind = KINDS.get((cells.get("kind") or "导购").lower())
    if kind is None:
        return "身份要写“群主”或“导购”"
    level = given.number(cells.get("level") or "1", least=1, most=99)
    if level is None:
        return "等级要是 1 到 99 的整数"
    userid = cells.get("wecom_userid", "")
    if userid and not wecom_id.is_sound(userid):
        return "企业微信账号要是英文字母和数字，最多 64 位"
    return _Wanted(line, username, name, places[0], kind, level, userid or None)


def _write(
    wanted: list[_Wanted],
    outcome: Outcome,
    rows: list[Row],
    *,
    by: User | None,
    now: datetime,
    dry_run: bool,
) -> None:
    with connection.cursor() as cursor:
        # Two files at once would both find a name free.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('import:hosts'), 12)")
    cells = {row.line: row.cells for row in rows}
    users = {
        user.username.lower(): user
        for user in User.objects.select_related("host__organisation").extra(
            where=["lower(username) = ANY(%s)"], params=[[one.username.lower() for one in wanted]]
        )
    }
    for one in wanted:
        user = users.get(one.username.lower())
        host: Host | None = getattr(user, "host", None)
        problem = _problem(one, user, host) or _why_not_oneself(one, host, by, now)
        if problem:
            outcome.rejected.append(Rejected(one.line, cells[one.line], problem))
        elif host is None:
            outcome.created += 1
            if not dry_run:
                _create(one, by=by, now=now)
        else:
            changed = _differences(one, host)
            outcome.changed += bool(changed)
            outcome.unchanged += not changed
            if changed and not dry_run:
                _change(host, changed, by=by, now=now)


def _problem(one: _Wanted, user: User | None, host: Host | None) -> str:
    if user is not None and host is None:
        return "这个登录账号是总部人员的"
    if host is not None and host.status == Host.Status.LEFT:
        return "这位大C已经离开，不能再改"
    if host is not None and one.wecom_userid and one.wecom_userid != host.wecom_userid:
        return "换绑企业微信不能用导入：请管理员在她的「登录与安全」里办，这一列先留空或写原来的"
    if one.wecom_userid:
        bound = Host.objects.exclude(status=Host.Status.LEFT).filter(wecom_userid__iexact=one.wecom_userid)
        if (bound.exclude(pk=host.pk) if host else bound).exists():
            return "这个企业微信账号已绑定另一位大C"
    return ""


def _why_not_oneself(one: _Wanted, host: Host | None, by: User | None, now: datetime) -> str:
    """Why her own row is turned back: a file gives oneself no other place, as the form does not."""
    if host is None or by is None or not _differences(one, host).keys() & {"level", "organisation"}:
        return ""
    return NOT_ONESELF if two_people.is_for_oneself(host.user, by, now=now) else ""


def _differences(one: _Wanted, host: Host) -> dict[str, Any]:
    wanted = {
        "name": one.name,
        "kind": one.kind,
        "level": one.level,
        "organisation": one.organisation,
    }
    return {name: value for name, value in wanted.items() if getattr(host, name) != value}


def _create(one: _Wanted, *, by: User | None, now: datetime) -> None:
    if one.wecom_userid:
        services.release_wecom(one.wecom_userid)
    services.create_host(
        username=one.username,
        name=one.name,
        kind=one.kind,
        organisation=one.organisation,
        level=one.level,
        wecom_userid=one.wecom_userid,
        now=now,
        actor=by,
        reason=_REASON,
    )


def _change(host: Host, changed: dict[str, Any], *, by: User | None, now: datetime) -> None:
    services.place_host(
        host,
        level=changed.pop("level", None),
        organisation=changed.pop("organisation", None),
        actor=by,
        now=now,
        reason=_REASON,
    )
    if changed:
        Host.objects.filter(pk=host.pk).update(**changed)


def _as_text(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula, kept as text."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell
