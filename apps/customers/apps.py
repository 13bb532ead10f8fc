from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "apps.customers"
    verbose_name = "客户"

    def ready(self) -> None:
        from apps.accounts import console as accounts
        from apps.accounts.services import when_out
        from apps.customers.handover import acts, moving
        from apps.customers.handover.console import hand_overs_of_host
        from apps.customers.invariants import check_hand_overs, check_imports
        from apps.outbox import registry
        from apps.outbox.invariants import register_check

        registry.register_job(moving.JOB)
        when_out(tells=acts.who_stays)
        accounts.panels.append(hand_overs_of_host)
        register_check("imports", check_imports)
        register_check("hand-overs", check_hand_overs)
