"""The watch over pages notices what it is there for, or nothing that rests on it would hold."""

from playwright.sync_api import Page

from tests.browser.conftest import Axe
from tests.browser.watching import Watch

ASK = "fetch('https://outside.example/').catch(() => null)"


def test_what_is_asked_of_outside_is_refused_and_noticed(browser_page: Page, watch: Watch) -> None:
    browser_page.goto("/healthz")
    assert browser_page.evaluate(ASK) is None
    assert watch.outside == ["https://outside.example/"]
    watch.outside.clear()
    watch.said.clear()


def test_what_breaks_a_page_s_policy_is_noticed(browser_page: Page, watch: Watch) -> None:
    browser_page.goto("/workbench/")
    browser_page.evaluate(
        "new Promise((done) => {"
        "addEventListener('securitypolicyviolation', () => setTimeout(done));"
        f"{ASK} }})"
    )
    assert [violation.split()[0] for violation in watch.violations] == ["connect-src"]
    assert watch.outside == []
    watch.violations.clear()
    watch.said.clear()


def test_what_is_said_on_the_console_is_noticed(browser_page: Page, watch: Watch) -> None:
    browser_page.goto("/healthz")
    browser_page.evaluate("console.info('hello')")
    with browser_page.expect_event("pageerror"):
        browser_page.evaluate("setTimeout(() => { throw Error('no') })")
    assert watch.said == ["info: hello", "no"]
    watch.said.clear()


def test_axe_notices_what_nobody_could_read(browser_page: Page, axe: Axe) -> None:
    browser_page.goto("/healthz")
    browser_page.evaluate("document.body.innerHTML = '<p style=\"color: #eee\">Pale</p>'")
    assert any(line.startswith("color-contrast") for line in axe(browser_page))
