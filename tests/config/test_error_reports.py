"""What an error report holds when it arrives. Started as a process of its own, as the platform is."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME, PHONE, ADDRESS = "欧阳桂芬", "13912345678", "杭州市文三路 99 号"
TOKEN, COOKIE, QUERY = "4vJ9JU1bJJE96FWSJKvHsm", "cookie-canary-77", "query-canary-88"
CANARIES = (NAME, PHONE, ADDRESS, TOKEN, COOKIE, QUERY)

#: A view that fails with everything in its hands, and a logged failure, as product code would have them.
FAILING = f"""
import logging, sys, types
import django
django.setup()
from django.conf import settings
from django.test import Client, override_settings
from django.urls import path
from apps.database.transactions import own_transaction
import sentry_sdk

@own_transaction
def view(request, token):
    name, phone, address = {NAME!r}, {PHONE!r}, {ADDRESS!r}
    try:
        raise KeyError(phone)
    except KeyError:
        raise ValueError(f"duplicate key: (name, phone)=({{name}}, {{phone}}) already exists")

pages = types.ModuleType("failing_pages")
pages.urlpatterns = [path("my-data/<str:token>/", view)]
sys.modules["failing_pages"] = pages
client = Client(raise_request_exception=False)
client.cookies["v"] = {COOKIE!r}
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
files = {{**settings.STORAGES, "staticfiles": {{"BACKEND": plain}}}}
with override_settings(ROOT_URLCONF="failing_pages", ALLOWED_HOSTS=["*"], STORAGES=files):
    answer = client.post("/my-data/{TOKEN}/?q={QUERY}", {{"address": {ADDRESS!r}, "phone": {PHONE!r}}})
assert answer.status_code == 500, answer
logging.getLogger("apps.planted").error("no answer from %s at /o/{TOKEN}/", {NAME!r})
logging.getLogger("elsewhere").error("said {PHONE} {NAME}")
sentry_sdk.flush(20)
print("flushed")
"""


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[str]]]:
    """A DSN of ours, and the text of every envelope that arrived there, headers included."""
    arrived: list[str] = []

    class Envelope(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            encoding = self.headers.get("Content-Encoding", "")
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress}.get(encoding, bytes)
            arrived.append(f"{self.headers}\n{unpack(body).decode()}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Envelope)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://public@127.0.0.1:{server.server_port}/1", arrived
    server.shutdown()
    thread.join()
    server.server_close()


def _run(code: str, folder: Path, **variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment = {
        **kept,
        "VAR_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "PYTHONPATH": f"{ROOT / 'platform'}{os.pathsep}{ROOT}",
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_report_arrives_and_names_code_and_nobody(endpoint: tuple[str, list[str]], tmp_path: Path) -> None:
    dsn, arrived = endpoint

    assert "flushed" in _run(FAILING, tmp_path, SENTRY_DSN=dsn)

    everything = "\n".join(arrived)
    spelled = [form for one in CANARIES for form in (one, json.dumps(one).strip('"'))]
    assert [form for form in spelled if form in everything] == []
    events = [
        json.loads(line) for text in arrived for line in text.splitlines() if line.startswith('{"event_id')
    ]
    failed = next(event for event in events if "exception" in event)
    assert [one["type"] for one in failed["exception"]["values"]] == ["KeyError", "ValueError"]
    assert failed["transaction"] == "my-data/<str:token>/"
    assert len(failed["tags"]["request_id"]) == 36
    sentences = [event["logentry"]["message"] for event in events if "logentry" in event]
    assert sentences == ["no answer from %s at /o/…/"]


def test_nothing_is_loaded_without_an_address(tmp_path: Path) -> None:
    code = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"

    assert _run(code, tmp_path).strip() == "False"
