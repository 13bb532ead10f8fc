"""`manage.py check` refuses a model that does not say how personal its fields are, what for and how long."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from apps.database.fields import EncryptedTextField
from apps.lib.pii import ENCRYPTED
from apps.records import classification


@register(Tags.models)
def every_field_is_classified(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found = [problem for table in classification.tables() for problem in problems_of(table)]
    for table in classification.foreign_tables():
        found += problems_of_foreign(table)
    return found


def problems_of_foreign(table: classification.Table) -> list[CheckMessage]:
    """The same but for sealing: how a package keeps its own is not ours to change."""
    found = [problem for problem in problems_of(table) if problem.id != "records.E002"]
    for problem in found:
        problem.hint = "写进 apps/records/foreign.py。"
    return found


def problems_of(table: classification.Table) -> list[CheckMessage]:
    label = table.model._meta.label
    found: list[CheckMessage] = []
    for column in table.columns:
        name = f"{label}.{column.field.name}"
        if column.pii is None and classification.can_hold_text(column.field):
            found.append(Error(f"{name} 没有个人信息分级。", hint="写进模型的 PII。", id="records.E001"))
        elif column.pii is None:
            found.append(
                Error(
                    f"{name} 在一张关于人的表里，没有个人信息分级。",
                    hint="写进模型的 PII，或用 PII_REST 给其余字段一个分级。",
                    id="records.E003",
                )
            )
        elif column.pii in ENCRYPTED and not isinstance(column.field, EncryptedTextField):
            found.append(
                Error(
                    f"{name} 是 {column.pii}，应当加密保存。",
                    hint="改用 EncryptedTextField。",
                    id="records.E002",
                )
            )
    unknown = classification.said_of(table.model).keys() - {
        field.name for field in table.model._meta.get_fields()
    }
    if unknown:
        found.append(
            Error(f"{label} 的 PII 里有不存在的字段：{'、'.join(sorted(unknown))}。", id="records.E005")
        )
    if table.is_personal and table.use is None:
        found.append(
            Error(
                f"{label} 有个人信息，没有写用途和保存期限。",
                hint='写上 PII_USE = Use("用途", Kept.…)。',
                id="records.E004",
            )
        )
    return found
