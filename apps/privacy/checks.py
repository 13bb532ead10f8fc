"""`manage.py check --database` refuses to run with another key than the one the indexes were made with."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

from apps.privacy.services import keys


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
