"""The rows that were sent back, as a file beside the original: mend it and import it."""

import csv
from collections.abc import Iterable
from pathlib import Path

from apps.customers.imports.columns import FORMULA_STARTS
from apps.customers.imports.importer import Import
from apps.files.tables import Row


def path_of(original: Path) -> Path:
    return original.with_name(f"{original.name}.rejected.csv")


def write(job: Import) -> Path:
    """Line, reason and the original cells of every rejected row, in the file's order."""
    path = path_of(job.table.path)
    draft = path.with_name(f"{path.name}.part")
    with draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["行号", "退回原因", *_safe(job.table.header)])
        for block in job.table.blocks():
            rows = block.parsed()
            for row, reason in _with_reasons(job, rows):
                writer.writerow([row.line, reason, *_safe(row.cells)])
    draft.replace(path)
    return path


def _with_reasons(job: Import, rows: list[Row]) -> Iterable[tuple[Row, str]]:
    if not rows:
        return
    keys = [job.reject_key(job.cells(row)) for row in rows]
    found = job.staging.ask(
        f"SELECT line, key, reason FROM {job.staging.rejects}"
        " WHERE line BETWEEN %s AND %s OR (key = ANY(%s))",
        [rows[0].line, rows[-1].line, sorted({key for key in keys if key})],
    )
    by_line = {line: reason for line, _, reason in found if line is not None}
    by_key: dict[str, str] = {}
    for line, key, reason in sorted(found, key=lambda reject: reject[0] or 0):
        if key:
            by_key.setdefault(
                key, reason if line is None else f"同一单的第 {line} 行有问题（{reason}），整单没有导入"
            )
    for row, key in zip(rows, keys, strict=True):
        reason = by_line.get(row.line) or by_key.get(key or "")
        if reason:
            yield row, reason


def _safe(cells: Iterable[str]) -> list[str]:
    """No cell that a spreadsheet would compute: an apostrophe makes it text, and our reader takes it off."""
    return [f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in cells]
