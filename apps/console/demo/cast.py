"""Who plays in the demo: hosts, and what the story needs to know of their people."""

from dataclasses import dataclass, field
from datetime import datetime

from apps.accounts.models import Host


@dataclass(slots=True)
class Person:
    """A relation of the demo, with what the story needs to know of her."""

    relation_id: int
    host_id: int
    joined_at: datetime
    phone: str
    name: str
    address: str
    eagerness: float
    #: She became a customer by an order, at the moment she joined.
    came_by_order: bool = False
    visitor_id: int | None = None


@dataclass(slots=True)
class Cast:
    """Hosts with their people and their energy; `until` is when one of them stopped working."""

    hosts: list[Host]
    energy: dict[int, float]
    until: dict[int, datetime] = field(default_factory=dict)
    people: dict[int, list[Person]] = field(default_factory=dict)

    def end(self, host: Host, now: datetime) -> datetime:
        """Up to when anything happens with her: now, for whoever is still at work."""
        return self.until.get(host.pk, now)
