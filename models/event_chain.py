"""An event as the log stores it: a canonical body, and a hash that binds it to the one before.

What leads from the surrogate to a person (the account id of a link) stands beside the body, which
holds a salted digest of it alone: it can be erased, and the chain still holds.
"""

import hashlib
import secrets
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

_IDENTIFYING = ("account_id",)
_DIGEST, _SALT = "identifiers", "salt"
_APART = {"kind", "at", *_IDENTIFYING}
_PARTS = tuple(part for part in fields(Event) if part.name not in _APART)
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
    identifiers: str

    @property
    def event(self) -> Event:
        """The fact itself; without its identifiers once they are erased."""
        return decode(EventKind(self.kind), self.at, self.body, self.identifiers)

    @property
    def identifiers_erased(self) -> bool:
        """Whether it was recorded with identifiers that are gone."""
        return not self.identifiers and _DIGEST in orjson.loads(self.body)

    def follows(self, before: "StoredEvent | None") -> bool:
        """Whether this is what was recorded next after `before`, unaltered."""
        number, prev_hash = (before.member_seq, before.hash) if before else (0, GENESIS)
        return (
            self.member_seq == number + 1
            and self.prev_hash == prev_hash
            and self.hash == link(self.as_row())
            and (not self.identifiers or self._holds_its_identifiers())
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

    def _holds_its_identifiers(self) -> bool:
        held = orjson.loads(self.body).get(_DIGEST)
        return bool(held == _digest(self.identifiers))


def identifiers_of(event: Event) -> str:
    """What of the event leads to a person, with a salt, so that no digest of it can be guessed."""
    given = {name: getattr(event, name) for name in _IDENTIFYING}
    named = {name: value for name, value in given.items() if value is not None}
    return orjson.dumps({**named, _SALT: secrets.token_hex(16)}).decode() if named else ""


def encode(event: Event, identifiers: str) -> str:
    """The other parts an event carries, as JSON with sorted keys; one at its default is absent."""
    parts = {part.name: getattr(event, part.name) for part in _PARTS}
    carried = {
        part.name: _plain(parts[part.name]) for part in _PARTS if parts[part.name] != part.default
    }
    if identifiers:
        carried[_DIGEST] = _digest(identifiers)
    return orjson.dumps(carried, option=orjson.OPT_SORT_KEYS).decode()


def decode(kind: EventKind, at: datetime, body: str, identifiers: str) -> Event:
    """The event whose parts `encode` and `identifiers_of` wrote."""
    parts: dict[str, Any] = orjson.loads(body)
    parts.pop(_DIGEST, None)
    if identifiers:
        named = orjson.loads(identifiers)
        parts |= {name: named[name] for name in _IDENTIFYING if name in named}
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


def _digest(identifiers: str) -> str:
    return hashlib.sha256(identifiers.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Evidence):
        parts = ((part, getattr(value, part.name)) for part in _SHOWN)
        return {part.name: said for part, said in parts if said != part.default}
    return microseconds(value) if isinstance(value, datetime) else value
