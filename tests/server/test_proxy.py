"""Behind nginx, set up as deploy/nginx.conf has it."""

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from server.settings import CHECKOUT
from tests.door import Door
from tests.sockets import dialled, served, until

pytestmark = pytest.mark.anyio

CONFIGURATION = CHECKOUT / "deploy" / "nginx.conf"
PURPOSE = "own:card:service"
READ = '{ memberByAccount(accountId: "card-m1") { id } }'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def certificate(folder: Path) -> None:
    made = ["-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=sekisho.example", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "chain.pem")]
    subprocess.run(["openssl", "req", *made, *files], check=True, capture_output=True)  # noqa: S603, S607 (the system's)


@asynccontextmanager
async def proxied(address: str, folder: Path) -> AsyncIterator[int]:
    """Nginx before the server at this address; gives its port."""
    nginx = shutil.which("nginx", path=f"/usr/sbin:{os.defpath}")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("there is no nginx, or no openssl, on this machine")
    certificate(folder)
    port, place = free_port(), CONFIGURATION.read_text()
    for there, here in (
        ("127.0.0.1:8000", address),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("/etc/sekisho/tls", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        assert there in place
        place = place.replace(there, here)
    own = f"pid {folder}/pid; error_log {folder}/error.log; daemon off; events {{}}"
    (folder / "nginx.conf").write_text(f"{own} http {{ {place} }}")
    process = await asyncio.create_subprocess_exec(nginx, "-p", folder, "-c", "nginx.conf")
    try:
        await until(lambda: listens(port) or process.returncode is not None)
        yield port
    finally:
        process.terminate()
        await process.wait()


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


async def test_a_server_behind_nginx_is_reached_as_it_is(door: Door, tmp_path: Path) -> None:
    folder = tmp_path / "nginx"
    folder.mkdir()
    token = door.issuer.token()
    head = {"Authorization": f"Bearer {token}", "Sekisho-Purpose": PURPOSE, "Host": "sekisho.x"}
    trusting = ssl.create_default_context()
    async with served(door) as address, proxied(address, folder) as port:
        trusting.load_verify_locations(folder / "chain.pem")
        trusting.check_hostname = False
        front = f"https://127.0.0.1:{port}"
        async with httpx.AsyncClient(verify=trusting, base_url=front, trust_env=False) as client:
            answer = await client.post("/graphql", json={"query": READ}, headers=head)
            assert answer.json()["data"]["memberByAccount"]["id"]
            long = {**head, "Sekisho-Reference": "CASE-7", "Cookie": "x" * 12_000}
            assert (await client.post("/graphql", json={"query": READ}, headers=long)).is_success
            for path in ("/metrics", "/readyz"):
                assert (await client.get(path)).headers["server"].startswith("nginx")
            await client.get("/graphql", params={"query": READ}, headers=head)
        async with dialled(f"127.0.0.1:{port}", ssl=trusting) as talk:
            opening = {"authorization": f"Bearer {token}", "purpose": PURPOSE}
            await talk.say(type="connection_init", payload=opening)
            assert await talk.hear() == {"type": "connection_ack"}
            assert (await talk.ask(READ))["data"]["memberByAccount"]["id"]
    log = (folder / "sekisho.log").read_text()
    assert log.count("/graphql") == 4
    assert "card-m1" not in log
