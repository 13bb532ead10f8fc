"""Writing down looks at personal data and consent. Larger subjects have files of their own here."""

from apps.privacy.services.consents import give_consent, notice_for
from apps.privacy.services.looks import (
    QuotaSpentError,
    note_view,
    record_access,
    reveal_at_hq,
    reveal_own,
    reveals_since,
    search_at_hq,
)

__all__ = [
    "QuotaSpentError",
    "give_consent",
    "note_view",
    "notice_for",
    "record_access",
    "reveal_at_hq",
    "reveal_own",
    "reveals_since",
    "search_at_hq",
]
