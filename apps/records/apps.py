from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "apps.records"
    verbose_name = _("个人信息记录")

    def ready(self) -> None:
        from apps.records import checks  # noqa: F401 - registers the check
