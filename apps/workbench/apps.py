from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkbenchConfig(AppConfig):
    name = "apps.workbench"
    verbose_name = _("工作台")

    def ready(self) -> None:
        from apps.outbox import registry
        from apps.workbench.joining import FORGETTING

        registry.register_job(FORGETTING)
