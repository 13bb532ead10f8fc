"""Whose numbers: one host's, those of a query of hosts, or everybody's."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

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


def earned_by(rows: "QuerySet[Found]", hosts: Whose, path: str = "") -> "QuerySet[Found]":
    """`rows` with the orders (at `path`) that count for `hosts`, whoever serves them now."""
    if hosts is None:
        return rows
    wanted: Any = hosts.pk if isinstance(hosts, Host) else hosts.order_by().values("pk")
    how = "" if isinstance(hosts, Host) else "__in"
    hers = Q(**{f"{path}host{how}": wanted, f"{path}earned_by": None})
    return rows.filter(hers | Q(**{f"{path}earned_by{how}": wanted}))


def clause(hosts: Whose, column: str) -> tuple[str, list[Any]]:
    """The same for SQL written by hand: a condition on `column` and its parameters."""
    if hosts is None:
        return "TRUE", []
    if isinstance(hosts, Host):
        return f"{column} = %s", [hosts.pk]
    sql, params = hosts.order_by().values("pk").query.sql_with_params()
    return f"{column} IN ({sql})", list(params)
