"""A certified OpenID provider (tests/provider/) beside the test, and people who sign in there."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

HERE = Path(__file__).resolve().parent / "provider"
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
_INPUT = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


@contextmanager
def provider_for(origin: str) -> Iterator[str]:
    """The provider's address; its one client is the pages of this origin. Skips without Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("No Node here: install it, and signing in at a certified provider is tried.")
    if not _fetched(npm):
        pytest.skip("oidc-provider could not be fetched: signing in there is not tried.")
    program = subprocess.Popen(  # noqa: S603 (our own program)
        [node, "provider.mjs", f"{origin}/sign-in/back", f"{origin}/"],
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert program.stdout is not None
        yield program.stdout.readline().strip()
    finally:
        program.terminate()
        program.communicate(timeout=10)


def _fetched(npm: str) -> bool:
    """Whether what the provider is made of is there, fetched by the first who asks."""
    with (HERE / "package.json").open() as turn:
        flock(turn, LOCK_EX)
        if not (HERE / "node_modules").exists():
            subprocess.run(  # noqa: S603 (its own lock says what is fetched)
                [npm, "ci", "--silent"], cwd=HERE, check=False, timeout=120
            )
    return (HERE / "node_modules" / "oidc-provider").exists()


async def signs_in(client: httpx.AsyncClient, address: str, login: str, origin: str) -> str:
    """Do at the provider what a person does, until it leads back to `origin`; give that address."""
    page = await _follow(client, await client.get(address), origin)
    while isinstance(page, httpx.Response):
        form = _FORM.search(page.text)
        assert form is not None, page.text
        fields = dict(_INPUT.findall(page.text)) | {
            "login": login,
            "password": "x",
            "logout": "yes",
        }
        sent = await client.post(urljoin(str(page.url), form[1]), data=fields)
        page = await _follow(client, sent, origin)
    return page


async def _follow(
    client: httpx.AsyncClient, answer: httpx.Response, origin: str
) -> httpx.Response | str:
    """Go where it leads, as far as it stays at the provider."""
    while answer.is_redirect:
        address = urljoin(str(answer.url), answer.headers["location"])
        if address.startswith(origin):
            return address
        answer = await client.get(address)
    return answer
