"""The number on which HQ reaches a host."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import Host, HostPhone


@transaction.atomic
def keep_phone(host: Host, phone: str, *, now: datetime) -> bool:
    """Her number from now on, in its stored form (`lib.phone`); empty: none. False when it was that."""
    Host.objects.select_for_update().get(pk=host.pk)
    row = HostPhone.objects.filter(host=host).first()
    if (row.phone if row else "") == phone:
        return False
    if not phone:
        HostPhone.objects.filter(host=host).delete()
        return True
    row = row or HostPhone(host=host)
    row.phone, row.changed_at = phone, now
    row.save()
    return True


def phone_of(host: Host) -> str:
    """Her number, or nothing."""
    row = HostPhone.objects.filter(host=host).first()
    return row.phone if row else ""
