"""Every dated fact opens and closes at its instant, however long the grants have been kept."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

import pytest

from models import world
from models.condition_sql import parameters
from models.criteria import Below, Listing
from models.database import Database
from models.event_log import append
from models.judged import Redacted
from models.redacted import member_by_key
from models.rows_below import rows_of_members
from policy.decide import decide
from policy.events import EventKind
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Asker, Grants
from policy.requester import Requester, Role
from policy.vocabulary import TICK, Code, Interval
from resolvers.asking import view_of
from resolvers.context import Context
from resolvers.listeners import Listeners
from resolvers.seal import Seal
from resolvers.snapshot import Snapshot
from tests import instants_catalogue, instants_member
from tests.clock import START, Clock
from tests.engines import ENGINES
from tests.instants import FIRST, PAST, SECOND, Case, Step, provision_key
from tests.instants_variants import with_company
from tests.made import make_tables
from tests.postgres import Postgres
from tests.real import TERMS

Answer = tuple[str | None, object]
"""The provision that opened the value, and the value."""
WITHHELD: Answer = (None, None)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """The loop of the module's databases."""
    return "asyncio"


@pytest.fixture(scope="module")
def urls(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, names: Iterator[str]
) -> Iterator[tuple[str, str]]:
    file, name = tmp_path_factory.mktemp("instants") / "sekisho.db", next(names)
    yield f"sqlite+aiosqlite:///{file}", postgres.create(name)
    postgres.drop(name)


