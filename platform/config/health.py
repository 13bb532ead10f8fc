"""`/livez`: the process answers. `/readyz`: it can do its work."""

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from apps.database.transactions import own_transaction

_migrated = False


@own_transaction
def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@own_transaction
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and every migration is applied, else 503 with what is missing."""
    global _migrated
    checks: dict[str, Any] = {}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        checks["database"] = True
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        checks["migrations"] = _migrated
    except Exception as error:  # noqa: BLE001 - whatever keeps the database away means "not ready"
        checks["database"] = type(error).__name__
    ready = checks.get("database") is True and bool(checks.get("migrations"))
    headers = {} if ready else {"Retry-After": "5"}
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "checks": checks},
        status=200 if ready else 503,
        headers=headers,
    )
