from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "apps.tracking"
    verbose_name = "链接与行为"

    def ready(self) -> None:
        from apps.outbox import registry
        from apps.outbox.invariants import register_check
        from apps.tracking import (
            reader,
            receivers,  # noqa: F401 - they connect themselves
            recounting,
        )
        from apps.tracking.invariants import check_ledger

        register_check("ledger", check_ledger)
        register_check("projections", recounting.check_sample, full=recounting.check_all)
        registry.register_lane_work(reader.KEEP_UP)
