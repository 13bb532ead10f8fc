"""How personal each field is, what it is for and how long it is kept. Every model declares its own.

A model says the class of each of its fields that can hold text in `PII`. If it is about a person (it has a
personal field, or points at a customer or a browser), `PII_REST` names the class of its numbers, dates and
flags, and `PII_USE` says why and for how long. Keys and ids need no word: what they are follows from what
they point at. `records/classification.py` reads all this; `manage.py check` refuses what is missing.
"""

from enum import StrEnum
from typing import NamedTuple


class Pii(StrEnum):
    """Classes of the data map (docs/privacy.md)."""

    NONE = "none"
    IDENTIFIER = "identifier"  # points at one person: external_userid, token, cookie
    CONTACT = "contact"  # name, phone, address
    TRAIT = "trait"  # what a person is: birthday
    BEHAVIOUR = "behaviour"  # what a person did
    SENSITIVE = "sensitive"
    SECRET = "secret"  # a key or password: shown to nobody
    STAFF = "staff"  # a host's or HQ person's working identity


#: Field classes whose values must not be kept in plain text.
ENCRYPTED = {Pii.CONTACT, Pii.SENSITIVE}
#: What says something of a person: a table with one of these says why and for how long.
PERSONAL = {Pii.IDENTIFIER, Pii.CONTACT, Pii.TRAIT, Pii.BEHAVIOUR, Pii.SENSITIVE, Pii.STAFF}


class Kept(StrEnum):
    """For how long: each has a period in `settings.RETENTION`, and a sentence here."""

    RELATION = "relation"  # while she is the host's customer
    TRADE = "trade"  # receiver and reasons of an order
    LEDGER = "ledger"  # amounts and facts, under a pseudonym once she is erased
    MESSAGE = "message"  # the words of what left
    INBOX = "inbox"  # the words of what arrived
    ACCESS = "access"  # who looked
    CONSENT = "consent"
    REQUEST = "request"  # what a person asked for by her rights, and exports
    VISIT = "visit"  # a browser's mark
    SHORT = "short"  # hours: codes, tokens under way, keys against double sending
    APPLICANT = "applicant"  # what somebody wrote who wanted to become a host, and acts on many such rows
    STAFF = "staff"  # while the person works here


class Use(NamedTuple):
    """Why a table holds personal data, in words for the data map, and for how long."""

    purpose: str
    kept: Kept
