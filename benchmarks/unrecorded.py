"""The product without its ledger: `python -m benchmarks.unrecorded`, in the settings' environment.

The product has no way to leave entries out; this replaces its ledger in a process of its own.
"""

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

    async def append(self, entry: Entry) -> None:
        pass


def application() -> Starlette:
    settings = read_settings()
    configure(settings.log_level)
    app = create_app(settings)
    product = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: Starlette) -> AsyncIterator[None]:
        async with product(served):
            here = served.state.checkpoint
            forgetful = Forgetful(here.ledger.database)
            served.state.graphql = GraphQLEndpoint(replace(here, ledger=forgetful))
            yield

    app.router.lifespan_context = lifespan
    return app


if __name__ == "__main__":
    listen("benchmarks.unrecorded:application")
