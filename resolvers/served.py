"""How an operation is served, for the operator's figures."""

from collections.abc import Mapping
from typing import NamedTuple


class Served(NamedTuple):
    """What kind of operation it is, and what answers it."""

    kind: str
    road: str


UNDECIDED = Served("unknown", "none")
"""It was refused before that was known."""
BY_PLAN = Served("query", "plan")
BY_EXECUTOR: Mapping[str, Served] = {
    kind: Served(kind, "executor") for kind in ("query", "mutation", "subscription")
}
