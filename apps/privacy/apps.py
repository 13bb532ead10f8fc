from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "apps.privacy"
    verbose_name = _("隐私")

    def ready(self) -> None:
        from apps.privacy import checks  # noqa: F401 - registers the check
