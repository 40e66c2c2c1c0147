"""What is in force at an instant: provisions, and whose values are in their scope."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from policy.catalogue import Catalogue
from policy.documents import Document, Provision
from policy.scopes import provides


@dataclass(frozen=True, slots=True, eq=False)
class Provided:
    """A provision in force, the document that holds it, and whose values are in its scope."""

    document: Document
    provision: Provision
    acquirers: frozenset[str]

    def reaches(self, acquirer: str, service: str | None) -> bool:
        """Whether it can apply to what the acquirer acquired through the service."""
        return acquirer in self.acquirers and self.document.concerns(service)


def in_force(catalogue: Catalogue, at: datetime) -> Sequence[Provided]:
    """Give every active provision in force."""
    start, _ = catalogue.epoch(at)
    return _in_force(catalogue, start)


@lru_cache(maxsize=64)  # the same for every field, requester and purpose
def _in_force(catalogue: Catalogue, at: datetime) -> Sequence[Provided]:
    return tuple(
        Provided(document, provision, frozenset(_providers(catalogue, provision, at)))
        for document in catalogue.documents.values()
        for version in (document.version_at(at),)
        if version is not None
        for provision in catalogue.provisions_of(document.key, version.key)
    )


def _providers(catalogue: Catalogue, provision: Provision, at: datetime) -> Iterator[str]:
    for key in catalogue.companies:
        if provides(catalogue, key, provision.providers, provision.document, at):
            yield key
