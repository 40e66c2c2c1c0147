"""The tests' own PostgreSQL: whatever brings its programs, the same server comes of them."""

import os
import shutil
from pathlib import Path

import pytest

from tests.postgres import Postgres, running, sources


@pytest.mark.parametrize("source", sources())
def test_every_source_of_programs_gives_the_same_server(source: str) -> None:
    with running(sources()[source]) as server:
        compared = "SELECT 'Z' < 'a', 'é' > 'z', current_setting('server_encoding')"
        assert server.run(compared) == "t|t|UTF8\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
@pytest.mark.parametrize("source", set(sources()) & {"wheel"})
def test_programs_out_of_the_servers_reach_are_brought_to_it(source: str, tmp_path: Path) -> None:
    package = sources()[source].parents[1]
    tmp_path.chmod(0o700)
    shutil.copytree(package, tmp_path / package.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, tmp_path / libraries.name)
    with running(tmp_path / package.name / "pginstall" / "bin") as server:
        assert server.run("SELECT 1") == "1\n"


def test_a_database_copied_from_another_has_its_tables(postgres: Postgres) -> None:
    postgres.create("origin")
    try:
        postgres.run("CREATE TABLE kept (n int)", "origin")
        postgres.create("copy", template="origin")
        assert postgres.run("SELECT count(*) FROM kept", "copy") == "0\n"
    finally:
        postgres.drop("copy")
        postgres.drop("origin")
