"""How much a run tries: `make test` takes a seeded share of the long runs, `make soak` all of each.

The shares are the same in every run, so that a failure comes again; `SEED=…` chooses others.
"""

import os
from typing import TypeVar

Number = TypeVar("Number", int, float)

#: `make soak` says so.
SOAK = os.environ.get("SOAK") == "1"
SEED = int(os.environ.get("SEED") or 20261122)


def of(share: Number, full: Number) -> Number:
    """A number of rounds, rows or people: `share` of it in `make test`, `full` in `make soak`."""
    return full if SOAK else share
