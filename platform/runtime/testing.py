"""A pytest plugin: what must be settled before anything else is imported, in every process of a test run."""

import os
import shutil
import sys
import tempfile

import pytest

# Compiled modules are kept, whatever the environment says: a run starts the product hundreds of times, and
# each start would compile all of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# One temporary VAR_DIR for all processes of the run.
_ours = not os.environ.get("VAR_DIR")
if _ours:
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="dac-test-")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _ours:
        shutil.rmtree(os.environ["VAR_DIR"], ignore_errors=True)
