"""Importing customers: one row is one host's relation to one person."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from apps.accounts.models import Host, Organisation, User
from apps.customers import services
from apps.customers.imports import columns as cell
from apps.customers.imports import hosts as host_codes
from apps.customers.imports.by_line import LineImport
from apps.customers.imports.columns import BadCellError, Column
from apps.customers.imports.importer import Cells, Counts
from apps.customers.imports.matching import FileRow, make_new, match_rows
from apps.customers.imports.people import source_key
from apps.customers.models import ImportRun, Relation
from apps.database import crypto
from apps.files.tables import Table, UnreadableError
from apps.lib import birthdays
from apps.lib.phone import NotAPhoneError, normalise
from apps.lib.words import LONGEST_NAME
from apps.records.models import AccessLog
from apps.records.services import marks
from apps.records.services.access_log import record_access

_ERASED = (
    "这位客户要求删除过资料，没有导入；确实是她自己又来了，就只留这样的行，"
    "加上 --bring-back 原因 --by 决定的人的账号，再导一次"
)


@dataclass(frozen=True)
class BringBack:
    """Somebody's decision that people of this file who were erased are back, and why."""

    reason: str
    by: User


def _phone(text: str) -> str:
    try:
        return normalise(text)
    except NotAPhoneError as error:
        raise BadCellError(str(error)) from None


def _birthday(text: str) -> birthdays.Birthday:
    """Month and day, from `03-05`, `3月5日`, or a whole date; a cell may hold the hour of midnight, too."""
    try:
        return birthdays.read(text.split(" ", maxsplit=1)[0] if text[:4].isdigit() else text)
    except birthdays.NotABirthdayError:
        raise BadCellError(f"“{text[:20]}”不是生日，应像 03-05 或 1990-03-05") from None


_STAGES = {str(label): value for value, label in Relation.Stage.choices} | {
    value: value for value in Relation.Stage.values
}


def _stage(text: str) -> str:
    if text not in _STAGES:
        raise BadCellError(f"“{text[:20]}”不是阶段，应是{'、'.join(map(str, Relation.Stage.labels))}之一")
    return _STAGES[text]


