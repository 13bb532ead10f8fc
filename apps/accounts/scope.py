"""Whose numbers: one host's, those of a query of hosts, or everybody's. There is no default."""

from enum import Enum
from typing import Any, Final, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db.models import Model, QuerySet

from apps.accounts.models import Host, HostQuerySet


class _Everybody(Enum):
    EVERYBODY = "everybody"


#: All hosts together. Written out wherever it is meant, so that forgetting whose is an error.
EVERYBODY: Final = _Everybody.EVERYBODY
#: What somebody at HQ may see.
Hosts = HostQuerySet | _Everybody
Whose = Host | Hosts
Found = TypeVar("Found", bound=Model)


def within(rows: "QuerySet[Found]", hosts: Whose, path: str = "host") -> "QuerySet[Found]":
    """`rows` whose host (at `path`) is among `hosts`."""
    if hosts is EVERYBODY:
        return rows
    if isinstance(hosts, Host):
        return rows.filter(**{path: hosts.pk})
    return rows.filter(**{f"{path}__in": hosts.order_by().values("pk")})


def clause(hosts: Whose, column: str) -> tuple[str, list[Any]]:
    """The same for SQL written by hand: a condition on `column` and its parameters."""
    if hosts is EVERYBODY:
        return "TRUE", []
    if isinstance(hosts, Host):
        return f"{column} = %s", [hosts.pk]
    try:
        sql, params = hosts.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # Django knows that there are none
        return "FALSE", []
    return f"{column} IN ({sql})", list(params)
