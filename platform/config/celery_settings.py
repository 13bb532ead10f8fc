"""How Celery runs here. The only source of schedules; DatabaseScheduler copies them at start."""

from typing import Any

from celery.schedules import crontab
from django.conf import settings

broker_url = settings.BROKER_URL
broker_connection_retry_on_startup = True
worker_enable_remote_control = False
worker_send_task_events = False
task_serializer = "json"
accept_content = ["json"]
task_ignore_result = True
task_acks_late = True
task_reject_on_worker_lost = True
worker_prefetch_multiplier = 1
task_time_limit = 120
task_soft_time_limit = 90
task_always_eager = getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False)
timezone = "Asia/Shanghai"
enable_utc = True
beat_scheduler = "django_celery_beat.schedulers:DatabaseScheduler"

beat_schedule: dict[str, dict[str, Any]] = {
    # What arrives, comes due or is left behind is the lane's (manage.py lane); here are schedules alone.
    "outbox-heart": {"task": "apps.outbox.tasks.beat_heart", "schedule": 30.0, "options": {"expires": 30}},
    "outbox-rings": {"task": "apps.outbox.tasks.delete_consumed_rings", "schedule": 60.0},
    # One run for each period, however many clocks tick.
    "outbox-tidy": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(minute="23"),
        "kwargs": {"name": "outbox.tidy"},
    },
    "wecom-transfers": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(minute="41"),
        "kwargs": {"name": "wecom.transfers"},
    },
    "wecom-sync": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(hour="3", minute="7"),
        "kwargs": {"name": "wecom.sync"},
    },
    # What nobody confirms gives its stock back.
    "trade-release": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(minute="6-59/10"),
        "kwargs": {"name": "trade.release"},
    },
    # Pages are signed with tickets that lie ready.
    "wecom-tickets": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(minute="3-59/10"),
        "kwargs": {"name": "wecom.tickets"},
    },
    # The access log is sealed in commit order; the newest seal stands in the server's log too.
    "records-seal": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": 60.0,
        "kwargs": {"name": "records.seal"},
    },
    # An export's file goes after a day, and with who asked for it.
    "privacy-exports-tidy": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(minute="*/10"),
        "kwargs": {"name": "privacy.exports-tidy"},
    },
    "privacy-rights-tidy": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(minute="4-59/10"),
        "kwargs": {"name": "privacy.rights-tidy"},
    },
    # Nothing personal is kept longer than it may be.
    "privacy-retention": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(hour="4", minute="12"),
        "kwargs": {"name": "privacy.retention"},
    },
    "records-newest-seal": {
        "task": "apps.outbox.tasks.start_period",
        "schedule": crontab(hour="4", minute="2"),
        "kwargs": {"name": "records.newest-seal"},
    },
    # Ledger partitions exist three months ahead.
    "tracking-partitions": {
        "task": "apps.tracking.tasks.make_partitions",
        "schedule": crontab(hour="3", minute="17"),
    },
    # The counts of tries and the marks of sent forms are of use for hours; the only clock that ends them.
    "accounts-forget": {"task": "apps.accounts.tasks.forget_tries", "schedule": crontab(minute="41")},
    # What is due is published, what is over is archived; the next fortnight's draft exists.
    "library-tick": {"task": "apps.library.tasks.tick", "schedule": 60.0},
    "library-next-issue": {
        "task": "apps.library.tasks.prepare_next_issue",
        "schedule": crontab(hour="6", minute="10"),
    },
    "learning-next-case": {
        "task": "apps.learning.tasks.prepare_next_case",
        "schedule": crontab(hour="6", minute="20"),
    },
}
