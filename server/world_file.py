"""Reads a world of members (seeds/world.yaml), strictly: all that is wrong, with file and line."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Table, Text

from models.tables import ACCOUNT, ROW_TABLES
from models.types import Instant, Words
from models.world import ContractRecord, MemberRecord
from policy.catalogue import Catalogue
from policy.events import Event
from policy.shape import (
    Optional,
    Reader,
    Reading,
    Unreadable,
    choice,
    each,
    flag,
    key,
    listing,
    mapping,
    moment,
    record,
    ref,
    text,
    whole,
)
from policy.source import Node, SourceError
from policy.vocabulary import FOREVER, LinkState
from server.catalogue_files import nodes_of
from server.happenings import happenings, known_to

Row = Mapping[str, object]
Rows = tuple[Row, ...]

_FILLED_IN = {"member_key", "row_key"}


class WorldError(SourceError):
    """Everything found wrong with a world."""


def load_world(path: Path, catalogue: Catalogue) -> tuple[MemberRecord, ...]:
    """The members in this file, whose ids must be the catalogue's.

    Raises WorldError naming everything wrong, or CatalogueError if it is no YAML.
    """
    return read_world(nodes_of({path.name: path.read_text("utf-8")})[path.name], catalogue)


def read_world(node: Node, catalogue: Catalogue) -> tuple[MemberRecord, ...]:
    """As `load_world`, of a file already read."""
    reading = Reading(known_to(catalogue))
    try:
        return _world(node, reading)
    except Unreadable:
        raise WorldError(reading.findings) from None


def _day(node: Node, reading: Reading) -> date:
    """A day of any year, such as one somebody was born on."""
    value = text(node, reading)
    try:
        return date.fromisoformat(value)
    except ValueError:
        reading.refuse(node, f"{value!r} is no day", "Write 1968-02-14")


_BY_TYPE: Mapping[type, Reader[Any]] = {
    Text: text,
    Instant: moment,
    Date: _day,
    Boolean: flag,
    BigInteger: whole(-(2**31), 2**31 - 1),
    Words: listing(text),
}
_BY_NAME: Mapping[str, Reader[Any]] = {
    "acquired_by": ref("company"),
    "merchant": ref("company"),
    "company": ref("company"),
    "service": ref("service"),
    "link_state": choice(LinkState),
}


def _cell(column: Column[Any]) -> Reader[Any]:
    reader = _BY_NAME.get(column.name) or _BY_TYPE[type(column.type)]
    absent = column.nullable or column.default is not None
    return Optional(reader, None) if absent else reader


def _values(**cells: object) -> Row:
    return {name: cell for name, cell in cells.items() if cell is not None}


def _row(table: Table) -> Reader[Row]:
    """One row by its columns, as the table declares them."""
    cells = {c.name: _cell(c) for c in table.columns if c.name not in _FILLED_IN}
    return record(_values, **cells)


def _member(
    about: str,
    account: Row | None,
    events: tuple[Event, ...],
    contract: tuple[ContractRecord, ...],
    **tables: Rows,
) -> Callable[[str], MemberRecord]:
    """All of a member but the key, which stands outside."""

    def named(member: str) -> MemberRecord:
        rows = {
            str(table.info["relation"]): tuple(
                {**row, "row_key": f"{table.name}-{member}-{number}"}
                for number, row in enumerate(tables[table.name], start=1)
            )
            for table in ROW_TABLES
        }
        return MemberRecord(member, account, rows, contract, events)

    return named


_NO_ROWS: Rows = ()
_NO_CONTRACTS: tuple[ContractRecord, ...] = ()
_CONTRACT = record(
    ContractRecord, company=ref("company"), no=text, lapse_at=Optional(moment, FOREVER)
)
_MEMBER = record(
    _member,
    about=text,
    account=Optional(_row(ACCOUNT), None),
    events=happenings,
    contract=Optional(listing(_CONTRACT), _NO_CONTRACTS),
    **{table.name: Optional(listing(_row(table)), _NO_ROWS) for table in ROW_TABLES},
)


def _contracts_exist(node: Node, reading: Reading) -> None:
    """Each row that names a contract names one that the member has with the row's acquirer."""
    held = {
        (entry.at("company").value, entry.at("no").value) for entry in node.search("contract", "*")
    }
    for table in ROW_TABLES:
        for row in node.search(table.name, "*"):
            for no in row.search("contract_no"):
                if (row.at("acquired_by").value, no.value) not in held:
                    message = f"the member has no contract {no.value!r} with who acquired this row"
                    reading.note(no, message, "Add it under `contract`, or name another")


def _whole_member(node: Node, reading: Reading) -> Callable[[str], MemberRecord]:
    before = len(reading.findings)
    _contracts_exist(node, reading)
    (named,) = each(_MEMBER, [node], reading)
    if len(reading.findings) > before:
        raise Unreadable
    return named


def _world(node: Node, reading: Reading) -> tuple[MemberRecord, ...]:
    members = record(lambda members: members, members=mapping(key, _whole_member))
    return tuple(named(member) for member, named in members(node, reading).items())
