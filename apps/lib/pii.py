"""How personal each field is. Every model names the class of its fields that can hold text."""

from enum import StrEnum


class Pii(StrEnum):
    """Classes of the data map (docs/privacy.md)."""

    NONE = "none"
    IDENTIFIER = "identifier"  # points at one person: external_userid, token, cookie
    CONTACT = "contact"  # name, phone, address
    BEHAVIOUR = "behaviour"  # what a person did
    SENSITIVE = "sensitive"
    SECRET = "secret"  # a key or password: shown to nobody
    STAFF = "staff"  # a host's or HQ person's working identity


#: Field classes whose values must not be kept in plain text.
ENCRYPTED = {Pii.CONTACT, Pii.SENSITIVE}
