"""What a case gives, as changes to the catalogue's files."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policy.source import content_of
from server.catalogue_files import nodes_of, texts_of
from tests.real import ROOT
from tests.worked_examples import Given, NewVersion

Files = dict[str, Any]
"""File name → its content, all scalars text."""


def files(given: Given) -> Files:
    """The catalogue's files as this case has them."""
    found: Files = json.loads(content_of(nodes_of(texts_of(ROOT / "seeds" / "catalogue"))))
    companies = found["companies.yaml"]
    for each in given.measures:
        company = _entry(companies["companies"], each.company)
        company["measures"] = {"basis": each.basis, "reviewed_at": each.reviewed_at}
    for move in given.succession:
        parties = {"predecessor": move.predecessor, "successor": move.successor}
        companies["successions"].append(
            {**parties, "effective_at": move.effective_at, "trace": ["S26"]}
        )
    if given.version:
        _add_version(found, given.version)
    return found


def _entry(entries: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["key"] == key)


def _add_version(found: Files, new: NewVersion) -> None:
    documents, provisions = found["documents.yaml"]["documents"], found["provisions.yaml"]
    document = _entry(documents, new.document)
    last = document["versions"][-1]
    free = _free_bits(documents)
    for item in document["items"]:
        item["version_bits"][new.key] = str(next(free))
    document["versions"].append({**last, "key": new.key, "published_at": new.key})
    rows = list(provisions["provisions"])
    for row in rows:
        if new.document in row["documents"] and last["key"] in row["versions"]:
            _carry_over(row, new, provisions["provisions"])


def _carry_over(row: dict[str, Any], new: NewVersion, rows: list[dict[str, Any]]) -> None:
    """The same row in the new version, or a wider one of the same number."""
    added = new.adds.get(row["key"])
    if added is None:
        row["versions"].append(new.key)
        return
    categories = {**row["categories"], **dict.fromkeys(added, "all")}
    rows.append({**row, "versions": [new.key], "categories": categories})


def _free_bits(documents: list[Mapping[str, Any]]) -> Iterator[int]:
    items = [item for document in documents for item in document.get("items", ())]
    given = {
        int(bit)
        for item in items
        for bit in (
            item["explicit_bit"],
            *item["version_bits"].values(),
            *item["reach_bits"].values(),
        )
    }
    return (bit for bit in range(63) if bit not in given)
