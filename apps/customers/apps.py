from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "apps.customers"
    verbose_name = _("客户")

    def ready(self) -> None:
        from apps.customers.expiry import EXPIRIES
        from apps.customers.exports import EXPORT
        from apps.customers.indexes import INDEXES
        from apps.customers.invariants import check_imports
        from apps.customers.rights import HOLDER, PEOPLE
        from apps.outbox.invariants import register_check
        from apps.privacy.registry import (
            fill_people,
            register_expiry,
            register_export,
            register_holder,
            register_index,
        )

        register_check("imports", check_imports)
        register_export(EXPORT)
        for rule in EXPIRIES:
            register_expiry(rule)
        register_holder(HOLDER)
        for index in INDEXES:
            register_index(index)
        fill_people(PEOPLE)
