"""Pages show what the API answers: a provision that is dropped is gone from both."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server import checkpoint, seeding
from server.settings import Mode
from tests import door as doors
from tests.browsing import arrive, browsing
from tests.clock import Clock
from tests.door import Door, opened
from tests.versions import Files

pytestmark = pytest.mark.anyio

MATRIX = """
query Matrix($purpose: ID!) {
  accessMatrix(purpose: $purpose) {
    rows {
      company { key }
      cells { category { key } availability opensWith { provision { key } } }
    }
  }
}
"""
READERS = "{ readers { company { key } purpose { key } ways { provision { key } } } }"
PURPOSE, COMPANY, DROPPED = "id_login", "card", "A-4-1-1"


@asynccontextmanager
async def without(dropped: str, clock: Clock, folder: Path) -> AsyncIterator[Door]:
    """A server whose catalogue, and database, never knew a provision."""
    files = Files()
    provisions = files["provisions.yaml"]["provisions"]
    files["provisions.yaml"]["provisions"] = [each for each in provisions if each["key"] != dropped]
    catalogue = files.write(folder / f"without-{dropped}")
    with pytest.MonkeyPatch.context() as patch:
        for module in (checkpoint, seeding):
            patch.setattr(module, "CATALOGUE", catalogue)
        url = f"sqlite+aiosqlite:///{catalogue / 'world.db'}"
        await doors.seeded(url, clock)
        async with opened(url, clock, catalogue, mode=Mode.DEVELOPMENT) as door:
            yield door


def officer(door: Door) -> str:
    return door.issuer.token(company="*", role="officer", purposes=None)


def member(door: Door) -> str:
    return door.issuer.token(sub="m2", company=None, role="member", purposes=None)


async def asked(door: Door, query: str, token: str, **variables: str) -> Mapping[str, Any]:
    answer = await door.ask(query, variables, token=token)
    data: Mapping[str, Any] = answer["data"]
    return data


async def of_matrix(door: Door) -> bool:
    """Whether the matrix of the API names the provision for the company."""
    found = await asked(door, MATRIX, officer(door), purpose=PURPOSE)
    return any(
        opening["provision"]["key"] == DROPPED
        for row in found["accessMatrix"]["rows"]
        if row["company"]["key"] == COMPANY
        for cell in row["cells"]
        for opening in cell["opensWith"]
    )


async def of_readers(door: Door) -> bool:
    """Whether the member is told that the company sees something by it, or could."""
    found = await asked(door, READERS, member(door))
    return any(
        way["provision"]["key"] == DROPPED
        for reader in found["readers"]
        if reader["company"]["key"] == COMPANY
        for way in reader["ways"]
    )


async def page_of(door: Door, token: str, path: str) -> str:
    async with browsing(door) as browser:
        await arrive(browser, door, token)
        answer = await browser.visit(path)
        assert answer.status_code == 200
        return browser.text


async def on_matrix(door: Door) -> bool:
    path = f"/matrix/?purpose={PURPOSE}&company={COMPANY}&category=login"
    return DROPPED in await page_of(door, officer(door), path)


async def on_centre(door: Door) -> bool:
    """Whether the company has a card there for the purpose, for which nothing else is open."""
    page = await page_of(door, member(door), f"/privacy/?open={COMPANY}")
    return f'id="{COMPANY}-{PURPOSE}"' in page


@pytest.mark.parametrize(("api", "page"), [(of_matrix, on_matrix), (of_readers, on_centre)])
async def test_what_the_catalogue_drops_is_gone_from_picture_and_api(
    trial: Door, clock: Clock, tmp_path: Path, api: Callable[..., Any], page: Callable[..., Any]
) -> None:
    assert (await api(trial), await page(trial)) == (True, True)
    async with without(DROPPED, clock, tmp_path) as door:
        assert (await api(door), await page(door)) == (False, False)
