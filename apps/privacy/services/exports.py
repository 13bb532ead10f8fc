"""Exports: asked for, decided by another person, built by a job, fetched by who asked, gone after a day.

The one who asks never gets a file alone: the state that a job builds from can't be reached without another
person's name on the row, and the database itself refuses such a row (ExportRequest.Meta.constraints).
"""

from collections import Counter
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts import access as accounts
from apps.accounts.models import Host, HostQuerySet, User
from apps.accounts.services import two_people
from apps.console_kit.lists.choosing import Choice
from apps.customers import erasure as people
from apps.database import crypto, db_role
from apps.files.sheets import workbook
from apps.lib import humanize
from apps.lib.clock import SHANGHAI
from apps.outbox.services import jobs
from apps.privacy import lists, served
from apps.privacy.access import APPROVE, ASK
from apps.privacy.models import ExportRequest
from apps.records import declarations
from apps.records.models import AccessLog
from apps.records.services.access_log import record_access, sound_reason

State = ExportRequest.State
JOB = "privacy.export"
#: How long a file can be fetched.
FILE_LIFE = timedelta(hours=24)
#: A request that nobody decided on ends by itself.
WAITING_LIFE = timedelta(days=14)
MAX_ROWS = 50_000
OWN_A_DAY = 5


class NotAllowedError(Exception):
    """This person may not ask for this, or decide on it. The message is for people."""


class TooLateError(Exception):
    """The request is not in a state from which this leads."""


class TooManyError(Exception):
    """A host has exported her list often enough for today."""


def ask(
    user: User, *, what: str, span: declarations.Span, is_clear: bool, reason: str, now: datetime
) -> ExportRequest:
    """Someone at HQ asks for an export; it waits for another person. NotAllowedError, ReasonError."""
    export = served.EXPORTS[what]
    if not may_ask(user, what):
        raise NotAllowedError(f"你的角色不能申请导出{export.label}。")
    return ExportRequest.objects.create(
        what=what,
        filters=_packed(span),
        is_clear=is_clear,
        reason=sound_reason(reason),
        requester=user,
        requested_at=now,
    )


def ask_for_list(
    user: User, choice: Choice, *, columns: list[str], is_clear: bool, reason: str, now: datetime
) -> ExportRequest:
    """Someone at HQ asks for what she found in a list. NotAllowedError, ReasonError."""
    filters = lists.packed(choice, columns)
    if not may_ask_for_list(user, filters):
        raise NotAllowedError("你的角色不能申请导出这个列表。")
    return ExportRequest.objects.create(
        what=lists.WHAT,
        filters=filters,
        is_clear=is_clear,
        reason=sound_reason(reason),
        requester=user,
        requested_at=now,
    )


def may_ask(user: User, what: str) -> bool:
    return bool(
        accounts.is_hq(user) and user.has_perm(ASK) and user.has_perm(served.EXPORTS[what].permission)
    )


def may_ask_for_list(user: User, filters: dict[str, Any]) -> bool:
    return bool(accounts.is_hq(user) and user.has_perm(ASK) and lists.may_see(filters, user))


def _may_still_ask(request: ExportRequest) -> bool:
    if request.what == lists.WHAT:
        return may_ask_for_list(request.requester, request.scope)
    return may_ask(request.requester, request.what)


def may_decide(user: User, request: ExportRequest, *, now: datetime) -> bool:
    """Whoever decides is another person than who asked, and has the right."""
    return why_not_decide(user, request, now=now) is None


def why_not_decide(user: User, request: ExportRequest, *, now: datetime) -> str | None:
    """In words, empty for who has nothing to do with it; None for who may."""
    if not user.is_active or request.own_host_id is not None or not user.has_perm(APPROVE):
        return ""
    if user.pk == request.requester_id:
        return "要由另一位有审批权的同事来决定，自己不能批自己的。"
    if two_people.may_be_one_hand(request.requester, user, now=now):
        return (
            f"你和申请人的账号，{two_people.DOOR_FOR.days} 天内由同一个人开通、给过登录链接或改过登录方式"
            "（中间隔着别的账号也算），算不上两个人。请另一位有审批权的同事来决定。"
        )
    return None


