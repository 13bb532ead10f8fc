"""How long it is known when somebody was contacted."""

from datetime import datetime
from typing import Any

from apps.lib.pii import Kept
from apps.reach.models import Touch
from apps.records.expiry import held_relations, of_rows


def _touches(before: datetime) -> Any:
    return Touch.objects.filter(at__lt=before).exclude(relation__in=held_relations())


EXPIRY = of_rows("touches", "触达记录", Kept.CONSENT, _touches)
