"""One question to a whole population, answered in four ways that must agree cell by cell.

A cell is one stored value: a field of a member's account, or of one of their rows.

* enforcement: the value stands in the answer to `members`, or it does not;
* explain: the decision made anew from the event log and the row's provenance says it is disclosed,
  or not;
* access: sums up, per member and field, what stands in the answer: VISIBLE where some value does,
  WITHHELD where none could, or a row that is there withholds it, else ABSENT; with the coarse
  reason that
* myAccess gives for the field: NEVER where, whoever the member, nothing is disclosed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type
from sqlalchemy.ext.asyncio import AsyncConnection

from models.event_log import events_of
from models.row_facts import RowFacts
from models.tables import RELATIONS
from models.view import fields_of
from policy.decide import Decision, decide
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Grants
from policy.situation import Question
from policy.standing import fold
from tests.door import Door
from tests.polls import asker_of
from tests.populations import Population, Stored, columns_of
from tests.real import CATALOGUE

Cell = tuple[str, str, str]
"""(member, row key, path); the account's row key is its member's."""
GRANTS = Grants(CATALOGUE)
ACCOUNT = ""


def selection(door: Door) -> str:
    """Every personal field of a member, each row under its id."""
    member: Any = door.checkpoint.schema.core.type_map["Member"]
    parts = ["id", "access { field state reason }"]
    for relation in RELATIONS:
        if relation == ACCOUNT:
            parts += [_field(member, path) for path in fields_of(ACCOUNT)]
            continue
        page, row = _row_type(member, relation)
        cells = " ".join(_field(row, path.partition(".")[2]) for path in fields_of(relation))
        shown = f"id {cells}"
        paged = f"{relation}(first: 50) {{ nodes {{ {shown} }} }}"
        parts.append(paged if page else f"{relation} {{ {shown} }}")
    return " ".join(parts)


def _row_type(member: Any, relation: str) -> tuple[bool, Any]:
    """Whether the list comes in pages, and the type of its rows."""
    kind: Any = get_named_type(member.fields[relation].type)
    page = "nodes" in kind.fields
    return page, get_named_type(kind.fields["nodes"].type) if page else kind


def _field(kind: Any, name: str) -> str:
    below = get_named_type(kind.fields[name].type)
    return f"{name} {{ key }}" if isinstance(below, GraphQLObjectType) else name


@dataclass
class Told:
    """What an answer shows: the cells that hold a value, and each member's access."""

    core: GraphQLSchema
    cells: set[Cell] = field(default_factory=set)
    access: dict[str, dict[str, tuple[str, str | None]]] = field(default_factory=dict)

    def can_say(self, path: str, value: object) -> bool:
        """Whether the schema has words for what is stored."""
        names_a_company = says_a_company(self.core, path)
        return value is not None and (not names_a_company or value in CATALOGUE.companies)


def told(door: Door, audience: str, members: Sequence[Mapping[str, Any]]) -> Told:
    """Read members of an answer to `selection`."""
    found, seal = Told(door.checkpoint.schema.core), door.checkpoint.seal
    for shape in members:
        member = seal.open_node_id(audience, shape["id"])[1]
        found.access[member] = {a["field"]: (a["state"], a["reason"]) for a in shape["access"]}
        for relation in RELATIONS:
            rows = [shape] if relation == ACCOUNT else _rows(shape[relation])
            for row in rows:
                key = seal.open_node_id(audience, row["id"])[1]
                for path in fields_of(relation):
                    if row[path.rpartition(".")[2]] is not None:
                        found.cells.add((member, key, path))
    return found


def _rows(shown: Any) -> Sequence[Mapping[str, Any]]:
    if shown is None:
        return ()
    rows: Sequence[Mapping[str, Any]] = shown if isinstance(shown, list) else shown["nodes"]
    return rows


@dataclass
class Explained:
    """What explaining every cell of every member says."""

    decisions: dict[Cell, Decision]
    facts: Mapping[str, MemberFacts]


