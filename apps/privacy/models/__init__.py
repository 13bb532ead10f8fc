"""Who looked, who agreed, who asked: the records around personal data."""

from apps.privacy.models.consent import Consent, Notice
from apps.privacy.models.exports import ExportRequest
from apps.privacy.models.keys import KeyState, Rotation
from apps.privacy.models.looks import AccessLog, AccessSeal, Alert
from apps.privacy.models.rights import ErasedMark, LegalHold, RightsRequest, Tombstone

__all__ = [
    "AccessLog",
    "AccessSeal",
    "Alert",
    "Consent",
    "ErasedMark",
    "ExportRequest",
    "KeyState",
    "LegalHold",
    "Notice",
    "RightsRequest",
    "Rotation",
    "Tombstone",
]
