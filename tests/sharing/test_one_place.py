"""Addresses are made in one place: a walk over the code, since each second spelling was once a fault."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APPS = Path(__file__).resolve().parents[2] / "apps"
#: The sandbox is another house; the URLconf says where the page is, once.
URLCONF = "storefront/urls.py"


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(APPS.rglob("*.py")):
        name = path.relative_to(APPS).as_posix()
        if not {"sandbox", "migrations"} & set(path.parts):
            yield name, ast.parse(path.read_text())


def _texts(tree: ast.Module) -> Iterator[str]:
    """The constants of a module, those inside of f-strings too, without its docstrings."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def spells_a_share_link(tree: ast.Module) -> bool:
    return any("/s/" in text or text.startswith("s/") for text in _texts(tree))


def names_the_site(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "SITE_URL" for node in ast.walk(tree))


def test_no_module_builds_the_address_of_a_link() -> None:
    assert [name for name, tree in _modules() if spells_a_share_link(tree)] == [URLCONF]


def test_one_module_puts_the_site_before_a_path() -> None:
    assert [name for name, tree in _modules() if names_the_site(tree)] == ["lib/addresses.py"]


def asks_for_a_link(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "link_for")
        or (isinstance(node, ast.alias) and node.name == "link_for")
        for node in ast.walk(tree)
    )


def test_one_module_decides_what_a_link_opens() -> None:
    assert [name for name, tree in _modules() if asks_for_a_link(tree)] == ["sharing/services.py"]


@pytest.mark.parametrize(
    ("source", "check"),
    [
        ('url = f"{site}/s/{link.code}/"', spells_a_share_link),
        ('url = "/s/" + code', spells_a_share_link),
        ('url = site + "s/%s/" % code', spells_a_share_link),
        ('url = settings.SITE_URL + "/"', names_the_site),
        ("tracking.link_for(host)", asks_for_a_link),
        ("from apps.tracking.services import link_for", asks_for_a_link),
    ],
)
def test_the_walk_sees_it(source: str, check: object) -> None:
    assert callable(check)
    assert check(ast.parse(source))
