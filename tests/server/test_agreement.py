"""myAccess, access, explain and what is enforced agree on every cell (see tests/agreement.py)."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from models.catalogue_store import StoredCatalogue, store
from models.database import Database
from models.event_log import append
from policy.numbers import numbers_of
from policy.situation import Question
from policy.vocabulary import SUBJECT_REQUEST, Reason
from tests.agreement import (
    GRANTS,
    Explained,
    Met,
    Told,
    disagreements,
    explained,
    selection,
    stored,
    told,
)
from tests.clock import Clock
from tests.dice import Dice
from tests.door import AT_ONCE, Door, opened
from tests.made import make_tables
from tests.polls import SUBJECT, asker_of, dice, polls
from tests.populations import Population, draw_population, settle
from tests.real import CATALOGUE
from tests.say import Say

pytestmark = pytest.mark.anyio

MEMBERS = 45
QUESTIONS = 3
"""To each population."""
MANY = 30
EXPLAINED = 30
"""Fields of some member asked about with `explain`, for each question."""


@pytest.mark.exhaustive
async def test_every_way_of_telling_what_is_open_tells_the_same(
    sqlite_url: str, postgresql_url: str, tmp_path: Path, say: Say
) -> None:
    met: Met = Counter()
    for url in (sqlite_url, postgresql_url):
        async with Database.open(url) as database:
            await make_tables(database)
        for number in range(2):
            throws = dice(f"agreement {url[:6]}", number)
            population = draw_population(throws, CATALOGUE, members=MEMBERS)
            async with serving(url, population, tmp_path) as door:
                for question in (about_self(population), *askable(throws, population)):
                    await hold(door, population, question, throws, met)
    say(report(met))
    assert met["cells"] >= 100_000
    assert met["open"] > 0.03 * met["cells"]
    assert min(met[state] for state in ("VISIBLE", "ABSENT", "WITHHELD")) > 1_000
    assert min(met[reach] for reach in ("PER_MEMBER", "NEVER", "ALWAYS")) > 0
    assert met["explain"] > 500
    assert met["asSeenBy"] > 10


def report(met: Met) -> str:
    shares = ", ".join(f"{name} {met[name] / met['cells']:.1%}" for name in ("open", "hidden"))
    rest = {name: number for name, number in met.items() if name not in {"cells", "open", "hidden"}}
    return f"{met['cells']} cells ({shares}); {rest}"


@asynccontextmanager
async def serving(url: str, population: Population, folder: Path) -> AsyncIterator[Door]:
    """The application over a database that holds this population and its log."""
    happened = {
        member: sorted(events, key=lambda event: event.at)
        for member, events in population.events.items()
    }
    kept = StoredCatalogue(CATALOGUE.version, {}, numbers_of(CATALOGUE))
    async with Database.open(url) as database, database.write() as connection:
        await settle(connection, population)
        await append(connection, CATALOGUE, happened, population.now)
        await store(connection, kept, population.now)
    # Each has a ledger of its own: their decisions are numbered alike.
    ledger = f"sqlite+aiosqlite:///{folder / f'{id(population)}.db'}"
    clock = Clock(population.now)
    async with opened(url, clock, folder, ledger_url=ledger, **AT_ONCE) as door:
        yield door


def about_self(population: Population) -> Question:
    return Question(None, None, SUBJECT_REQUEST, "fullName", population.now, subject_self=True)


def askable(throws: Dice, population: Population) -> Iterator[Question]:
    """Some questions that a token can be made for, and to which something could be open."""
    asked = (each for each in polls(throws, population, 400) if known(each))
    return islice((each for each in asked if hopeful(each, throws)), QUESTIONS)


def known(question: Question) -> bool:
    parties = {question.company, question.on_behalf_of} - {None}
    purpose = CATALOGUE.purposes.get(question.purpose)
    if purpose is None or not parties <= CATALOGUE.companies.keys():
        return False
    listed = all(question.at in CATALOGUE.companies[key or ""].listed for key in parties)
    implied = not question.subject_self or question.purpose == SUBJECT_REQUEST
    return purpose.registered_at <= question.at and listed and implied


def hopeful(question: Question, throws: Dice) -> bool:
    """Whether the field asked about could be open, and mostly many others too."""
    asker, at = asker_of(question), question.at
    grants = {path: GRANTS.grant(asker, question.purpose, path, at) for path in CATALOGUE.fields}
    could = [path for path, grant in grants.items() if grant.reason is Reason.NOT_OPEN]
    return question.field in could and (len(could) > MANY or not throws.mostly(2))


async def hold(
    door: Door, population: Population, question: Question, throws: Dice, met: Met
) -> None:
    """Ask in each way, and compare."""
    door.clock.set(question.at)
    seen, mine = await asked(door, question)
    members = [SUBJECT] if question.subject_self else list(population.events)
    async with door.checkpoint.database.read() as connection:
        why = await explained(connection, question, population, members)
    cells = stored(population.rows)
    assert list(disagreements(question, seen, why, cells, mine)) == [], question
    met["cells"] += len(why.decisions)
    met["open"] += sum(decision.disclose for decision in why.decisions.values())
    met["hidden"] += sum(cell[0] not in seen.access for cell in why.decisions)
    met.update(state for access in seen.access.values() for state, _ in access.values())
    met.update(each["availability"] for each in mine.values())
    if not question.subject_self:
        met["explain"] += await hold_explain(door, question, why, seen, throws)
    if not question.subject_self and not throws.mostly(1):
        met["asSeenBy"] += await hold_as_seen_by(door, question, why, seen, throws)


async def asked(door: Door, question: Question) -> tuple[Told, Mapping[str, Any]]:
    """The company's own answer, or the member's, and what `myAccess` says beside it."""
    mine = "myAccess { field availability reason }"
    if question.subject_self:
        query, purpose = f"{{ {mine} me {{ {selection(door)} }} }}", None
        token, audience = door.issuer.member(SUBJECT), f"member:{SUBJECT}"
    else:
        query = f"{{ {mine} members(first: 100) {{ nodes {{ {selection(door)} }} }} }}"
        purpose, controller = question.purpose, question.on_behalf_of
        token = door.issuer.token(
            company=question.company, on_behalf_of=controller, purposes=[purpose]
        )
        party = f"processor:{question.company}:{controller}"
        audience = party if controller else f"company:{question.company}"
    data = (await door.ask(query, token=token, purpose=purpose))["data"]
    shapes = [data["me"]] if question.subject_self else data["members"]["nodes"]
    available = {each["field"]: each for each in data["myAccess"]}
    return told(door, audience, [shape for shape in shapes if shape]), available


async def hold_explain(
    door: Door, question: Question, why: Explained, seen: Told, throws: Dice
) -> int:
    """What `explain` tells an officer of some fields is what was decided, and what is shown."""
    fields = sorted({(cell[0], cell[2]) for cell in why.decisions if why.facts[cell[0]].known})
    picked = [fields[throws.below(256) * 251 % len(fields)] for _ in range(EXPLAINED)]
    texts = [
        f"e{number}: explain({arguments(door, question, *each)}) "
        "{ values { rowId disclose code } }"
        for number, each in enumerate(picked)
    ]
    token = door.issuer.token(company="*", role="officer", purposes=None)
    data = (await door.ask(f"{{ {' '.join(texts)} }}", token=token))["data"]
    held = 0
    for number, (member, path) in enumerate(picked):
        for value in data[f"e{number}"]["values"]:
            row = member
            if value["rowId"]:
                row = door.checkpoint.seal.open_node_id("officer:*", value["rowId"])[1]
            decision = why.decisions[member, row, path]
            assert (value["disclose"], value["code"]) == (decision.disclose, decision.code)
            assert value["disclose"] or (member, row, path) not in seen.cells
            held += 1
    return held


def arguments(door: Door, question: Question, member: str, path: str) -> str:
    node_id = door.checkpoint.seal.node_id("officer:*", "Member", member)
    return f'memberId: "{node_id}", field: "{path}", {eyes(question)}'


def eyes(question: Question) -> str:
    controller = f', onBehalfOf: "{question.on_behalf_of}"' if question.on_behalf_of else ""
    return f'company: "{question.company}", purpose: "{question.purpose}"{controller}'


async def hold_as_seen_by(
    door: Door, question: Question, why: Explained, seen: Told, throws: Dice
) -> int:
    """What some members see through the company's eyes is what the company sees, by law."""
    lawful = [path for path, each in CATALOGUE.fields.items() if not each.withheld_from_subject]
    held = 0
    for member in {f"m{throws.below(MEMBERS)}" for _ in range(6)}:
        query = f"{{ me {{ asSeenBy({eyes(question)}) {{ {selection(door)} }} }} }}"
        data = (await door.ask(query, token=door.issuer.member(member)))["data"]
        if data["me"] is None:
            assert not why.facts[member].known
            continue
        audience = "\0".join(
            (
                f"member:{member}",
                question.company or "",
                question.on_behalf_of or "",
                question.purpose,
            )
        )
        shape = data["me"]["asSeenBy"]
        through = told(door, audience, [shape] if shape else [])
        own = {cell for cell in seen.cells if cell[0] == member and cell[2] in lawful}
        assert through.cells == own, (question, member)
        for path in lawful if shape else ():
            assert through.access[member][path][0] == seen.access[member][path][0]
        held += 1
    return held
