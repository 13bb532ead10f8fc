from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "apps.catalog"
    verbose_name = _("商品")

    def ready(self) -> None:
        from apps.catalog import receivers  # noqa: F401 - they connect themselves
