"""HQ's reports as workbooks: every text a text, never a formula or a link, whatever it says."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from apps.insights.selectors import IssueReport, Tally, advice
from apps.lib import clock
from apps.tracking.models import Channel

_COUNTS: tuple[tuple[str, str], ...] = (
    ("openers", "打开的大C"),
    ("copiers", "复制的大C"),
    ("savers", "保存的大C"),
    ("sharers", "转发的大C"),
    ("shares", "转发次数"),
    ("reached", "打开人次"),
    ("read", "阅读人次"),
    ("ordered", "下单人次"),
    ("orders", "订单"),
)
_HEADS = [word for _, word in _COUNTS] + ["成交金额（元）"]
_LINKED = ("shares", "sharers", "reached", "read", "ordered", "orders")


def of_issue(report: IssueReport, *, now: datetime) -> bytes:
    """The whole report of an issue; no customer is in it."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheets = _Sheets(book)
        sheets.add("概览", ["项目", "这一期", "上一期同样天数"], _overview(report, now))
        sheets.add(
            "下一步",
            ["方面", "做什么", "为什么"],
            [[one.topic, one.do, one.because] for one in advice(report)],
            widths=(14, 60, 70),
        )
        sheets.add(
            "素材",
            ["素材", "类型", "第几天", *_HEADS],
            [
                [one.material.title, str(one.material.get_kind_display()), one.day, *_cells(one.tally)]
                for one in report.materials
            ],
            widths=(34, 12, 8),
        )
        sheets.add(
            "类型",
            ["类型", "几个", *_HEADS],
            [[str(kind.label), count, *_cells(tally)] for kind, count, tally in report.kinds],
        )
        channels = [
            (channel, report.tallies.channels[channel])
            for channel in Channel
            if channel in report.tallies.channels
        ]
        sheets.add(
            "渠道",
            ["渠道", "转发次数", "转发的大C", "打开人次", "阅读人次", "下单人次", "订单", "成交金额（元）"],
            [[str(channel.label), *_linked(tally), tally.gmv_fen / 100] for channel, tally in channels],
        )
        sheets.add(
            "组织", ["组织", *_HEADS], [[node.name, *_cells(tally)] for node, tally in report.organisations]
        )
        sheets.add(
            "大C",
            ["大C", "组织", "等级", *_HEADS],
            [
                [host.name, host.organisation.name, host.level, *_cells(tally)]
                for host, tally in report.ranked_hosts
            ],
        )
        sheets.add(
            "小时",
            ["小时", "转发次数", "打开人次", "阅读人次", "订单"],
            [
                [f"{hour}—{hour + 1} 点", tally.shares, tally.reached, tally.read, tally.orders]
                for hour, tally in sorted(report.tallies.hours.items())
            ],
        )
        sheets.add(
            "采用曲线",
            ["第几天", "日期", "打开（累计）", "转发（累计）"],
            [[day.number, f"{day.day:%Y-%m-%d}", day.opened, day.shared] for day in report.adoption.days],
        )
    return out.getvalue()


def _overview(report: IssueReport, now: datetime) -> list[list[Any]]:
    issue, before = report.issue, report.before
    old: Tally | None = before.total if before else None
    rows: list[list[Any]] = [
        ["期", f"第 {issue.number} 期《{issue.theme}》", str(before.issue) if before else "没有上一期"],
        ["起止", f"{issue.starts_on:%Y-%m-%d} 至 {issue.last_day:%Y-%m-%d}", ""],
        ["统计到", f"{now.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}", f"前 {report.days} 天"],
        ["在用的大C", report.adoption.active, before.adoption.active if before else ""],
        ["打开的大C", report.adoption.opened, before.adoption.opened if before else ""],
        ["转发的大C", report.adoption.shared, before.adoption.shared if before else ""],
    ]
    for name, word in _COUNTS[4:]:
        rows.append([word, getattr(report.total, name), getattr(old, name) if old else ""])
    rows.append(["成交金额（元）", report.total.gmv_fen / 100, old.gmv_fen / 100 if old else ""])
    return rows


def _cells(tally: Tally) -> list[Any]:
    return [*(getattr(tally, name) for name, _ in _COUNTS), tally.gmv_fen / 100]


def _linked(tally: Tally) -> list[int]:
    return [getattr(tally, name) for name in _LINKED]


class _Sheets:
    """Sheets with a head that stays, columns as wide as asked, money with two places."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.money = book.add_format({"num_format": "#,##0.00"})
        self.words = book.add_format({"text_wrap": True, "valign": "top"})

    def add(
        self, name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], *, widths: Sequence[int] = (18,)
    ) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(heads) - 1, 12)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.head)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, column, value, self.words)
                elif isinstance(value, float):
                    sheet.write_number(line, column, value, self.money)
                else:
                    sheet.write_number(line, column, value)
