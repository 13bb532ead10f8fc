"""What privacy does by itself, as jobs; outbox, which stands above, registers and runs them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.privacy.registry import Chore
from apps.privacy.services import exports, retention, rights, seals


def seal(payload: dict[str, Any], now: datetime) -> str:
    return f"封存了 {seals.seal(now=now)} 行查看记录"


def tell_newest_seal(payload: dict[str, Any], now: datetime) -> str:
    return seals.tell_newest() or "还没有封存过"


def check_access_log() -> list[str]:
    """For verify_invariants: the log is as it was sealed."""
    return list(seals.problems(now=timezone.now(), kept=settings.RETENTION["access"]))


CHORES = (
    Chore("privacy.seal", seal, period="minute"),
    Chore(exports.JOB, exports.build),
    Chore(rights.COPY_JOB, rights.copy),
    Chore(rights.ERASE_JOB, rights.erase),
    Chore("privacy.rights-tidy", rights.tidy, period="ten-minutes"),
    Chore("privacy.exports-tidy", exports.tidy, period="ten-minutes"),
    Chore("privacy.retention", retention.job, period="day"),
    Chore("privacy.newest-seal", tell_newest_seal, period="day"),
)
