"""Signing in and out: who gets a session, what it is worth, and for how long."""

from datetime import timedelta
from urllib.parse import quote

import orjson
import pytest

from tests.browsing import SESSION, Browser, arrive, browsing
from tests.clock import Clock
from tests.door import Door

pytestmark = pytest.mark.anyio

HALF_AN_HOUR = timedelta(minutes=30)


async def test_a_token_signs_in_and_the_page_asked_for_opens(trial: Door, browser: Browser) -> None:
    await arrive(browser, trial, trial.issuer.member("m1"))
    assert browser.page is not None
    assert (browser.page.status_code, browser.page.url.path) == (200, "/")
    assert "Sign out" in browser.text


async def test_the_cookie_is_for_this_host_over_https_alone_and_no_script_reads_it(
    trial: Door, browser: Browser
) -> None:
    await browser.visit("/sign-in")
    answer = await browser.send(
        "/sign-in/token", {"token": trial.issuer.member("m1")}, follow=False
    )
    (cookie,) = answer.headers.get_list("set-cookie")
    name, *rest = cookie.split("; ")
    assert name.startswith("__Host-sekisho=")
    assert {each.lower() for each in rest} == {
        *("httponly", "secure", "path=/", "samesite=lax", "max-age=1800"),
    }
    token = trial.issuer.member("m1")
    assert token not in cookie
    assert token.split(".")[1] not in cookie


async def test_a_session_is_another_one_than_before_signing_in(
    trial: Door, browser: Browser
) -> None:
    await browser.visit("/sign-in")
    before, proof = browser.session, browser.proof
    await browser.send("/sign-in/token", {"token": trial.issuer.member("m1"), "next": "/"})
    assert browser.session != before
    assert browser.proof != proof
    assert (await browser.send("/sign-out", proof=proof)).status_code == 403


async def test_a_token_that_does_not_hold_signs_nobody_in(trial: Door, browser: Browser) -> None:
    for token in ("", "x", trial.issuer.member("m1", aud="others"), "é"):
        await arrive(browser, trial, token)
        assert browser.page is not None
        assert browser.page.status_code == 401
        assert "did not succeed" in browser.text
        assert "Sign out" not in browser.text


async def test_a_token_too_large_for_a_cookie_signs_nobody_in(
    trial: Door, browser: Browser
) -> None:
    await arrive(browser, trial, trial.issuer.token(purposes=["own:card:service"] * 300))
    assert browser.page is not None
    assert browser.page.status_code == 401


async def test_a_session_ends_after_half_an_hour(
    trial: Door, browser: Browser, clock: Clock
) -> None:
    await arrive(browser, trial, trial.issuer.member("m1"))
    clock.step(HALF_AN_HOUR - timedelta(seconds=1))
    await browser.visit("/")
    assert "Sign out" in browser.text
    clock.step(timedelta(seconds=1))
    await browser.visit("/")
    assert "Sign out" not in browser.text


async def test_a_session_never_outlives_its_token(
    trial: Door, browser: Browser, clock: Clock
) -> None:
    soon = int(clock().timestamp()) + 60
    await arrive(browser, trial, trial.issuer.member("m1", exp=soon))
    clock.step(timedelta(seconds=60))
    await browser.visit("/")
    assert "Sign out" not in browser.text


async def test_a_session_that_was_tampered_with_is_none(trial: Door, browser: Browser) -> None:
    await arrive(browser, trial, trial.issuer.member("m1"))
    sealed = browser.session or ""
    for changed in (sealed[:-1], sealed[:40] + ("A" if sealed[40] != "A" else "B") + sealed[41:]):
        browser.client.cookies.clear()
        browser.client.cookies.set(SESSION, changed, domain="sekisho.example")
        await browser.visit("/")
        assert "Sign out" not in browser.text


async def test_a_session_of_another_version_of_this_server_is_none(
    trial: Door, browser: Browser
) -> None:
    later = orjson.dumps({"until": 2**40, "proof": "p", "token": "t", "tongue": "en"}).decode()
    for said in (later, "{}", "[]"):
        sealed = trial.checkpoint.seal.make("session", "pages", said)
        browser.client.cookies.clear()
        browser.client.cookies.set(SESSION, sealed, domain="sekisho.example")
        page = await browser.visit("/")
        assert page.status_code == 200
        assert "Sign out" not in browser.text


async def test_another_worker_serves_the_same_session(trial: Door, browser: Browser) -> None:
    await arrive(browser, trial, trial.issuer.member("m1"))
    async with browsing(trial) as elsewhere:
        elsewhere.client.cookies.set(SESSION, browser.session or "", domain="sekisho.example")
        await elsewhere.visit("/")
        assert "Sign out" in elsewhere.text


async def test_signing_out_takes_the_session_back(trial: Door, browser: Browser) -> None:
    await arrive(browser, trial, trial.issuer.member("m1"))
    await browser.submit("/sign-out")
    assert "Sign out" not in browser.text


async def test_a_session_opens_no_graphql(trial: Door, browser: Browser) -> None:
    await arrive(browser, trial, trial.issuer.member("m1"))
    answer = await browser.client.post("/graphql", json={"query": "{ me { fullName } }"})
    assert answer.status_code == 401
    assert (await browser.client.get("/records/receipt.csv")).status_code == 401


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/\t/evil.example"],
)
async def test_nobody_is_led_to_another_site(trial: Door, browser: Browser, elsewhere: str) -> None:
    await browser.visit("/sign-in")
    answer = await browser.send("/sign-in/demo", {"who": "m1", "next": elsewhere}, follow=False)
    assert answer.headers["location"] == "/privacy/"
    await browser.visit("/sign-in?next=" + quote(elsewhere))
    assert "evil" not in browser.text


async def test_everybody_of_the_demo_world_can_sign_in(trial: Door, browser: Browser) -> None:
    for who, home in (
        ("m8", "/privacy/"),
        ("m1-for-m5", "/privacy/"),
        ("officer-card", "/matrix/"),
    ):
        await browser.visit("/sign-in")
        answer = await browser.send("/sign-in/demo", {"who": who}, follow=False)
        assert (answer.status_code, answer.headers["location"]) == (303, home)
    await browser.visit("/sign-in")
    assert (await browser.send("/sign-in/demo", {"who": "root"})).status_code == 400


async def test_in_production_no_token_is_taken_and_no_demo_offered(door: Door) -> None:
    async with browsing(door) as browser:
        await browser.visit("/sign-in")
        assert "No way to sign in" in browser.text
        token = door.issuer.member("m1")
        for path, fields in (("token", {"token": token}), ("demo", {"who": "m1"})):
            await browser.visit("/sign-in")
            assert (await browser.send(f"/sign-in/{path}", fields)).status_code == 404
            assert "Sign out" not in browser.text
