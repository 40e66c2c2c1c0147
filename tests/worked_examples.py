"""The cases of tests/cases/*.yaml: the worked examples of the rules, typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from policy.catalogue import Catalogue
from policy.errors import ErrorCode
from policy.events import Event
from policy.shape import (
    Optional,
    Reader,
    Reading,
    Unreadable,
    listing,
    mapping,
    moment,
    record,
    text,
)
from policy.source import CatalogueError, Node
from policy.vocabulary import Code
from server.catalogue_files import nodes_of
from server.happenings import happenings, known_to

T = TypeVar("T")

FOLDER = Path(__file__).parent / "cases"
ANY = "any"
ROWS = "rows.yaml"
"""Not a file of cases: the origin of rows of who is no member of the demo world."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Equivalent measures that a company abroad has in this case."""

    company: str
    basis: str
    reviewed_at: str


@dataclass(frozen=True, slots=True)
class Succession:
    """Custody that moves in this case."""

    predecessor: str
    successor: str
    effective_at: str


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A document's new version: the last one again, with categories added to provisions."""

    document: str
    key: str
    adds: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Given:
    """What differs from the demo world in one case."""

    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    history: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    measures: tuple[Measures, ...] = ()
    succession: tuple[Succession, ...] = ()
    version: NewVersion | None = None

    @property
    def changes_catalogue(self) -> bool:
        return bool(self.measures or self.succession or self.version)


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks for what. `company` and `field` may be "any"."""

    company: str | None
    on_behalf_of: str | None
    role: str
    purposes: tuple[str, ...]
    member: str | None
    by_member: bool
    """The member asks about themselves."""
    field: str | None
    row: Mapping[str, str]
    """What the origin of the row must be."""
    count: Mapping[str, Mapping[str, str]]
    """Relation → field → value: how many members have such a row."""
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Expect:
    """The answer the rules require; `str` gives it in the words of the case."""

    verdict: str
    provision: str | None = None
    via: str | None = None
    record: bool = False
    code: str | None = None
    members: frozenset[str] = frozenset()

    def __str__(self) -> str:
        if self.verdict == "ALLOW":
            via = f" via {self.via}" if self.via else ""
            return f"ALLOW {self.provision}{via}, {'record' if self.record else 'no record'}"
        if self.verdict == "COUNTS":
            return f"COUNTS {', '.join(sorted(self.members))}"
        return f"{self.verdict} {self.code}"


@dataclass(frozen=True, slots=True)
class Case:
    """One question and its answer."""

    id: str
    ask: Ask
    expect: Expect
    why: str
    given: Given = Given()

    @property
    def example(self) -> int:
        """The number of the worked example."""
        return int(re.sub(r"\D", "", self.id))


def all_cases(catalogue: Catalogue) -> tuple[Case, ...]:
    """Every case, in the order of the files. Raises CatalogueError with what is wrong in one."""
    names = sorted(path.name for path in FOLDER.glob("*.yaml") if path.name != ROWS)
    return tuple(case for name in names for case in _read(_CASES, name, catalogue))


def bare_rows(catalogue: Catalogue) -> Mapping[str, Mapping[str, tuple[Mapping[str, str], ...]]]:
    """Who is no member → relation → facts of each row."""
    facts = mapping(text, mapping(text, listing(mapping(text, text))))
    return _read(facts, ROWS, catalogue)


def _read(reader: Reader[T], name: str, catalogue: Catalogue) -> T:
    node = nodes_of({name: (FOLDER / name).read_text("utf-8")})[name]
    reading = Reading(known_to(catalogue))
    try:
        return reader(node, reading)
    except Unreadable:
        raise CatalogueError(reading.findings) from None


def _ask(
    purpose: str | None,
    purposes: tuple[str, ...],
    member: str | None,
    self_: str | None,
    **parts: Any,
) -> Ask:
    named = ("subject_request",) if self_ else (purpose,) if purpose else purposes
    return Ask(purposes=named, member=self_ or member, by_member=bool(self_), **parts)


_FORMS = (
    r"(?P<verdict>ALLOW) (?P<provision>[A-Z0-9-]+)( via (?P<via>A-PROC))?, (?P<record>no )?record",
    r"(?P<verdict>DENY|ERROR) (?P<code>[A-Z_]+)",
    r"(?P<verdict>COUNTS) (?P<members>[a-z0-9, ]+)",
)


def _expect(node: Node, reading: Reading) -> Expect:
    said = text(node, reading)
    found = next((match for form in _FORMS if (match := re.fullmatch(form, said))), None)
    if found is None:
        reading.refuse(node, f"{said!r} is no answer", "See tests/cases/README.md for the forms")
    parts = found.groupdict()
    known: type[StrEnum] = Code if parts["verdict"] == "DENY" else ErrorCode
    code = parts.get("code")
    if code is not None and code not in set(known):
        reading.refuse(node, f"{code} is no code", f"Known: {', '.join(known)}")
    return Expect(
        verdict=parts["verdict"],
        provision=parts.get("provision"),
        via=parts.get("via"),
        record="provision" in parts and parts["record"] is None,
        code=code,
        members=frozenset((parts.get("members") or "").split(", ")) - {""},
    )


_NO_MEASURES: tuple[Measures, ...] = ()
_NO_SUCCESSIONS: tuple[Succession, ...] = ()
_NO_PURPOSES: tuple[str, ...] = ()
_NOTHING: dict[str, str] = {}
_NO_COUNT: dict[str, dict[str, str]] = {}
_NO_EVENTS: dict[str, tuple[Event, ...]] = {}
_LOGS = Optional(mapping(text, happenings), _NO_EVENTS)
_MEASURES = record(Measures, company=text, basis=text, reviewed_at=text)
_SUCCESSION = record(Succession, predecessor=text, successor=text, effective_at=text)
_VERSION = record(NewVersion, document=text, key=text, adds=mapping(text, listing(text)))

_GIVEN = record(
    Given,
    events=_LOGS,
    history=_LOGS,
    measures=Optional(listing(_MEASURES), _NO_MEASURES),
    succession=Optional(listing(_SUCCESSION), _NO_SUCCESSIONS),
    version=Optional(_VERSION, None),
)

_ASK = record(
    _ask,
    company=Optional(text, None),
    on_behalf_of=Optional(text, None),
    role=Optional(text, "service"),
    purpose=Optional(text, None),
    purposes=Optional(listing(text), _NO_PURPOSES),
    member=Optional(text, None),
    self_=Optional(text, None),
    field=Optional(text, None),
    row=Optional(mapping(text, text), _NOTHING),
    count=Optional(mapping(text, mapping(text, text)), _NO_COUNT),
    at=Optional(moment, None),
)

_CASES = listing(
    record(
        Case,
        id=text,
        given=Optional(_GIVEN, Given()),
        ask=_ASK,
        expect=_expect,
        why=text,
    )
)
