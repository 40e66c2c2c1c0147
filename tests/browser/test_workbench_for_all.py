"""The workbench is there for whoever uses a keyboard, a screen reader, or a small screen."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.bench import UPSTREAM, Bench
from tests.browser.conftest import Axe, NewPage

QUERY = "query Members { members(first: 3) { nodes { fullName ekycStatus } } }"
PANELS = ("Privacy lens", "What I may read", "Examples")


def walk_to(target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(60):
        if target.evaluate("element => element === document.activeElement"):
            return
        target.page.keyboard.press("Tab")
    raise AssertionError(f"The keyboard does not lead to {target}")


def test_a_query_is_asked_and_explained_by_keyboard_alone(new_page: NewPage) -> None:
    bench = Bench(new_page())
    bench.open()
    press = bench.page.keyboard.press
    walk_to(bench.page.get_by_role("button", name="Get a development token"))
    press("Enter")
    expect(bench.state).to_contain_text("expires in")
    walk_to(
        bench.page.get_by_role("region", name="Operation Editor").locator("[tabindex='0']").first
    )
    press("Enter")
    expect(bench.editor).to_be_focused()
    press("Control+a")
    bench.page.keyboard.insert_text(QUERY)
    press("Control+Enter")
    expect(bench.marks.first).to_be_visible()
    press("Control+m")  # Monaco's own: from now on Tab leaves the editor
    walk_to(bench.lens.locator("summary").first)
    press("Enter")
    place = bench.lens.get_by_role("button", name="members.nodes").first
    walk_to(place)
    press("Enter")
    expect(bench.result.locator("textarea")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(new_page: NewPage, axe: Axe, scheme: str) -> None:
    bench = Bench(new_page(color_scheme=scheme))
    bench.open()
    assert axe(bench.page, UPSTREAM) == []
    bench.enter()
    bench.ask(QUERY)
    expect(bench.marks.first).to_be_visible()
    for panel in PANELS:
        for summary in bench.panel(panel).locator("summary").all()[:2]:
            summary.click()
        assert axe(bench.page, UPSTREAM) == [], panel


@pytest.mark.parametrize("locale", ["en-US", "ja-JP"])
@pytest.mark.parametrize("width", [320, 375, 768, 1024, 1440])
def test_the_bar_fits_every_screen(new_page: NewPage, width: int, locale: str) -> None:
    bench = Bench(new_page(viewport={"width": width, "height": 720}, locale=locale))
    bench.open()
    bench.page.locator(".primary").click()
    expect(bench.state).to_contain_text("card-analyst")
    beyond = bench.page.evaluate(
        "[...document.querySelectorAll('.bar, .bar *')]"
        ".filter((part) => part.getBoundingClientRect().right > innerWidth)"
        ".map((part) => part.outerHTML)"
    )
    assert beyond == []
    assert bench.page.evaluate("document.scrollingElement.scrollWidth") == width
