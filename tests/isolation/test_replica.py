"""The second wall before a replica of the database, which is read without transactions."""

from django.db import connection, connections

from apps.database import db_role
from apps.database.db_role import HQ, Identity, Role
from tests.committed import own_tables, transactional_db  # noqa: F401


def test_a_replica_shows_what_the_database_shows(transactional_db: None) -> None:  # noqa: F811
    connections.databases["replica"] = dict(connection.settings_dict)
    try:

        def there() -> str:
            with connections["replica"].cursor() as cursor:
                cursor.execute("SELECT current_user || ':' || current_setting('app.host_id')")
                return str(cursor.fetchone()[0])

        assert there() == "app_worker:"
        with db_role.acting_as(7):
            assert there() == "app_host:7"
            with db_role.as_identity(HQ):
                assert there() == "app_hq:"
        assert there() == "app_worker:"
        with db_role.session_as(Identity(Role.HOST, 8)):
            assert there() == "app_host:8"
    finally:
        connections["replica"].close()
        del connections.databases["replica"]
        del connections["replica"]
