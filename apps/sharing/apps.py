from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SharingConfig(AppConfig):
    name = "apps.sharing"
    verbose_name = _("分享")

    def ready(self) -> None:
        from apps.sharing.welcome import welcome_text
        from apps.wecom import welcoming

        welcoming.register(welcome_text)
