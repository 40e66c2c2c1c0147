"""The operator is told how the server does, and of nobody's data: not even that it changed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from server.metering import metering
from server.meters import STEP, Cells
from server.settings import Mode
from tests.acts import do, give, member
from tests.clock import Clock
from tests.door import Door, copy_of, opened
from tests.figures import TOKEN, Figures, figure, figures, grown
from tests.slow import endless
from tests.sockets import served, talking, until
from tests.streams import listening, resting

pytestmark = pytest.mark.anyio

PURPOSE = "own:card:service"
ACCOUNT = '{ memberByAccount(accountId: "card-m1") { fullName ekycStatus } }'


@pytest.fixture
async def metered(seed_file: Path, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    """The application over the demo world, with somebody who may read its figures."""
    async with opened(
        copy_of(seed_file, tmp_path), clock, tmp_path, metrics_token=TOKEN
    ) as metered:
        yield metered


def timed(found: Figures, transport: str, kind: str, road: str) -> float:
    """How many operations went this way."""
    return figure(
        found, "sekisho_operation_seconds_count", transport=transport, kind=kind, road=road
    )


async def test_the_figures_are_told_to_who_knows_the_token_alone(metered: Door) -> None:
    for sent in ({}, {"Authorization": "Bearer no"}, {"Authorization": f"Basic {TOKEN}"}):
        response = await metered.client.get("/metrics", headers=sent)
        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await figures(metered)


async def test_without_a_token_there_is_no_such_path_in_production(door: Door) -> None:
    for sent in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer None"}):
        response = await door.client.get("/metrics", headers=sent)
        assert response.status_code == 404
        assert response.json()["errors"][0]["message"] == "There is nothing at this path."


async def test_in_development_whoever_is_on_this_machine_reads_them(
    seed_file: Path, clock: Clock, tmp_path: Path
) -> None:
    url = copy_of(seed_file, tmp_path)
    async with opened(url, clock, tmp_path, mode=Mode.DEVELOPMENT) as door:
        assert (await door.client.get("/metrics")).status_code == 200
        elsewhere = httpx.ASGITransport(door.app, client=("192.0.2.1", 5000))
        async with httpx.AsyncClient(transport=elsewhere, base_url="http://x") as client:
            assert (await client.get("/metrics")).status_code == 404


async def test_an_operation_is_timed_by_what_it_is_and_what_answers_it(metered: Door) -> None:
    await metered.ask(ACCOUNT, purpose=PURPOSE)
    await metered.ask("{ viewer { role } }")
    await metered.send("{ nonsense")
    await metered.send(ACCOUNT, token="none")  # noqa: S106 (which nobody issued)
    await give(metered, member(metered, "m1"), "B.ins_group")
    async with served(metered) as address, talking(address, metered.issuer.token()) as talk:
        await talk.ask("{ viewer { role } }")
    found = await figures(metered)
    assert timed(found, "http", "query", "plan") == 1
    assert timed(found, "http", "query", "executor") == 1
    assert timed(found, "http", "unknown", "none") == 2
    assert timed(found, "http", "mutation", "executor") == 2
    assert timed(found, "websocket", "query", "executor") == 1
    assert figure(found, "sekisho_ledger_seconds_count") == 2
    assert 0 < figure(found, "sekisho_ledger_seconds_sum") < 60


async def test_a_subscription_is_no_slow_operation(metered: Door) -> None:
    async with served(metered) as address, talking(address, member(metered, "m1")) as talk:
        id_ = await listening(talk, metered, "m1")
        await resting(metered, "m1")
        assert figure(await figures(metered), "sekisho_operations_under_way") == 0
        await talk.say(id=id_, type="complete")
    found = await figures(metered)
    assert sum(value for (name, _), value in found.items() if name.endswith("n_seconds_count")) == 0


async def test_a_refusal_is_counted_by_its_code_on_every_transport(metered: Door) -> None:
    await metered.send("{ nonsense }")
    await metered.send(ACCOUNT)
    async with served(metered) as address, talking(address, metered.issuer.token()) as talk:
        await talk.refused("{ nonsense }")
        await talk.refused(ACCOUNT)
    found = await figures(metered)
    refused = {
        labels[0][1]: value
        for (name, labels), value in found.items()
        if name == "sekisho_refusals_total" and value
    }
    assert refused == {"GRAPHQL_VALIDATION_FAILED": 2, "PURPOSE_REQUIRED": 2}


async def test_what_goes_up_and_down_is_told_as_it_is(metered: Door) -> None:
    before = await figures(metered)
    async with served(metered) as address, talking(address, metered.issuer.token()):
        during = await figures(metered)
    assert grown(before, during) == {("sekisho_sockets", ()): 1}
    assert figure(await figures(metered), "sekisho_sockets") == 0
    async with endless(metered.checkpoint.database, "standing"):
        slow = asyncio.create_task(metered.send(ACCOUNT, purpose=PURPOSE))
        await until(lambda: metered.checkpoint.admission.under_way == 1)
        assert figure(await figures(metered), "sekisho_operations_under_way") == 1
        slow.cancel()
        await asyncio.wait({slow})
    async with metered.checkpoint.database.read():
        found = await figures(metered)
        assert figure(found, "sekisho_connections_busy", pool="others") == 1
    assert figure(found, "sekisho_connections_limit", pool="members") == 8
    assert figure(found, "sekisho_ledger_waiting") == 0
    assert figure(found, "sekisho_ledger_waiting_limit") == 1024
    for what in ("documents", "introspection", "plans", "statements"):
        assert (figure(found, "sekisho_kept", what=what) > 0) is (
            figure(found, "sekisho_kept_bytes", what=what) > 0
        )


async def test_no_request_adds_a_series(metered: Door) -> None:
    """However many companies, purposes, fields and names there are, the page stays as it is."""
    before = await figures(metered)
    for company, purpose in (("card", PURPOSE), ("life", "service_provision"), ("bank", "x")):
        token = metered.issuer.token(company=company, purposes=[purpose])
        await metered.send(f"query Named{company} {ACCOUNT}", token=token, purpose=purpose)
    await metered.send("{ me { fullName } }", token=metered.issuer.member("m1"))
    await metered.client.get("/nothing/at/all")
    assert set(await figures(metered)) == set(before)


async def test_what_a_member_decides_does_not_show(metered: Door) -> None:
    """Giving a consent and taking it back count alike, and so does reading before and after."""
    token, told = member(metered, "m1"), list[Figures]()
    acts = ("giveConsent", "withdrawConsent", "giveConsent")
    for act in acts:
        shown = await do(
            metered,
            "presentDocument",
            token,
            "presentation { id }",
            document="DOC_B",
            language="JA",
        )
        before = await figures(metered)
        given = {"presentation": shown["presentation"]["id"]} if act == "giveConsent" else {}
        await do(metered, act, token, items=["B.ins_group"], **given)
        await metered.ask(ACCOUNT, purpose=PURPOSE)
        told.append(_counted(grown(before, await figures(metered))))
    assert told[0] == told[1] == told[2]


def _counted(found: Figures) -> Figures:
    """What is counted, but for cells: those come in steps at numbers that nobody knows."""
    counts = {
        each: value for each, value in found.items() if each[0].endswith(("_total", "_count"))
    }
    return {each: value for each, value in counts.items() if each[0] != "sekisho_cells_total"}


async def test_cells_are_counted_by_what_became_of_them(metered: Door) -> None:
    for _ in range(3 * STEP):
        await metered.ask(ACCOUNT, purpose=PURPOSE)
    found = await figures(metered)
    assert figure(found, "sekisho_cells_total", outcome="disclosed") in {STEP, 2 * STEP, 3 * STEP}
    assert figure(found, "sekisho_cells_total", outcome="NOT_PERMITTED") >= STEP
    assert figure(found, "sekisho_cells_total", outcome="OTHER") == 0


def test_a_cell_more_or_less_does_not_show_for_certain() -> None:
    """Whatever was counted, the step that is due next is another one each time."""
    told = Counter("cells", "Cells.", registry=CollectorRegistry())
    cells, due = Cells(told), set[int]()
    for count in range(40 * STEP):
        before = _told(told)
        cells.count += 1
        cells.tell()
        if _told(told) > before:
            assert _told(told) - before == STEP
            due.add(count % STEP)
        assert abs(count - _told(told)) < 2 * STEP
    assert len(due) > 5


async def test_a_process_that_was_killed_is_no_longer_counted(door: Door, tmp_path: Path) -> None:
    here, folder = door.checkpoint, tmp_path / "figures"
    folder.mkdir()
    dead, living = (folder / f"gauge_livesum_{pid}.db" for pid in (ended(), os.getppid()))
    dead.touch()
    living.touch()
    here.observed.meters.shared = str(folder)
    async with metering(here.observed, here.admission, here.database, here.ledger):
        assert list(folder.iterdir()) == [living]


def ended() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def _told(counter: Counter) -> float:
    (family,) = counter.collect()
    return family.samples[0].value