@transaction.atomic
def decide(request: ExportRequest, *, by: User, approves: bool, note: str, now: datetime) -> ExportRequest:
    """Approve, and have it built, or refuse. NotAllowedError, TooLateError."""
    held = ExportRequest.objects.select_for_update().get(pk=request.pk)
    if (why := why_not_decide(by, held, now=now)) is not None:
        raise NotAllowedError(why or "要由另一位有审批权的同事来决定。")
    if held.state != State.WAITING:
        raise TooLateError
    held.state = State.APPROVED if approves else State.REFUSED
    held.approver, held.decided_at, held.decision = by, now, note.strip()[:200]
    held.save(update_fields=["state", "approver", "decided_at", "decision"])
    if approves:
        jobs.queue(JOB, key=str(held.public_id), payload={"id": held.pk})
    return held


@transaction.atomic
def withdraw(request: ExportRequest, *, by: User, now: datetime) -> None:
    """Who asked does not need it any more. TooLateError."""
    held = ExportRequest.objects.select_for_update().get(pk=request.pk)
    if by.pk != held.requester_id or held.state not in ExportRequest.OPEN:
        raise TooLateError
    _end(held, State.CANCELLED, "申请人自己取消")


@transaction.atomic
def ask_own(host: Host, *, what: str, now: datetime) -> ExportRequest:
    """A host takes her own list with her: her right, and nobody's to approve. TooManyError."""
    Host.objects.select_for_update().get(pk=host.pk)
    recent = ExportRequest.objects.filter(own_host=host, requested_at__gt=now - timedelta(days=1))
    if recent.count() >= OWN_A_DAY:
        raise TooManyError
    request = ExportRequest.objects.create(
        what=what,
        is_clear=True,
        reason="大C导出自己的名单",
        requester=host.user,
        own_host=host,
        requested_at=now,
        state=State.APPROVED,
    )
    jobs.queue(JOB, key=str(request.public_id), payload={"id": request.pk})
    return request


# --- the job ------------------------------------------------------------------------------------------------


def build(payload: dict[str, Any], now: datetime) -> str:
    """Write the file of an approved request. Killed anywhere and run again, it ends with one file.

    Whoever is erased while it is being written is not in it: then it is written anew.
    """
    request = _loaded(payload["id"])
    if request.state != State.APPROVED:
        return f"不用生成：{request.get_state_display()}"
    if (why := _not_any_more(request, now)) is not None:
        return _give_up(request, why)
    # Reading and writing take seconds: no row is held meanwhile, and the row says when it is done.
    stopped = _count_stopped(request)
    lines, counts = _lines(request)
    if len(lines) > MAX_ROWS:
        return _give_up(request, f"超过 {humanize.say_count(MAX_ROWS)} 行，请缩小日期范围再申请")
    export = served.export_of(request)
    content = workbook(
        title=export.label,
        columns=export.own_columns if request.own_host_id else export.columns,
        rows=lines,
        mark=_mark(request, now),
    )
    name = f"exports/{request.public_id}"
    _write(name, crypto.encrypt_bytes(content, context=_context(request)))
    with transaction.atomic():
        held = _loaded(request.pk, lock=True)
        if held.state != State.APPROVED:  # cancelled meanwhile, or another run was first
            if held.state != State.READY:
                default_storage.delete(name)
            return f"不用生成：{held.get_state_display()}"
        is_sound = _count_stopped(held) == stopped
        if is_sound:
            held.state, held.file, held.rows = State.READY, name, len(lines)
            held.ready_at, held.expires_at = now, now + FILE_LIFE
            held.save(update_fields=["state", "file", "rows", "ready_at", "expires_at"])
            for host_id, count in counts.items():
                _log(held, AccessLog.Action.EXPORT, now=now, host_id=host_id, count=count)
    if not is_sound:
        default_storage.delete(name)
        return build(payload, now)
    return f"生成了 {len(lines)} 行"


