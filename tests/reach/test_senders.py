"""Whatever comes to a consumer is registered with the gate, and its call can't be made without it."""

import ast
import inspect
from pathlib import Path

import pytest

from apps.outbox import registry
from apps.outbox.registry import Addressee
from apps.reach import senders as reach
from apps.wecom import client, endpoints, mass_calls

#: Every kind of delivery, and to whom it comes in the end: a new one must be given its place here.
KINDS = {
    "app-message": Addressee.HOST,
    "wecom.account_notice": Addressee.HOST,
    "wecom.transfer": Addressee.CONSUMER,
    "wecom.mass-send": Addressee.CONSUMER,
    "wecom.mass-stop": Addressee.NOBODY,
    "wecom.welcome": Addressee.CONSUMER,
}


def test_each_kind_of_delivery_says_to_whom_it_comes_and_those_to_consumers_ask_the_gate() -> None:
    assert {one.kind: one.addresses for one in registry.senders()} == KINDS
    for one in registry.senders():
        asks = getattr(one.send, "func", None) is reach._send
        assert asks == (one.addresses == Addressee.CONSUMER), one.kind


def test_every_call_that_reaches_a_consumer_demands_the_gates_word() -> None:
    """Each method of the client that posts to such an address takes an Allowed, and demands it first."""
    paths = endpoints.paths_to_consumers()
    found: set[str] = set()
    for module in (client, mass_calls):
        tree = ast.parse(inspect.getsource(module))
        for method in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            said = {node.value for node in ast.walk(method) if isinstance(node, ast.Constant)}
            posts = {path for path in paths for text in said if isinstance(text, str) and path.endswith(text)}
            posts = {path for path in posts if path.split("/")[-1] in " ".join(map(str, said))}
            if not posts or method.name.startswith("_"):
                continue
            found |= posts
            names = [one.arg for one in method.args.kwonlyargs]
            calls = [
                node.func.id
                for node in ast.walk(method)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            ]
            assert "allowed" in names, method.name
            assert "demand" in calls, method.name
    assert found == paths


def test_no_other_file_names_an_address_that_reaches_consumers() -> None:
    names = {path.split("/")[-1] for path in endpoints.paths_to_consumers()}
    own = {"client.py", "mass_calls.py", "endpoints.py"}
    for file in Path("apps").rglob("*.py"):
        if file.parts[1] == "sandbox" or (file.parts[1] == "wecom" and file.name in own):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value.split("/")[-1] not in names, file


@pytest.mark.parametrize("kind", [kind for kind, one in KINDS.items() if one == Addressee.CONSUMER])
def test_a_sender_to_consumers_is_made_by_reach_alone(kind: str) -> None:
    with pytest.raises(registry.AlreadyRegisteredError):
        registry.register_sender(registry.sender_of("app-message").__class__(**_other(kind)))


def _other(kind: str) -> dict[str, object]:
    mine = registry.sender_of(kind)
    return {**mine.__dict__, "addresses": Addressee.HOST}
