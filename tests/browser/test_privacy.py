"""The privacy centre in a browser: with JavaScript and without, by keyboard, on a small screen."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.bench import Bench
from tests.browser.conftest import NewPage
from tests.clients.programs import Server

PAGES = (
    "/privacy/",
    "/privacy/?open=card",
    "/privacy/seen?company=card&for=own:card:service",
    "/privacy/accesses",
    "/privacy/close",
)
SWITCH = "#card-own_card_service-B\\.group"
NAME = "例示 次郎（保険申込時）"
"""Of m2, as they gave it to the insurer."""
CONSENTS = "{ me { consents { item { key } state } } }"

Axe = Callable[..., list[str]]


def arrive(page: Page, path: str = "/privacy/", who: str = "m2") -> Page:
    """Sign in as somebody of the demo world, and go there."""
    page.goto(f"/sign-in?next={path.replace('&', '%26')}")
    page.locator(f'button[value="{who}"]').click()
    page.wait_for_url(f"**{path}")
    return page


@pytest.fixture
def state(server: Server, token: Callable[..., str]) -> Callable[[], str]:
    """How the consent B.group of m2 stands, asked of the API."""
    bearer = {"Authorization": f"Bearer {token('--role', 'member', '--member', 'm2')}"}

    def asked() -> str:
        answer = httpx.post(
            f"{server.address}/graphql", json={"query": CONSENTS}, headers=bearer, trust_env=False
        ).json()
        found = {each["item"]["key"]: each["state"] for each in answer["data"]["me"]["consents"]}
        return str(found["B.group"])

    return asked


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    return new_page(java_script_enabled=request.param)


def test_a_consent_is_switched_off_and_on_again(page: Page, state: Callable[[], str]) -> None:
    arrive(page, "/privacy/?open=card")
    assert state() == "GRANTED"
    switch = page.locator(SWITCH)
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(page.locator(SWITCH)).to_have_attribute("aria-checked", "false")
    expect(page.get_by_role("status")).to_have_text(
        "Saved: your consent is off, and nothing that rested on it is open any more."
    )
    assert state() == "WITHDRAWN"
    page.locator(SWITCH).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you switch this on")
    assert state() == "WITHDRAWN"
    page.get_by_role("button", name="I consent").click()
    expect(page.get_by_role("status")).to_have_text("Saved: your consent is on.")
    assert state() == "GRANTED"


def test_what_is_switched_off_is_gone_from_the_workbench_at_once_and_back_when_it_is_on(
    page: Page, new_page: NewPage
) -> None:
    bench = Bench(new_page())
    bench.open()
    bench.enter()
    bench.purpose.select_option(label="Own service of card")
    asked = "query Names { members { nodes { customerRecords { nodes { name } } } } }"
    bench.ask(asked)
    expect(bench.result).to_contain_text(NAME)
    arrive(page, "/privacy/?open=card").locator(SWITCH).click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    bench.ask(asked)
    expect(bench.result).not_to_contain_text(NAME)
    page.locator(SWITCH).click()
    page.get_by_role("button", name="I consent").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    bench.ask(asked)
    expect(bench.result).to_contain_text(NAME)


def test_the_keyboard_stays_where_it_was_after_a_click(
    browser_page: Page, state: Callable[[], str]
) -> None:
    page = arrive(browser_page, "/privacy/?open=card")
    page.locator(SWITCH).focus()
    page.keyboard.press("Space")
    expect(page.locator(SWITCH)).to_have_attribute("aria-checked", "false")
    expect(page.locator(SWITCH)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Before you switch this on")
    give = page.get_by_role("button", name="I consent")
    for _ in range(30):
        page.keyboard.press("Tab")
        if give.evaluate("it => it === document.activeElement"):
            break
    expect(give).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved: your consent is on.")
    assert state() == "GRANTED"


def test_the_keyboard_alone_leads_from_the_front_door_to_a_company(browser_page: Page) -> None:
    page = browser_page
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "m2":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/privacy/")
    company = page.locator("#of-card > summary")
    for _ in range(60):
        page.keyboard.press("Tab")
        if company.evaluate("it => it === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(SWITCH)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
def test_nothing_of_it_is_hard_to_reach(
    new_page: NewPage, axe: Axe, scheme: str, locale: str
) -> None:
    page = new_page(locale=locale, color_scheme=scheme)
    for path in ("/", "/sign-in"):
        page.goto(path)
        assert axe(page) == [], path
    arrive(page)
    for path in PAGES:
        page.goto(path)
        assert axe(page) == [], path
    page.goto("/privacy/")
    page.locator('form[action="/privacy/ask"] button:visible').first.click()
    expect(page.locator('form[action="/privacy/give"]')).to_be_visible()
    assert axe(page) == []


def test_on_a_small_screen_nothing_sticks_out_however_much_is_unfolded(
    new_page: NewPage, axe: Axe
) -> None:
    page = new_page(locale="ja-JP", viewport={"width": 375, "height": 812})
    for path in ("/", "/sign-in"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 375, path
    arrive(page)
    for path in PAGES:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach((it) => (it.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") == 375, path
        assert axe(page) == [], path


def test_colours_and_language_are_switched_without_javascript(new_page: NewPage) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(page.locator("body")).to_have_css("color", "rgb(236, 239, 245)")


def test_on_paper_stands_what_is_shown_and_no_switch_board(browser_page: Page) -> None:
    page = arrive(browser_page)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".choices")).to_be_hidden()
