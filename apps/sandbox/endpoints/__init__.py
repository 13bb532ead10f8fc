"""The endpoints under /cgi-bin/. Importing this package fills the gate's table."""

from apps.sandbox.endpoints import (
    broadcasts,
    contact_ways,
    contacts,
    groups,
    login,
    media,
    members,
    messages,
    moments,
    tags,
    tickets,
    tokens,
    transfers,
    welcome,
)

__all__ = [
    "broadcasts",
    "contact_ways",
    "contacts",
    "groups",
    "login",
    "media",
    "members",
    "messages",
    "moments",
    "tags",
    "tickets",
    "tokens",
    "transfers",
    "welcome",
]
