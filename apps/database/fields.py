"""Model fields for personal values: encrypted at rest, plain on the instance."""

from typing import Any

from django import forms
from django.db import models

from apps.database import crypto
from apps.lib.forms import PlainTextField
from apps.lib.words import plain


class _Sealed(bytes):
    """Ciphertext as it came from the database, not opened yet."""


class _Opening:
    """Opens the value on first reading: a list that never shows it never decrypts it."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:  # deferred
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, _Sealed):
            value = crypto.decrypt(bytes(value), context=self.field.context(instance))
            instance.__dict__[name] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.Field[str, str]):
    """Text, stored as AES-GCM bytes bound to `table:column:public_id` of its row.

    The model must have a `public_id` made before the insert. Empty text is stored as empty bytes. `save()`
    and `bulk_create()` encrypt; `update()` and `bulk_update()` refuse plain text, since they know no row to
    bind it to. It can't be filtered by: keep a blind index beside it.
    """

    descriptor_class = _Opening
    empty_strings_allowed = True

    def get_internal_type(self) -> str:
        return "BinaryField"

    def db_type(self, connection: Any) -> str:
        return "bytea"

    def context(self, instance: models.Model) -> str:
        return f"{instance._meta.db_table}:{self.column}:{instance.public_id}"  # type: ignore[attr-defined]

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        raw = bytes(value)
        return _Sealed(raw) if raw else ""

    def to_python(self, value: Any) -> Any:
        return value

    def seal(self, instance: models.Model, text: str) -> bytes:
        """The stored bytes of `text` for this row: for bulk paths that write by COPY."""
        return crypto.encrypt(text, context=self.context(instance)) if text else b""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, _Sealed):
            return value
        return _Sealed(self.seal(model_instance, str(value)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        if value == "":
            return b""
        if not isinstance(value, _Sealed):
            raise TypeError(f"{self.name} 是加密字段：请用 save() 或 bulk_create() 写入。")
        return bytes(value)

    def value_from_object(self, obj: models.Model) -> Any:
        return getattr(obj, self.attname)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.CharField, "max_length": 200, **kwargs})


def blind_index_field(**kwargs: Any) -> "models.BinaryField[bytes | None, bytes | None]":
    """The 16 bytes of `crypto.blind_index`, null when the value is empty."""
    return models.BinaryField(max_length=16, null=True, blank=True, editable=False, **kwargs)


class PlainCharField(models.CharField[Any, Any]):
    """One line that people read, cleaned by `apps.lib.words.plain` by whatever door it comes in.

    Forms, imports, the API and `update()` write no control mark, none that turns the line around, and nothing
    that nobody would see. To the database it is a `CharField`.
    """

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        return super().clean(self._plain(value), model_instance)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self._plain(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        return super().get_db_prep_save(self._plain(value), connection)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": PlainTextField, **kwargs})

    @staticmethod
    def _plain(value: Any) -> Any:
        return plain(value) if isinstance(value, str) else value
