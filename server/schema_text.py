"""`/schema.graphql`: the schema's text, printed once, packed, and sent to nobody who has it."""

import gzip
import hashlib
from functools import lru_cache
from typing import NamedTuple

import strawberry
from starlette.requests import Request
from starlette.responses import Response

from schema.build import print_sdl
from server.checkpoint import Checkpoint


class _Printed(NamedTuple):
    text: bytes
    packed: bytes
    tag: str


async def schema_text(request: Request) -> Response:
    """Give the text; 304 to whoever names the one that it has."""
    checkpoint: Checkpoint = request.app.state.checkpoint
    printed = _printed(checkpoint.schema)
    headers = {"etag": printed.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if printed.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    content = printed.text
    if "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["content-encoding"] = printed.packed, "gzip"
    return Response(content, media_type="text/plain", headers=headers)


@lru_cache(maxsize=1)
def _printed(schema: strawberry.Schema) -> _Printed:
    text = print_sdl(schema).encode()
    # Weak: packed and plain, it is the same text.
    tag = f'W/"{hashlib.sha256(text).hexdigest()[:32]}"'
    return _Printed(text, gzip.compress(text, mtime=0), tag)
