"""Signing in at the issuer, tried on a certified provider: real redirects, real keys."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest
from starlette.requests import Request

from server.clock import now
from server.pages.sign_in import enter
from server.pages.visit import visit_of
from server.session import Session
from tests.browsing import ORIGIN, Browser, browsing
from tests.clock import Clock
from tests.door import Door, copy_of, opened
from tests.provider_program import provider_for, signs_in

pytestmark = pytest.mark.anyio

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with provider_for(ORIGIN) as address:
        yield address


@pytest.fixture
async def person() -> AsyncIterator[httpx.AsyncClient]:
    """The same browser, where it is at the provider."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def production(provider: str, seed_file: Path, tmp_path: Path) -> AsyncIterator[Door]:
    """The application as it stands in production, beside that provider."""
    async with _beside(provider, seed_file, tmp_path) as door:
        yield door


@pytest.fixture
async def browser(production: Door) -> AsyncIterator[Browser]:
    async with browsing(production) as browser:
        yield browser


def _beside(provider: str, seed_file: Path, folder: Path, **given: Any) -> Any:
    settings = {
        "issuer": provider,
        "jwks_file": None,
        "jwks_url": f"{provider}/jwks",
        "oidc_discovery_url": f"{provider}/.well-known/openid-configuration",
        "oidc_client_id": "pages",
    }
    return opened(copy_of(seed_file, folder), Clock(now()), folder, **(settings | given))


async def begin(browser: Browser, after: str = "/") -> str:
    """Press the button, and give the address at the provider that it leads to."""
    await browser.visit("/sign-in")
    answer = await browser.send("/sign-in/issuer", {"next": after}, follow=False)
    assert answer.is_redirect, answer.text
    return str(answer.headers["location"])


async def come_in(
    browser: Browser, person: httpx.AsyncClient, login: str, after: str = "/"
) -> None:
    address = await signs_in(person, await begin(browser, after), login, ORIGIN)
    await browser.visit(address)


async def test_a_member_signs_in_at_the_provider(
    production: Door, browser: Browser, person: httpx.AsyncClient
) -> None:
    await come_in(browser, person, "m1", "/?x=1")
    assert browser.page is not None
    assert str(browser.page.url) == f"{ORIGIN}/?x=1"
    assert "Sign out" in browser.text
    assert "Privacy centre" in browser.text


async def test_the_way_there_carries_what_the_way_back_must_answer(browser: Browser) -> None:
    asked = {
        name: value for name, (value,) in parse_qs(urlsplit(await begin(browser)).query).items()
    }
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{ORIGIN}/sign-in/back"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) > 15
    again = parse_qs(urlsplit(await begin(browser)).query)
    assert again["state"][0] != asked["state"]
    assert again["nonce"][0] != asked["nonce"]


async def refused(browser: Browser, address: str) -> None:
    page = await browser.visit(address)
    assert page.status_code == 401
    assert "did not succeed" in browser.text
    assert "Sign out" not in browser.text


async def test_an_answer_counts_once(browser: Browser, person: httpx.AsyncClient) -> None:
    address = await signs_in(person, await begin(browser), "m1", ORIGIN)
    await browser.visit(address)
    again = await browser.visit(address)
    assert again.status_code == 401


async def test_an_answer_to_another_visit_is_not_taken(
    production: Door, browser: Browser, person: httpx.AsyncClient
) -> None:
    address = await signs_in(person, await begin(browser), "m1", ORIGIN)
    async with browsing(production) as victim:
        await begin(victim)
        await refused(victim, address)


async def test_a_changed_state_or_code_is_not_taken(
    browser: Browser, person: httpx.AsyncClient
) -> None:
    for name in ("state", "code"):
        address = await signs_in(person, await begin(browser), "m1", ORIGIN)
        await refused(browser, address.replace(f"{name}=", f"{name}=x"))


