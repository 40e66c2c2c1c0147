"""Whatever is asked, the product answers what the oracle does (tests/oracle.py), byte for byte."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import structlog
from graphql import GraphQLSchema

from server.world_file import load_world
from tests.clock import Clock
from tests.dice import Dice, endless
from tests.door import Door
from tests.engines import first_on
from tests.fronts import one_front
from tests.lives import Drawing, settle
from tests.oracle import Oracle, oracle, oracle_schema
from tests.oracle_coverage import Coverage
from tests.oracle_people import person_of
from tests.oracle_trial import Caller, Document, Trial
from tests.random_dates import INSTANTS
from tests.real import CATALOGUE, ROOT, STORED
from tests.say import Say
from tests.sights import Caller as Host
from tests.sights import Eyes, forget
from tests.two_worlds import draw_lives

pytestmark = pytest.mark.anyio

HOSTS = (
    Host("france_eu", None, "own:france_eu:service"),
    Host("rakuten_group", None, "service_provision"),
    Host("ssi", None, "fraud_detect"),
    Host("card", None, "own:card:marketing"),
    Host("ichiba", None, "service_provision"),
    Host("courier", "ichiba", "order_fulfil"),
    Host("mobile", None, "own:mobile:service"),
    Host("payment", None, "own:payment:service"),
    Host("life", None, "service_provision"),
    Host("ichiba", None, "retention_fee"),
    Host("ins_holding", None, "ins_group_management"),
    Host("bank", None, "id_login"),
    Host("hotel_inn", None, "merchant_fulfil"),
    Host("card", None, "own:card:service"),
)
"""Each sees something in the world that is drawn for it."""
THROUGH = [(host.company or "", host.on_behalf_of, host.purpose) for host in HOSTS]
LEAST = {
    "shows something": 0.2,
    "withholds something": 0.3,
    "cells with a value": 0.1,
    "pages with entries": 0.5,
}
"""What a run must hold, so that its silence means something."""
REFUSED_AT_MOST, OF_A_FEW = 0.15, 0.25
MANY = 400


@pytest.fixture(scope="module")
def core() -> GraphQLSchema:
    return oracle_schema()


@pytest.fixture(autouse=True)
def faults_alone() -> Iterator[None]:
    """No line of log for each of thousands of requests, but for faults."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.reset_defaults()
    forget()


@pytest.mark.parametrize(
    ("engine", "number", "hosts", "requests"),
    [
        ("sqlite", 0, HOSTS[:1], 30),
        ("postgresql", 1, HOSTS[1:2], 20),
        pytest.param("sqlite", 2, HOSTS[:3], 150, marks=pytest.mark.exhaustive),
        pytest.param("sqlite", 3, HOSTS[3:6], 150, marks=pytest.mark.exhaustive),
        pytest.param("sqlite", 10, HOSTS[6:9], 150, marks=pytest.mark.exhaustive),
        pytest.param("postgresql", 11, HOSTS[9:], 100, marks=pytest.mark.exhaustive),
        *(pytest.param("sqlite", n, HOSTS, 90, marks=pytest.mark.long) for n in range(12, 24)),
        *(pytest.param("postgresql", n, HOSTS, 90, marks=pytest.mark.long) for n in range(24, 28)),
    ],
)
async def test_every_answer_about_random_members_is_the_oracles(  # noqa: PLR0913, PLR0917 (fixtures)
    request: pytest.FixtureRequest,
    engine: str,
    number: int,
    hosts: Sequence[Host],
    requests: int,
    clock: Clock,
    tmp_path: Path,
    core: GraphQLSchema,
    say: Say,
) -> None:
    throws, coverage = endless(f"differential {number}"), Coverage()
    documents: list[Document] = []
    url: str = request.getfixturevalue(f"{engine}_url")
    async with one_front(url, clock, tmp_path) as door:
        for host in hosts:
            about = await world(door, throws, host, core)
            for caller, share in callers_of(host, next(iter(about.sights.people))):
                trial = Trial(door, about, caller, throws, coverage, THROUGH, documents)
                await trial.ask(share * requests // 10)
    say(f"{engine}: {coverage.report()}")
    check(coverage, len(hosts) * requests * 9 // 10)


async def world(door: Door, throws: Dice, host: Host, core: GraphQLSchema) -> Oracle:
    """Members for this caller, in the database and before the oracle."""
    now = throws.pick(*INSTANTS[6:])
    door.clock.set(now)
    lives = list(draw_lives(Drawing(throws, now), Eyes(host, now)).values())
    async with door.checkpoint.database.write() as connection:
        await settle(connection, lives, now)
    people = (person_of(life.record) for life in lives)
    return oracle(people, door.checkpoint.seal, now, core)


def callers_of(host: Host, member: str) -> Sequence[tuple[Caller, int]]:
    """Who asks, and how many requests of ten."""
    party = host.company, host.purpose, host.on_behalf_of
    return (
        (Caller("service", *party), 3),
        (Caller("analyst", *party), 2),
        (Caller("member", member=member), 3),
        (Caller("officer", "*"), 1),
        (Caller("officer", host.company), 1),
    )


def check(coverage: Coverage, requests: int) -> None:
    """As much as was wanted; of a few requests, something of each kind."""
    few = requests < MANY
    assert coverage.met["operations"] >= requests
    shares = coverage.shares
    assert shares["refused"] < (OF_A_FEW if few else REFUSED_AT_MOST)
    least = dict.fromkeys(LEAST, 0.02) if few else LEAST
    assert {name: shares[name] for name in least if shares[name] < least[name]} == {}
    if not few:
        assert coverage.missing() == []
        assert len(coverage.shown) > 0.3 * len(STORED)
        assert len(coverage.withheld) > 0.1 * len(STORED)


DEMO = (
    Caller("analyst", "card", "own:card:marketing"),
    Caller("service", "ichiba", "service_provision"),
    Caller("service", "courier", "order_fulfil", "ichiba"),
    Caller("analyst", "shop_tea", "merchant_fulfil"),
    Caller("analyst", "life", "policy_servicing"),
    Caller("member", member="m1"),
    Caller("officer", "*"),
    Caller("service", "ssi", "fraud_detect"),
    Caller("member", member="m3"),
    Caller("officer", "ssi"),
)


@pytest.mark.parametrize("world_url", first_on("sqlite"), indirect=True)
@pytest.mark.parametrize(
    ("number", "requests"),
    [(8, 2), pytest.param(9, 12, marks=pytest.mark.exhaustive)],
)
async def test_every_answer_about_the_demo_world_is_the_oracles(
    either: Door, number: int, requests: int, core: GraphQLSchema, say: Say
) -> None:
    throws, coverage = endless(f"differential {number}"), Coverage()
    records = load_world(ROOT / "seeds" / "world.yaml", CATALOGUE)
    people = [person_of(record) for record in records]
    about = oracle(people, either.checkpoint.seal, either.clock(), core)
    documents: list[Document] = []
    for caller in DEMO:
        trial = Trial(either, about, caller, throws, coverage, THROUGH, documents)
        await trial.ask(requests)
    say(f"{either.checkpoint.database.dialect}: {coverage.report()}")
    check(coverage, len(DEMO) * requests)