def given_up(payload: dict[str, Any]) -> None:
    """The job broke too often: who asked is told, and may ask again."""
    held = _loaded(payload["id"], lock=True)
    if held.state == State.APPROVED:
        _end(held, State.FAILED, "生成时出了错，没有生成出来。请重新申请，还不行就告诉管理员")


def has_broken(request: ExportRequest) -> bool:
    """Whether it is being written again, since our own code broke over it."""
    return request.state == State.APPROVED and jobs.has_broken(JOB, key=str(request.public_id))


def _count_stopped(request: ExportRequest) -> int:
    return people.count_stopped([request.own_host_id] if request.own_host_id is not None else None)


def _loaded(pk: int, *, lock: bool = False) -> ExportRequest:
    rows = ExportRequest.objects.select_related("requester", "approver", "own_host")
    return (rows.select_for_update(of=("self",)) if lock else rows).get(pk=pk)


def _give_up(request: ExportRequest, why: str) -> str:
    with transaction.atomic():
        held = _loaded(request.pk, lock=True)
        if held.state == State.APPROVED:
            _end(held, State.CANCELLED, why)
    return why


def _lines(request: ExportRequest) -> tuple[list[list[Any]], Counter[int | None]]:
    """The cells, at most one line more than is allowed, and how many lines of each host.

    A host's own file is read as she reads her pages: the database shows nothing that is another's.
    """
    export = served.export_of(request)
    counts: Counter[int | None] = Counter()
    lines: list[list[Any]] = []
    own_host_id = request.own_host_id
    with db_role.acting_as(own_host_id) if own_host_id is not None else nullcontext():
        found = export.rows(
            _hosts_of(request), unpacked(request), is_clear=request.is_clear, is_own=own_host_id is not None
        )
        for row in islice(found, MAX_ROWS + 1):
            counts[row.host_id] += 1
            lines.append(row.cells)
    return lines, counts


def _not_any_more(request: ExportRequest, now: datetime) -> str | None:
    """Why a request that was once sound must not be built or fetched now."""
    host = request.own_host
    if not request.requester.is_active or (host is not None and not host.is_active):
        return "申请人已经离开或停用"
    if host is None:
        if request.approver is None or request.approver_id == request.requester_id:
            return "没有另一位同事审批"
        if two_people.may_be_one_hand(request.requester, request.approver, now=now):
            return "申请和审批可能是同一个人"
        if not _may_still_ask(request):
            return "申请人已经没有这项权限"
    elif host.user_id != request.requester_id:
        return "不是本人的名单"
    return None


def _hosts_of(request: ExportRequest) -> HostQuerySet:
    """Whose customers: looked up when it is built, so that a manager who moved gets no other region's."""
    if request.own_host_id is not None:
        return Host.objects.filter(pk=request.own_host_id)
    rights = [ASK] if request.what == lists.WHAT else [ASK, served.EXPORTS[request.what].permission]
    return accounts.hosts_visible_to(request.requester, *rights)


def _mark(request: ExportRequest, now: datetime) -> list[tuple[str, str]]:
    when = now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    found = [("导出编号", request.number), ("申请人", request.requester.name), ("时间", when)]
    if request.approver is not None:
        found.append(("审批人", request.approver.name))
    return [*found, ("内容", "完整信息" if request.is_clear else "打码")]


# --- the file -----------------------------------------------------------------------------------------------


@transaction.atomic
def fetch(request: ExportRequest, *, by: User, now: datetime, request_id: str = "") -> bytes:
    """The file, for who asked and while it lasts; every fetching is written down. TooLateError."""
    held = ExportRequest.objects.select_related("requester", "approver", "own_host").get(pk=request.pk)
    is_open = held.state == State.READY and held.expires_at is not None and now < held.expires_at
    if by.pk != held.requester_id or not is_open or _not_any_more(held, now) is not None:
        raise TooLateError
    _log(
        held,
        AccessLog.Action.DOWNLOAD,
        now=now,
        host_id=held.own_host_id,
        count=held.rows or 0,
        request_id=request_id,
    )
    try:
        with default_storage.open(held.file, "rb") as file:
            return crypto.decrypt_bytes(file.read(), context=_context(held))
    except FileNotFoundError:
        raise TooLateError from None