class CustomerImport(LineImport):
    """Rows staged as sealed JSON: nobody's name or number lies open, not even for a minute."""

    kind = ImportRun.Kind.CUSTOMERS
    columns = (
        Column("host", "门店编号", ("大C编号", "大C", "导购", "store", "host_code")),
        Column("customer", "客户编号", ("会员号", "来源编号", "customer_no", "source_key")),
        Column("name", "姓名", ("客户姓名", "昵称", "nickname")),
        Column("remark", "备注名", ("备注", "称呼")),
        Column("phone", "手机号", ("手机", "电话", "mobile")),
        Column("stage", "阶段", ("客户阶段",)),
        Column("birthday", "生日", ("出生日期",)),
        Column("joined_at", "成为客户时间", ("加入时间", "添加时间", "first_visit")),
    )
    staged: ClassVar[dict[str, str]] = {
        "line": "int NOT NULL",
        "host": "text NOT NULL",
        "customer": "text",
        "phone_index": "bytea",
        "phone_mark": "bytea",
        "shop_mark": "bytea",
        "sealed": "bytea NOT NULL",
    }

    def __init__(
        self,
        table: Table,
        *,
        source: str,
        now: datetime,
        host: Host | None = None,
        make_hosts_under: Organisation | None = None,
        renamed: Mapping[str, str] | None = None,
        bring_back: BringBack | None = None,
    ) -> None:
        super().__init__(table, source=source, now=now, renamed=renamed)
        if ("host" in self.places) == (host is not None):
            raise UnreadableError(
                "文件里已有“门店编号”一列，请去掉 --host。"
                if host is not None
                else "缺少“门店编号”一列：请补上，或用 --host 指明这些是谁的客户。"
            )
        if "customer" not in self.places and "phone" not in self.places:
            raise UnreadableError("“客户编号”和“手机号”至少要有一列，不然认不出谁是谁。")
        self._host = host
        self._make_hosts_under = make_hosts_under
        self._host_ids: dict[str, int] = {}
        self._made_hosts = 0
        self._bring_back = bring_back
        self._brought_back = 0
        self._parted = 0
        if host is not None:
            self.options["--host"] = str(host.pk)
        if make_hosts_under is not None:
            self.options["--make-hosts"] = str(make_hosts_under.pk)
        if bring_back is not None:
            self.options["--bring-back"] = f"{bring_back.by.pk}:{bring_back.reason}"

    def check(self, cells: Cells) -> Sequence[Any]:
        host = cells.read("host", cell.key) if self._host is None else ""
        customer = cells.read_if_given("customer", cell.key)
        phone = cells.read_if_given("phone", _phone)
        if not customer and not phone and not cells.problems:
            cells.problems.append("客户编号和手机号都没有填")
        joined_at = cells.read_if_given("joined_at", cell.moment)
        if joined_at is not None and joined_at > self.now:
            cells.problems.append("成为客户时间：在将来")
        known = {
            "phone": phone,
            "name": cells.read_if_given("name", lambda text: cell.words(text, longest=LONGEST_NAME)),
            "remark": cells.read_if_given("remark", lambda text: cell.words(text, longest=LONGEST_NAME)),
            "stage": cells.read_if_given("stage", _stage),
            "birthday": cells.read_if_given("birthday", _birthday),
            "joined_at": joined_at.isoformat() if joined_at else None,
        }
        text = json.dumps({name: value for name, value in known.items() if value}, ensure_ascii=False)
        return (
            cells.line,
            host,
            customer,
            crypto.blind_index(phone, scope="staging") if phone else None,
            marks.of_phone(phone) if phone else None,
            marks.of_shop_number(source_key(self.source, customer)) if customer else None,
            crypto.encrypt(text, context=_context(cells.line)),
        )

    def reject_whole(self) -> None:
        super().reject_whole()
        self.reject_repeated("host, customer", "与第 %s 行是同一位客户")
        self.reject_repeated("host, phone_index", "与第 %s 行是同一个手机号")
        codes = self._codes()
        self._send_back_of(codes.refused)
        if self._make_hosts_under is None:
            self._send_back_of({code: f"没有编号是 {code} 的大C" for code in codes.unknown})
        if self._bring_back is None:
            self._reject_erased()

    def _reject_erased(self) -> None:
        """Nobody who asked to be erased comes back without a word: her row waits for somebody's decision."""
        codes, ids = list(self._host_ids), list(self._host_ids.values())
        self.reject_where(
            """
            EXISTS (SELECT FROM records_erasedmark AS erased
                     WHERE erased.mark IN (phone_mark, shop_mark)
                       AND (erased.host_id IS NULL OR erased.host_id =
                            (SELECT known.id FROM unnest(%s::text[], %s::bigint[]) AS known (code, id)
                              WHERE known.code = host)))
            """,
            f"'{_ERASED}'",
            [codes, ids],
        )

    def _send_back_of(self, reasons: Mapping[str, str]) -> None:
        """Send back the rows of these stores, each with its reason."""
        if reasons:
            self.reject_where(
                f"host = ANY(%s) AND {self._sound()}",
                "(SELECT why.reason FROM unnest(%s::text[], %s::text[]) AS why (host, reason)"
                " WHERE why.host = staged.host)",
                [list(reasons), list(reasons.values()), list(reasons)],
            )

    def prepare(self) -> None:
        codes = self._codes()
        # A host may have left since the file was checked.
        self._send_back_of(codes.refused)
        if codes.unknown and self._make_hosts_under is not None:
            self._host_ids |= host_codes.make_hosts(
                codes.unknown, source=self.source, organisation=self._make_hosts_under, now=self.now
            )
            self._made_hosts = len(codes.unknown)

    def _codes(self) -> host_codes.Codes:
        """Whose the rows are that nothing keeps from coming in."""
        if self._host is not None:
            self._host_ids = {"": self._host.pk}
            return host_codes.Codes(self._host_ids, {}, set())
        found = self.staging.ask(
            f"SELECT DISTINCT host FROM {self.staging.rows} AS staged WHERE {self._sound()}"
        )
        codes = host_codes.sort_out((code for (code,) in found), source=self.source)
        self._host_ids = dict(codes.known)
        return codes

    def _sound(self) -> str:
        return (
            f"NOT EXISTS (SELECT FROM {self.staging.rejects} AS j WHERE j.line = staged.line"
            " AND coalesce(j.chunk, 0) = 0)"
        )

    def write_rows(self, rows: list[tuple[Any, ...]]) -> tuple[Counts, list[tuple[int, str]]]:
        match = match_rows(
            [
                FileRow(
                    line,
                    self._host_ids[host],
                    customer or "",
                    **json.loads(crypto.decrypt(bytes(sealed), context=_context(line))),
                )
                for line, host, customer, *_, sealed in rows
            ],
            source=self.source,
        )
        for relation in match.changed:  # first: a phone that one gives up may be another's now
            relation.save()
            services.take_on(relation, now=self.now)
        make_new(match.new, source=self.source, now=self.now)
        if self._bring_back is not None:
            self._write_down(self._bring_back, match.new)
        self._parted += match.parted
        return Counts(len(match.new), len(match.changed), match.unchanged + match.parted), match.clashes

    def _write_down(self, bring_back: BringBack, rows: Sequence[FileRow]) -> None:
        """Who of the new ones had been erased: by whose decision and why she is back, for each host."""
        pairs = [(row.host_id, mark) for row in rows for mark in self._marks_of(row)]
        back = marks.erased(pairs)
        marks.forget(back)
        for host_id, count in Counter(
            row.host_id for row in rows if any((row.host_id, mark) in back for mark in self._marks_of(row))
        ).items():
            self._brought_back += count
            record_access(
                actor=bring_back.by,
                action=AccessLog.Action.BRING_BACK,
                fields="导入文件里的资料",
                at=self.now,
                host_id=host_id,
                is_hq=True,
                purpose=bring_back.reason,
                count=count,
            )

    def _marks_of(self, row: FileRow) -> list[bytes]:
        found = [marks.of_phone(row.phone)] if row.phone else []
        key = source_key(self.source, row.customer)
        return [*found, marks.of_shop_number(key)] if row.customer else found

    def notes(self) -> list[str]:
        said = [f"新建了 {self._made_hosts} 位导购。"] if self._made_hosts else []
        if self._parted:
            said.append(f"有 {self._parted} 位已交接给别的大C，这份文件没有动她们的资料。")
        if self._brought_back:
            said.append(f"其中 {self._brought_back} 位要求删除过资料，这次按写明的原因收回，已经记下。")
        return said


def _context(line: int) -> str:
    return f"staging:customers:{line}"
