"""What left, told twice: to the ledger before the answer leaves, and to the caller with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any

from models.ledger import Disclosure, Entry
from policy.catalogue import Catalogue
from resolvers.context import Context
from resolvers.places import SHOWN_AT_MOST, ResponsePath

Told = Mapping[str, Any]
Located = Mapping[tuple[str, str], Sequence[ResponsePath]]


def entry_of(context: Context) -> Entry | None:
    """The ledger's entry; None where nothing personal was asked for.

    A question that found nobody is an entry too: who asked for what is on record.
    """
    if not context.disclosures:
        return None
    requester = context.requester
    return Entry(
        decision_id=context.decision_id,
        company=requester.company,
        on_behalf_of=requester.on_behalf_of,
        role=requester.role,
        subject=requester.subject,
        purpose=context.purpose or "",
        reference=context.reference,
        at=context.asked_at,
        policy_version=context.catalogue.version,
        disclosures=tuple(context.disclosures),
    )


def privacy_of(context: Context) -> Mapping[str, object]:
    """`extensions.privacy`: by field, so that it grows with fields and reasons, not with cells."""
    requester = context.requester
    disclosed, cells = _sums(context.disclosures)
    withheld = _withheld(context.catalogue, tuple(cells.items()))
    if context.places:
        withheld = _located(withheld, context.places.by_field())
    asked_at = context.asked_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    controller = {"onBehalfOf": requester.on_behalf_of} if requester.on_behalf_of else {}
    return {
        "decisionId": context.decision_id,
        "company": requester.company,
        **controller,
        "purpose": context.purpose,
        "asOf": asked_at,
        "policyVersion": context.catalogue.version,
        "disclosed": _disclosed(context.catalogue, tuple(disclosed.items())),
        "withheld": withheld,
    }


def _sums(
    disclosures: Sequence[Disclosure],
) -> tuple[Mapping[str, int], Mapping[tuple[str, str], int]]:
    """Add up what was disclosed, and withheld, whichever entry asked for it."""
    first, *more = disclosures
    if not more and not first.fine:
        return first.disclosed, first.withheld
    disclosed, withheld = Counter(first.disclosed), Counter(first.withheld)
    withheld.update(first.fine)
    for part in more:
        disclosed.update(part.disclosed)
        withheld.update(part.withheld)
        withheld.update(part.fine)
    return disclosed, withheld


_listed = lru_cache(maxsize=1024)
"""Of a member read alone it is most often what it was of another."""


@_listed
def _disclosed(catalogue: Catalogue, disclosed: tuple[tuple[str, int], ...]) -> Sequence[Told]:
    return [
        {"field": path, "categories": _categories(catalogue, path), "count": count}
        for path, count in sorted(disclosed)
    ]


@_listed
def _withheld(
    catalogue: Catalogue, withheld: tuple[tuple[tuple[str, str], int], ...]
) -> Sequence[Told]:
    return [
        {
            "field": path,
            "categories": _categories(catalogue, path),
            "reason": reason,
            "count": count,
        }
        for (path, reason), count in sorted(withheld)
    ]


def _located(withheld: Sequence[Told], places: Located) -> Sequence[Told]:
    """Where in the answer each field is withheld, and how often: only for those who asked."""
    found = [places.get((each["field"], each["reason"]), ()) for each in withheld]
    return [
        {**each, "paths": paths[:SHOWN_AT_MOST], "pathCount": len(paths)}
        for each, paths in zip(withheld, found, strict=True)
    ]


def _categories(catalogue: Catalogue, path: str) -> Sequence[str]:
    """A field's categories; a list's are those of its rows' fields."""
    field = catalogue.fields.get(path)
    if field is not None:
        return field.categories
    fields = (each for each in catalogue.fields.values() if each.relation == path)
    return tuple(dict.fromkeys(category for each in fields for category in each.categories))
