"""A person with a browser that knows no JavaScript, over real HTTP in process."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.door import Door

ORIGIN = "https://sekisho.example"
SESSION = "__Host-sekisho"
_PROOF = re.compile(r'name="proof" value="([^"]+)"')
_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Browser:
    """Keeps cookies and follows where it is led, as browsers do."""

    client: httpx.AsyncClient
    page: httpx.Response | None = None

    @property
    def text(self) -> str:
        assert self.page is not None
        return html.unescape(self.page.text)

    @property
    def proof(self) -> str:
        assert self.page is not None
        found = _PROOF.search(self.page.text)
        assert found is not None, self.page.text
        return found[1]

    @property
    def session(self) -> str | None:
        return self.client.cookies.get(SESSION)

    async def visit(self, path: str, **headers: str) -> httpx.Response:
        sent = {"Accept": "text/html"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self.page = await self.client.get(path, headers=sent)
        return self.page

    async def send(
        self,
        path: str,
        fields: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        proof: str | None = None,
        follow: bool = True,
    ) -> httpx.Response:
        """Send a form of the page that is open."""
        sent = {"proof": self.proof if proof is None else proof} | dict(fields or {})
        with_origin = {"Origin": ORIGIN, "Accept": "text/html"} | dict(headers or {})
        self.page = await self.client.post(
            path, data=sent, headers=with_origin, follow_redirects=follow
        )
        return self.page

    async def submit(self, path: str, mark: str = "", **fields: str) -> httpx.Response:
        """Send the one form of the open page that leads to `path` and holds `mark`."""
        assert self.page is not None
        forms = re.findall(r"<form[^>]*>.*?</form>", self.page.text, re.DOTALL)
        (form,) = [each for each in forms if f'action="{path}"' in each and mark in each]
        return await self.send(
            path, {name: html.unescape(value) for name, value in _INPUT.findall(form)} | fields
        )


@asynccontextmanager
async def browsing(door: Door, **given: Any) -> AsyncIterator[Browser]:
    """A browser in front of the door, over HTTPS."""
    transport = httpx.ASGITransport(door.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, follow_redirects=True, **given
    ) as client:
        yield Browser(client)


async def arrive(browser: Browser, door: Door, token: str, path: str = "/") -> None:
    """Come to a page as the bearer of a token, in development mode."""
    await browser.visit("/sign-in")
    await browser.send("/sign-in/token", {"token": token, "next": path})
