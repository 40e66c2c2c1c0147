"""A new version of the catalogue: servers of two versions over one database, page by page."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.catalogue_apply import Apply
from models.catalogue_store import StoredCatalogue, live
from models.database import Database
from models.event_log import append, events_of, verify_chain
from models.outbox_check import check as check_outbox
from models.projection_check import check
from models.tables import CATALOGUE_VERSION
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError, StartUpError
from policy.events import Event, EventKind
from policy.numbers import numbers_of
from server import checkpoint
from server.admission import Admitted
from server.catalogue_files import load_catalogue, texts_of
from tests.acts import ANSWER, do, kinds_since, log_of, member, operation, states
from tests.clock import Clock
from tests.door import Door, opened, refused
from tests.engines import first_on
from tests.real import CATALOGUE
from tests.say import Say
from tests.versions import Files, entry, with_version

pytestmark = pytest.mark.anyio

NEW = "2026-06-10"
"""In force by the clock of the tests, so that it is judged by as soon as it is active."""

CALLERS: Sequence[tuple[str, str | None, str]] = (
    ("ichiba", None, "ads_marketing"),
    ("travel", None, "service_provision"),
    ("card", None, "own:card:service"),
    ("bank", None, "id_login"),
    ("ssi", None, "ins_product_rnd"),
    ("ssi", None, "ads_marketing"),
    ("life", None, "ads_marketing"),
    ("courier", "ichiba", "order_fulfil"),
    ("shop_tea", None, "merchant_fulfil"),
)
QUERY = """{ members(first: 100) { nodes { id fullName city phone loginName pointBalance
  orders { nodes { id items amount phone recipientName } } devices { nodes { id } }
  healthRecords { nodes { id kind value } } } } }"""

Cell = tuple[str, str, str, str]
"""Caller, member, row ("" = the member's own), field."""


def revised() -> Files:
    """The next version: narrower here, wider there, and one item that means something else."""
    files = with_version(
        Files(),
        "DOC_A",
        NEW,
        change={
            "A-4-1-2": lambda row: row["categories"].pop("service_usage"),
            "A-PEER": lambda row: row["categories"].pop("profile"),
            "A-4-1-1": lambda row: row["categories"].update(profile="all"),
        },
    )
    contract = entry_of(files, "courier", "ichiba")
    contract["fields"].remove("orders.phone")
    contract["fields"].append("orders.amount")
    item = entry(files["documents.yaml"]["documents"], "DOC_B")["items"][0]
    assert item["key"] == "B.use"
    item["sensitive"] = "true"
    return files


def entry_of(files: Files, processor: str, controller: str) -> dict[str, Any]:
    parties = (processor, controller)
    contracts = files["processors.yaml"]["contracts"]
    return next(e for e in contracts if (e["processor"], e["controller"]) == parties)


@dataclass
class Stage:
    """One database, the servers over it, and an apply that goes on when it is told to."""

    url: str
    clock: Clock
    folder: Path
    new: Path
    stack: AsyncExitStack
    monkeypatch: pytest.MonkeyPatch
    numbers: Iterator[int] = field(default_factory=count)

    async def server(self, files: Path | None = None) -> Door:
        """A server started from this version's files, with a ledger of its own: ids are numbers."""
        ledger = f"sqlite+aiosqlite:///{self.folder / f'ledger-{next(self.numbers)}.db'}"
        with self.monkeypatch.context() as patch:
            if files is not None:
                patch.setattr(checkpoint, "CATALOGUE", files)
            server = opened(self.url, self.clock, self.folder, ledger_url=ledger)
            return await self.stack.enter_async_context(server)

    def step(self, files: Path, size: int = 1) -> tuple[Apply, StoredCatalogue]:
        catalogue = load_catalogue(files)
        database = Database.open(self.url)
        self.stack.push_async_callback(database.close)
        stored = StoredCatalogue(catalogue.version, texts_of(files), numbers_of(catalogue))
        return Apply(database, catalogue, self.clock, size), stored


@pytest.fixture
async def stage(
    world_url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    new = revised().write(tmp_path / "new")
    async with AsyncExitStack() as stack:
        yield Stage(world_url, clock, tmp_path, new, stack, monkeypatch)


async def disclosed(door: Door) -> set[Cell]:
    """Every cell that the callers are shown."""
    found: set[Cell] = set()
    for company, controller, purpose in CALLERS:
        claims = {"company": company, "purposes": [purpose], "on_behalf_of": controller}
        token = door.issuer.token(**{name: of for name, of in claims.items() if of is not None})
        answer = await door.ask(QUERY, token=token, purpose=purpose)
        for node in answer["data"]["members"]["nodes"]:
            member = node.pop("id")
            for name, value in node.items():
                if isinstance(value, dict):
                    for row in value["nodes"]:
                        key = row.pop("id")
                        found |= {(company, member, key, f"{name}.{p}") for p in row if row[p]}
                elif value is not None:
                    found.add((company, member, "", name))
    return found


async def turned_away(door: Door) -> None:
    """It refuses what is personal and is not ready; what is not personal it answers."""
    sent = await door.send("{ members { nodes { id } } }", purpose="own:card:service")
    refused(sent, 503, ErrorCode.CATALOGUE_CHANGED)
    assert (await door.client.get("/readyz")).status_code == 503
    await door.ask("{ companies { key } }")


async def everything_is_as_the_events_say(database: Database, catalogue: Catalogue) -> None:
    async with database.read() as connection:
        findings = [line async for line in check(connection, catalogue)]
        findings += [line async for line in verify_chain(connection)]
        findings += [line async for line in check_outbox(connection)]
    assert findings == []


@pytest.mark.parametrize("world_url", first_on("postgresql"), indirect=True)
async def test_two_servers_never_disclose_more_than_both_versions_allow(
    stage: Stage, say: Say
) -> None:
    old = await stage.server()
    allowed_before = await disclosed(old)
    apply, stored = stage.step(stage.new)
    assert await apply.begin(stored)
    new = await stage.server(stage.new)
    shown: list[set[Cell]] = []
    while True:
        shown.append(await disclosed(old))
        assert (await old.client.get("/readyz")).status_code == 200
        await turned_away(new)
        if await apply.page() is None:
            break
    allowed_after = await disclosed(new)
    await turned_away(old)
    assert (await new.client.get("/readyz")).status_code == 200
    both = allowed_before & allowed_after
    for each in shown:
        assert each <= both
    assert allowed_before - both, "the new version closes something"
    assert allowed_after - both, "and opens something"
    assert len(shown) > 5
    assert all(len(each) > len(both) * 0.8 for each in shown), "and neither is all closed meanwhile"
    await everything_is_as_the_events_say(apply.database, apply.catalogue)
    say(
        f"{len(shown)} pages: {len(allowed_before)} cells by the old version, "
        f"{len(allowed_after)} by the new one, {len(both)} by both, "
        f"{min(map(len, shown))} to {max(map(len, shown))} shown meanwhile"
    )


@pytest.mark.parametrize("world_url", first_on("sqlite"), indirect=True)
async def test_a_member_s_choice_made_between_pages_counts_at_once_and_at_the_end(
    stage: Stage,
) -> None:
    old = await stage.server()
    apply, stored = stage.step(stage.new)
    await apply.begin(stored)
    for _ in range(3):
        await apply.page()
    ids = [cell for cell in await disclosed(old) if cell[0] == "ichiba"]
    async with apply.database.write() as connection:
        withdrawn = Event(EventKind.WITHDRAWN, stage.clock(), item="A", version="2022-03-31")
        await append(connection, CATALOGUE, {"m1": [withdrawn]}, stage.clock())
    left = [cell for cell in await disclosed(old) if cell[0] == "ichiba"]
    assert 0 < len(left) < len(ids)
    while await apply.page() is not None:
        pass
    new = await stage.server(stage.new)
    assert {c for c in await disclosed(new) if c[0] == "ichiba"} <= set(left)
    await everything_is_as_the_events_say(apply.database, apply.catalogue)


async def test_a_mutation_that_is_the_first_to_meet_an_apply_is_done_and_answered_once(
    stage: Stage,
) -> None:
    old = await stage.server()
    before = len(await log_of(old, "m1"))
    apply, stored = stage.step(stage.new)
    await apply.begin(stored)
    payload = await do(old, "withdrawConsent", member(old, "m1"), items=["A"])
    assert states(payload) == {"A": "WITHDRAWN"}
    assert await kinds_since(old, "m1", before) == [EventKind.WITHDRAWN]
    while await apply.page() is not None:
        pass
    token = member(old, "m1")
    sent = await old.send(*operation("withdrawConsent", ANSWER, {"items": ["B.use"]}), token=token)
    refused(sent, 503, ErrorCode.CATALOGUE_CHANGED)
    new = await stage.server(stage.new)
    kinds = await kinds_since(new, "m1", before)
    assert kinds == [EventKind.WITHDRAWN]
    await everything_is_as_the_events_say(apply.database, apply.catalogue)


async def test_what_is_made_anew_for_the_first_who_meet_an_apply_is_theirs_to_pay(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await stage.server()
    asked, spent = "{ members { nodes { fullName } } }", list[float]()
    await old.ask(asked, purpose="own:card:service")
    apply, stored = stage.step(stage.new)
    await apply.begin(stored)
    monkeypatch.setattr(Admitted, "_spend", lambda _, seconds: spent.append(seconds))
    await old.ask(asked, purpose="own:card:service")
    assert len(spent) == 1


async def test_only_the_active_version_writes(stage: Stage) -> None:
    apply, stored = stage.step(stage.new)
    event = {"m1": [Event(EventKind.ADS_PREFERENCE, stage.clock(), wanted=False)]}

    async def write(catalogue: Catalogue) -> None:
        async with apply.database.write() as connection:
            await append(connection, catalogue, event, stage.clock())

    await apply.begin(stored)
    with pytest.raises(PrivacyError, match="catalogue is changing"):
        await write(apply.catalogue)
    await write(CATALOGUE)
    while await apply.page() is not None:
        pass
    with pytest.raises(PrivacyError, match="catalogue is changing"):
        await write(CATALOGUE)
    await write(apply.catalogue)
    await everything_is_as_the_events_say(apply.database, apply.catalogue)


async def test_when_much_is_recorded_meanwhile_who_it_was_about_is_walked_through_again(
    stage: Stage,
) -> None:
    apply, stored = stage.step(stage.new, size=2)
    await apply.begin(stored)
    for key in ("m1", "m2", "m3", "m4", "m5"):
        async with apply.database.write() as connection:
            event = Event(EventKind.ADS_PREFERENCE, stage.clock(), wanted=False)
            await append(connection, CATALOGUE, {key: [event]}, stage.clock())
    sizes = []
    while (size := await apply.page()) is not None:
        sizes.append(size)
    assert sizes == [2, 2, 2, 1, 0, 2, 2, 1]
    await everything_is_as_the_events_say(apply.database, apply.catalogue)


async def test_who_acts_after_their_page_stands_by_the_new_version_at_the_end(stage: Stage) -> None:
    apply, stored = stage.step(stage.new, size=100)
    await apply.begin(stored)
    assert await apply.page()
    event = Event(EventKind.ADS_PREFERENCE, stage.clock(), wanted=False)
    happened = {key: [event] for key in ("m1", "m2", "m3", "m4")}
    async with apply.database.write() as connection:
        await append(connection, CATALOGUE, happened, stage.clock())
    assert await apply.page() is None
    await everything_is_as_the_events_say(apply.database, apply.catalogue)


@pytest.mark.parametrize("world_url", first_on("sqlite"), indirect=True)
async def test_an_apply_that_was_begun_can_be_given_up_for_another_version_or_for_the_active_one(
    stage: Stage,
) -> None:
    old = await stage.server()
    before = await disclosed(old)
    given_up, stored = stage.step(stage.new)
    await given_up.begin(stored)
    for _ in range(4):
        await given_up.page()
    other = with_version(revised(), "DOC_B", NEW).write(stage.folder / "other")
    another, its = stage.step(other)
    await another.begin(its)
    with pytest.raises(StartUpError, match="took over"):
        await given_up.page()
    async with another.database.read() as connection:
        found = await live(connection)
    assert found.others == {given_up.catalogue.version, another.catalogue.version}
    await another.page()
    assert await disclosed(old) <= before
    back, own = stage.step(checkpoint.CATALOGUE)
    assert await back.begin(own)
    while await back.page() is not None:
        assert await disclosed(old) <= before
    assert await disclosed(old) == before
    assert not await back.begin(own)
    async with back.database.read() as connection:
        kept = (await connection.scalars(select(CATALOGUE_VERSION.c.version))).all()
    assert set(kept) == found.others | {CATALOGUE.version}
    await everything_is_as_the_events_say(back.database, CATALOGUE)


@pytest.mark.parametrize("world_url", first_on("postgresql"), indirect=True)
async def test_an_editorial_version_carries_consents_over_and_each_member_is_told_once(
    stage: Stage,
) -> None:
    files = with_version(Files(), "DOC_A", "2026-06-20", material=False)
    editorial = with_version(files, "DOC_A", "2026-06-25", material=False)
    folder = editorial.write(stage.folder / "editorial")
    before = await disclosed(await stage.server())
    apply, stored = stage.step(folder, size=2)
    await apply.begin(stored)
    folded = await apply.page() or 0
    async with apply.database.write() as connection:
        event = Event(EventKind.ADS_PREFERENCE, stage.clock(), wanted=False)
        await append(connection, CATALOGUE, {"m1": [event]}, stage.clock())
    again, _ = stage.step(folder, size=2)
    assert await again.begin(stored)
    while (size := await again.page()) is not None:
        folded += size
    assert folded == 7, "nobody is walked through again for having been told"
    stage.clock.step(timedelta(days=30))
    assert await disclosed(await stage.server(folder)) == before
    async with again.database.read() as connection:
        events = await events_of(connection, "m1")
    told = [(e.item, e.version) for e in events if e.kind is EventKind.NOTIFIED and e.item]
    assert told == [("A", "2026-06-20"), ("A", "2026-06-25")]
    await everything_is_as_the_events_say(again.database, again.catalogue)


async def test_a_server_starts_by_the_active_version_or_by_the_coming_one_alone(
    stage: Stage,
) -> None:
    with pytest.raises(StartUpError, match="sekisho catalogue apply"):
        await stage.server(stage.new)
    apply, stored = stage.step(stage.new)
    await apply.begin(stored)
    await turned_away(await stage.server(stage.new))
    while await apply.page() is not None:
        pass
    with pytest.raises(StartUpError, match="sekisho catalogue apply"):
        await stage.server()


async def test_a_server_that_cannot_read_the_coming_version_answers_nothing_personal(
    stage: Stage,
) -> None:
    old = await stage.server()
    apply, stored = stage.step(stage.new)
    unreadable = replace(stored, files={**stored.files, "rules-of-2030.yaml": "new: []"})
    await apply.begin(unreadable)
    await turned_away(old)
