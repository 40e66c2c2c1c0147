"""Cases asked over HTTP: one question along every road to a member, and what came back."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from models.catalogue_store import StoredCatalogue, store
from models.database import Database
from models.world import MemberRecord, load
from policy.events import EventKind
from policy.numbers import numbers_of
from policy.requester import Requester, Role
from policy.vocabulary import FOREVER
from tests.demo import Asked, Demo
from tests.door import Door
from tests.engines import ENGINES
from tests.made import make_tables
from tests.patches import files
from tests.real import STORED
from tests.worked_examples import ANY, Ask, Case, Expect, Given

COMPANIES = {
    path
    for path in STORED
    if path.rpartition(".")[2] in {"merchant", "sender"} or path.endswith(".company")
}
"""Fields that hold a company, known by its key."""
PLAIN_LISTS = {"linkedCompanies", "mailPreferences", "contactPreferences"}
"""Relations that are no connections."""

Shape = Mapping[str, Any]


async def fill(database_url: str, world: Demo, at: datetime) -> None:
    """Make an empty database hold this world as it was at `at`."""
    catalogue = world.catalogue
    stored = StoredCatalogue(catalogue.version, {}, numbers_of(catalogue))
    members = [_loadable(record, at) for record in world.members.values() if record.account]
    async with Database.open(database_url) as database:
        await make_tables(database)
        async with database.write() as connection:
            await store(connection, stored, at)
            await load(connection, catalogue, members, at)


def write_catalogue(given: Given, folder: Path) -> None:
    """Write the catalogue's files as a case has them; JSON is YAML too."""
    folder.mkdir()
    for name, content in files(given).items():
        (folder / name).write_text(json.dumps(content), "utf-8")


def told(expect: Expect) -> str:
    """What of the expected answer can be seen over HTTP: fine codes stay inside."""
    if expect.code == "UNKNOWN_PURPOSE":
        return "ERROR PURPOSE_UNKNOWN"
    return str(expect) if expect.verdict in {"ERROR", "COUNTS"} else expect.verdict


async def answered(door: Door, world: Demo, case: Case) -> set[str]:
    """Ask the case and give what came back, by every road; one thing if all is well.

    Of "any company", each engine asks every fifth one, and not the same ones.
    """
    if case.ask.count:
        return {await _counted(door, world, case.ask)}
    found: dict[str, list[Asked]] = defaultdict(list)
    for asked in world.asked(case.ask, door.clock()):
        no_member = world.members[asked.member].account is None
        if no_member or _stored(asked) is not None:
            found[asked.question.company or ""].append(asked)
    turn = ENGINES.index(door.checkpoint.database.dialect)
    companies = sorted(found)[turn::5] if case.ask.company == ANY else list(found)
    said = set[str]()
    for company in companies:
        said |= await _asked(door, replace(case.ask, company=company), found[company])
    return said


async def _asked(door: Door, ask: Ask, questions: Sequence[Asked]) -> set[str]:
    """Each question along each road, in one operation."""
    member, paths = questions[0].member, [each.question.field for each in questions]
    account = _account(questions[0])
    selection = _selection(paths)
    query = f"""query ($id: ID!, $account: ID!, $linked: Boolean!) {{
      member(id: $id) {{ {selection} }}
      node(id: $id) {{ ... on Member {{ {selection} }} }}
      memberByAccount(accountId: $account) @include(if: $linked) {{ {selection} }}
      members(first: 100) {{ nodes {{ id {selection} }} }}
    }}"""
    id_ = door.checkpoint.seal.node_id(_audience(ask), "Member", member)
    variables = {"id": id_, "account": account or "", "linked": account is not None}
    response = await _send(door, ask, query, variables)
    if response.status_code != httpx.codes.OK:
        return {_refusal(response)}
    data = response.json()["data"]
    listed = [node for node in data["members"]["nodes"] if node["id"] == id_]
    roads = [data["member"], data["node"], *(listed or [None])]
    roads += [data["memberByAccount"]] if account else []
    return {_verdict(road, each, response) for each in questions for road in roads}


