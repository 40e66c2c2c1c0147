"""What was asked, by whom and about whom is in no log line, figure or span, whatever happens.

Marks stand in all that a caller can send and in all that is stored; everything is then searched.
"""

import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from models import tables
from models.ledger import WAITING
from policy.errors import ErrorCode
from server.settings import Mode
from tests.browsing import arrive, browsing
from tests.canaries import ACCOUNT_ID, all_cells, plant, sung_in
from tests.clock import Clock
from tests.collector import Collector, collecting
from tests.door import Door, opened
from tests.engines import first_on
from tests.figures import TOKEN
from tests.sockets import dialled, served, talking

pytestmark = pytest.mark.anyio

MARK = "Zqx9"
NAME, VALUE = f"{MARK}n", f"{MARK}v"
"""What names something in a document may be told back to who wrote it; what is a value may not."""
PURPOSE = "own:card:service"
ACCOUNT = "card-m1"
ITEMS = "totalCount nodes { id }"
READ = f"""# {VALUE}comment
query {NAME}name(${NAME}variable: ID!) {{
  {NAME}alias: memberByAccount(accountId: ${NAME}variable) {{
    id fullName phone loginEmail ekycStatus orders(first: 5) {{ {ITEMS} }} ...{NAME}fragment
  }}
}}
fragment {NAME}fragment on Member {{ city customerRecords {{ nodes {{ name phone }} }} }}
"""
SEARCH = f"""{{ members(filter: {{fullName: {{contains: "{VALUE}operand"}}}}) {{ {ITEMS} }} }}"""
CONTACT = """mutation ($input: UpdateContactInput!) {
  updateContact(input: $input) { member { phone } userErrors { message } }
}"""
FAULTY = f'{{ memberByAccount(accountId: "{VALUE}") {{ orders(first: 5) {{ {ITEMS} }} }} }}'
PAGES = ("/privacy/", "/privacy/seen", "/privacy/accesses", "/matrix/", "/sign-in/back")
SENT = {
    "User-Agent": f"{VALUE}agent",
    "Cookie": f"{VALUE}cookie=1",
    "Referer": f"https://{VALUE}.example/",
    "X-Forwarded-For": f"{VALUE}, 192.0.2.7",
    "traceparent": f"00-{VALUE}-{VALUE}-01",
    "tracestate": f"{VALUE}=1",
    "baggage": f"who={VALUE}",
}
REFUSED: Mapping[str, Any] = {
    "no document": {"query": f'{{ "{VALUE}" '},
    "a name that is none": {"query": f"{{ {NAME} }}"},
    "a value that does not fit": {"query": f'{{ members(first: "{VALUE}") {{ {ITEMS} }} }}'},
    "a variable that does not fit": {"query": READ, "variables": {f"{NAME}variable": [VALUE]}},
    "an operation that is not there": {"query": READ, "operationName": VALUE},
    "a cursor that is none": {"query": f'{{ members(after: "{VALUE}") {{ {ITEMS} }} }}'},
    "an id that is none": {"query": f'{{ member(id: "{VALUE}") {{ id }} }}'},
    "a field that is never open": {
        "query": f"{{ members(filter: {{ekycStatus: {{eq: {VALUE}}}}}) {{ {ITEMS} }} }}"
    },
    "a document that is not filed": {"documentId": VALUE},
    "a request that is not one": {"query": [VALUE]},
}


@dataclass
class Overheard:
    """The application, and what it let be heard beside its answers."""

    door: Door
    log: io.StringIO
    collector: Collector
    tokens: list[str] = field(default_factory=list)

    def token(self, **claims: Any) -> str:
        token = self.door.issuer.token(**{"sub": f"{VALUE}subject", "jti": VALUE, **claims})
        self.tokens.append(token)
        return token

    async def post(self, body: object, **sent: str) -> httpx.Response:
        """Send a body with marks in every header."""
        headers = {"Authorization": f"Bearer {self.token()}", "Sekisho-Purpose": PURPOSE, **SENT}
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        given = {"Content-Type": "application/json", **headers, **sent}
        return await self.door.client.post("/graphql", content=content, headers=given)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
        yield collector


