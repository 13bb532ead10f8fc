"""The second wall: whose rows the database shows, whatever a query forgot to ask for (docs/isolation.md).

The product connects as the owner of its tables, whom no policy names: he sees no protected row. Every
transaction takes on one of three roles instead, and as a host's the number of one host.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, transaction
from django.db.backends.base.base import NO_DB_ALIAS, BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus


class Role(StrEnum):
    """A role of the database, as PostgreSQL's setting `role` names it."""

    HOST = "app_host"  # the rows of one host; of none while no host is named
    HQ = "app_hq"  # what HQ may read: there `access.py` is the one wall
    WORKER = "app_worker"  # jobs, commands, callbacks
    OWNER = "none"  # the tables' owner: may change them, sees no protected row


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are to the database."""

    role: Role
    host_id: int | None = None


NOBODY = Identity(Role.HOST)
HQ = Identity(Role.HQ)
WORKER = Identity(Role.WORKER)
OWNER = Identity(Role.OWNER)

#: What a new connection of this process stands as. A process that serves the web sees nothing by itself.
_process = WORKER
#: One statement: who we were, and who we are until the transaction ends (or the session, when not `local`).
_SWITCH = (
    "SELECT current_setting('role'), current_setting('app.host_id', true), "
    "set_config('role', %s, {local}), set_config('app.host_id', %s, {local})"
)
_SWITCH_LOCALLY, _SWITCH_FOR_GOOD = (_SWITCH.format(local=word) for word in ("true", "false"))
#: A database that was never migrated has no rights to give yet: there we stay the owner, who sees nothing.
_TAKE_ON = """
SELECT set_config('role', rolname, false), set_config('app.host_id', %s, false)
  FROM pg_roles
 WHERE rolname = %s AND pg_has_role(session_user, oid, 'MEMBER')
   AND has_table_privilege(oid, to_regclass('django_migrations'), 'SELECT')
"""


def serve_the_web() -> None:
    """From now on, a connection of this process shows nobody's rows until a request says whose."""
    global _process
    _process = NOBODY


def current(using: str = DEFAULT_DB_ALIAS) -> Identity:
    """Who we are to the database now."""
    found: Identity = getattr(connections[using], "db_identity", _process)
    return found


def enter(to: Identity, *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Stand as `to` until the running transaction ends: for the request that has found out whose it is."""
    _switch(connections[using], to)


@contextmanager
def as_identity(to: Identity, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Stand as `to` inside the block, which is (part of) one transaction."""
    connection = connections[using]
    if to == WORKER and current(using) == WORKER:  # a job's own service: nothing to take on
        with transaction.atomic(using=using) if not connection.in_atomic_block else nullcontext():
            yield
        return
    if not connection.in_atomic_block:
        # The end of the transaction is the end of the role.
        with transaction.atomic(using=using), _remembering(connection):
            _switch(connection, to)
            yield
        return
    with _remembering(connection):
        before = _switch(connection, to)
        try:
            yield
        finally:
            # A savepoint that rolls back takes the role with it, one that is released does not.
            if not _is_broken(connection):
                _switch(connection, before)


@contextmanager
def transaction_as(to: Identity) -> Iterator[None]:
    """The same in a transaction (inside a test's: a savepoint) of its own, which may roll back alone."""
    if connections[DEFAULT_DB_ALIAS].in_atomic_block:
        with transaction.atomic(), as_identity(to):
            yield
    else:
        with as_identity(to):
            yield


@contextmanager
def acting_as(host_id: int) -> Iterator[None]:
    """See and change what this host may, and nothing else: (part of) one transaction."""
    with as_identity(Identity(Role.HOST, host_id)):
        yield


@contextmanager
def as_worker() -> Iterator[None]:
    """See every row, as a job does: for single steps whose result is no row of anybody's."""
    with as_identity(WORKER):
        yield


@contextmanager
def as_owner() -> Iterator[None]:
    """Change tables. No protected row is visible meanwhile."""
    with as_identity(OWNER):
        yield


@contextmanager
def session_as(to: Identity, *, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Stand as `to` in every transaction of the block: for views that open their own."""
    connection = connections[using]
    if connection.in_atomic_block:  # a test's
        with as_identity(to, using=using):
            yield
        return
    before = current(using)
    if before == to:
        yield
        return
    with _remembering(connection):
        _set_session(connection, to)
        try:
            yield
        finally:
            connection.db_identity = before  # type: ignore[attr-defined]
            if _is_broken(connection):
                connection.close()  # the next one takes on what this process stands as
            else:
                _set_session(connection, before)


def _set_session(connection: BaseDatabaseWrapper, to: Identity) -> None:
    connection.db_identity = to  # type: ignore[attr-defined]
    if connection.connection is None:  # it takes this on as it is made
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(_SWITCH_FOR_GOOD, [to.role, _text(to.host_id)])
    except (InterfaceError, OperationalError):
        if not _is_broken(connection):
            raise
        connection.close()  # it had died meanwhile: so does the next one


def _switch(connection: BaseDatabaseWrapper, to: Identity) -> Identity:
    with connection.cursor() as cursor:
        cursor.execute(_SWITCH_LOCALLY, [to.role, _text(to.host_id)])
        role, host_id, *_ = cursor.fetchone()
    connection.db_identity = to  # type: ignore[attr-defined]
    return Identity(Role(role), int(host_id) if host_id else None)


@contextmanager
def _remembering(connection: BaseDatabaseWrapper) -> Iterator[None]:
    before = getattr(connection, "db_identity", _process)
    try:
        yield
    finally:
        connection.db_identity = before  # type: ignore[attr-defined]


def _is_broken(connection: BaseDatabaseWrapper) -> bool:
    """Whether the transaction takes no statement any more; rolling it back restores the role."""
    raw = connection.connection
    if raw is None or raw.closed or connection.needs_rollback:
        return True
    return bool(raw.info.transaction_status == TransactionStatus.INERROR)


def _text(host_id: int | None) -> str:
    return "" if host_id is None else str(host_id)


# --- new connections ----------------------------------------------------------------------------------


def watch_connections() -> None:
    """Every connection that is made from now on stands as its process does."""
    connection_created.connect(_greet, dispatch_uid="database role")


def _greet(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor != "postgresql" or connection.alias == NO_DB_ALIAS:
        return
    if connection.alias == DEFAULT_DB_ALIAS:
        take_on(connection, getattr(connection, "db_identity", None))
    else:
        _keep_in_step(connection)


def take_on(connection: BaseDatabaseWrapper, to: Identity | None = None) -> None:
    """Stand as `to` (what the process stands as) for the life of the connection, if it may."""
    to = to or _process
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_ON, [_text(to.host_id), to.role])
    connection.db_identity = to  # type: ignore[attr-defined]


def _keep_in_step(connection: BaseDatabaseWrapper) -> None:
    """Another database (the replica) is only read, without transactions: it follows the first one's role."""

    def follow(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        wanted = current()
        if connection.db_identity != wanted:  # type: ignore[attr-defined]
            context["cursor"].cursor.execute(_SWITCH_FOR_GOOD, [wanted.role, _text(wanted.host_id)])
            connection.db_identity = wanted  # type: ignore[attr-defined]
        return execute(sql, params, many, context)

    connection.db_identity = None  # type: ignore[attr-defined]
    if not getattr(connection, "is_in_step", False):
        connection.is_in_step = True  # type: ignore[attr-defined]
        connection.execute_wrappers.append(follow)
