from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TradeConfig(AppConfig):
    name = "apps.trade"
    verbose_name = _("交易")

    def ready(self) -> None:
        from apps.customers.handover import moving
        from apps.outbox.invariants import register_check
        from apps.records.registry import register_expiry, register_export, register_holder
        from apps.trade import services
        from apps.trade.erasure import HOLDER
        from apps.trade.expiry import EXPIRIES
        from apps.trade.exports import EXPORT
        from apps.trade.invariants import check_orders

        moving.follow(services.orders_follow)
        register_check("orders", check_orders)
        register_export(EXPORT)
        for rule in EXPIRIES:
            register_expiry(rule)
        register_holder(HOLDER)
