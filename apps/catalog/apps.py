from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "apps.catalog"
    verbose_name = "商品"

    def ready(self) -> None:
        from apps.catalog import receivers  # noqa: F401 - they connect themselves