async def test_another_nonce_is_not_taken(browser: Browser, person: httpx.AsyncClient) -> None:
    address = await begin(browser)
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    await refused(
        browser, await signs_in(person, address.replace(nonce, "another-nonce"), "m1", ORIGIN)
    )


async def test_who_turns_back_at_the_provider_is_not_signed_in(browser: Browser) -> None:
    state = parse_qs(urlsplit(await begin(browser)).query)["state"][0]
    await refused(browser, f"/sign-in/back?error=access_denied&state={state}")


async def test_a_token_for_others_signs_nobody_in(
    provider: str, seed_file: Path, tmp_path: Path, person: httpx.AsyncClient
) -> None:
    async with (
        _beside(provider, seed_file, tmp_path, audience="others") as door,
        browsing(door) as browser,
    ):
        await refused(browser, await signs_in(person, await begin(browser), "m1", ORIGIN))


async def test_signing_out_ends_the_session_at_the_provider_as_well(
    browser: Browser, person: httpx.AsyncClient
) -> None:
    await come_in(browser, person, "officer-card")
    remembered = await person.get(await begin(browser), follow_redirects=False)
    assert remembered.headers["location"].startswith(ORIGIN)
    await browser.visit("/")
    answer = await browser.send("/sign-out", follow=False)
    leads = answer.headers["location"]
    assert (await signs_in(person, leads, "", ORIGIN)).startswith(f"{ORIGIN}/?state=")
    await browser.visit("/")
    assert "Sign out" not in browser.text
    asked_anew = await person.get(await begin(browser), follow_redirects=True)
    assert 'name="login"' in asked_anew.text


async def test_signing_out_takes_the_cookie_where_the_provider_is_gone_or_ends_nothing(
    production: Door, browser: Browser, person: httpx.AsyncClient
) -> None:
    issuer = production.app.state.issuer
    for metadata in ({"end_session_endpoint": None}, {"_loaded_at": None}):
        await come_in(browser, person, "officer-card")
        known = dict(issuer.server_metadata)
        issuer.server_metadata |= metadata
        if "_loaded_at" in metadata:
            del issuer.server_metadata["_loaded_at"]
            issuer._server_metadata_url = NOBODY  # noqa: SLF001 (Authlib's own)
        await browser.send("/sign-out")
        assert "Sign out" not in browser.text
        issuer.server_metadata |= known


async def test_a_token_of_somebody_else_than_who_signed_in_is_not_taken(
    production: Door, browser: Browser, person: httpx.AsyncClient
) -> None:
    """Asked of the step itself: a certified provider does not mix two people up."""
    await come_in(browser, person, "m1")
    scope = {"type": "http", "app": production.app, "headers": [], "path": "/", "method": "GET"}
    visit = visit_of(Request({**scope, "query_string": b"", "server": ("x", 443)}))
    token = production.app.state.checkpoint.seal  # the session holds the token itself
    session = Session(**orjson.loads(token.open("session", "pages", browser.session)))
    assert (await enter(visit, session.token, None, of="m1")).status_code == 303
    assert (await enter(visit, session.token, None, of="m2")).status_code == 401


async def test_forms_may_lead_to_the_provider(provider: str, browser: Browser) -> None:
    page = await browser.visit("/sign-in")
    assert f"form-action 'self' {provider};" in page.headers["content-security-policy"]


async def test_a_provider_that_does_not_answer_signs_nobody_in(
    provider: str, seed_file: Path, tmp_path: Path
) -> None:
    async with (
        _beside(provider, seed_file, tmp_path, oidc_discovery_url=NOBODY) as door,
        browsing(door) as browser,
    ):
        await browser.visit("/sign-in")
        assert (await browser.send("/sign-in/issuer")).status_code == 401
        assert "did not succeed" in browser.text


async def test_without_a_provider_nothing_leads_there(door: Door) -> None:
    async with browsing(door) as browser:
        await browser.visit("/sign-in")
        assert (await browser.send("/sign-in/issuer")).status_code == 404
        assert (await browser.visit("/sign-in/back")).status_code == 404
