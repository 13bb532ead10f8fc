from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReachConfig(AppConfig):
    name = "apps.reach"
    verbose_name = _("触达")

    def ready(self) -> None:
        from apps.customers import console as customers
        from apps.reach.console import contacts_of_customer

        customers.panels.append(contacts_of_customer)
