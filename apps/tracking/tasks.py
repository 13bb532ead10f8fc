"""The ledger's daily work."""

from celery import shared_task


@shared_task(ignore_result=True)
def make_partitions() -> None:
    """Make the partitions of this month and the next three."""
    from django.utils import timezone

    from apps.lib import clock
    from apps.tracking import services

    month = clock.first_of_month(clock.day_of(timezone.now()))
    months = [month]
    for _ in range(3):
        months.append(clock.next_month(months[-1]))
    services.make_partitions(months)
