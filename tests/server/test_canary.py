"""A canary in every withheld cell: it sings nowhere, but to a caller who may hear it.

What is withheld is decided by `policy.decide`, not by the SQL under test.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from models import tables
from models.database import Database
from models.event_log import events_of
from models.row_facts import RowFacts
from models.view import fields_of
from policy.decide import decide
from policy.facts import ValueFacts
from policy.situation import Question
from policy.standing import fold
from tests.canaries import Cell, fits, plant, sung_in
from tests.clock import START
from tests.door import Door
from tests.engines import ENGINES, first_on
from tests.over_http import COMPANIES, list_of
from tests.real import CATALOGUE, STORED

pytestmark = pytest.mark.anyio

MEMBERS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7")
NAMED = frozenset({"healthRecords.kind", *COMPANIES})
"""A stored word that the schema cannot say: withheld all the same, but not to be heard."""
CALLERS = [
    ("card", None, "own:card:service"),
    ("bank", None, "id_login"),
    ("life", None, "service_provision"),
    ("life", None, "ins_product_rnd"),
    ("ins_holding", None, "ins_group_management"),
    ("ssi", None, "service_provision"),
    ("ssi", None, "retention_dispute"),
    ("ssi", None, "underwriting_ops"),
    ("rakuten_group", None, "ads_marketing"),
    ("rakuten_group", None, "retention_fee"),
    ("ichiba", None, "service_provision"),
    ("shop_tea", None, "merchant_fulfil"),
    ("courier", "ichiba", "order_fulfil"),
    ("france_eu", None, "own:france_eu:service"),
    ("asia_sg", None, "own:asia_sg:service"),
]
SCALARS = " ".join(path for path in STORED if "." not in path)


def everything_of(relation: str) -> str:
    names = [path.split(".")[1] for path in STORED if path.startswith(f"{relation}.")]
    return list_of(relation, names)


LISTS = " ".join(everything_of(relation) for relation in tables.RELATIONS if relation)
ALL = f"""
query All($id: ID!) {{
  member(id: $id) {{ ...Everything }}
  node(id: $id) {{ ...Everything }}
  members {{ nodes {{ id ...Everything }} edges {{ cursor }} pageInfo {{ endCursor }} }}
}}
fragment Everything on Member {{ {SCALARS} {LISTS} }}
"""


async def withheld_cells(
    database: Database, company: str | None, controller: str | None, purpose: str
) -> list[Cell]:
    """Give every cell of the demo world that the rule withholds from this caller.

    No company: the members themselves, each about their own.
    """
    cells = []
    async with database.read() as connection:
        for member in MEMBERS:
            known = fold(await events_of(connection, member), START, CATALOGUE)
            for relation in tables.RELATIONS:
                paths = [path for path in fields_of(relation) if fits(path)]
                facts = RowFacts(CATALOGUE, controller or company, START)
                rows = await facts.of(connection, relation, member)
                for key, value in rows:
                    asked = [
                        Question(company, controller, purpose, path, START, company is None)
                        for path in paths
                    ]
                    cells += [
                        (key, question.field)
                        for question in asked
                        if not decide(CATALOGUE, question, known, value).disclose
                        and not _decides(question.field, value)
                    ]
    return cells


def _decides(path: str, value: ValueFacts) -> bool:
    """Whether another service would be another question: the documents single this one out."""
    return path == "orders.service" and value.service is not None


def in_turn(callers: Sequence[tuple[object, ...]]) -> list[ParameterSet]:
    """Every caller on one engine, three of four in `make exhaustive` alone.

    All on both in the long run.
    """
    later, seldom = [pytest.mark.exhaustive], [pytest.mark.long]
    when: Sequence[Sequence[pytest.MarkDecorator]]
    when = (later, later, seldom, seldom, [], later, seldom, seldom)
    return [
        pytest.param(engine, *caller, marks=when[(number + 2 * turn) % 8])
        for turn, engine in enumerate(ENGINES)
        for number, caller in enumerate(callers)
    ]


async def everything_said(door: Door, token: str, purpose: str, audience: str) -> str:
    """Ask about every member in every way, and once wrongly; give all that came back."""
    said = []
    for member in (*MEMBERS, "m8"):
        sent = {"id": door.checkpoint.seal.node_id(audience, "Member", member)}
        said.append((await door.send(ALL, sent, token=token, purpose=purpose)).text)
    for account in ("card-m1", "ichiba-m1", "card-m4"):
        query = f"query Q($id: ID!) {{ memberByAccount(accountId: $id) {{ {SCALARS} {LISTS} }} }}"
        said.append((await door.send(query, {"id": account}, token=token, purpose=purpose)).text)
    for wrong in ("{ members(first: 0) { nodes { id } } }", "{ members { nodes { nonsense } } }"):
        said += [(await door.send(wrong, token=token, purpose=purpose)).text]
    return "\n".join(said)


@pytest.mark.parametrize(
    ("world_url", "company", "controller", "purpose"), in_turn(CALLERS), indirect=["world_url"]
)
async def test_a_withheld_value_is_nowhere(  # noqa: PLR0913, PLR0917 (who asks, and where)
    company: str,
    controller: str | None,
    purpose: str,
    either: Door,
    log: io.StringIO,
    tmp_path: Path,
) -> None:
    database = either.checkpoint.database
    cells = await withheld_cells(database, company, controller, purpose)
    planted = await plant(database, cells)
    assert len(planted) > 200
    claims = {"company": company, "purposes": [purpose], "on_behalf_of": controller}
    token = either.issuer.token(**claims)
    audience = f"processor:{company}:{controller}" if controller else f"company:{company}"
    said = await everything_said(either, token, purpose, audience)
    entries = await either.entries()
    files = [path.read_bytes() for path in tmp_path.glob("*ledger*")]  # noqa: ASYNC240 (a test)
    beside = [log.getvalue(), repr(entries), repr(either.checkpoint), str(files)]
    heard = sung_in("\n".join([said, *beside]))
    assert [cell for text, cell in planted.items() if text in heard] == []


@pytest.mark.parametrize("world_url", first_on("sqlite"), indirect=True)
async def test_the_same_document_gives_the_values_to_the_members_themselves(either: Door) -> None:
    """Non-vacuity: the canaries of one caller are all heard by the members they belong to."""
    database = either.checkpoint.database
    withheld = await withheld_cells(database, "asia_sg", None, "own:asia_sg:service")
    theirs = set(withheld) - set(await withheld_cells(database, None, None, "subject_request"))
    cells = [cell for cell in withheld if cell in theirs and cell[1] not in NAMED]
    planted = await plant(database, cells)
    heard = set[str]()
    for member in MEMBERS:
        sent = {"id": either.checkpoint.seal.node_id(f"member:{member}", "Member", member)}
        heard |= sung_in((await either.send(ALL, sent, token=either.issuer.member(member))).text)
    assert len(planted) > 300
    assert [cell for text, cell in planted.items() if text not in heard] == []


async def test_a_fault_in_the_database_tells_nothing(either: Door, log: io.StringIO) -> None:
    """A read that fails half way answers with one fixed text, and logs no value."""
    database = either.checkpoint.database
    everything: list[Cell] = []
    for company in ("asia_sg", "bank"):
        everything += await withheld_cells(database, company, None, f"own:{company}:service")
    cells = dict.fromkeys(cell for cell in everything if cell[1] not in NAMED)
    planted = await plant(database, list(cells))
    async with database.write() as connection:
        await connection.run_sync(tables.ORDERS.drop)
    token = either.issuer.member("m1")
    sent = {"id": either.checkpoint.seal.node_id("member:m1", "Member", "m1")}
    response = await either.send(ALL, sent, token=token)
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    heard = sung_in(response.text + log.getvalue())
    assert [cell for text, cell in planted.items() if text in heard] == []
