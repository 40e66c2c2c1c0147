"""`/workbench/`: GraphiQL with the privacy lens, as `make web` built it; served from here alone."""

import asyncio
import gzip
import secrets
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from server.page_headers import ASSET, STRICT, page_headers
from server.settings import CHECKOUT, Settings

FOLDER = CHECKOUT / "server" / "static" / "workbench"
PAGE = "index.html"

NONCE, MODE = "{nonce}", "{mode}"
"""What the built page leaves to be said anew with each answer."""


async def page(request: Request) -> Response:
    """The page, with a nonce that no other answer has."""
    settings: Settings = request.app.state.settings
    nonce = secrets.token_urlsafe(16)
    text = _built().replace(NONCE, nonce).replace(MODE, settings.mode)
    return HTMLResponse(text, headers=page_headers(_policy(nonce)))


async def asset(request: Request) -> Response:
    """One of the files that the page loads; their names change with their content."""
    path = _assets().get(request.path_params["name"])
    if path is None:
        raise HTTPException(404)
    headers = {**ASSET, "vary": "accept-encoding", "content-encoding": "gzip"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = await asyncio.to_thread(_packed, path)
    else:
        content = await asyncio.to_thread(path.read_bytes)
        del headers["content-encoding"]
    return Response(content, media_type=guess_type(path.name)[0], headers=headers)


async def to_page(_request: Request) -> Response:
    """To the page, whose files lie beside it. Relative: what is in front of us may add a path."""
    return RedirectResponse("workbench/")


def _policy(nonce: str) -> dict[str, str]:
    """Strict, but for what Monaco needs: workers, style elements and attributes, small pictures."""
    return {
        **STRICT,
        "img-src": "'self' data:",
        "style-src-elem": f"'self' 'nonce-{nonce}'",
        "style-src-attr": "'unsafe-inline'",
        "worker-src": "'self'",
    }


@cache
def _built() -> str:
    return (FOLDER / PAGE).read_text()


@cache
def _assets() -> dict[str, Path]:
    """The files by their names: whatever else is asked for is not there."""
    return {path.name: path for path in (FOLDER / "assets").iterdir()}


@cache
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


WORKBENCH = [
    Route("/workbench", to_page),
    Route("/workbench/", page),
    Route("/workbench/assets/{name}", asset),
]
