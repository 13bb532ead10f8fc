from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "apps.customers"
    verbose_name = _("客户")

    def ready(self) -> None:
        from apps.customers.invariants import check_imports
        from apps.outbox.invariants import register_check

        register_check("imports", check_imports)
