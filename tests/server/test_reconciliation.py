"""What left and what is on record are the same: cell by cell, use by use, in both directions."""

import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import pytest
import structlog
from graphql import GraphQLInputObjectType
from sqlalchemy import select

from models.disclosure import Use
from models.ledger_tables import LEDGER_ENTRY
from tests.clock import Clock
from tests.dice import Dice, endless
from tests.door import Door
from tests.due import word
from tests.fronts import Request, one_front
from tests.lives import Drawing, settle
from tests.random_dates import INSTANTS
from tests.reconciling import (
    Heard,
    Line,
    cut_short,
    differences,
    due,
    is_known,
    like,
    recorded,
    told,
)
from tests.rounds import Round, Tally
from tests.say import Say
from tests.sights import Caller, Eyes, forget, themself
from tests.sockets import served
from tests.two_worlds import Pair, draw_one

pytestmark = [pytest.mark.anyio, pytest.mark.exhaustive]

CALLERS = (
    Caller("ichiba", None, "service_provision"),
    themself("m007"),
    Caller("courier", "ichiba", "order_fulfil"),
    Caller("card", None, "own:card:marketing"),
    Caller("life", None, "service_provision"),
    Caller("rakuten_group", None, "service_provision"),
    Caller("ssi", None, "fraud_detect"),
    Caller("bank", None, "id_login"),
    Caller("hotel_inn", None, "merchant_fulfil"),
    Caller("mobile", None, "own:mobile:service"),
)
ONLY_IDS = "{ nodes { id } } }"
DRAWN = 80
"""Members that a world is chosen from."""
LEAST = 0.4
"""Of the operations, those that returned somebody."""
ANSWERS_CUT = 3
FIRST_BYTES = (0, 0, 1)
"""Of a body, taken before the client is gone; besides, some number of them, and all but one."""


@pytest.fixture
def url(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if engine == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'world.db'}"
        return
    server, name = request.getfixturevalue("postgres"), next(request.getfixturevalue("names"))
    yield server.create(name)
    server.drop(name)


