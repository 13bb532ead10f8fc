"""Every field of every table says how personal it is; the check refuses one that does not."""

import pytest
from django.db import models

from apps.accounts import roles
from apps.customers.models import Customer
from apps.database.fields import EncryptedTextField
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use
from apps.records import checks, classification, foreign, naming
from tests.library.desk import a_person, browser


def problems(fields: dict[str, object]) -> list[str]:
    """The ids of what the check says of a model with these attributes."""
    meta = type("Meta", (), {"app_label": "privacy", "managed": False})
    bases = (PublicIdModel,) if "sealed" in fields else (models.Model,)
    name = f"Probe{id(fields)}"
    from django.apps import apps

    model = type(name, bases, {"__module__": "apps.privacy.models", "Meta": meta, **fields})
    try:
        return [str(one.id) for one in checks.problems_of(classification.table_of(model))]
    finally:
        del apps.all_models["privacy"][name.lower()]
        apps.clear_cache()


def a_key() -> models.Field:  # type: ignore[type-arg]
    return models.ForeignKey(Customer, models.CASCADE, related_name="+")


USE = Use("试试", Kept.RELATION)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        # Words can hold anything.
        ({"words": models.TextField()}, ["records.E001"]),
        ({"data": models.JSONField()}, ["records.E001"]),
        ({"data": models.BinaryField()}, ["records.E001"]),
        ({"words": models.TextField(), "PII": {"words": Pii.NONE}}, []),
        # A name lies sealed or not at all.
        ({"name": models.TextField(), "PII": {"name": Pii.CONTACT}, "PII_USE": USE}, ["records.E002"]),
        ({"sealed": EncryptedTextField(), "PII": {"sealed": Pii.CONTACT}, "PII_USE": USE}, []),
        # Numbers and dates of things are harmless; of people they are not.
        ({"at": models.DateTimeField(), "count": models.IntegerField()}, []),
        ({"customer": a_key(), "at": models.DateTimeField(), "PII_USE": USE}, ["records.E003"]),
        ({"visitor_id": models.IntegerField(), "n": models.FloatField(), "PII_USE": USE}, ["records.E003"]),
        ({"customer": a_key(), "n": models.FloatField(), "PII_REST": Pii.STAFF, "PII_USE": USE}, []),
        # What is personal says what for and how long.
        ({"customer": a_key()}, ["records.E004"]),
        # A word about a field that is not there is a mistake.
        ({"at": models.DateTimeField(), "PII": {"on": Pii.NONE}}, ["records.E005"]),
    ],
)  # fmt: skip
def test_what_is_not_said_is_refused(fields: dict[str, object], found: list[str]) -> None:
    assert problems(fields) == found


def test_the_house_itself_is_in_order() -> None:
    tables = list(classification.tables())

    assert [one for table in tables for one in checks.problems_of(table)] == []
    assert all(column.pii is not None for table in tables for column in table.columns)
    assert sum(len(table.columns) for table in tables) > 300


def test_of_tables_that_are_not_ours_somebody_has_said_what_they_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs = {table.model._meta.label_lower: table for table in classification.foreign_tables()}

    assert [one for table in theirs.values() for one in checks.problems_of_foreign(table)] == []
    assert foreign.HELD.keys() | foreign.HARMLESS <= theirs.keys()
    assert not foreign.HELD.keys() & foreign.HARMLESS
    # A package that brings a table with words is refused until somebody does.
    monkeypatch.delitem(foreign.HELD, "wagtailadmin.formstate")
    found = [str(one.id) for one in checks.every_field_is_classified(None)]
    assert found == ["records.E001"] * 3


@pytest.mark.django_db
def test_the_administrator_reads_the_map() -> None:
    page = browser(a_person(roles.ADMIN)).get("/hq/data-map/").content.decode()

    assert "trade_order" in page
    assert "送货、售后和对账" in page
    assert "下单之后 3 年" in page
    for table in [*classification.tables(), *classification.foreign_tables()]:
        assert table.model._meta.db_table in page
    ours, theirs = page.split("不是我们建的表")
    assert "trade_order" in ours
    for name in (
        "wagtailadmin_formstate",
        "wagtailcore_revision",
        "wagtailcore_modellogentry",
        "axes_accessattempt",
    ):
        assert f'id="{name}"' in theirs
    assert "改到一半的内容，预览时用" in theirs


def test_people_read_names_not_only_columns() -> None:
    tables = [*classification.tables(), *classification.foreign_tables()]
    nameless = [one.model._meta.label_lower for one in tables if not naming.name_of_table(one.model)]
    personal = [(one, column.field) for one in tables for column in one.columns if column.is_personal]
    nameless += [
        f"{one.model.__name__}.{field.name}" for one, field in personal if not naming.name_of_field(field)
    ]

    assert not nameless, f"give these a verbose_name, or a name in apps/records/naming.py: {nameless}"
    there = {one.model._meta.label_lower for one in tables}
    assert naming.TABLES.keys() <= there
    assert naming.FIELDS.keys() <= {column.field.name for one in tables for column in one.columns}
