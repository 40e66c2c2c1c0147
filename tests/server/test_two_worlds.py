"""Two worlds: what a caller may not see leaves no trace in any byte of any answer."""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import structlog
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from models import lead_sql
from tests.clock import Clock
from tests.dice import Dice, endless
from tests.fronts import Fronts, Request, two_fronts
from tests.lives import Drawing
from tests.postgres import Postgres
from tests.random_dates import INSTANTS
from tests.rounds import CURSOR, FILTER, NOT, ORDER, ROWS, Round, Tally
from tests.say import Say
from tests.sights import Caller, forget, themself
from tests.two_worlds import Pair, draw_pair

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

CALLERS = (
    Caller("france_eu", None, "own:france_eu:service"),
    Caller("rakuten_group", None, "service_provision"),
    Caller("card", None, "own:card:marketing"),
    Caller("ssi", None, "fraud_detect"),
    Caller("ichiba", None, "service_provision"),
    Caller("courier", "ichiba", "order_fulfil"),
    themself("m007"),
    Caller("mobile", None, "own:mobile:service"),
    Caller("payment", None, "own:payment:service"),
    Caller("life", None, "service_provision"),
    Caller("ichiba", None, "retention_fee"),
    Caller("ins_holding", None, "ins_group_management"),
    Caller("bank", None, "id_login"),
    Caller("hotel_inn", None, "merchant_fulfil"),
    Caller("card", None, "own:card:service"),
)
LEAST = {ROWS: 0.6, FILTER: 0.2, NOT: 0.2, CURSOR: 0.2, ORDER: 0.2}
"""What a run must hold of each kind, so that its silence means something."""


@pytest.fixture
def urls(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two empty databases of one engine."""
    if engine == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'a'}.db", f"sqlite+aiosqlite:///{tmp_path / 'b'}.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    first, second = (next(request.getfixturevalue("names")) for _ in "ab")
    yield server.create(first), server.create(second)
    server.drop(first)
    server.drop(second)


@pytest.fixture
def faults_alone() -> Iterator[None]:
    """No line of log for each of thousands of requests, but for faults."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.reset_defaults()


@pytest.fixture
def leads(monkeypatch: pytest.MonkeyPatch) -> None:
    """How far leads are followed is set for each pair of worlds, and back at the end."""
    monkeypatch.setattr(lead_sql, "FEW", lead_sql.FEW)


@pytest.fixture
async def fronts(
    urls: tuple[str, str], clock: Clock, tmp_path: Path, faults_alone: None, leads: None
) -> AsyncIterator[Fronts]:
    async with two_fronts(*urls, clock, tmp_path) as opened:
        yield opened
    forget()


@pytest.mark.parametrize(
    ("engine", "number", "callers", "requests"),
    [
        ("sqlite", 0, CALLERS[:7], 124),
        ("postgresql", 1, CALLERS[7:8], 140),
        *(pytest.param("sqlite", n, CALLERS, 100, marks=pytest.mark.long) for n in range(2, 9)),
        *(pytest.param("postgresql", n, CALLERS, 70, marks=pytest.mark.long) for n in (9, 10)),
    ],
)
async def test_a_caller_cannot_tell_two_worlds_apart(
    fronts: Fronts,
    number: int,
    callers: tuple[Caller, ...],
    requests: int,
    say: Say,
) -> None:
    throws, tally = endless(f"two worlds {number}"), Tally()
    for caller in callers:
        pair = await settled(fronts, throws, caller)
        await Round(fronts, pair, throws, tally).ask(requests)
        await check_that_they_differ(fronts, pair)
    shares = tally.shares(await returned(fronts, tally))
    say(f"{fronts.engine}: {said(tally, shares)}")
    assert "INTERNAL_SERVER_ERROR" not in tally.refusals
    assert tally.operations >= len(callers) * requests
    assert {trait: share for trait, share in shares.items() if share < LEAST[trait]} == {}


@pytest.mark.parametrize(
    ("engine", "number", "documents"),
    [("sqlite", 11, 24), pytest.param("sqlite", 12, 400, marks=pytest.mark.long)],
)
async def test_nor_by_what_a_generator_asks_that_knows_the_schema_alone(
    fronts: Fronts, number: int, documents: int, say: Say
) -> None:
    throws, tally = endless(f"two worlds {number}"), Tally()
    pair = await settled(fronts, throws, CALLERS[0])
    await Round(fronts, pair, throws, tally).ask_generated(documents)
    shares = tally.shares(await returned(fronts, tally))
    say(f"{fronts.engine}, generated: {said(tally, shares)}")
    assert "INTERNAL_SERVER_ERROR" not in tally.refusals
    assert len(tally.answered) > documents / 2


async def settled(fronts: Fronts, throws: Dice, caller: Caller) -> Pair:
    """Two worlds for this caller, in the databases.

    Hidden members decide whether a lead is followed, at times in one world alone.
    """
    lead_sql.FEW = throws.pick(1, 12, 16, 20, 1_000)
    now = throws.pick(*INSTANTS[6:])
    fronts.a.clock.set(now)
    pair = draw_pair(Drawing(throws, now), caller)
    await fronts.settle(pair)
    return pair


async def check_that_they_differ(fronts: Fronts, pair: Pair) -> None:
    """Some member sees that the worlds are not the same."""
    request = Request(everything(fronts.core), {}, {})
    for member in pair.changed:
        first, second = await fronts.both(request, fronts.token(themself(member).claims))
        if first.content != second.content:
            return
    raise AssertionError(pair.differences)


async def returned(fronts: Fronts, tally: Tally) -> frozenset[str]:
    """The decisions by which somebody was returned: the same in both ledgers."""
    asked = {each.decision_id for each in tally.answered}
    found = [
        {entry.decision_id for entry in entries if any(d.members for d in entry.disclosures)}
        for entries in await fronts.entries()
    ]
    assert asked & found[0] == asked & found[1]
    return frozenset(asked & found[0])


def said(tally: Tally, shares: Mapping[str, float]) -> str:
    parts = ", ".join(f"{trait} {share:.0%}" for trait, share in shares.items())
    refusals = ", ".join(f"{code} {count}" for code, count in tally.refusals.most_common())
    return f"{tally.operations} operations in two worlds: {parts}; refused: {refusals}"


def everything(schema: GraphQLSchema) -> str:
    """All that members can read of themselves."""
    fields = members_of(schema, "Member")
    lists = {name: kind for name, kind in fields.items() if kind.endswith("Connection")}
    scalars = [name for name, kind in fields.items() if is_leaf_type(schema.type_map[kind])]
    below = [
        f"{name}(first: 50) {{ nodes {{ {' '.join(leaves_of(schema, kind))} }} }}"
        for name, kind in lists.items()
    ]
    return "{ me { " + " ".join([*scalars, *below]) + " } }"


def leaves_of(schema: GraphQLSchema, connection: str) -> Sequence[str]:
    row = members_of(schema, connection)["nodes"]
    fields = members_of(schema, row)
    return [name for name, kind in fields.items() if is_leaf_type(schema.type_map[kind])]


def members_of(schema: GraphQLSchema, name: str) -> Mapping[str, str]:
    """A type's fields, with the names of theirs."""
    kind = schema.type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return {name: get_named_type(field.type).name for name, field in kind.fields.items()}
