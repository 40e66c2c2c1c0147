"""Which way an operation takes to its answer, for the operator's figures."""

from collections.abc import Mapping
from typing import NamedTuple


class Way(NamedTuple):
    """What kind of operation it is, and what answers it."""

    kind: str
    road: str


UNDECIDED = Way("unknown", "none")
"""It was refused before that was known."""
BY_PLAN = Way("query", "plan")
BY_EXECUTOR: Mapping[str, Way] = {
    kind: Way(kind, "executor") for kind in ("query", "mutation", "subscription")
}
