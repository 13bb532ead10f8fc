"""Keys in paths stand in no log: not in ours, not in the documented proxy's."""

import json
import logging
import logging.config
import re
import sys
from pathlib import Path

import pytest

from config import logs
from config.private_paths import without_keys
from tests.accounts import walking

KEY = "4vJ9JU1bJJE96FWSJKvHsm"
OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def private_addresses() -> list[str]:
    """An address of each route that takes a key; share codes are public."""
    routes = [route for route in walking.routes() if "token>" in route]
    assert len(routes) > 10
    return ["/" + re.sub(r"<[^>]+>", KEY, route) for route in routes]


def test_our_log_leaves_the_key_out(capsys: pytest.CaptureFixture[str]) -> None:
    for address in private_addresses():
        assert KEY not in without_keys(address).partition("/consents/")[0].partition("/pictures/")[0], address
    assert without_keys("/s/2F4PzrGRhY/order/ /join/ /orders/") == "/s/2F4PzrGRhY/order/ /join/ /orders/"

    settings = logs.configuration(json=True, level="INFO")
    formatter = logging.config.DictConfigurator(settings).configure_formatter(
        dict(settings["formatters"]["structured"])
    )
    try:
        raise ValueError(f"/my-data/{KEY}/")
    except ValueError:
        record = logging.LogRecord(
            "django.request",
            logging.ERROR,
            "",
            0,
            "Internal Server Error: %s",
            (f"/o/{KEY}/",),
            sys.exc_info(),
        )
    assert isinstance(formatter, logging.Formatter)
    line = json.loads(formatter.format(record))
    assert line["event"] == "Internal Server Error: /o/…/"
    assert "/my-data/…/" in line["exception"]
    assert KEY not in json.dumps(line)


def test_the_documented_proxy_leaves_it_out_as_well() -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    found = re.search(r"~(\^\S+) (\S+);", text)
    assert found is not None
    pattern = re.compile(found[1].replace("(?<", "(?P<"))
    for address in private_addresses():
        assert pattern.match(address), address
    assert pattern.match("/orders/") is None
    written = re.search(r"log_format dac (.*?);", text, re.DOTALL)
    assert written is not None
    assert set(re.findall(r"\$(\w+)", written[1])) & {
        "request", "request_uri", "uri", "args", "query_string", "http_referer"
    } == set()  # fmt: skip
    assert "access_log /var/log/nginx/dac.log dac;" in text
    assert re.search(r"error_log \S+ crit;", text)
