"""TEMP scaffolding while apps appear; removed before the end."""

from importlib.util import find_spec
from django.urls import include as real


def include(name):
    if isinstance(name, str):
        try:
            found = find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return ([], None, None)
    return real(name)
