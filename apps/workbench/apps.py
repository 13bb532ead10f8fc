from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "apps.workbench"
    verbose_name = "工作台"

    def ready(self) -> None:
        from apps.outbox import registry
        from apps.workbench.joining import FORGETTING

        registry.register_job(FORGETTING)
