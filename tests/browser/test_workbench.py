"""The workbench: a query is written, run and seen through the lens; nothing secret is kept."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.bench import Bench
from tests.browser.conftest import NewPage
from tests.browser.watching import Watch
from tests.clients.programs import Server

CUSTOMER = 'query Customer { memberByAccount(accountId: "card-m1") { prefecture ekycStatus } }'
BY_VARIABLE = "query Customer($id: ID!) { memberByAccount(accountId: $id) { prefecture } }"


@pytest.fixture
def bench(browser_page: Page) -> Bench:
    bench = Bench(browser_page)
    bench.open()
    return bench


def test_field_names_complete_before_there_is_a_token(bench: Bench) -> None:
    bench.write('query Typed { memberByAccount(accountId: "card-m1") { prefecture ')
    bench.page.keyboard.type("ekycS", delay=20)
    suggested = bench.page.locator(".suggest-widget").get_by_role("option", name="ekycStatus")
    expect(suggested.first).to_be_visible()
    bench.page.keyboard.press("Enter")
    expect(bench.page.locator(".graphiql-query-editor .view-lines")).to_contain_text("ekycStatus")


def test_no_request_is_made_without_a_token(bench: Bench) -> None:
    bench.ask(CUSTOMER)
    expect(bench.result).to_contain_text("Paste a token first")


def test_the_lens_counts_what_was_disclosed_and_withheld(bench: Bench) -> None:
    bench.enter()
    bench.ask(CUSTOMER)
    expect(bench.lens.get_by_label("1 of 2 values are disclosed.")).to_be_visible()
    expect(bench.lens).to_contain_text("Rakuten Card Co., Ltd. → Own service of card")
    expect(bench.lens.get_by_role("row", name="ekycStatus")).to_contain_text("Identity")
    expect(bench.lens.get_by_role("row", name="ekycStatus")).to_contain_text("0/1")
    expect(bench.lens.get_by_role("row", name="prefecture")).to_contain_text("1/1")


def test_the_reason_stands_beside_the_null(bench: Bench) -> None:
    bench.enter()
    bench.ask(CUSTOMER)
    expect(bench.marks).to_have_count(1)
    expect(bench.marks).to_contain_text('"ekycStatus": null')
    expect(bench.marks).to_contain_text("⊘ Not for this purpose")


def test_each_withheld_value_can_be_gone_to(bench: Bench) -> None:
    bench.enter()
    bench.ask(CUSTOMER)
    bench.lens.get_by_text("1 withheld").last.click()
    bench.lens.get_by_role("button", name="memberByAccount.ekycStatus").click()
    expect(bench.result.locator("textarea")).to_be_focused()


def test_another_purpose_opens_other_things(bench: Bench) -> None:
    bench.enter()
    bench.purpose.select_option(label="ID login")
    bench.ask(CUSTOMER)
    expect(bench.marks).to_have_count(2)
    expect(bench.lens).to_contain_text("→ ID login")
    bench.purpose.select_option(label="Own service of card")
    expect(bench.lens).to_contain_text("Another purpose is chosen since")
    bench.run()
    expect(bench.lens).not_to_contain_text("Another purpose is chosen since")
    expect(bench.marks).to_have_count(1)


def test_a_system_is_told_how_many_but_not_where(bench: Bench) -> None:
    bench.enter("Service")
    bench.ask(CUSTOMER)
    expect(bench.lens.get_by_label("1 of 2 values are disclosed.")).to_be_visible()
    bench.lens.get_by_text("1 withheld").last.click()
    expect(bench.lens).to_contain_text("A company's systems are not told where")
    expect(bench.marks).to_have_count(0)


def test_members_see_what_a_company_would_and_why_not_more(bench: Bench) -> None:
    bench.enter("Member")
    expect(bench.purpose).to_be_disabled()
    bench.panel("Examples").get_by_role("button", name="What a company sees of me").click()
    bench.run()
    expect(bench.lens.get_by_text("Why withheld")).to_be_visible()


def test_an_example_opens_however_early_it_is_chosen(browser_page: Page) -> None:
    browser_page.goto("/workbench/")
    bench = Bench(browser_page)
    bench.enter()
    bench.panel("Examples").get_by_role("button", name="One customer").click()
    written = browser_page.locator(".graphiql-query-editor .view-lines")
    expect(written).to_contain_text("memberByAccount")
    expect(browser_page.get_by_role("tab", name="OneCustomer")).to_be_visible()


def test_my_access_tells_beforehand(bench: Bench) -> None:
    bench.enter()
    access = bench.panel("What I may read")
    expect(access).to_contain_text("Depends on the member")
    access.get_by_role("searchbox").fill("ekyc")
    expect(access.get_by_text("Never open · 1")).to_be_visible()
    expect(access).to_contain_text("ekycStatus")


def test_what_a_subscription_tells_is_shown(
    bench: Bench, server: Server, token: Callable[..., str]
) -> None:
    bench.enter("Member")
    bench.ask("subscription Told { accessToMyData { disclosure { sentence { en } } } }")
    expect(bench.page.get_by_role("button", name="Stop")).to_be_visible()
    headers = {"Sekisho-Purpose": "own:card:service"}
    headers["Authorization"] = f"Bearer {token('--company', 'card')}"
    told = bench.result.get_by_text("Rakuten Card", exact=False)
    httpx.post(f"{server.address}/graphql", json={"query": CUSTOMER}, headers=headers)
    expect(told.first).to_be_visible()
    bench.page.get_by_role("button", name="Stop").click()


def test_all_that_graphiql_brings_along_works_without_asking_outside(bench: Bench) -> None:
    bench.enter()
    bench.write(CUSTOMER)
    expect(bench.page.get_by_role("tab", name="Customer")).to_be_visible()
    bench.run()
    bench.page.get_by_role("button", name="Prettify query").click()
    expect(bench.page.locator(".graphiql-query-editor .view-line")).to_have_count(7)
    shown = {
        "Documentation Explorer": "Query",
        "GraphiQL Explorer": "memberByAccount",
        "History": "Customer",
    }
    for panel, text in shown.items():
        bench.page.get_by_role("button", name=f"Show {panel}").click()
        expect(bench.page.locator(".graphiql-plugin")).to_contain_text(text)
    bench.page.get_by_role("button", name="Open settings dialog").click()
    expect(bench.page.get_by_role("dialog")).not_to_contain_text("Persist headers")


def test_a_case_number_travels_along_and_no_other_token(bench: Bench) -> None:
    bench.enter()
    bench.write(CUSTOMER)
    bench.page.get_by_role("button", name="Headers").click()
    bench.page.locator(".graphiql-editor-tool textarea").last.focus()
    bench.page.keyboard.insert_text('{"Sekisho-Reference": "CASE-7", "Authorization": "Bearer x"}')
    with bench.page.expect_request("**/graphql") as asked:
        bench.run()
    headers = asked.value.all_headers()
    assert headers["sekisho-reference"] == "CASE-7"
    assert headers["authorization"] == f"Bearer {bench.token.input_value()}"
    expect(bench.marks).to_have_count(1)


def test_a_token_can_be_shown_and_forgotten(bench: Bench, token: Callable[..., str]) -> None:
    pasted = token("--company", "bank", "--role", "analyst")
    bench.token.fill(pasted)
    expect(bench.state).to_contain_text("bank-analyst · expires in")
    expect(bench.page.get_by_label("Company")).to_have_value("bank")
    expect(bench.token).to_have_attribute("type", "password")
    bench.page.get_by_role("button", name="Show", exact=True).click()
    expect(bench.token).to_have_attribute("type", "text")
    bench.page.get_by_role("button", name="Forget").click()
    expect(bench.token).to_have_value("")
    expect(bench.state).to_have_text("No token yet.")


def test_a_token_that_does_not_hold_is_told_as_such(bench: Bench, watch: Watch) -> None:
    bench.token.fill("nonsense")
    expect(bench.state).to_contain_text("The server refuses this (UNAUTHENTICATED).")
    assert [line for line in watch.said if "401" not in line] == []
    watch.said.clear()


def test_a_reload_keeps_the_tabs_and_forgets_the_token(bench: Bench) -> None:
    bench.enter()
    bench.write(BY_VARIABLE)
    bench.page.locator(".graphiql-editor-tool textarea").first.focus()
    bench.page.keyboard.insert_text('{"id": "card-m1"}')
    bench.run()
    expect(bench.result).to_contain_text("東京都")
    secret = bench.token.input_value()
    bench.page.reload()
    expect(bench.page.get_by_role("tab", name="Customer")).to_be_visible()
    expect(bench.token).to_have_value("")
    kept = bench.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "Customer" in kept
    for part in (secret, "card-m1", "東京都"):
        assert part not in kept
    assert bench.page.context.cookies() == []


def test_language_and_theme_change_and_stay(bench: Bench) -> None:
    bench.page.get_by_role("button", name="日本語").click()
    bench.page.get_by_role("button", name="暗い配色にする").click()
    for _ in range(2):
        expect(bench.page.get_by_role("heading", name="関所 ワークベンチ")).to_be_visible()
        expect(bench.page.locator("html")).to_have_attribute("lang", "ja")
        expect(bench.page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(bench.page.locator("body")).to_contain_class("graphiql-dark")
        expect(bench.page).to_have_title("関所 ワークベンチ")
        bench.page.reload()


def test_it_speaks_the_language_of_the_browser(new_page: NewPage) -> None:
    page = new_page(locale="ja-JP", color_scheme="dark")
    page.goto("/workbench/")
    expect(page.get_by_role("button", name="開発用トークンを取得")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_in_production_tokens_are_pasted(browser_page: Page) -> None:
    def in_production(route: Route) -> None:
        answer = route.fetch()
        text = answer.text().replace('content="development"', 'content="production"')
        route.fulfill(response=answer, body=text)

    bench = Bench(browser_page)
    bench.page.route("**/workbench/", in_production)
    bench.open()
    expect(bench.page.get_by_role("button", name="Get a development token")).to_have_count(0)
    expect(bench.page.get_by_label("Role")).to_have_count(0)
    expect(bench.token).to_be_visible()
