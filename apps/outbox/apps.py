from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "apps.outbox"
    verbose_name = "出站与入站"

    def ready(self) -> None:
        from apps.accounts import services as accounts
        from apps.accounts.invariants import check_hosts
        from apps.console_kit.lists import running
        from apps.outbox import bulk_runs, invariants, lane, registry
        from apps.outbox.services import leaving, tidying
        from apps.records import chores

        registry.register_job(tidying.JOB)
        registry.register_job(bulk_runs.JOB)
        if bulk_runs.have_done not in running.later:
            running.later.append(bulk_runs.have_done)
        for work in lane.WORKS:
            registry.register_lane_work(work)
        accounts.when_out(leaving.cancel_queued, tells=leaving.what_is_cancelled)
        invariants.register_check("outbox", invariants.check_outbox)
        invariants.register_check("hosts", check_hosts)
        # The records stand below and can't reach up: what they want done, and checked, is carried from here.
        for chore in chores.CHORES:
            period = registry.Period(chore.period) if chore.period else None
            registry.register_job(registry.JobKind(chore.name, chore.run, period=period))
        invariants.register_check("access log", chores.check_access_log)
