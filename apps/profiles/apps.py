from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProfilesConfig(AppConfig):
    name = "apps.profiles"
    verbose_name = _("客户画像")

    def ready(self) -> None:
        from apps.customers.stages import fill_stage_rule
        from apps.outbox.invariants import register_check
        from apps.profiles.erasure import HOLDER
        from apps.profiles.expiry import EXPIRIES
        from apps.profiles.invariants import check_facts
        from apps.profiles.lifecycle import stage_of_relation
        from apps.profiles.projection import PROJECTION
        from apps.records.registry import register_expiry, register_holder
        from apps.tracking import reader

        fill_stage_rule(stage_of_relation)
        reader.register(PROJECTION)
        register_holder(HOLDER)
        for rule in EXPIRIES:
            register_expiry(rule)
        register_check("profiles", check_facts)
