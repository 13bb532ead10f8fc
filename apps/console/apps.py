from typing import Any

from django.apps import AppConfig
from django.db import models
from django.db.models.signals import post_migrate

from apps.console import catalogue


class ConsoleConfig(AppConfig):
    name = "apps.console"
    verbose_name = "总部后台"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Before anything is translated: Django reads a catalogue once and keeps it.
        catalogue.build_stale()

    def ready(self) -> None:
        from wagtail.admin.forms.models import register_form_field_override

        from apps.lib.forms import WholeNumberField

        # Forms of panels take `1_0` for ten, as Python does; those of viewsets without panels are mended in
        # `console_kit.viewsets`. Before anything that declares a form is imported.
        register_form_field_override(models.IntegerField, override={"form_class": WholeNumberField})

        from apps.console import roles

        post_migrate.connect(roles.grant, sender=None, dispatch_uid="console-roles")
