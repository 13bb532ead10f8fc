from django.apps import AppConfig


class StoriesConfig(AppConfig):
    name = "apps.stories"
    verbose_name = "用户故事"

    def ready(self) -> None:
        from apps.customers.handover import moving
        from apps.library.models import materials
        from apps.records import signals
        from apps.stories import agreed, services, taking_back

        moving.follow(services.links_end)
        signals.consent_withdrawn.connect(taking_back.consent_withdrawn)
        if agreed.problems not in materials.CHECKS:
            materials.CHECKS.append(agreed.problems)
        if agreed.closed not in materials.CLOSED:
            materials.CLOSED.append(agreed.closed)
