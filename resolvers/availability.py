"""What the caller could be shown, field by field, before any member is asked about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policy.catalogue import Category
from policy.documents import Item, Provision
from policy.openings import Availability, Needed, Opening, availability, openings
from policy.vocabulary import ConsentLevel, Reason
from resolvers.asking import view_of
from resolvers.context import Context
from resolvers.documents import provision_at


@dataclass(frozen=True, slots=True)
class OpensWith:
    """A provision that could open the field, and one thing that it takes for that."""

    provision: Provision | None
    item: Item | None
    level: ConsentLevel | None
    condition: Needed | None


@dataclass(frozen=True, slots=True)
class FieldAvailability:
    """One personal field, as the caller's purpose reaches it."""

    field: str
    categories: Sequence[Category]
    availability: Availability
    reason: Reason | None
    opens_with: Sequence[OpensWith]


def my_access(context: Context) -> Sequence[FieldAvailability]:
    """Give every personal field of the catalogue. Raises PURPOSE_REQUIRED as personal entries do.

    INVARIANT: answered from grants alone; no database is asked, so nothing can be probed by it.
    """
    view, catalogue = view_of(context), context.catalogue
    found = []
    for path, field in catalogue.fields.items():
        grant = view.grant(path)
        reached = availability(catalogue, view.asker, grant)
        opens_with = openings(catalogue, grant) if reached is Availability.PER_MEMBER else ()
        found.append(
            FieldAvailability(
                field=path,
                categories=[catalogue.categories[key] for key in field.categories],
                availability=reached,
                reason=None if reached is Availability.ALWAYS else grant.reason,
                opens_with=told(context, opens_with),
            )
        )
    return found


def told(context: Context, ways: Iterable[Opening]) -> Sequence[OpensWith]:
    """Tell what opens something in the catalogue's own objects."""
    catalogue = context.catalogue
    return [
        OpensWith(
            provision=provision_at(catalogue, way.document, way.key, context.asked_at),
            item=catalogue.items.get(way.need.item or "") if way.need else None,
            level=way.need.level if way.need else None,
            condition=way.need.condition if way.need else None,
        )
        for way in ways
    ]
