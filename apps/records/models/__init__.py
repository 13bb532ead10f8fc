"""Who looked at personal data, who agreed to what, what must be kept for now."""

from apps.records.models.access_log import AccessLog, AccessSeal, Alert
from apps.records.models.consent import Consent, Notice
from apps.records.models.erased import ErasedMark
from apps.records.models.holds import LegalHold

__all__ = ["AccessLog", "AccessSeal", "Alert", "Consent", "ErasedMark", "LegalHold", "Notice"]
