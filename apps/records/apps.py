from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "apps.records"
    verbose_name = "个人信息记录"

    def ready(self) -> None:
        from apps.records import checks  # noqa: F401 - registers the check
