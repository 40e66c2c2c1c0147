"""Files of documents, as the build of a client writes them: Apollo's manifest, Relay's, GraphQL."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from models.trusted import sha256_of
from server.operation import MAX_BODY

APOLLO = "apollo-persisted-query-manifest"

_ID = re.compile(r"[!-~]{1,200}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Unreadable(ValueError):
    """A file, or a document in it, cannot be taken. The message says which and why."""


def documents_in(files: Sequence[Path]) -> Mapping[str, str]:
    """The documents of these files: text by id. Raises Unreadable."""
    found: dict[str, str] = {}
    for file in files:
        for id_, text in _documents(file).items():
            _check(file, id_, text)
            if found.setdefault(id_, text) != text:
                raise Unreadable(f"{file}: {id_} is another document in another file.")
    return found


def _documents(file: Path) -> Mapping[str, Any]:
    """What a file holds, as it says it."""
    try:
        content = file.read_bytes()
        if file.suffix in {".graphql", ".gql"}:
            text = content.decode("utf-8")
            return {sha256_of(text): text}
        held = orjson.loads(content)
    except OSError as fault:
        raise Unreadable(f"{file} cannot be read: {fault.strerror}.") from fault
    except ValueError as fault:
        raise Unreadable(f"{file} is neither JSON nor GraphQL in a .graphql file.") from fault
    if not isinstance(held, dict):
        raise Unreadable(f"{file} is no manifest: see docs/trusted-documents.md.")
    return _of_apollo(file, held) if "format" in held else held


def _of_apollo(file: Path, held: Mapping[str, Any]) -> Mapping[str, Any]:
    if held["format"] != APOLLO or held.get("version") != 1:
        raise Unreadable(f"{file} is of a format that is not known: {APOLLO}, version 1, is.")
    operations = held.get("operations")
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise Unreadable(f"{file} has no list of operations.")
    return {str(each.get("id")): each.get("body") for each in operations}


def _check(file: Path, id_: str, text: object) -> None:
    if not _ID.fullmatch(id_):
        raise Unreadable(f"{file}: an id is 1 to 200 printable ASCII characters, without spaces.")
    if not isinstance(text, str) or not text.strip():
        raise Unreadable(f"{file}: {id_} has no text.")
    if len(text.encode()) > MAX_BODY:
        raise Unreadable(f"{file}: {id_} is longer than a request may be, {MAX_BODY} bytes.")
    if _HASH.fullmatch(id_) and id_ != sha256_of(text):
        raise Unreadable(f"{file}: {id_} is not the SHA-256 of its text.")
