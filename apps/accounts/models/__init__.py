"""Users, the organisation tree, hosts and how they join; tokens, sessions, and ways in."""

from apps.accounts.models.people import (
    ApiToken,
    Application,
    Host,
    HostImport,
    HostPhone,
    HostQuerySet,
    HostTransition,
    Invitation,
    OneTimeLink,
    Organisation,
    Session,
    User,
)
from apps.accounts.models.sent_forms import SentForm
from apps.accounts.models.ways_in import AccountEvent, Authenticator, RateHit, RecoveryCode

__all__ = [
    "AccountEvent",
    "ApiToken",
    "Application",
    "Authenticator",
    "Host",
    "HostImport",
    "HostPhone",
    "HostQuerySet",
    "HostTransition",
    "Invitation",
    "OneTimeLink",
    "Organisation",
    "RateHit",
    "RecoveryCode",
    "SentForm",
    "Session",
    "User",
]