def _verdict(shape: Shape | None, asked: Asked, response: httpx.Response) -> str:
    """Whether this road shows the stored value; nothing finer may stand in the response."""
    path, stored = asked.question.field, _json(_stored(asked))
    cells = list(_cells(shape, path))
    scalar = "." not in path
    if re.search(r"CONSENT_|NOT_LINKED|NOT_RECIPIENT|NOT_COVERED|_DELETED", response.text):
        return "a fine code"
    if scalar and cells not in ([], [None], [stored]):
        return f"{path} = {cells}"
    return "ALLOW" if stored in cells else "DENY"


async def _counted(door: Door, world: Demo, ask: Ask) -> str:
    """The members listed who show a matching row."""
    ((relation, wanted),) = ask.count.items()
    query = f"""{{ members(first: 100) {{
      nodes {{ id {relation}(first: 50) {{ nodes {{ {" ".join(wanted)} }} }} }}
    }} }}"""
    response = await _send(door, ask, query, {})
    matching = {
        node["id"]
        for node in response.json()["data"]["members"]["nodes"]
        if any(
            all(row[name] in {value, _upper(value)} for name, value in wanted.items())
            for row in node[relation]["nodes"]
        )
    }
    seal, audience = door.checkpoint.seal, _audience(ask)
    keys = {key for key in world.members if seal.node_id(audience, "Member", key) in matching}
    return str(Expect("COUNTS", members=frozenset(keys)))


async def _send(door: Door, ask: Ask, query: str, variables: Shape) -> httpx.Response:
    if ask.by_member:
        token = door.issuer.member(ask.member or "")
        return await door.send(query, variables, token=token)
    purposes = list(ask.purposes)
    token = door.issuer.token(
        sub="a-caller",
        company=ask.company,
        role=ask.role,
        purposes=purposes,
        on_behalf_of=ask.on_behalf_of,
    )
    return await door.send(query, variables, token=token, purpose=", ".join(purposes))


def _refusal(response: httpx.Response) -> str:
    body = response.json()
    assert body.get("data") is None
    return f"ERROR {body['errors'][0]['extensions']['code']}"


def _audience(ask: Ask) -> str:
    role, subject = Role(ask.role), "a-caller"
    if ask.by_member:
        role, subject = Role.MEMBER, ask.member or ""
    return Requester(role, subject, ask.company, ask.on_behalf_of, (), FOREVER).audience


def _account(asked: Asked) -> str | None:
    """The member's account id at the company that asks, if one is linked."""
    company = asked.question.on_behalf_of or asked.question.company
    linked = [
        event.account_id
        for event in asked.events
        if event.kind is EventKind.LINKED and event.company == company
    ]
    return linked[-1] if linked else None


def _selection(paths: Iterable[str]) -> str:
    lists: dict[str, list[str]] = defaultdict(list)
    for path in dict.fromkeys(paths):
        relation, _, name = path.rpartition(".")
        lists[relation].append(name)
    scalars = lists.pop("", [])
    return " ".join((*scalars, *(list_of(each, of) for each, of in lists.items())))


def list_of(relation: str, names: Iterable[str]) -> str:
    """Select these fields of a member's rows."""
    cells = " ".join(
        f"{name} {{ key }}" if f"{relation}.{name}" in COMPANIES else name for name in names
    )
    if relation in PLAIN_LISTS:
        return f"{relation} {{ {cells} }}"
    return f"{relation}(first: 50) {{ nodes {{ {cells} }} }}"


def _cells(shape: Shape | None, path: str) -> Iterator[object]:
    if shape is None:
        return
    relation, _, name = path.rpartition(".")
    if not relation:
        yield shape[name]
    elif shape[relation] is not None:
        rows = shape[relation] if relation in PLAIN_LISTS else shape[relation]["nodes"]
        for row in rows:
            yield row[name]["key"] if path in COMPANIES and row[name] else row[name]


def _stored(asked: Asked) -> object:
    return asked.row.get(_snake(asked.question.field.rpartition(".")[2]))


def _json(value: object) -> object:
    """As JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else json.loads(json.dumps(value, default=str))


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()


def _upper(name: str) -> str:
    return _snake(name).upper()


def _loadable(record: MemberRecord, at: datetime) -> MemberRecord:
    """A member, with what had happened by then."""
    return replace(record, events=[event for event in record.events if event.at <= at])
