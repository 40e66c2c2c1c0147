"""The product with another ledger than its own, in the settings' environment.

`python -m benchmarks.other_ledger` keeps no entry; with the URL of a ledger it writes them there,
and nobody folds them. The product itself can do neither: this is a process of its own.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from starlette.applications import Starlette

from benchmarks.listening import listen
from models.ledger import Entry, Ledger
from server.app import create_app
from server.graphql_endpoint import GraphQLEndpoint
from server.logs import configure
from server.settings import read_settings


@dataclass(slots=True)
class Forgetful(Ledger):
    """Takes entries and keeps none: what a ledger costs is what is missing here."""

    async def append(self, entry: Entry, under_way: int = 0) -> None:
        pass


def application() -> Starlette:
    settings = read_settings()
    configure(settings.log_level)
    app = create_app(settings, alone=True)
    product = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: Starlette) -> AsyncIterator[None]:
        async with product(served):
            here = served.state.checkpoint
            other = [Ledger.open(url) for url in sys.argv[1:]]
            ledger = other[0] if other else Forgetful(here.ledger.database)
            served.state.graphql = GraphQLEndpoint(replace(here, ledger=ledger))
            try:
                yield
            finally:
                for each in other:
                    await each.close()

    app.router.lifespan_context = lifespan
    return app


if __name__ == "__main__":
    listen("benchmarks.other_ledger:application")
