"""Finding rows by what they are called, however it is typed: with blanks, in full width, by pinyin."""

from typing import Any

from django.db.models import QuerySet

from apps.lib.pinyin import is_called


def called(rows: QuerySet[Any], asked: str, *fields: str) -> QuerySet[Any]:
    """Those of `rows` of which one of `fields` may be meant: for lists of names, some thousands at most."""
    names = rows.order_by().values_list("pk", *fields)
    return rows.filter(
        pk__in=[pk for pk, *texts in names if any(is_called(asked, one or "") for one in texts)]
    )