def tidy(payload: dict[str, Any], now: datetime) -> str:
    """Delete files whose time is over, and end what nobody will decide or fetch any more."""
    ended = 0
    due = Q(state=State.READY, expires_at__lte=now) | Q(
        requested_at__lte=now - WAITING_LIFE, state=State.WAITING
    )
    gone = Q(requester__is_active=False) | (
        Q(own_host__isnull=False) & ~Q(own_host__status=Host.Status.ACTIVE)
    )
    found = ExportRequest.objects.filter(state__in=ExportRequest.OPEN).filter(due | gone)
    for pk in found.values_list("pk", flat=True):
        with transaction.atomic():
            request = (
                ExportRequest.objects.select_for_update(of=("self",))
                .select_related("requester", "own_host")
                .get(pk=pk)
            )
            if request.state not in ExportRequest.OPEN:
                continue
            host = request.own_host
            if not request.requester.is_active or (host is not None and not host.is_active):
                _end(request, State.CANCELLED, "申请人已经离开或停用")
            elif request.state == State.READY:
                _end(request, State.EXPIRED, "文件已删除")
            else:
                _end(request, State.CANCELLED, "两周没有人审批")
            ended += 1
    return f"结束了 {ended} 个导出"


def host_is_out(host: Host, to: str, now: datetime) -> None:
    """A host who is suspended or has left takes nothing with her: what she asked for ends with it."""
    for request in _open_of(host).select_for_update():
        _end(request, State.CANCELLED, "申请人已经离开或停用")


def what_ends(host: Host) -> list[str]:
    """How many that is, in words."""
    count = _open_of(host).count()
    return [f"她申请的 {count} 份导出会取消。"] if count else []


def _open_of(host: Host) -> "QuerySet[ExportRequest]":
    return ExportRequest.objects.filter(own_host=host, state__in=ExportRequest.OPEN)


def forget_files(*, host_ids: list[int]) -> int:
    """Delete the waiting files that may hold customers of these hosts: one of them was erased.

    Those that are just being finished are waited for: they would not see any more that somebody went.
    """
    found = ExportRequest.objects.filter(state__in=[State.APPROVED, State.READY]).filter(
        Q(own_host=None) | Q(own_host__in=host_ids)
    )
    count = 0
    for request in found.select_for_update().order_by("pk"):
        if request.state != State.READY:
            continue
        _end(request, State.EXPIRED, "里面有人要求删除资料，请重新申请")
        count += 1
    return count


def _end(request: ExportRequest, state: str, why: str) -> None:
    name = request.file
    request.state, request.file, request.ended_because = state, "", why
    request.save(update_fields=["state", "file", "ended_because"])
    if name:
        default_storage.delete(name)


def _write(name: str, content: bytes) -> None:
    default_storage.delete(name)  # of a run that was killed after writing
    default_storage.save(name, ContentFile(content))


def _context(request: ExportRequest) -> str:
    return f"privacy_exportrequest:file:{request.public_id}"


def _log(
    request: ExportRequest,
    action: str,
    *,
    now: datetime,
    host_id: int | None,
    count: int,
    request_id: str = "",
) -> None:
    export = served.export_of(request)
    approver = f"，{request.approver.name}审批" if request.approver is not None else ""
    record_access(
        actor=request.requester,
        action=action,
        fields=f"{export.label}（{'完整' if request.is_clear else '打码'}）",
        at=now,
        host_id=host_id,
        is_hq=request.own_host_id is None,
        purpose=f"{request.reason}（{request.number}{approver}）"[:200],
        count=count,
        request_id=request_id,
    )


def _packed(span: declarations.Span) -> dict[str, str]:
    return {name: day.isoformat() for name, day in (("from", span.start), ("to", span.end)) if day}


def unpacked(request: ExportRequest) -> declarations.Span:
    start, end = request.scope.get("from"), request.scope.get("to")
    return declarations.Span(
        date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None
    )