async def explained(
    connection: AsyncConnection, question: Question, population: Population, members: Sequence[str]
) -> Explained:
    """Explain each cell as `explain` does, from the log and the provenance of rows.

    Of every fourth member that is what `explain` reads of rows, of the others what was drawn.
    """
    reads = RowFacts(CATALOGUE, question.on_behalf_of or question.company, question.at)
    drawn: dict[str, list[tuple[str, str, ValueFacts]]] = defaultdict(list)
    for stored_row in population.rows:
        drawn[stored_row.member].append((stored_row.relation, stored_row.key, stored_row.value))
    decisions, facts = {}, {}
    for number, member in enumerate(members):
        facts[member] = fold(await events_of(connection, member), question.at, CATALOGUE)
        rows = drawn[member]
        if number % 4 == 0:
            read = [
                (each, *row)
                for each in RELATIONS
                for row in await reads.of(connection, each, member)
            ]
            assert {row[:2] for row in read} == {row[:2] for row in rows}
            rows = read
        for relation, row, value in rows:
            for path in fields_of(relation):
                asked = replace(question, field=path)
                decisions[member, row, path] = decide(CATALOGUE, asked, facts[member], value)
    return Explained(decisions, facts)


def stored(rows: Sequence[Stored]) -> Mapping[Cell, object]:
    """What the population holds, by cell."""
    cells = {}
    for row in rows:
        columns = columns_of(CATALOGUE, row) if row.shown is None else row.shown
        for column in RELATIONS[row.relation].columns:
            path = column.info.get("personal")
            if path is not None:
                cells[row.member, row.key, path] = columns[column.name]
    return cells


@cache
def says_a_company(core: GraphQLSchema, path: str) -> bool:
    """Whether the schema shows the field as a company, which it can only if it knows the key."""
    member: Any = core.type_map["Member"]
    relation, _, name = path.rpartition(".")
    kind = _row_type(member, relation)[1] if relation else member
    return isinstance(get_named_type(kind.fields[name].type), GraphQLObjectType)


def disagreements(
    question: Question, seen: Told, why: Explained, cells: Mapping[Cell, object], mine: Any
) -> Iterator[object]:
    """Give every cell and every field on which two of the four differ."""
    visible = {cell[0] for cell, decision in why.decisions.items() if decision.disclose}
    if visible != seen.access.keys():
        yield "visible", visible ^ seen.access.keys()
    for cell, decision in why.decisions.items():
        shown = decision.disclose and seen.can_say(cell[2], cells[cell])
        if (cell in seen.cells) != shown:
            yield "enforcement", cell, decision
        if decision.disclose and mine[cell[2]]["availability"] == "NEVER":
            yield "myAccess NEVER", cell, decision
        if not decision.disclose and mine[cell[2]]["availability"] == "ALWAYS":
            yield "myAccess ALWAYS", cell, decision
    for member, access in seen.access.items():
        expected = summed_up(question, member, why, cells, mine)
        for path, found in access.items():
            if found != expected[path]:
                yield "access", member, path, found, expected[path]


def summed_up(
    question: Question, member: str, why: Explained, cells: Mapping[Cell, object], mine: Any
) -> Mapping[str, tuple[str, str | None]]:
    """What `access` must say of each field of a member, from the decisions about its cells."""
    rows: dict[str, dict[str, dict[str, bool]]] = defaultdict(lambda: defaultdict(dict))
    for (of, row, path), decision in why.decisions.items():
        if of == member:
            rows[path.rpartition(".")[0]][row][path] = decision.disclose
    expected: dict[str, tuple[str, str | None]] = {}
    for relation in RELATIONS:
        shown = {
            row: its
            for row, its in rows[relation].items()
            if relation == ACCOUNT or any(its.values())
        }
        for path in fields_of(relation):
            holding = [
                row
                for row, its in shown.items()
                if its[path] and cells[member, row, path] is not None
            ]
            shut = not all(its[path] for its in shown.values())
            if holding:
                expected[path] = ("VISIBLE", None)
            elif shut or not could(question, why.facts[member], path):
                expected[path] = ("WITHHELD", reason(question, path, mine))
            else:
                expected[path] = ("ABSENT", None)
    return expected


def could(question: Question, facts: MemberFacts, path: str) -> bool:
    """Whether the grant holds with the row's own facts left free."""
    grant = GRANTS.grant(asker_of(question), question.purpose, path, question.at).freed()
    return grant.opened_by(facts, ValueFacts(""), question.at) is not None


def reason(question: Question, path: str, mine: Any) -> str:
    return "WITHHELD_BY_LAW" if question.subject_self else str(mine[path]["reason"])


Met = Counter[str]
