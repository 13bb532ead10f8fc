from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _remember_index_key(sender: AppConfig, **kwargs: Any) -> None:
    """A new database is indexed by the key of its first day."""
    from apps.privacy.services import keys

    keys.remember_index_key()


class PrivacyConfig(AppConfig):
    name = "apps.privacy"
    verbose_name = "隐私"

    def ready(self) -> None:
        from apps.accounts.services.hosts import when_out
        from apps.customers.handover import moving
        from apps.outbox.registry import register_job
        from apps.privacy import checks, chores  # noqa: F401 - registers the check
        from apps.privacy.services import data_requests, exports

        for job in chores.JOBS:
            register_job(job)
        moving.follow(data_requests.links_end)
        when_out(exports.host_is_out, tells=exports.what_ends)
        when_out(data_requests.host_is_out, tells=data_requests.what_ends)
        post_migrate.connect(_remember_index_key, sender=self)
