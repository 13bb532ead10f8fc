"""The database's roles: making them before a migration, and giving them their rights after it."""

from typing import Any

from django.core.management import CommandError
from django.db import connections
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from apps.database.db_role import OWNER, Role, take_on

ROLES = (Role.HOST, Role.HQ, Role.WORKER)


class DatabaseRolesError(CommandError):
    """The database's administrator has something to do first; the text says what, in SQL."""


def before_migrations(using: str, **_: Any) -> None:
    """See that the roles exist and are ours, then stand as the owner, who alone may change tables."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        _refuse_power(cursor)
        _make_roles(cursor)
        _give_rights_ahead(cursor)
    connection.db_identity = OWNER  # type: ignore[attr-defined]


def after_migrations(using: str, **_: Any) -> None:
    """Give the roles their rights to every table there is, and stand again as this process does."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")  # `flush` sends this signal too, with nothing before it
        for statement in _RIGHTS:
            cursor.execute(statement)
    take_on(connection)


def sql_for_administrator(owner: str, version: int) -> str:
    """What a superuser runs once where the product may not. `version` as in server_version_num."""
    return "; ".join(_statements(owner, version)) + ";"


def _statements(owner: str, version: int) -> list[str]:
    option = " WITH INHERIT FALSE, SET TRUE" if version >= 160000 else ""
    name = sql.Identifier(owner).as_string(None)
    return [
        *(f"CREATE ROLE {role} NOLOGIN" for role in ROLES),
        # PostgreSQL 15: an owner who inherits nothing does not own his database's first schema by himself.
        f"ALTER SCHEMA public OWNER TO {name}",
        f"ALTER ROLE {name} NOINHERIT",
        f"GRANT {', '.join(ROLES)} TO {name}{option}",
    ]


def _refuse_power(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = session_user AND (rolsuper OR rolbypassrls)")
    if found := cursor.fetchone():
        raise DatabaseRolesError(
            f"DATABASE_URL 用的数据库账号 {found[0]} 权限太大（超级用户或 BYPASSRLS），行级隔离对它不起作用："
            "请换成普通账号，建法见 docs/operations.md。"
        )


def _make_roles(cursor: CursorWrapper) -> None:
    """Make what is missing, if this account may; else DatabaseRolesError."""
    if not _missing(cursor):
        return
    cursor.execute(
        "SELECT session_user, rolcreaterole, current_setting('server_version_num')::int "
        "FROM pg_roles WHERE rolname = session_user"
    )
    owner, may_make, version = cursor.fetchone()
    wanted = sql_for_administrator(owner, version)
    if not may_make:
        raise DatabaseRolesError(
            "数据库里还缺行级隔离用的角色，当前账号不能自己建。请数据库管理员执行一次：" + wanted
        )
    # Several processes may be here at once (test databases of one server): one after another.
    cursor.execute("SELECT pg_advisory_lock(hashtext('dac database roles'))")
    try:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)])
        there = {name for (name,) in cursor.fetchall()}
        for statement in _statements(owner, version):
            if not any(statement == f"CREATE ROLE {name} NOLOGIN" for name in there):
                cursor.execute(statement)
    finally:
        cursor.execute("SELECT pg_advisory_unlock(hashtext('dac database roles'))")
    if missing := _missing(cursor):
        raise DatabaseRolesError(
            f"数据库角色 {'、'.join(missing)} 没有准备好。请数据库管理员执行一次：{wanted}"
        )


def _missing(cursor: CursorWrapper) -> list[str]:
    """Roles that do not exist, that we may not take on, or whose rows the owner would see by inheritance."""
    cursor.execute(
        """
        SELECT wanted FROM unnest(%s::text[]) AS wanted LEFT JOIN pg_roles ON rolname = wanted
         WHERE oid IS NULL OR NOT pg_has_role(session_user, oid, 'MEMBER')
            OR pg_has_role(session_user, oid, 'USAGE')
        """,
        [list(ROLES)],
    )
    return [name for (name,) in cursor.fetchall()]


def _give_rights_ahead(cursor: CursorWrapper) -> None:
    """Tables that a migration makes are open to its own later steps, and to partitions made at night."""
    for statement in _RIGHTS_AHEAD:
        cursor.execute(statement)


_EVERYBODY = ", ".join(ROLES)
_AHEAD = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"
_RIGHTS_AHEAD = (
    f"GRANT USAGE ON SCHEMA public TO {_EVERYBODY}",
    f"{_AHEAD} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {_EVERYBODY}",
    f"{_AHEAD} TRUNCATE ON TABLES TO {Role.WORKER}",
    f"{_AHEAD} USAGE, SELECT ON SEQUENCES TO {_EVERYBODY}",
    # In a new database everybody may make temporary tables, and those are found before ours.
    f"""
    DO $$ BEGIN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO {Role.WORKER}', current_database());
    END $$
    """,
    # Files that are being brought in: the worker's own tables (apps/customers/imports/staging.py).
    "CREATE SCHEMA IF NOT EXISTS staging",
    f"GRANT USAGE, CREATE ON SCHEMA staging TO {Role.WORKER}",
)
_RIGHTS = (
    *_RIGHTS_AHEAD,
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {_EVERYBODY}",
    f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {Role.WORKER}",
    f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {_EVERYBODY}",
    # The broker's messages are tidied by a job; celery itself comes as the owner.
    f"""
    DO $$ BEGIN
        IF to_regnamespace('broker') IS NOT NULL THEN
            GRANT USAGE ON SCHEMA broker TO {Role.WORKER};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA broker TO {Role.WORKER};
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA broker TO {Role.WORKER};
        END IF;
    END $$
    """,
    # A partition is read through its table, where the policies are. By its own name it is the worker's alone.
    f"""
    DO $$ DECLARE child regclass; BEGIN
        FOR child IN SELECT inhrelid FROM pg_inherits JOIN pg_class ON oid = inhrelid AND relkind = 'r'
                      WHERE relnamespace = 'public'::regnamespace LOOP
            EXECUTE format('REVOKE ALL ON %s FROM {Role.HOST}, {Role.HQ}', child);
        END LOOP;
    END $$
    """,  # noqa: S608
    # Single answers for those who may not see the rows. To be given a function, a role must be able to make
    # one there: for this moment only.
    f"""
    DO $$ DECLARE answer regprocedure; BEGIN
        FOR answer IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
                         AND p.prosecdef AND p.proname LIKE '%\\_as\\_worker'
                         AND p.proowner = current_user::regrole LOOP
            GRANT CREATE ON SCHEMA public TO {Role.WORKER};
            EXECUTE format('ALTER FUNCTION %s OWNER TO {Role.WORKER}', answer);
            REVOKE CREATE ON SCHEMA public FROM {Role.WORKER};
        END LOOP;
    END $$
    """,  # noqa: S608
    # Files that were under way when the roles came, or a dump was restored: from now on the worker's.
    f"""
    DO $$ DECLARE left_over regclass; BEGIN
        FOR left_over IN SELECT c.oid FROM pg_class c WHERE c.relnamespace = to_regnamespace('staging')
                            AND c.relkind = 'r' AND c.relowner = current_user::regrole LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO {Role.WORKER}', left_over);
        END LOOP;
    END $$
    """,  # noqa: S608
)
