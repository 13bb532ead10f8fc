"""Who looked, who agreed, who asked: the records around personal data."""

from apps.privacy.models.data_requests import RightsRequest, Tombstone
from apps.privacy.models.exports import ExportRequest
from apps.privacy.models.keys import KeyState, Rotation

__all__ = [
    "ExportRequest",
    "KeyState",
    "RightsRequest",
    "Rotation",
    "Tombstone",
]
