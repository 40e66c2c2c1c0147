"""How entries are bound to one another: salted commitments, chained by the one who wrote them.

A segment is what one writer wrote in one month. Its first link binds its own row; each entry's link
binds the one before and the commitment to the entry. Who changes, takes, adds or moves an entry
breaks the link there; who makes all links anew meets the head that a witness was given.

A commitment can stand in an entry's place when the entry is gone (purged), and tells nothing of
it: without its salt nobody can try out what was in it.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from models.types import microseconds

SALT_BYTES = 16


NO_HEAD = b""
"""What stands for the digest before the first head."""


class Reached(NamedTuple):
    """How far a segment had come: its last entry then, and the link of it."""

    segment: int
    seq: int
    link: bytes


_reached = msgspec.msgpack.Decoder(tuple[Reached, ...])


def salted(bodies: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Give each entry with a salt of its own, which makes its commitment unguessable."""
    entries = list(bodies)
    drawn = secrets.token_bytes(SALT_BYTES * len(entries))
    for number, body in enumerate(entries):
        yield body, drawn[SALT_BYTES * number : SALT_BYTES * (number + 1)]


def first_link(segment: int, month: str, opened_at: datetime, after_head: int) -> bytes:
    """The link before a segment's first entry: SHA-256 over all that its row says."""
    return _digest("segment", segment, month, microseconds(opened_at), after_head)


def commitment(salt: bytes, body: bytes) -> bytes:
    """What is known of an entry without the entry: SHA-256 over salt and body."""
    return _digest("entry", salt, body)


def next_link(before: bytes, committed: bytes) -> bytes:
    """The link of an entry: SHA-256 over the link before and the commitment."""
    return _digest("link", before, committed)


def head_body(reached: Sequence[Reached]) -> bytes:
    """What a head names, as bytes."""
    return msgspec.msgpack.encode(reached)


def reached_by(body: bytes) -> Sequence[Reached]:
    """What a head names. Raises msgspec.DecodeError for what `head_body` did not write."""
    return _reached.decode(body)


def head_digest(before: bytes, number: int, at: datetime, body: bytes) -> bytes:
    """The digest of a head: SHA-256 over the digest of the head before and all that it says."""
    return _digest("head", before, number, microseconds(at), body)


def _digest(*said: str | int | bytes) -> bytes:
    """SHA-256 over what is said, each part told apart from the next by MessagePack."""
    return hashlib.sha256(msgspec.msgpack.encode(said)).digest()