@pytest.fixture
async def closing() -> AsyncIterator[AsyncExitStack]:
    """What is closed before the test ends, so that all spans are sent."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.mark.parametrize("world_url", first_on("postgresql"), indirect=True)
async def test_nothing_of_a_request_is_heard_beside_its_answer(  # noqa: PLR0913, PLR0917 (where)
    world_url: str,
    clock: Clock,
    tmp_path: Path,
    collector: Collector,
    log: io.StringIO,
    closing: AsyncExitStack,
) -> None:
    given: dict[str, Any] = {"mode": Mode.DEVELOPMENT, "metrics_token": TOKEN}
    door = await closing.enter_async_context(opened(world_url, clock, tmp_path, **given))
    database = door.checkpoint.database
    cells = [cell for cell in await all_cells(database) if cell[1] != ACCOUNT_ID]
    stored = await plant(database, cells)
    heard = Overheard(door, log, collector)
    answers = [
        *await by_http(heard),
        *await by_socket(heard),
        *await by_pages(heard),
        *await with_faults(heard),
    ]
    figures = await door.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    await closing.aclose()

    said = "\n".join(answers)
    assert len(stored.keys() & sung_in(said)) > 5
    lines, spans = log.getvalue(), b"".join(collector.received).decode("latin-1")
    assert lines.count("\n") > len(REFUSED)
    assert '"event":"fault"' in lines
    assert len(collector.spans) > 3 * len(REFUSED)
    beside = f"{lines}\n{spans}\n{figures.text}".lower()
    secrets = {MARK, *(part for token in heard.tokens for part in token.split(".")[1:])}
    assert [each for each in secrets if each.lower() in beside] == []
    assert stored.keys() & sung_in(beside) == set()


async def by_http(heard: Overheard) -> list[str]:
    """Answers to what is right, and to what is wrong in every way."""
    client = heard.door.client
    read = {"query": READ, "variables": {f"{NAME}variable": ACCOUNT}}
    contact = {"query": CONTACT, "variables": {"input": {"phone": f"03-{VALUE}"}}}
    member = heard.door.issuer.member("m1", acr="RAKUTEN_ID", jti=VALUE)
    good = [
        await heard.post(read, **{"Sekisho-Reference": f"{VALUE}-7"}),
        await heard.post({"query": SEARCH}),
        await client.post("/graphql", json=contact, headers={"Authorization": f"Bearer {member}"}),
    ]
    assert [answer.status_code for answer in good] == [200] * 3, good[0].text
    bad = [await heard.post(body) for body in REFUSED.values()]
    bad += [
        await heard.post(read, Authorization=f"Bearer {VALUE}"),
        await heard.post(read, Authorization=f"Bearer {heard.token(exp=1)}"),
        await heard.post(read, Authorization=f"Bearer {heard.token(company=VALUE)}"),
        await heard.post(read, **{"Sekisho-Purpose": VALUE}),
        await heard.post(read, **{"Sekisho-Reference": VALUE * 100}),
        await heard.post(read, **{"Sekisho-Explain": VALUE}),
        await heard.post(read, **{"Content-Type": f"text/{VALUE}"}),
        await heard.post(f'{{"query": {VALUE}'.encode()),
        await heard.post([{"query": VALUE}]),
        await heard.post({"query": VALUE * 1024 * 1024}),
        await client.get("/graphql", params={"query": SEARCH}, headers=SENT),
        await client.get(f"/{VALUE}/{VALUE}?{VALUE}={VALUE}", headers=SENT),
        await client.request(VALUE, f"/readyz?{VALUE}"),
        await client.get("/records/provision.csv", params={"month": VALUE}, headers=SENT),
    ]
    for answer in bad:
        told_well(answer)
    return [answer.text for answer in (*good, *bad)]


def told_well(answer: httpx.Response) -> None:
    """Every error has a code of the contract, a correlation id, and nothing of what was sent."""
    assert answer.status_code >= 400, answer.text
    for error in answer.json()["errors"]:
        well(error)


def well(error: Mapping[str, Any]) -> None:
    assert error["extensions"]["code"] in set(ErrorCode)
    assert re.fullmatch(r"decision-\d+", error["extensions"]["correlationId"])
    names = "Cannot query field|Unknown|Fragment|is never used|is not defined|does not exist"
    assert VALUE not in error["message"] or re.search(names, error["message"]), error


async def by_socket(heard: Overheard) -> list[str]:
    said = []
    async with served(heard.door) as address:
        opening = {"purpose": PURPOSE, "reference": VALUE, VALUE: VALUE}
        async with talking(address, heard.token(), **opening) as talk:
            said.append(str(await talk.ask(READ, variables={f"{NAME}variable": ACCOUNT})))
            for body in REFUSED.values():
                if isinstance(body.get("query"), str):
                    error = await talk.refused(**body)
                    well(error)
                    said.append(str(error))
            await talk.say(id=VALUE, type="subscribe", payload={"query": f"subscription {NAME}"})
            said.append(str(await talk.hear()))
            await talk.say(id=VALUE, type=VALUE)
            said.append(str(await talk.closed()))
        async with dialled(address, user_agent_header=VALUE) as talk:
            await talk.say(type="connection_init", payload={"authorization": f"Bearer {VALUE}"})
            said.append(str(await talk.closed()))
        with pytest.raises(InvalidStatus):
            async with dialled(address, origin=f"https://{VALUE}.example"):
                pass
        async with dialled(address) as talk:
            await talk.line.send(VALUE)
            said.append(str(await talk.closed()))
    return said


async def by_pages(heard: Overheard) -> list[str]:
    said = []
    async with browsing(heard.door) as browser:
        browser.client.headers.update(SENT)
        del browser.client.headers["Cookie"]
        await arrive(browser, heard.door, heard.door.issuer.member("m1"), "/privacy/")
        said.append(browser.text)
        said += [
            (await browser.visit(f"{path}?{VALUE}={VALUE}&company={VALUE}")).text for path in PAGES
        ]
        await browser.visit("/privacy/")
        for path in ("/privacy/give", "/privacy/withdraw", "/privacy/mail", "/privacy/guardian"):
            fields = dict.fromkeys(("item", "items", "company", "presentation", "member"), VALUE)
            said.append((await browser.send(path, fields)).text)
            await browser.visit("/privacy/")
        await browser.send("/privacy/give", {"item": VALUE}, proof=VALUE)
        await browser.visit("/sign-in")
        await browser.send("/sign-in/token", {"token": VALUE, "next": f"/{VALUE}"})
    return said


async def with_faults(heard: Overheard) -> list[str]:
    """What neither the database nor the ledger can do tells nothing of what it was asked to."""
    waiting: list[Any] = heard.door.checkpoint.ledger.waiting
    waiting.extend([None] * WAITING)
    full = await heard.post({"query": READ, "variables": {f"{NAME}variable": ACCOUNT}})
    waiting.clear()
    async with heard.door.checkpoint.database.write() as connection:
        await connection.run_sync(tables.ORDERS.drop)
    broken = await heard.post({"query": FAULTY})
    assert (full.status_code, broken.status_code) == (503, 500)
    async with (
        served(heard.door) as address,
        talking(address, heard.token(), purpose=PURPOSE) as talk,
    ):
        well(await talk.refused(FAULTY))
    told_well(full)
    told_well(broken)
    return [full.text, broken.text]