@pytest.fixture
async def front(url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    async with one_front(url, clock, tmp_path) as door:
        yield door
    structlog.reset_defaults()
    forget()


@pytest.mark.parametrize(
    ("engine", "number", "callers", "requests"),
    [
        ("sqlite", 20, CALLERS[:3], 26),
        ("postgresql", 21, CALLERS[3:4], 20),
        *(pytest.param("sqlite", n, CALLERS, 60, marks=pytest.mark.long) for n in (22, 23)),
        pytest.param("postgresql", 24, CALLERS, 40, marks=pytest.mark.long),
    ],
)
async def test_what_was_received_is_what_is_on_record(
    front: Door, number: int, callers: Sequence[Caller], requests: int, say: Say
) -> None:
    throws, figures, began = (
        endless(f"reconciliation {number}"),
        Counter[str](),
        time.process_time(),
    )
    for caller in callers:
        pair = await settled(front, throws, caller)
        async with served(front) as address, calling(address) as client:
            line = Line(front, front, client=client)
            for search in searches(line, pair):
                await line.same(asked(search, caller), line.token(caller.claims))
            await Round(line, pair, throws, Tally()).ask(requests)
            await reconcile(line, pair, figures)
        await check_those_cut_short(front, line.heard, throws, figures)
    say(
        f"{front.checkpoint.database.dialect}: {said(figures)}; {time.process_time() - began:.1f} s"
    )
    assert figures["uses by searches for ids alone"] > 0
    assert figures["that returned somebody"] > LEAST * figures["operations"]
    assert figures["cut short"] > 0


async def settled(front: Door, throws: Dice, caller: Caller) -> Pair:
    """A world in which this caller sees something, in the database."""
    now = throws.pick(*INSTANTS[6:])
    front.clock.set(now)
    pair = draw_one(Drawing(throws, now), caller, DRAWN)
    async with front.checkpoint.database.write() as connection:
        await settle(connection, list(pair.a.values()), now)
    return pair


def searches(line: Line, pair: Pair) -> Iterator[str]:
    """Of members by what the caller sees of some: which shows their ids, and nothing else."""
    kind = line.core.type_map["MemberFilter"]
    assert isinstance(kind, GraphQLInputObjectType)
    cells = sorted({path for sight in pair.sights.values() for path in sight.cells})
    lists = sorted(
        {name for sight in pair.sights.values() for name, rows in sight.lists.items() if rows}
    )
    for path in [path for path in cells if path in kind.fields][:3]:
        by = f"filter: {{ {path}: {{ isNull: false }} }}, orderBy: [{{ field: {word(path)} }}]"
        yield f"{{ members({by}) {ONLY_IDS}"
    for relation in [name for name in lists if name in kind.fields][:2]:
        yield f"{{ members(filter: {{ {relation}: {{ some: {{}} }} }}) {ONLY_IDS}"


def asked(query: str, caller: Caller) -> Request:
    return Request(query, {}, {"Sekisho-Purpose": caller.purpose} if caller.company else {})


def calling(address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://{address}", timeout=60, trust_env=False)


async def reconcile(line: Line, pair: Pair, figures: Counter[str]) -> None:
    """Hold each whole answer against its entry."""
    data = {
        number: await line.told_of_whom(heard)
        for number, heard in enumerate(line.heard)
        if heard.data is not None and is_known(line.core, heard)
    }
    entries = {entry.decision_id: entry for entry in await line.a.entries()}
    whose = like(line, Eyes(pair.caller, pair.now), pair.a)
    for number, heard in enumerate(line.heard):
        figures["operations"] += 1
        shown = data.get(number)
        if shown is None:
            figures["refused" if heard.data is None else "not read back"] += 1
            continue
        dues = due(line.core, heard, shown, whose)
        assert heard.decision or not any(root.members or root.counts for root in dues)
        if heard.decision:
            found = recorded(entries[heard.decision])
            assert list(differences(told(dues, found), found)) == [], report(heard)
            figures["that returned somebody"] += bool(found.items)
            figures["items"] += len(found)
            if ONLY_IDS in heard.request.query:
                uses = (use for items in found.items.values() for _, use in items)
                figures["uses by searches for ids alone"] += sum(u is not Use.SELECT for u in uses)
            figures["cells"] += found.cells
            figures["withheld"] += sum(sum(each.values()) for each in found.withheld.values())


async def check_those_cut_short(
    front: Door, heard: Sequence[Heard], throws: Dice, figures: Counter[str]
) -> None:
    """The longest answers, asked again by clients that are gone before the end."""
    before = await kept(front)
    whole = {entry.decision_id: entry for entry in await front.entries()}
    posted = (each for each in heard if each.decision and each.request.method == "POST")
    asked = [each for each in posted if is_known(front.checkpoint.schema.core, each)]
    longest = sorted(asked, key=lambda each: -len(each.answer.content))[:ANSWERS_CUT]
    cuts: dict[str, tuple[Heard, bytes]] = {}
    async with served(front) as address:
        for each in longest:
            end = len(each.answer.content)
            for at in (*FIRST_BYTES, throws.below(end), end - 1):
                reference = f"cut-{len(cuts)}"
                cuts[reference] = each, await cut_short(address, each, reference, min(at, end - 1))
    # The server has ended, and with it whatever it was doing for them.
    found = {entry.reference: entry for entry in await front.entries() if entry.reference}
    for reference, (each, received) in cuts.items():
        entry = found.get(reference)
        figures["cut short"] += 1
        figures["of them on record"] += entry is not None
        sent, _, _ = each.answer.content.partition(str(each.decision).encode())
        assert received[: len(sent)] == sent[: len(received)]
        assert entry is not None or not received
        if entry is not None:
            assert recorded(entry) == recorded(whole[str(each.decision)])
    after = await kept(front)
    assert after[: len(before)] == before
    assert len(after) - len(before) == len(found)
    assert found.keys() <= cuts.keys()


async def kept(front: Door) -> Sequence[tuple[object, ...]]:
    """The ledger's rows, as they are stored, in the order of writing."""
    table = LEDGER_ENTRY.c
    async with front.checkpoint.ledger.database.read() as connection:
        rows = await connection.execute(select(LEDGER_ENTRY).order_by(table.segment, table.seq))
        return [tuple(row) for row in rows]


def report(heard: Heard) -> str:
    return f"{heard.request.query}\n{heard.request.variables}\n{heard.answer.text[:2000]}"


def said(figures: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in figures.items())
