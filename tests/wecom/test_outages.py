"""The database goes away and comes back under the callback."""

from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client

from apps.outbox.models import Inbox
from tests.wecom.wire import post

EVENT = Path(__file__).parent / "payloads" / "event_change_external_contact_edit_external_contact.xml"


def kill_our_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_connection_that_died_meanwhile_loses_no_callback(transactional_db: None, client: Client) -> None:
    kill_our_connection()

    assert post(client, EVENT.read_text()).status_code == 200
    assert Inbox.objects.count() == 1


def test_without_a_database_wecom_is_not_told_that_it_came(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")

    # Whatever is not 200 makes WeCom bring it again.
    assert post(client, EVENT.read_text()).status_code in {500, 503}
    monkeypatch.undo()
    assert post(client, EVENT.read_text()).status_code == 200
