"""A browser, a live server of its own, and pages that are watched."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.run import FLAGS, chromium
from tests.browser.watching import Watch, violations_on
from tests.clients.programs import Server, sekisho, serving

PATIENCE = 20_000
"""Milliseconds: on a busy machine a page takes its time."""
HERE = Path(__file__).parent

NewPage = Callable[..., Page]
Axe = Callable[..., list[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is here needs a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip("There is no Chromium on this machine.")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`sekisho serve --ephemeral --port 0`, for one module of tests. `token(server, …)` of it."""
    with serving(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What pages did that no page may; a test that provokes something takes it out again."""
    watch = Watch()
    yield watch
    assert watch == Watch()


@pytest.fixture
def new_page(browser: Browser, server: Server, watch: Watch) -> Iterator[NewPage]:
    """Makes watched pages: `new_page(locale="ja-JP", viewport={…})`, options of a context."""
    contexts = []

    def make(**options: Any) -> Page:
        given = {"locale": "en-US", "viewport": {"width": 1440, "height": 900}} | options
        context = browser.new_context(base_url=server.address, **given)
        contexts.append(context)
        watch.over(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def browser_page(new_page: NewPage) -> Page:
    """One watched page, English, 1440 by 900."""
    return new_page()


@pytest.fixture
def axe() -> Axe:
    """`axe(page, exclude=[…])`: each violation of a rule as a line; empty where all is well."""
    return violations_on


@pytest.fixture
def token(server: Server) -> Callable[..., str]:
    """`token("--role", "member", "--member", "m1")`: as `sekisho token` makes it."""
    return lambda *arguments: sekisho(server, "token", *arguments)
