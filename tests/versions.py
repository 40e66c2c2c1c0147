"""Versions of the real catalogue: its files, changed, as plain values and as a folder."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from policy.source import content_of
from server.catalogue_files import nodes_of, texts_of
from tests.real import ROOT

Change = Callable[[dict[str, Any]], object]


class Files(dict[str, Any]):
    """File name → its content, all scalars text; the real ones to begin with."""

    def __init__(self) -> None:
        super().__init__(json.loads(content_of(nodes_of(texts_of(ROOT / "seeds" / "catalogue")))))

    def write(self, folder: Path) -> Path:
        """Write them as a folder of their own. JSON is YAML."""
        folder.mkdir(exist_ok=True)
        for name, content in self.items():
            (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1))
        return folder


def entry(entries: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return next(each for each in entries if each["key"] == key)


def with_version(
    files: Files,
    document: str,
    key: str,
    *,
    material: bool = True,
    change: Mapping[str, Change] | None = None,
) -> Files:
    """The files with another version of the document, in which these provisions are changed."""
    documents, provisions = files["documents.yaml"]["documents"], files["provisions.yaml"]
    asked = entry(documents, document)
    last = asked["versions"][-1]
    free = free_bits(documents)
    for item in asked.get("items", ()):
        item["version_bits"][key] = str(next(free))
    said = {"key": key, "published_at": key, "material": str(material).lower()}
    asked["versions"].append({**last, **said})
    for row in list(provisions["provisions"]):
        if document in row["documents"] and last["key"] in row["versions"]:
            changed = (change or {}).get(row["key"])
            if changed is None:
                row["versions"].append(key)
            else:
                new = {**deepcopy(row), "documents": [document], "versions": [key]}
                changed(new)
                provisions["provisions"].append(new)
    return files


def free_bits(documents: list[Mapping[str, Any]]) -> Iterator[int]:
    """Bits that nobody has yet."""
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
