"""An event as the log stores it: a canonical body, and a hash that binds it to the one before."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import orjson

from models.types import instant, microseconds
from policy.events import Event, EventKind, Evidence
from policy.vocabulary import AgeGroup

GENESIS = ""
"""What stands for the hash before a member's first event."""

_PARTS = tuple(part for part in fields(Event) if part.name not in {"kind", "at"})
_SHOWN = fields(Evidence)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One row of the log, as read."""

    seq: int
    member: str
    member_seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    body: str
    prev_hash: str
    hash: str

    @property
    def event(self) -> Event:
        """The fact itself."""
        return decode(EventKind(self.kind), self.at, self.body)

    def follows(self, before: "StoredEvent | None") -> bool:
        """Whether this is what was recorded next after `before`, unaltered."""
        number, prev_hash = (before.member_seq, before.hash) if before else (0, GENESIS)
        return (
            self.member_seq == number + 1
            and self.prev_hash == prev_hash
            and self.hash == link(self.as_row())
        )

    def as_row(self) -> Mapping[str, Any]:
        """The columns of the row, by name."""
        return {
            "member_key": self.member,
            "member_seq": self.member_seq,
            "kind": self.kind,
            "at": self.at,
            "recorded_at": self.recorded_at,
            "body": self.body,
            "prev_hash": self.prev_hash,
        }


def encode(event: Event) -> str:
    """The parts an event carries, as JSON with sorted keys; a part at its default is absent."""
    parts = {part.name: getattr(event, part.name) for part in _PARTS}
    carried = {
        part.name: _plain(parts[part.name]) for part in _PARTS if parts[part.name] != part.default
    }
    return orjson.dumps(carried, option=orjson.OPT_SORT_KEYS).decode()


def decode(kind: EventKind, at: datetime, body: str) -> Event:
    """The event whose parts `encode` wrote."""
    parts: dict[str, Any] = orjson.loads(body)
    if "valid_until" in parts:
        parts["valid_until"] = instant(parts["valid_until"])
    if "age" in parts:
        parts["age"] = AgeGroup(parts["age"])
    if "categories" in parts:
        parts["categories"] = tuple(parts["categories"])
    if "evidence" in parts:
        said = parts["evidence"]
        parts["evidence"] = Evidence(**{**said, "shown": tuple(said.get("shown", ()))})
    return Event(kind, at, **parts)


def link(row: Mapping[str, Any]) -> str:
    """The hash of a row: SHA-256 over the hash before it and everything the row says."""
    said = [
        row["prev_hash"],
        row["member_key"],
        row["member_seq"],
        row["kind"],
        microseconds(row["at"]),
        microseconds(row["recorded_at"]),
        row["body"],
    ]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Evidence):
        parts = ((part, getattr(value, part.name)) for part in _SHOWN)
        return {part.name: said for part, said in parts if said != part.default}
    return microseconds(value) if isinstance(value, datetime) else value
