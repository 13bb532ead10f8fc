"""Writing down looks at personal data and consent. Larger subjects have files of their own here."""

from apps.records.services.access_log import (
    QuotaSpentError,
    note_view,
    record_access,
    reveal_at_hq,
    reveal_own,
    reveals_since,
    search_at_hq,
)
from apps.records.services.consents import give_consent, mark_of, notice_for

__all__ = [
    "QuotaSpentError",
    "give_consent",
    "mark_of",
    "note_view",
    "notice_for",
    "record_access",
    "reveal_at_hq",
    "reveal_own",
    "reveals_since",
    "search_at_hq",
]
