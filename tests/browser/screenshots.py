"""`make screenshots`: the pictures in docs/img, of pages as they are, light and dark."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.bench import Bench
from tests.browser.run import FLAGS, chromium
from tests.clients.programs import ROOT, Server, populated, sekisho, serving

FOLDER = ROOT / "docs" / "img"
THEMES = ("light", "dark")
LARGEST = 300_000
"""Bytes: a page of documentation is to open at once."""

Lead = Callable[[Page, Server], None]


class Picture(NamedTuple):
    """A picture, and what leads a new page to what is to be seen on it."""

    name: str
    lead: Lead
    width: int = 1440
    height: int = 900
    members: int = 0
    """Synthetic ones beside the demo world."""


def workbench(page: Page, _server: Server) -> None:
    """A list of members through the lens."""
    bench = Bench(page)
    bench.open()
    bench.enter()
    bench.panel("Examples").get_by_role("button", name="Members, page by page").click()
    bench.run()
    expect(bench.marks.first).to_be_visible()
    bench.lens.locator("summary").first.click()
    page.mouse.move(0, 0)


def matrix(page: Page, server: Server) -> None:
    """The access matrix of some hundreds of members, with the reasons of a cell further down."""
    page.goto("/sign-in")
    page.locator("textarea").fill(sekisho(server, "token", "--company", "*", "--role", "officer"))
    page.locator('form[action="/sign-in/token"] button').click()
    page.goto("/matrix/?purpose=service_provision&company=ssi&category=insurance_contract")
    expect(page.get_by_role("table")).to_be_visible()


def privacy_centre(page: Page, _server: Server) -> None:
    """Who can see what of a member, with one company unfolded."""
    page.goto("/sign-in?next=/privacy/%3Fopen=card")
    page.locator('button[value="m2"]').click()
    expect(page.locator("#of-card .switch").first).to_be_visible()


PICTURES: Sequence[Picture] = (
    Picture("workbench", workbench),
    Picture("matrix", matrix, 1280, 1400, members=2_000),
    Picture("privacy-centre", privacy_centre, height=1000),
)


def taken(browser: Browser, server: Server, picture: Picture) -> Iterator[Path]:
    """The files of a picture, one for each theme."""
    for theme in THEMES:
        context = browser.new_context(
            base_url=server.address,
            locale="en-US",
            color_scheme=theme,  # type: ignore[arg-type]  # one of two words
            viewport={"width": picture.width, "height": picture.height},
            reduced_motion="reduce",
        )
        page = context.new_page()
        picture.lead(page, server)
        file = FOLDER / f"{picture.name}-{theme}.png"
        page.screenshot(path=file, animations="disabled", caret="hide")
        context.close()
        yield file


def _of(browser: Browser, picture: Picture) -> Sequence[Path]:
    """The files of a picture, taken of a server of its own."""
    with TemporaryDirectory() as folder:
        members = picture.members
        at_work = populated(Path(folder), members) if members else serving(Path(folder))
        with at_work as server:
            return list(taken(browser, server, picture))


def main() -> int:
    """Take them all, or those whose names are given; give the exit code."""
    program = chromium()
    if program is None:
        sys.stdout.write("screenshots: skipped. There is no Chromium on this machine.\n")
        return 0
    wanted = [each for each in PICTURES if each.name in (sys.argv[1:] or [each.name])]
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as run:
        browser = run.chromium.launch(executable_path=program, args=FLAGS)
        files = [file for each in wanted for file in _of(browser, each)]
        browser.close()
    too_large = [file.name for file in files if file.stat().st_size > LARGEST]
    for file in files:
        sys.stdout.write(f"{file.name}: {file.stat().st_size:,} bytes\n")
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
