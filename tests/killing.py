"""A program that applies a catalogue again and again, killed at one statement after the other.

`python -m tests.killing FOLDER`, then a line of JSON for each trial on its standard input:
`{"url": ..., "at": n}`. The process that applies kills itself, as kill -9 does, at moment n: before
and after each statement and before each COMMIT. Answers with the signal that ended it, or 0.
"""

import asyncio
import json
import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from models.catalogue_apply import Apply
from models.catalogue_store import StoredCatalogue
from models.database import Database
from policy.catalogue import Catalogue
from policy.numbers import numbers_of
from server.catalogue_files import load_catalogue, texts_of
from tests.clock import Clock

PAGE = 3


def main() -> None:
    folder = Path(sys.argv[1])
    catalogue = load_catalogue(folder)
    stored = StoredCatalogue(catalogue.version, texts_of(folder), numbers_of(catalogue))
    for line in sys.stdin:
        trial = json.loads(line)
        child = os.fork()
        if child == 0:
            _die_at(trial["at"])
            asyncio.run(_apply(trial["url"], catalogue, stored))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


async def _apply(url: str, catalogue: Catalogue, stored: StoredCatalogue) -> None:
    async with Database.open(url) as database:
        apply = Apply(database, catalogue, Clock(), PAGE)
        await apply.begin(stored)
        while await apply.page() is not None:
            pass


def _die_at(moment: int) -> None:
    moments = count()

    def die(*_: Any) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    for when in ("before_cursor_execute", "after_cursor_execute"):
        event.listen(Engine, when, die)
    event.listen(Engine, "commit", die)


if __name__ == "__main__":
    main()
