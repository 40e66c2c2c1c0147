"""The pages' own files, under addresses that change with their content."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.page_headers import ASSET
from server.settings import CHECKOUT

FOLDER = CHECKOUT / "server" / "static" / "pages"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def _addressed(file: Path) -> tuple[str, tuple[bytes, str]]:
    content = file.read_bytes()
    digest = sha256(content).hexdigest()[:16]
    return f"{digest}/{file.name}", (content, _TYPES[file.suffix])


_FILES: Mapping[str, tuple[bytes, str]] = dict(
    _addressed(file) for file in sorted(FOLDER.iterdir()) if file.suffix in _TYPES
)
_ADDRESSES = {address.partition("/")[2]: f"/pages/{address}" for address in _FILES}


def address_of(name: str) -> str:
    """Where a file is served. Raises KeyError for one that is not there."""
    return _ADDRESSES[name]


async def file(request: Request) -> Response:
    """Serve a file, for as long as anybody likes to keep it."""
    found = _FILES.get(request.path_params["address"])
    if found is None:
        raise HTTPException(404)
    content, media_type = found
    return Response(content, media_type=media_type, headers=dict(ASSET))


FILES = [Route("/pages/{address:path}", file)]
