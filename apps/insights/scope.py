"""Whose numbers: one host's, those of a query of hosts, or everybody's."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from apps.accounts.models import Host, HostQuerySet

Whose = Host | HostQuerySet | None
Found = TypeVar("Found", bound=Model)


def within(rows: "QuerySet[Found]", hosts: Whose, path: str = "host") -> "QuerySet[Found]":
    """`rows` whose host (at `path`) is among `hosts`."""
    if hosts is None:
        return rows
    if isinstance(hosts, Host):
        return rows.filter(**{path: hosts.pk})
    return rows.filter(**{f"{path}__in": hosts.order_by().values("pk")})


def clause(hosts: Whose, column: str) -> tuple[str, list[Any]]:
    """The same for SQL written by hand: a condition on `column` and its parameters."""
    if hosts is None:
        return "TRUE", []
    if isinstance(hosts, Host):
        return f"{column} = %s", [hosts.pk]
    sql, params = hosts.order_by().values("pk").query.sql_with_params()
    return f"{column} IN ({sql})", list(params)
