from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "apps.customers"
    verbose_name = _("客户")

    def ready(self) -> None:
        from apps.accounts import console as accounts
        from apps.accounts.services import when_out
        from apps.customers.erasure import HOLDER, PEOPLE
        from apps.customers.expiry import EXPIRIES
        from apps.customers.exports import EXPORT
        from apps.customers.handover import acts, moving
        from apps.customers.handover.console import hand_overs_of_host
        from apps.customers.indexes import INDEXES
        from apps.customers.invariants import check_hand_overs, check_imports
        from apps.outbox import registry
        from apps.outbox.invariants import register_check
        from apps.records.registry import (
            fill_people,
            register_expiry,
            register_export,
            register_holder,
            register_index,
        )

        registry.register_job(moving.JOB)
        when_out(tells=acts.who_stays)
        accounts.panels.append(hand_overs_of_host)
        register_check("imports", check_imports)
        register_export(EXPORT)
        for rule in EXPIRIES:
            register_expiry(rule)
        register_holder(HOLDER)
        for index in INDEXES:
            register_index(index)
        fill_people(PEOPLE)
        register_check("hand-overs", check_hand_overs)