@pytest.fixture(scope="module")
async def databases(urls: tuple[str, str]) -> AsyncIterator[Sequence[Database]]:
    """One database on each engine for all cases, since every case has a member of its own."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(Database.open(url)) for url in urls]
        for database in opened:
            await make_tables(database)
        yield opened


def by_claim(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """Every other case on one engine, the rest on the other; each on both is exhaustive."""
    return pytest.mark.parametrize(
        ("turn", "case"),
        [
            pytest.param(
                (number + later) % len(ENGINES),
                case,
                id=f"{case.claim}, on the other engine too" if later else case.claim,
                marks=[pytest.mark.exhaustive] if later else [],
            )
            for number, case in enumerate(cases)
            for later in (0, 1)
        ],
    )


@pytest.mark.anyio
@by_claim(instants_catalogue.CASES)
async def test_a_date_of_the_catalogue_changes_the_answer_at_its_instant(
    databases: Sequence[Database], clock: Clock, turn: int, case: Case
) -> None:
    await live_through(databases[turn], clock, case)


@pytest.mark.anyio
@by_claim(instants_member.CASES)
async def test_a_date_of_a_member_changes_the_answer_at_its_instant(
    databases: Sequence[Database], clock: Clock, turn: int, case: Case
) -> None:
    await live_through(databases[turn], clock, case)


async def live_through(database: Database, clock: Clock, case: Case) -> None:
    """Ask at every step with one and the same grants: the rule, the grant, and an engine."""
    grants = Grants(case.catalogue)
    await begin(database, clock, case)
    for step in case.steps():
        clock.set(step.at)
        await happen(database, clock, case, step)
        assert ruled(case, clock()) == step.answer, step
        assert granted_by(grants, case, clock()) == step.provision, step
        expected = (step.provision, case.stored) if step.provision else WITHHELD
        answer = await read(request(database, grants, case, clock()), case)
        assert answer == expected, (database.dialect, step)


async def begin(database: Database, clock: Clock, case: Case) -> None:
    async with database.write() as connection:
        await world.load(connection, case.catalogue, [case.member()], clock())


async def happen(database: Database, clock: Clock, case: Case, step: Step) -> None:
    """Record what happens at this instant, now that it is there."""
    if step.happens is None:
        return
    async with database.write() as connection:
        await append(connection, case.catalogue, {case.claim: [step.happens]}, clock())


NOBODY_READS: Any = None
"""No question of theirs is about the ledger."""


async def _never() -> Context:
    raise NotImplementedError


def request(database: Database, grants: Grants, case: Case, at: datetime) -> Context:
    """The question as a request that the front door has just let in."""
    ask = case.ask
    return Context(
        requester=Requester(
            role=Role.SERVICE if ask.company else Role.MEMBER,
            subject=case.claim,
            company=ask.company,
            on_behalf_of=ask.on_behalf_of,
            purposes=(ask.purpose,),
            expires_at=at,
        ),
        purpose=ask.purpose,
        asked_at=at,
        decision_id="decision",
        catalogue=case.catalogue,
        grants=grants,
        snapshot=Snapshot(database),
        seal=Seal((b"a key of these tests, 32 bytes!!",)),
        database=database,
        clock=lambda: at,
        terms=TERMS,
        listeners=Listeners(database),
        folder=NOBODY_READS,
        again=_never,
    )


async def read(context: Context, case: Case) -> Answer:
    """What the engine tells: nothing of a hidden member, of a closed list, of a closed row."""
    view, relation, paths = view_of(context), case.ask.relation, (case.ask.path,)
    lists = (Below(relation),) if relation else ()
    asked: Redacted = member_by_key(view, () if relation else paths, lists)
    binds = {"member": case.claim, "members": [case.claim], "limit": 10}
    values = parameters(context.asked_at, case.claim) | binds
    async with context.snapshot as snapshot, snapshot.reading() as connection:
        row = (await connection.execute(asked.main, values)).one_or_none()
        if row is not None and relation:
            if not asked.layout.of(row, f"could {relation}"):
                return WITHHELD
            asked = rows_of_members(view, relation, paths, Listing())
            row = (await connection.execute(asked.main, values)).one_or_none()
    if row is None:
        return WITHHELD
    why = asked.layout.of(row, f"why {context.grants.access_class(case.ask.path)}")
    return provision_key(case.catalogue, why), asked.layout.of(row, case.ask.path)


def granted_by(grants: Grants, case: Case, at: datetime) -> str | None:
    """What the kept grant says over plain facts; outside its epoch it raises."""
    grant = grants.grant(case.ask.asker, case.ask.purpose, case.ask.path, at)
    way = grant.opened_by(case.facts(at), case.value(), at)
    return way.key if way else None


def ruled(case: Case, at: datetime) -> str | Code | None:
    """What the rule itself says, with the fine code where it denies."""
    decision = decide(case.catalogue, case.question(at), case.facts(at), case.value())
    return decision.provision if decision.disclose else decision.code


def test_every_kind_of_event_that_moves_an_answer_has_its_case() -> None:
    turns = (turn for case in instants_member.CASES for turn in case.story)
    moving = {kind for turn in turns if isinstance(kind := getattr(turn, "kind", None), EventKind)}
    unmoving = {EventKind.PRESENTED, EventKind.DEFERRED, EventKind.GUARDIAN_REGISTERED}
    assert set(EventKind) - moving == unmoving


def test_an_expired_grant_raises_and_is_rebuilt() -> None:
    grants = Grants(with_company("card", listed=Interval(PAST, FIRST)))
    asked = (Asker("card"), "own:card:service", "fullName")
    member, value = MemberFacts(), ValueFacts("rakuten_group")
    grant = grants.grant(*asked, START)
    assert grant.alternatives
    assert grant.valid_until == FIRST
    assert grants.grant(*asked, FIRST - TICK) is grant
    with pytest.raises(ValueError, match="another epoch"):
        grant.opened_by(member, value, FIRST)
    rebuilt = grants.grant(*asked, FIRST)
    assert rebuilt.valid_from == FIRST
    assert not rebuilt.alternatives
    assert grants.grant(*asked, SECOND) is rebuilt
    with pytest.raises(ValueError, match="another epoch"):
        rebuilt.opened_by(member, value, FIRST - TICK)


def test_a_request_begun_before_an_instant_gets_the_grant_of_its_own_epoch() -> None:
    grants = Grants(with_company("card", listed=Interval(PAST, FIRST)))
    asked = (Asker("card"), "own:card:service", "fullName")
    assert not grants.grant(*asked, FIRST).alternatives
    assert grants.grant(*asked, FIRST - TICK).alternatives
    assert not grants.grant(*asked, FIRST).alternatives
