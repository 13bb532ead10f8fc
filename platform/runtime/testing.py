"""A pytest plugin: one temporary VAR_DIR for all processes of a test run, before any settings are read."""

import os
import shutil
import tempfile

import pytest

_ours = not os.environ.get("VAR_DIR")
if _ours:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="dac-test-")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _ours:
        shutil.rmtree(os.environ["VAR_DIR"], ignore_errors=True)
