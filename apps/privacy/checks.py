"""`manage.py check` refuses a model whose text fields have no class of personal data."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import models

from apps.lib.fields import EncryptedTextField
from apps.lib.pii import ENCRYPTED, Pii

_CAN_HOLD_TEXT = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    EncryptedTextField,
)


@register(Tags.models)
def every_text_field_is_classified(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for model in apps.get_models():
        if not model.__module__.startswith("apps."):
            continue
        classes: dict[str, Pii] = {}
        for base in reversed(model.__mro__):
            classes.update(base.__dict__.get("PII", {}))
        for field in model._meta.local_concrete_fields:
            if not isinstance(field, _CAN_HOLD_TEXT):
                continue
            if field.name not in classes:
                problems.append(
                    Error(
                        f"{model._meta.label}.{field.name} 没有个人信息分级。",
                        hint="写进模型的 PII。",
                        id="privacy.E001",
                    )
                )
            elif classes[field.name] in ENCRYPTED and not isinstance(field, EncryptedTextField):
                problems.append(
                    Error(
                        f"{model._meta.label}.{field.name} 是 {classes[field.name]}，应当加密保存。",
                        hint="改用 EncryptedTextField。",
                        id="privacy.E002",
                    )
                )
    return problems
