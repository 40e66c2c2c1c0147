"""`sekisho serve`: the server, checked before it listens, told how to be tried out."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from rich.console import Console
from uvicorn.supervisors import Multiprocess

from models.database import Database
from models.ledger import ledger_url
from policy.catalogue import Catalogue
from policy.errors import StartUpError
from policy.naming import purposes_naming
from server.checkpoint import open_checkpoint
from server.clock import new_id, now
from server.logs import configure
from server.meters import SHARED
from server.migrating import make_new
from server.operation import MAX_BODY
from server.patience import Config, Patience
from server.seeding import seed
from server.settings import PREFIX, Mode, Settings, read_settings
from server.tokens import development_token, service_of

EXAMPLE = ("card", "own:card:service")
"""Whose token is shown, and a purpose for which it sees something of the demo world."""

SOCKETS: Mapping[str, Any] = {
    "ws_max_size": MAX_BODY,
    # Compressed, the length of a message would tell of the values in it.
    "ws_per_message_deflate": False,
}
"""How uvicorn serves WebSockets."""

out = Console(highlight=False, emoji=False)


def serve(
    *,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Where to listen; 0 = any free port.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="How many processes.")] = 1,
    database_url: Annotated[
        str | None, typer.Option(help="In place of SEKISHO_DATABASE_URL.")
    ] = None,
    ephemeral: Annotated[
        bool, typer.Option("--ephemeral", help="A throw-away database with the demo world.")
    ] = False,
) -> None:
    """Serve GraphQL over HTTP."""
    if ephemeral and database_url:
        raise typer.BadParameter("--ephemeral makes a database of its own")
    with _throw_away() if ephemeral else _kept(database_url):
        settings = read_settings()
        configure(settings.log_level)
        catalogue = asyncio.run(_ready(settings, fill=ephemeral))
        config = config_of("server.app:from_environment", host, port, workers, settings)
        with _bound(config) as listening:
            # Who calls as soon as the address is told waits for the start, and is not refused.
            listening.listen(config.backlog)
            _announce(settings, catalogue, host, listening.getsockname()[1])
            _run(config, listening)


def config_of(
    factory: str, host: str, port: int, workers: int = 1, settings: Settings | None = None
) -> Config:
    """How uvicorn serves an application."""
    most = settings or Settings()
    sockets = {**SOCKETS, "ws_max_size": most.max_body_bytes}
    return Config(
        factory,
        Patience(most.arrival_time, most.unread_time, most.connections),
        timeout_graceful_shutdown=ceil(most.stop_time),
        factory=True,
        host=host,
        port=port,
        workers=workers,
        # A worker that is still starting on a busy machine is not dead.
        timeout_worker_healthcheck=60,
        access_log=False,
        server_header=False,
        log_config=None,
        log_level="warning",
        lifespan="on",
        **sockets,
    )


@contextmanager
def _kept(database_url: str | None) -> Iterator[None]:
    """The environment as it is; the server's workers read it anew."""
    if database_url:
        _set(database_url=database_url)
    yield


@contextmanager
def _throw_away() -> Iterator[None]:
    """An environment with a database of its own, deleted at the end, however that comes."""
    signal.signal(signal.SIGTERM, _leave)
    with TemporaryDirectory(prefix="sekisho-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'sekisho.db'}"
        _set(mode=Mode.DEVELOPMENT, database_url=url, ledger_url=ledger_url(url))
        yield


@contextmanager
def _counting_together() -> Iterator[None]:
    """A folder in which the workers add up their figures, unless the environment names one."""
    with TemporaryDirectory(prefix="sekisho-figures-") as folder:
        os.environ.setdefault(SHARED, folder)  # noqa: TID251 (for the workers)
        yield


def _leave(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


def _set(**settings: str) -> None:
    for name, value in settings.items():
        os.environ[PREFIX + name.upper()] = value  # noqa: TID251 (for the workers)


async def _ready(settings: Settings, *, fill: bool) -> Catalogue:
    """Check all that the server will need. Raises StartUpError."""
    if fill:
        await make_new(settings)
        async with Database.open(settings.database_url) as database:
            await seed(database, now, lambda _members: None)
    async with open_checkpoint(settings, now, new_id) as checkpoint:
        return checkpoint.catalogue


def _bound(config: Config) -> socket.socket:
    """The socket to listen on. Raises StartUpError where another has it."""
    try:
        return config.bind_socket()
    except SystemExit:
        raise StartUpError(
            f"Cannot listen on {config.host}, port {config.port}. --port names another, "
            "0 any that is free."
        ) from None


def _announce(settings: Settings, catalogue: Catalogue, host: str, port: int) -> None:
    """Say where it is; in development also how to ask it something, right away."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    out.print(f"Sekisho listens on {address}")
    out.print(f"GraphQL  {address}/graphql\nSchema   {address}/schema.graphql")
    pages = f"Pages    {address}/ (/workbench/, /privacy/, /matrix/)"
    out.print(pages, soft_wrap=True)
    if settings.in_development:
        company, purpose = EXAMPLE
        purposes = purposes_naming(catalogue, company, None, now())
        token = development_token(settings, service_of(company), purposes)
        out.print(f"For Sekisho-Purpose: {purpose}, a token of {company} for an hour:")
        # As it is: a token that a terminal's width had broken would be none.
        sys.stdout.write(f"{token}\n")
    sys.stdout.flush()


def _run(config: Config, listening: socket.socket) -> None:
    # uvicorn hands on the signal that it stopped at: what was asked for is done by then.
    signal.signal(signal.SIGTERM, _done)
    if config.workers > 1:
        with _counting_together():
            Workers(config, sockets=[listening]).run()
        return
    server = uvicorn.Server(config)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if not server.started:
        raise StartUpError("The server could not start: the log says why.")


def _done(_number: int, _frame: object) -> None:
    """Go on to the end."""


class Workers(Multiprocess):
    """Several processes behind one address, which nobody reaches any more once they stop."""

    def terminate_all(self) -> None:
        """Stop each. Who called last would wait here for nobody."""
        for each in self.sockets:
            each.close()
        super().terminate_all()
