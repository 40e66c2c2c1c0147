"""Cross-checks between versions: what a member was asked stays what the member was asked."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise

from policy.catalogue import Catalogue, Purpose
from policy.documents import Document, Provision, Version
from policy.draft import Draft
from policy.source import Finding, Node
from policy.widening import Held, widened


def editorial_findings(draft: Draft) -> Iterator[Finding]:
    """A version that calls itself editorial permits nothing that the one before it did not."""
    rows, purposes = _rows(draft), _purposes(draft)
    for entry in draft.documents:
        document = entry.value.document
        if not document.versions[0].material:
            message = f"version {document.versions[0].key!r} is editorial, but none came before it"
            node = entry.node.at("versions", 0, "material")
            yield node.finding(message, "Say `material: true`")
        for index, (before, after) in enumerate(pairwise(document.versions), 1):
            node = entry.node.at("versions", index, "material")
            known = (Held.of(rows, document.key, each, purposes) for each in (before, after))
            for key, more in () if after.material else widened(*known):
                message = f"version {after.key!r} calls itself editorial, but {key!r} {more}"
                remedy = f"Say `material: true`, or let {key!r} be as in {before.key!r}"
                yield node.finding(message, remedy)


def published_findings(draft: Draft, earlier: Catalogue, at: datetime) -> Iterator[Finding]:
    """What is published already keeps its text and permits no more: that takes a new version."""
    rows, purposes = _rows(draft), _purposes(draft)
    documents = {entry.value.document.key: entry for entry in draft.documents}
    for document, published in _published(earlier, at):
        entry = documents.get(document.key)
        if entry is None:
            continue
        node = _version_node(entry.node, published.key)
        now = {version.key: version for version in entry.value.document.versions}
        version = now.get(published.key)
        if version is None:
            message = f"version {published.key!r} of {document.key} is gone, but was published"
            yield node.finding(message, "Put it back; what replaces it is a later version")
            continue
        if (version.text, version.published_at) != (published.text, published.published_at):
            message = f"version {published.key!r} is not what was published under its name"
            yield node.finding(message, "Put text and date back, and add a version")
        before = Held.of(earlier.provisions, document.key, published, earlier.purposes)
        for key, more in widened(before, Held.of(rows, document.key, version, purposes)):
            message = f"version {published.key!r} was published, but {key!r} now {more}"
            yield node.finding(message, f"Put {key!r} back, and add a version that says so")


def _published(earlier: Catalogue, at: datetime) -> Iterator[tuple[Document, Version]]:
    for document in earlier.documents.values():
        for version in document.versions:
            if version.published_at <= at:
                yield document, version


def _version_node(document: Node, key: str) -> Node:
    """The version of this name, or the list that it is missing from."""
    nodes = document.at("versions").search("*")
    return next((node for node in nodes if node.at("key").plain() == key), document.at("versions"))


def _rows(draft: Draft) -> list[Provision]:
    return [row for entry in draft.provisions for row in entry.value]


def _purposes(draft: Draft) -> Mapping[str, Purpose]:
    registered = (entry.value.purpose for entry in (*draft.purposes, *draft.own_purposes))
    return {purpose.key: purpose for purpose in registered}
