from collections.abc import Iterator

import pytest

from tests.sandbox.receiver import Receiver, serve
from tests.sandbox_fixture import Sandbox


@pytest.fixture
def receiver(sandbox: Sandbox) -> Iterator[Receiver]:
    """A product's callback address, as the sandbox sees it."""
    receiver = Receiver()
    server, thread = serve(receiver)
    sandbox.set_callback_url(receiver.url)
    try:
        yield receiver
    finally:
        sandbox.set_callback_url("")
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def host(sandbox: Sandbox) -> str:
    sandbox.add_member("Lin.Guide", "林导", position="社群导购")
    return "Lin.Guide"
