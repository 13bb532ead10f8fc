"""A house for each module of stories."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.house import House
from tests.flows.names import HOST
from tests.runtime.machine import until
from tests.runtime.running import copy_of, first_run
from tests.sandbox_fixture import Sandbox


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running platform with the story's world in it. The folder's path is short, for sockets."""
    made = first_run(tmp_path_factory)
    with tempfile.TemporaryDirectory(prefix="dac-", dir="/tmp") as folder:
        house = House(copy_of(made, Path(folder) / "var"))
        try:
            house.start()
            house.world("begin")
            yield house
        finally:
            house.destroy()


@pytest.fixture(scope="module")
def wecom(house: House) -> Sandbox:
    """The WeCom of this house; the host works there."""
    client = Sandbox(house.sandbox_url)
    client.add_member(HOST, "林姐")
    until(lambda: client.verify_callback_url()["ok"], "an answer within WeCom's second")
    return client
