"""What holds of every page: how it is sent, and what it loads."""

import re

import pytest

from tests.browsing import Browser, arrive
from tests.door import Door

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("path", ["/", "/sign-in"])
async def test_a_page_is_kept_by_nobody_and_loads_from_here_alone(
    browser: Browser, path: str
) -> None:
    page = await browser.visit(path)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    policy = page.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "form-action 'self'" in policy
    assert not re.search(r"<style|<script(?! src=\"/)|\son\w+=|style=", page.text)
    loaded = re.findall(r'(?:src|href|action)="([^"]+)"', page.text)
    assert [address for address in loaded if not re.match(r"[/#](?!/)", address)] == []


async def test_its_files_are_served_as_long_as_they_stay_as_they_are(browser: Browser) -> None:
    page = await browser.visit("/")
    files = re.findall(r'"(/pages/\w+/[^"]+)"', page.text)
    assert len(files) == 3
    for address in files:
        answer = await browser.client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert (await browser.client.get("/pages/0000/pages.css")).status_code == 404


async def test_what_a_token_says_is_text_and_never_markup(trial: Door, browser: Browser) -> None:
    await arrive(browser, trial, trial.issuer.token(role="<script>alert(1)</script>"))
    assert browser.page is not None
    assert "<script>alert" not in browser.page.text


async def test_programs_are_greeted_in_plain_text(browser: Browser) -> None:
    answer = await browser.client.get("/")
    assert answer.headers["content-type"].startswith("text/plain")
    for address in ("/graphql", "/workbench/", "/privacy/", "/matrix/", "/schema.graphql"):
        assert address in answer.text


async def test_people_are_led_to_the_pages(browser: Browser) -> None:
    await browser.visit("/")
    for address in ("/workbench/", "/privacy/", "/matrix/", "/schema.graphql"):
        assert f'href="{address}"' in browser.text
