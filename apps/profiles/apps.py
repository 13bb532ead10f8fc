from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    name = "apps.profiles"
    verbose_name = _("客户画像")

    def ready(self) -> None:
        from apps.outbox.invariants import register_check
        from apps.profiles.invariants import check_facts
        from apps.profiles.projection import PROJECTION
        from apps.tracking import reader

        reader.register(PROJECTION)
        register_check("profiles", check_facts)
