"""Looking for words in everything the product stores: rows as they lie, and what they hold when opened."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection

from apps.database.fields import EncryptedTextField


def raw_rows() -> Iterator[tuple[str, str]]:
    """(table, row as text) of every table of every schema, bytes as the letters they may spell."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        for schema, table in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{schema}"."{table}"')
            for row in cursor.fetchall():
                yield f"{schema}.{table}", " ".join(_spelled(value) for value in row)


def _spelled(value: Any) -> str:
    """The text, and what it says where letters are written as %E5 (a sent form) or as \\u5979 (JSON)."""
    is_bytes = isinstance(value, bytes | memoryview)
    text = bytes(value).decode("utf-8", "replace") if is_bytes else str(value)
    if "%" in text:
        text += f" {unquote_plus(text)}"
    if "\\u" in text:
        text += re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return text


def opened_rows() -> Iterator[tuple[str, str]]:
    """(table, text) of every sealed value, opened."""
    for model in apps.get_models():
        fields = [one for one in model._meta.local_concrete_fields if isinstance(one, EncryptedTextField)]
        if fields:
            for row in model._default_manager.all():
                yield model._meta.db_table, " ".join(str(getattr(row, one.name)) for one in fields)


def files() -> Iterator[tuple[str, str]]:
    """(name, bytes as letters) of the private files."""
    for folder in ("exports", "rights", "erasures"):
        try:
            names = default_storage.listdir(folder)[1]
        except FileNotFoundError:
            continue
        for name in names:
            with default_storage.open(f"{folder}/{name}", "rb") as file:
                yield f"{folder}/{name}", file.read().decode("utf-8", "replace")


def found(words: list[str], rows: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    """(place, word) for each of the words that stands somewhere."""
    return sorted({(place, word) for place, text in rows for word in words if word and word in text})
