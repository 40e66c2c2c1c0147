"""What left, told twice: to the ledger before the answer leaves, and to the caller with it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC

from models.ledger import Entry
from policy.catalogue import Catalogue
from resolvers.context import Context
from resolvers.places import SHOWN_AT_MOST, ResponsePath

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
    first, *more = context.disclosures
    disclosed, withheld = Counter(first.disclosed), Counter(first.withheld)
    withheld.update(first.fine)
    for part in more:
        disclosed.update(part.disclosed)
        withheld.update(part.withheld)
        withheld.update(part.fine)
    places = context.places.by_field() if context.places else None
    asked_at = context.asked_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    controller = {"onBehalfOf": requester.on_behalf_of} if requester.on_behalf_of else {}
    return {
        "decisionId": context.decision_id,
        "company": requester.company,
        **controller,
        "purpose": context.purpose,
        "asOf": asked_at,
        "policyVersion": context.catalogue.version,
        "disclosed": [
            {"field": path, "categories": _categories(context.catalogue, path), "count": count}
            for path, count in sorted(disclosed.items())
        ],
        "withheld": [
            {
                "field": path,
                "categories": _categories(context.catalogue, path),
                "reason": reason,
                "count": count,
                **_located(places, path, reason),
            }
            for (path, reason), count in sorted(withheld.items())
        ],
    }


def _located(places: Located | None, path: str, reason: str) -> Mapping[str, object]:
    """Where in the answer a field is withheld, and how often: only for those who asked."""
    if places is None:
        return {}
    found = places.get((path, reason), ())
    return {"paths": found[:SHOWN_AT_MOST], "pathCount": len(found)}


def _categories(catalogue: Catalogue, path: str) -> Sequence[str]:
    """A field's categories; a list's are those of its rows' fields."""
    field = catalogue.fields.get(path)
    if field is not None:
        return field.categories
    fields = (each for each in catalogue.fields.values() if each.relation == path)
    return tuple(dict.fromkeys(category for each in fields for category in each.categories))
