"""A purge as the ledger stores it: an entry of its own, which says whose contents are gone."""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from models.types import instant, microseconds


class Purge(NamedTuple):
    """Salt and body of these entries of a segment were deleted, both ends included."""

    at: datetime
    segment: int
    first: int
    last: int


class _Body(NamedTuple):
    tag: Literal["purge"]
    at: int
    segment: int
    first: int
    last: int


_reader = msgspec.msgpack.Decoder(_Body)
MARK = b"\x95\xa5purge"
"""How the body of a purge begins: five parts, the first its tag. No decision has five parts."""


def is_purge(body: bytes) -> bool:
    """Whether an entry's body says a purge, not a decision."""
    return body.startswith(MARK)


def encode(purge: Purge) -> bytes:
    """The purge as bytes."""
    said = _Body("purge", microseconds(purge.at), purge.segment, purge.first, purge.last)
    return msgspec.msgpack.encode(said)


def decode(body: bytes) -> Purge:
    """The purge that `encode` wrote. Raises msgspec.DecodeError for anything else."""
    said = _reader.decode(body)
    return Purge(instant(said.at), said.segment, said.first, said.last)
