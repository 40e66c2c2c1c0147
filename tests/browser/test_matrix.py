"""The access matrix in a browser: for eyes, for ears, for the keyboard, and without JavaScript."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.clients.programs import Server, populated

MATRIX = "/matrix/?purpose=service_provision"
REASONS = "&company=rakuten_group&category=login#why"

Axe = Callable[..., list[str]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with members enough to be counted."""
    with populated(tmp_path_factory.mktemp("population"), 400) as server:
        yield server


@pytest.fixture
def arrive(token: Callable[..., str]) -> Callable[[Page, str], Page]:
    """Signs the group's officer in at a page, and goes where it is told."""
    made = token("--company", "*", "--role", "officer")

    def go(page: Page, path: str) -> Page:
        page.goto("/sign-in")
        page.locator("textarea").fill(made)
        page.locator('form[action="/sign-in/token"] button').click()
        page.goto(path)
        return page

    return go


Arrive = Callable[[Page, str], Page]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
@pytest.mark.parametrize("path", [MATRIX, MATRIX + REASONS, "/matrix/?purpose=audit"])
def test_nothing_of_it_is_hard_to_reach(  # noqa: PLR0913, PLR0917 (one page in each of its looks)
    new_page: NewPage, arrive: Arrive, axe: Axe, scheme: str, locale: str, path: str
) -> None:
    page = arrive(new_page(locale=locale, color_scheme=scheme), path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert axe(page) == []


def test_with_all_unfolded_and_narrow_it_is_no_harder(
    new_page: NewPage, arrive: Arrive, axe: Axe
) -> None:
    page = arrive(new_page(viewport={"width": 375, "height": 812}), MATRIX + REASONS)
    for summary in page.locator("summary").all():
        summary.click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    region = page.get_by_role("region", name="Share and number of members")
    assert region.evaluate("it => it.scrollWidth > it.clientWidth")
    region.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("rowheader", name="Rakuten Group, Inc.")).to_be_in_viewport()


def test_the_keyboard_alone_leads_to_a_purpose_and_to_the_reasons_of_a_cell(
    browser_page: Page, arrive: Arrive
) -> None:
    page = arrive(browser_page, MATRIX)
    page.locator("#main").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    chosen = page.get_by_role("radio", name="Service delivery")
    expect(chosen).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fulfilment of orders", level=2)).to_be_visible()
    page.get_by_role("region").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Rakuten Group, Inc.: Login")).to_be_in_viewport()


def test_it_needs_no_javascript(new_page: NewPage, arrive: Arrive) -> None:
    page = arrive(new_page(java_script_enabled=False), MATRIX)
    page.locator("summary").first.click()
    page.get_by_role("radio", name="Advertising and marketing").check()
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Advertising and marketing", level=2)).to_be_visible()
    page.get_by_role("row", name="Rakuten Group, Inc.").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Rakuten Group, Inc.: Login")).to_be_visible()


def test_the_file_is_handed_over(browser_page: Page, arrive: Arrive, tmp_path: Path) -> None:
    page = arrive(browser_page, MATRIX)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the numbers").click()
    assert download.value.suggested_filename == "access-matrix.csv"
    download.value.save_as(tmp_path / "numbers.csv")
    assert (tmp_path / "numbers.csv").read_text().startswith("purpose,at,company")


def test_on_paper_the_whole_table_stands_on_one_page(browser_page: Page, arrive: Arrive) -> None:
    page = arrive(browser_page, MATRIX)
    page.emulate_media(media="print")
    expect(page.get_by_role("button")).to_have_count(0)
    region = page.get_by_role("region").first
    assert region.evaluate("it => getComputedStyle(it).overflowX") == "visible"
