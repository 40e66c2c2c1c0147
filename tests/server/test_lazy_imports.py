"""What a server has no use for until somebody asks for it is not in its memory."""

import subprocess
import sys

STARTED = """
import sys
import server.commands
from server.app import create_app
from server.settings import Settings

create_app(Settings(mode="development"))
print(*sys.modules)
"""
RARE = {"alembic", "authlib", "faker", "httpx", "httpx2", "jinja2", "migrations", "opentelemetry"}


def test_a_server_loads_nothing_for_pages_issuers_seeds_or_migrations_before_it_is_asked() -> None:
    program = [sys.executable, "-c", STARTED]
    told = subprocess.run(program, check=True, capture_output=True, text=True)  # noqa: S603 (our own)
    assert RARE & set(told.stdout.split()) == set()
