"""`manage.py check` refuses a model that does not say how personal its fields are, what for and how long."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from apps.lib.fields import EncryptedTextField
from apps.lib.pii import ENCRYPTED
from apps.privacy import datamap
from apps.privacy.services import keys


@register(Tags.models)
def every_field_is_classified(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return [problem for table in datamap.tables() for problem in problems_of(table)]


def problems_of(table: datamap.Table) -> list[CheckMessage]:
    label = table.model._meta.label
    found: list[CheckMessage] = []
    for column in table.columns:
        name = f"{label}.{column.field.name}"
        if column.pii is None and datamap.can_hold_text(column.field):
            found.append(Error(f"{name} 没有个人信息分级。", hint="写进模型的 PII。", id="privacy.E001"))
        elif column.pii is None:
            found.append(
                Error(
                    f"{name} 在一张关于人的表里，没有个人信息分级。",
                    hint="写进模型的 PII，或用 PII_REST 给其余字段一个分级。",
                    id="privacy.E003",
                )
            )
        elif column.pii in ENCRYPTED and not isinstance(column.field, EncryptedTextField):
            found.append(
                Error(
                    f"{name} 是 {column.pii}，应当加密保存。",
                    hint="改用 EncryptedTextField。",
                    id="privacy.E002",
                )
            )
    unknown = datamap.said_of(table.model).keys() - {field.name for field in table.model._meta.get_fields()}
    if unknown:
        found.append(
            Error(f"{label} 的 PII 里有不存在的字段：{'、'.join(sorted(unknown))}。", id="privacy.E005")
        )
    if table.is_personal and table.use is None:
        found.append(
            Error(
                f"{label} 有个人信息，没有写用途和保存期限。",
                hint='写上 PII_USE = Use("用途", Kept.…)。',
                id="privacy.E004",
            )
        )
    return found


@register(Tags.database)
def the_index_key_is_the_databases(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """With another key nobody would be found, and every customer would come a second time."""
    if not databases:
        return []
    if "privacy_keystate" not in connection.introspection.table_names() or keys.is_index_key_known():
        return []
    return [
        Error(
            "查找用的密钥（INDEX_KEY，或编号最小的 FIELD_KEY）和数据库里的索引对不上。",
            hint="放回原来的密钥；确实要换，就停下平台运行 manage.py rotate_field_key --indexes。",
            id="privacy.E010",
        )
    ]
