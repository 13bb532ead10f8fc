"""Keeping the numbers fresh. Running twice, or at once, does no harm: one works, the other steps aside."""

from celery import shared_task


@shared_task(ignore_result=True, expires=30)
def project() -> None:
    """Take what the ledger has new."""
    from apps.insights.projection import PROJECTION
    from apps.tracking import reader

    reader.catch_up(PROJECTION, seconds=60)
