from django.apps import AppConfig


class TradeConfig(AppConfig):
    name = "apps.trade"
    verbose_name = "交易"

    def ready(self) -> None:
        from apps.customers.handover import moving
        from apps.outbox.invariants import register_check
        from apps.outbox.registry import register_job
        from apps.trade import releasing, services
        from apps.trade.invariants import check_orders

        moving.follow(services.orders_follow)
        register_check("orders", check_orders)
        register_job(releasing.JOB)
