"""The pages over the demo world, looked at with a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.settings import Mode
from tests.browsing import Browser, browsing
from tests.clock import Clock
from tests.door import Door, copy_of, opened


@pytest.fixture
async def trial(seed_file: Path, clock: Clock, tmp_path: Path) -> AsyncIterator[Door]:
    """The application in development mode, which lets tokens be pasted."""
    url = copy_of(seed_file, tmp_path)
    async with opened(url, clock, tmp_path, mode=Mode.DEVELOPMENT) as door:
        yield door


@pytest.fixture
async def browser(trial: Door) -> AsyncIterator[Browser]:
    async with browsing(trial) as browser:
        yield browser
