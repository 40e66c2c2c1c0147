"""The catalogue half done: every entry of the files that could be read, with its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from policy import clauses, entries
from policy.catalogue import Category, Field, Relation, SensitiveList
from policy.clauses import Registered, Signed
from policy.companies import Company, ProcessorContract, Service, Succession
from policy.documents import Provision
from policy.shape import Entry, Reader, Reading, attempt, key, placed
from policy.source import Finding, Node

T = TypeVar("T")

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "companies.yaml": ("companies", "successions"),
    "services.yaml": ("services",),
    "categories.yaml": ("categories",),
    "fields.yaml": ("relations", "fields", "never"),
    "lists.yaml": ("lists",),
    "purposes.yaml": ("purposes", "own_purposes"),
    "documents.yaml": ("documents", "retired_bits"),
    "provisions.yaml": ("provisions", "retired_numbers"),
    "processors.yaml": ("contracts",),
    "countries.yaml": ("designated",),
}
"""File → the keys it has, all of them and no others."""

IDS: Mapping[str, tuple[str, ...]] = {
    "company": ("companies.yaml", "companies", "*", "key"),
    "service": ("services.yaml", "services", "*", "key"),
    "category": ("categories.yaml", "categories", "*", "key"),
    "relation": ("fields.yaml", "relations", "*", "name"),
    "field": ("fields.yaml", "fields", "*", "path"),
    "list": ("lists.yaml", "lists", "*", "key"),
    "purpose": ("purposes.yaml", "purposes", "*", "key"),
    "own purpose": ("purposes.yaml", "own_purposes", "*", "key"),
    "document": ("documents.yaml", "documents", "*", "key"),
    "item": ("documents.yaml", "documents", "*", "items", "*", "key"),
}
"""Kind of entry → where its ids stand."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be read. `findings` says what could not; only without any is it a catalogue."""

    files: Mapping[str, Node]
    findings: Sequence[Finding]
    companies: tuple[Entry[Company], ...]
    successions: tuple[Entry[Succession], ...]
    services: tuple[Entry[Service], ...]
    categories: tuple[Entry[Category], ...]
    relations: tuple[Entry[Relation], ...]
    fields: tuple[Entry[Field], ...]
    lists: tuple[Entry[SensitiveList], ...]
    purposes: tuple[Entry[Registered], ...]
    own_purposes: tuple[Entry[Registered], ...]
    documents: tuple[Entry[Signed], ...]
    provisions: tuple[Entry[tuple[Provision, ...]], ...]
    contracts: tuple[Entry[ProcessorContract], ...]
    designated: frozenset[str]
    never: frozenset[str]
    retired_bits: frozenset[int]
    retired_numbers: frozenset[int]


def read_draft(files: Mapping[str, Node]) -> Draft:
    """Every section of every file, entry by entry."""
    reading = Reading({kind: _ids(files, place) for kind, place in IDS.items()})
    reading.findings.extend(_twice(files))
    sections = dict(_sections(files, reading))

    def read(section: str, reader: Reader[T]) -> tuple[Entry[T], ...]:
        return tuple(_entries(sections.get(section), placed(reader), reading))

    def values(section: str, reader: Reader[T]) -> frozenset[T]:
        return frozenset(entry.value for entry in read(section, reader))

    return Draft(
        files=files,
        findings=reading.findings,
        companies=read("companies", entries.company),
        successions=read("successions", entries.succession),
        services=read("services", entries.service),
        categories=read("categories", entries.category),
        relations=read("relations", entries.relation),
        fields=read("fields", entries.field),
        lists=read("lists", entries.sensitive_list),
        purposes=read("purposes", clauses.purpose),
        own_purposes=read("own_purposes", clauses.own_purpose),
        documents=read("documents", clauses.document),
        provisions=read("provisions", clauses.provision),
        contracts=read("contracts", entries.contract),
        designated=values("designated", entries.country),
        never=values("never", key),
        retired_bits=values("retired_bits", entries.bit),
        retired_numbers=values("retired_numbers", entries.number),
    )


def _named(files: Mapping[str, Node], place: Sequence[str]) -> Iterator[tuple[str, Node]]:
    file, *path = place
    if file in files:
        for node in files[file].search(*path):
            if isinstance(node.value, str):
                yield node.value, node


def _ids(files: Mapping[str, Node], place: Sequence[str]) -> dict[str, Node]:
    return dict(_named(files, place))


def _twice(files: Mapping[str, Node]) -> Iterator[Finding]:
    for kind, place in IDS.items():
        seen: dict[str, Node] = {}
        for name, node in _named(files, place):
            if name in seen:
                message = f"the {kind} {name!r} is already there, on line {seen[name].line}"
                yield node.finding(message, "Give each its own id")
            seen.setdefault(name, node)


def _sections(files: Mapping[str, Node], reading: Reading) -> Iterator[tuple[str, Node]]:
    for file in files.keys() - SECTIONS.keys():
        reading.note(files[file], "nobody reads this file", f"Known: {', '.join(SECTIONS)}")
    for file, names in SECTIONS.items():
        if file not in files:
            reading.note(Node("", file, 1), "the file is missing", "Add it, if with empty lists")
            continue
        root = files[file]
        inner = root.value if isinstance(root.value, Mapping) else {}
        for name in inner.keys() - set(names):
            reading.note(inner[name], f"unknown key {name!r}", f"Known here: {', '.join(names)}")
        for name in names:
            if name in inner:
                yield name, inner[name]
            else:
                reading.note(root, f"the key {name!r} is missing", f"Add {name!r}, if empty")


def _entries(section: Node | None, reader: Reader[T], reading: Reading) -> Iterator[T]:
    if section is None:
        return
    if not isinstance(section.value, tuple):
        reading.note(section, "a list is wanted here", "Write one `- ` per entry, or []")
        return
    for element in section.value:
        yield from attempt(reader, element, reading)
