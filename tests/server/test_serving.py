"""`sekisho serve` starts, says where it is and how to ask, and leaves nothing behind."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from websockets.sync.client import connect

from server.settings import Settings
from tests.figures import figure, figures_of
from tests.typed import run

STARTS_WITHIN = 60
PURPOSE = "own:card:service"
QUERY = "{ members { nodes { id fullName } } }"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that all files of a server go to, the temporary ones included."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SEKISHO_{name.upper()}", raising=False)
    monkeypatch.setenv("SEKISHO_DEVELOPMENT_KEY_FILE", str(tmp_path / "key.json"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A server process in this folder."""
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(  # noqa: S603 (our own script)
            [Path(sys.executable).with_name("sekisho"), "serve", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            process.wait(STARTS_WITHIN)
        finally:
            process.kill()  # nothing where it has ended; otherwise the exit would wait for ever


def announced(process: subprocess.Popen[str]) -> tuple[str, str]:
    """The address and the token that the server prints."""
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(6)]
    assert lines[0].startswith("Sekisho listens on "), lines
    return lines[0].split()[-1], lines[-1].strip()


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.exhaustive)])
def test_a_throw_away_server_answers_with_the_token_it_prints(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path, "--ephemeral", "--port", "0", "--workers", workers) as process:
        address, token = announced(process)
        assert by_http(address, token) == by_socket(address, token) != []
        assert httpx.get(f"{address}/readyz", timeout=STARTS_WITHIN).status_code == 200
        found = figures_of(httpx.get(f"{address}/metrics", timeout=STARTS_WITHIN))
        for transport, road in (("http", "plan"), ("websocket", "executor")):
            way = {"transport": transport, "kind": "query", "road": road}
            assert figure(found, "sekisho_operation_seconds_count", **way) == 1
    log = (tmp_path / "log").read_text()
    assert '"event":"request"' in log
    assert '"event":"socket"' in log
    assert "見本" not in log
    assert token not in log
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key.json", "log"]


def by_http(address: str, token: str) -> Any:
    """The members that the server shows."""
    headers = {"Authorization": f"Bearer {token}", "Sekisho-Purpose": PURPOSE}
    asked = {"query": QUERY}
    answer = httpx.post(f"{address}/graphql", json=asked, headers=headers, timeout=STARTS_WITHIN)
    assert answer.status_code == 200
    assert "server" not in answer.headers
    return answer.json()["data"]["members"]["nodes"]


def by_socket(address: str, token: str) -> Any:
    """The same, in text that is not compressed, though we would take it so."""
    given: Any = {"proxy": None, "open_timeout": STARTS_WITHIN, "compression": "deflate"}
    given["subprotocols"] = ["graphql-transport-ws"]
    with connect(f"{address.replace('http', 'ws')}/graphql", **given) as socket:
        assert socket.protocol.extensions == []
        opening = {"authorization": f"Bearer {token}", "purpose": PURPOSE}
        socket.send(orjson.dumps({"type": "connection_init", "payload": opening}).decode())
        assert socket.recv(STARTS_WITHIN) == '{"type":"connection_ack"}'
        message = {"id": "1", "type": "subscribe", "payload": {"query": QUERY}}
        socket.send(orjson.dumps(message).decode())
        answer = orjson.loads(socket.recv(STARTS_WITHIN))
    return answer["payload"]["data"]["members"]["nodes"]


def test_what_cannot_start_says_so_in_a_sentence(tmp_path: Path) -> None:
    with serving(tmp_path) as process:
        assert process.wait(STARTS_WITHIN) == 1
    assert "Production needs SEKISHO_ISSUER" in (tmp_path / "log").read_text()


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with serving(tmp_path, "--ephemeral", "--port", port) as process:
            assert process.wait(STARTS_WITHIN) == 1
    assert f"port {port}" in (tmp_path / "log").read_text()


def test_a_throw_away_database_is_not_one_of_the_caller_s(tmp_path: Path) -> None:
    assert run("serve", "--ephemeral", "--database-url", "sqlite+aiosqlite:///x.db").exit_code == 2
    assert not (tmp_path / "x.db").exists()
