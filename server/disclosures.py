"""What left, told twice: to the ledger before the answer leaves, and to the caller with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, NamedTuple

import orjson
from orjson import Fragment

from models.ledger import Disclosure, Entry
from policy.catalogue import Catalogue
from resolvers.context import Context
from resolvers.places import SHOWN_AT_MOST, ResponsePath

Told = Mapping[str, Any]
Disclosed = Mapping[str, int]
"""Path → cells."""
Withheld = Mapping[tuple[str, str], int]
"""(path, reason) → cells."""
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
    requester, catalogue = context.requester, context.catalogue
    disclosed, withheld = _sums(context.disclosures)
    listed = _listed(catalogue, disclosed, withheld)
    shut: object = listed.withheld
    if context.places:
        shut = _located(_withheld(catalogue, withheld), context.places.by_field())
    asked_at = context.asked_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    controller = {"onBehalfOf": requester.on_behalf_of} if requester.on_behalf_of else {}
    return {
        "decisionId": context.decision_id,
        "company": requester.company,
        **controller,
        "purpose": context.purpose,
        "asOf": asked_at,
        "policyVersion": catalogue.version,
        "disclosed": listed.disclosed,
        "withheld": shut,
    }


def _sums(disclosures: Sequence[Disclosure]) -> tuple[Disclosed, Withheld]:
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


class _Listed(NamedTuple):
    """Sums as they are listed, in JSON; with the sums themselves, so that no others are those."""

    disclosed: Fragment
    withheld: Fragment
    sums: tuple[Disclosed, Withheld]


_known: dict[tuple[Catalogue, int, int], _Listed] = {}
"""By the identity of the sums: of a member read alone they most often are those of another."""
_KNOWN_AT_MOST = 1024


def _listed(catalogue: Catalogue, disclosed: Disclosed, withheld: Withheld) -> _Listed:
    key = catalogue, id(disclosed), id(withheld)
    listed = _known.get(key)
    if listed is None:
        if len(_known) >= _KNOWN_AT_MOST:
            _known.clear()
        listed = _known[key] = _Listed(
            Fragment(orjson.dumps(_disclosed(catalogue, disclosed))),
            Fragment(orjson.dumps(_withheld(catalogue, withheld))),
            (disclosed, withheld),
        )
    return listed


def _disclosed(catalogue: Catalogue, disclosed: Disclosed) -> Sequence[Told]:
    return [
        {"field": path, "categories": _categories(catalogue, path), "count": count}
        for path, count in sorted(disclosed.items())
    ]


def _withheld(catalogue: Catalogue, withheld: Withheld) -> Sequence[Told]:
    return [
        {
            "field": path,
            "categories": _categories(catalogue, path),
            "reason": reason,
            "count": count,
        }
        for (path, reason), count in sorted(withheld.items())
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
