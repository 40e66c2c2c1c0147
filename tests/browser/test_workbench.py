"""The workbench, as somebody sits before it."""

from playwright.sync_api import Page, expect


def test_a_query_runs_and_the_lens_says_what_of_it_was_disclosed(browser_page: Page) -> None:
    browser_page.goto("/workbench")
    expect(browser_page.get_by_role("heading", name="Sekisho Workbench")).to_be_visible()
    browser_page.get_by_role("button", name="Get a development token").click()
    expect(browser_page.get_by_text("card-analyst · expires in")).to_be_visible()
    browser_page.get_by_role("button", name="Show Examples").click()
    browser_page.get_by_role("button", name="One customer").click()
    browser_page.get_by_role("button", name="Execute").click()
    browser_page.get_by_role("button", name="Show Privacy lens").click()
    expect(browser_page.get_by_label("9 of 11 values are disclosed.")).to_be_visible()
