from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "apps.profiles"
    verbose_name = "客户画像"

    def ready(self) -> None:
        from apps.customers.stages import fill_stage_rule
        from apps.outbox.invariants import register_check
        from apps.profiles.invariants import check_facts
        from apps.profiles.lifecycle import stage_of_relation
        from apps.profiles.projection import PROJECTION
        from apps.tracking import reader

        fill_stage_rule(stage_of_relation)
        reader.register(PROJECTION)
        register_check("profiles", check_facts)
