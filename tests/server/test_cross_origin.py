"""Pages of listed origins may call, spelt exactly; of other pages a browser keeps every answer."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx
import pytest
from strawberry.http.websocket_origin import normalize_origin
from websockets.exceptions import InvalidStatus

from tests.clock import Clock
from tests.door import Door, copy_of, opened
from tests.sockets import dialled, served

pytestmark = pytest.mark.anyio

SHOP, BANK = "https://shop.example", "http://bank.example:8080"
STRANGERS = (
    *("https://x.example", "http://shop.example", "https://shop.example:444"),
    *("https://shop.example.x.example", "https://xshop.example", "https://www.shop.example"),
    *("https://shop.example/", "https://shop.example@x.example", "https://SHOP.example"),
    *("null", "", "*", f"{SHOP}, {BANK}", f"{SHOP} {BANK}", "https://shop.exampl\u00e9"),
)
SENT = "authorization,content-type,sekisho-purpose,sekisho-reference,sekisho-explain,traceparent"
READ = "Content-Disposition, Retry-After, WWW-Authenticate"
PAGE = "access-control-"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def listed(seed_file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    folder, origins = tmp_path_factory.mktemp("listed"), (SHOP, BANK)
    url = copy_of(seed_file, folder)
    async with opened(url, Clock(), folder, allowed_origins=origins) as door:
        yield door


def said(response: httpx.Response) -> Mapping[str, str]:
    """What the answer tells a browser of pages."""
    return {name: value for name, value in response.headers.items() if name.startswith(PAGE)}


async def answers(door: Door, origin: str) -> AsyncIterator[httpx.Response]:
    """Answers and refusals of every kind, to a page of this origin."""
    nobody = httpx.Headers({"Origin": origin}, "latin-1")
    caller = httpx.Headers(
        {"Origin": origin, "Authorization": f"Bearer {door.issuer.token()}"}, "latin-1"
    )
    post, viewer = door.client.post, {"query": "{ viewer { role } }"}
    yield await post("/graphql", json=viewer, headers=caller)
    yield await post("/graphql", json={"query": "{ nonsense }"}, headers=caller)
    yield await post("/graphql", json=viewer, headers=nobody)
    yield await post("/graphql", content=b"x" * 1_048_577, headers=caller)
    yield await door.client.put("/graphql", headers=caller)
    for path in ("/schema.graphql", "/healthz", "/nothing", "/records/receipt.csv"):
        yield await door.client.get(path, headers=caller)


@pytest.mark.parametrize("origin", [SHOP, BANK])
async def test_every_answer_to_a_listed_origin_names_it_alone_and_what_it_may_read(
    listed: Door, origin: str
) -> None:
    statuses = set()
    async for response in answers(listed, origin):
        statuses.add(response.status_code)
        assert said(response) == {
            "access-control-allow-origin": origin,
            "access-control-expose-headers": READ,
        }
        assert "Origin" in response.headers["vary"]
    assert statuses >= {200, 400, 401, 404, 405}


@pytest.mark.parametrize("origin", STRANGERS)
async def test_no_answer_may_be_read_by_a_page_of_another(listed: Door, origin: str) -> None:
    """And no cache may give it the one that a listed origin got."""
    async for response in answers(listed, origin):
        assert "access-control-allow-origin" not in response.headers
        assert "Origin" in response.headers["vary"]


async def test_without_an_origin_nothing_is_said_and_caches_know_that_it_matters(
    listed: Door,
) -> None:
    response = await listed.client.get("/schema.graphql")
    assert said(response) == {}
    assert "Origin" in response.headers["vary"]


def asking(origin: str, method: str = "POST", headers: str = SENT, **others: str) -> httpx.Headers:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return httpx.Headers(asked | others, "latin-1")


async def test_before_it_calls_a_listed_origin_is_told_how_it_may(listed: Door) -> None:
    for method in ("GET", "POST"):
        told = await listed.client.options("/graphql", headers=asking(SHOP, method))
        assert told.status_code == 200
        allowed = said(told)
        assert allowed["access-control-allow-origin"] == SHOP
        assert allowed["access-control-allow-methods"] == "GET, POST"
        assert {*SENT.split(",")} <= {
            each.strip().lower() for each in allowed["access-control-allow-headers"].split(",")
        }
        assert "access-control-allow-credentials" not in allowed
        assert "Origin" in told.headers["vary"]


@pytest.mark.parametrize(
    "asked",
    [
        *map(asking, STRANGERS),
        asking(SHOP, "DELETE"),
        asking(SHOP, headers="cookie"),
        asking(SHOP, headers="authorization,x-forwarded-for"),
        asking(SHOP, **{"Access-Control-Request-Private-Network": "true"}),
    ],
)
async def test_before_it_calls_a_browser_is_told_that_it_may_not(
    listed: Door, asked: httpx.Headers
) -> None:
    told = await listed.client.options("/graphql", headers=asked)
    assert told.status_code == 400
    assert "Origin" in told.headers["vary"]
    if asked["Origin"] != SHOP:
        assert "access-control-allow-origin" not in told.headers


async def test_where_no_origin_is_listed_none_may_call(door: Door) -> None:
    told = await door.client.options("/graphql", headers=asking(SHOP))
    assert (told.status_code, said(told)) == (405, {})
    async for response in answers(door, SHOP):
        assert said(response) == {}


async def test_a_socket_is_opened_from_listed_origins_and_the_server_s_own(listed: Door) -> None:
    async with served(listed) as address:
        for origin in (SHOP, BANK, f"http://{address}", None):
            async with dialled(address, origin):
                pass
        for origin in STRANGERS:
            if origin.isascii() and origin and normalize_origin(origin) != SHOP:
                with pytest.raises(InvalidStatus) as refusal:
                    async with dialled(address, origin):
                        pass
                assert refusal.value.response.status_code == 403
