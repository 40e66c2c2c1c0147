"""Forms: only those of our own pages, of this very visit, are taken."""

import pytest

from tests.browsing import ORIGIN, Browser, arrive
from tests.door import Door

pytestmark = pytest.mark.anyio


async def status(browser: Browser, **sent: object) -> int:
    await browser.visit("/")
    return (await browser.send("/choices", {"language": "ja"}, follow=False, **sent)).status_code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Origin": ORIGIN}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_a_form_of_another_site_is_not_taken(
    browser: Browser, headers: dict[str, str], expected: int
) -> None:
    assert await status(browser, headers=headers) == expected


@pytest.mark.parametrize("proof", ["", "x", "é"])
async def test_a_form_without_its_visit_s_proof_is_not_taken(browser: Browser, proof: str) -> None:
    assert await status(browser, proof=proof) == 403


async def test_a_form_of_another_visit_is_not_taken(trial: Door, browser: Browser) -> None:
    await browser.visit("/")
    foreign = browser.proof
    await arrive(browser, trial, trial.issuer.member("m1"))
    assert await status(browser, proof=foreign) == 403


async def test_what_is_no_form_is_not_taken(browser: Browser) -> None:
    await browser.visit("/")
    sent = {"Origin": ORIGIN}
    for content, kind, expected in (
        (b"{}", "application/json", 415),
        (b"\xff=1", "application/x-www-form-urlencoded", 400),
        (b"a&" * 200, "application/x-www-form-urlencoded", 400),
        (b"a" * (1 << 20) + b"b", "application/x-www-form-urlencoded", 413),
    ):
        answer = await browser.client.post(
            "/choices", content=content, headers=sent | {"Content-Type": kind}
        )
        assert answer.status_code == expected
        assert "nothing was done" in answer.text


async def test_what_was_chosen_is_kept(browser: Browser) -> None:
    await browser.visit("/sign-in", Accept_Language="en")
    await browser.send("/choices", {"language": "ja", "next": "/sign-in"})
    assert '<html lang="ja"' in browser.text
    await browser.send("/choices", {"theme": "dark", "next": "/sign-in"})
    assert 'data-theme="dark"' in browser.text
    await browser.send("/choices", {"theme": "pink", "language": "xx", "next": "/sign-in"})
    assert '<html lang="ja" data-theme="dark"' in browser.text
