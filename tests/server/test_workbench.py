"""The workbench is served from here alone, under a policy of its own with each answer."""

import gzip
import re

import pytest

from server.workbench import FOLDER
from tests.door import Door

pytestmark = pytest.mark.anyio


async def page(door: Door) -> tuple[str, str]:
    """The page's text, and the policy it came under."""
    response = await door.client.get("/workbench/")
    assert response.status_code == 200
    return response.text, response.headers["content-security-policy"]


async def test_its_address_without_a_slash_leads_to_it_and_repeats_nothing(door: Door) -> None:
    response = await door.client.get("/workbench?token=secret")
    assert response.status_code == 307
    assert response.headers["location"] == "workbench/"


async def test_each_answer_has_a_nonce_of_its_own(door: Door) -> None:
    (text, policy), (again, _) = await page(door), await page(door)
    nonces = set(re.findall(r'nonce="([^"]+)"', text))
    assert len(nonces) == 1
    assert f"style-src-elem 'self' 'nonce-{nonces.pop()}'" in policy
    assert text != again


async def test_its_policy_lets_in_what_lies_here_alone(door: Door) -> None:
    _, policy = await page(door)
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    unsafe = {name for name, allowed in directives.items() if "unsafe" in allowed}
    assert unsafe == {"style-src-attr"}


async def test_nobody_keeps_the_page(door: Door) -> None:
    headers = (await door.client.get("/workbench/")).headers
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "text/html; charset=utf-8"


async def test_the_page_says_in_which_mode_the_server_is(door: Door) -> None:
    text, _ = await page(door)
    assert '<meta name="sekisho-mode" content="production" />' in text


async def test_all_that_the_page_names_is_there_for_good(door: Door) -> None:
    text, _ = await page(door)
    named = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', text)
    assert len(named) > 3
    for name in named:
        response = await door.client.get(f"/workbench/{name}")
        assert response.content == (FOLDER / name).read_bytes()
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("ending", "media_type"),
    [("js", "text/javascript"), ("css", "text/css"), ("svg", "image/svg+xml"), ("ttf", "font/ttf")],
)
async def test_a_file_says_what_it_is(door: Door, ending: str, media_type: str) -> None:
    file = next((FOLDER / "assets").glob(f"*.{ending}"))
    response = await door.client.get(f"/workbench/assets/{file.name}")
    assert response.headers["content-type"].partition(";")[0] == media_type


async def test_a_file_travels_packed_to_whoever_can_unpack_it(door: Door) -> None:
    file = next((FOLDER / "assets").glob("vendor-*.js"))
    address = f"/workbench/assets/{file.name}"
    async with door.client.stream("GET", address, headers={"Accept-Encoding": "gzip"}) as packed:
        content = b"".join([part async for part in packed.aiter_raw()])
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert gzip.decompress(content) == file.read_bytes()
    plain = await door.client.get(address, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == file.read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "assets/nothing.js",
        "assets/../index.html",
        "assets/..%2Findex.html",
        "assets/%2e%2e/%2e%2e/%2e%2e/pyproject.toml",
        "assets/..%2f..%2f..%2f..%2fpyproject.toml",
        "assets/%2Fetc%2Fpasswd",
        "assets/",
        "index.html",
    ],
)
async def test_nothing_else_is_served(door: Door, path: str) -> None:
    response = await door.client.get(f"/workbench/{path}")
    assert response.status_code in {404, 307}
    assert "location" not in response.headers


def test_the_licences_of_what_it_is_made_of_lie_beside_it() -> None:
    licences = (FOLDER / "licences.md").read_text()
    for name in ("graphiql", "monaco-editor", "react", "graphql", "jsonc-parser", "graphql-ws"):
        assert f"## {name} - " in licences
    assert "NOTICES AND INFORMATION" in (FOLDER / "licences-of-monaco.txt").read_text()
