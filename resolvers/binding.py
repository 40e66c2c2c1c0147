"""A plan with the arguments of one request: which lists, as whose eyes, with which operands."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from resolvers.access import paths_asked
from resolvers.context import Context
from resolvers.eyes import Eyes
from resolvers.filters import Operands
from resolvers.kept import Kept
from resolvers.lists import Asked, ListReader
from resolvers.onlooking import eyes_of_company
from resolvers.plan import AccessSlot, ListSlot, Plan, SeenSlot
from resolvers.site import Site


@dataclass(slots=True, eq=False)
class Bound:
    """What a plan's slots hold. Two lists of the same arguments are one, read once."""

    plan: Plan
    eyes: Eyes
    lists: Sequence[Asked]
    """Each different list, in the order of its first slot."""
    list_of: Mapping[int, int]
    """Slot → which of the lists."""
    access: Mapping[int, tuple[str, ...]]
    """Slot → the fields asked about."""
    seen: Mapping[int, "Bound"]
    """Slot → what is selected of the member as a company sees them."""
    shape: Hashable
    """What the SQL and the form of the answer depend on beside plan and view."""


Filled = tuple[
    Sequence[Asked],
    Mapping[int, int],
    Mapping[int, tuple[str, ...]],
    Mapping[int, Bound],
    Hashable,
]

_constant = Kept[Filled](8 * 1024 * 1024, "plans")
"""By plan and view, where the document alone says what the slots hold."""


def bind(
    plan: Plan, site: Site, context: Context, eyes: Eyes, operands: Operands | None = None
) -> Bound:
    """Fill the slots. Raises what refuses an argument, before anything is read.

    BAD_USER_INPUT, LIMIT_EXCEEDED, BAD_CURSOR, FIELD_NEVER_OPEN, and of `asSeenBy` FORBIDDEN and
    PURPOSE_UNKNOWN.
    """
    if not plan.constant or context.refuse_operands or operands is not None:
        return Bound(
            plan, eyes, *_filled(plan, _Binding(site, context, eyes, operands or Operands()))
        )
    filled = _constant.get((plan, eyes.view))
    if filled is None:
        filled = _filled(plan, _Binding(site, context, eyes))
        _constant.keep((plan, eyes.view), filled, plan.weight)
    return Bound(plan, eyes, *filled)


def _filled(plan: Plan, binding: "_Binding") -> Filled:
    for number, slot in enumerate(plan.slots):
        binding.fill(number, slot)
    lists, list_of, access = tuple(binding.lists), binding.list_of, binding.access
    shapes = tuple((each.relation, each.listing()) for each in lists)
    shape = tuple(list_of.values()), shapes, tuple(access.values())
    return lists, list_of, access, binding.seen, shape


@dataclass(slots=True)
class _Binding:
    site: Site
    context: Context
    eyes: Eyes
    operands: Operands = field(default_factory=Operands)
    known: dict[object, Asked] = field(default_factory=dict)
    lists: dict[Asked, int] = field(default_factory=dict)
    list_of: dict[int, int] = field(default_factory=dict)
    access: dict[int, tuple[str, ...]] = field(default_factory=dict)
    seen: dict[int, Bound] = field(default_factory=dict)

    def fill(self, number: int, slot: ListSlot | AccessSlot | SeenSlot) -> None:
        context, selected = self.context, slot.selected
        given = self.site.arguments(context, selected)
        match slot:
            case ListSlot(relation=relation, whole=whole):
                reader = ListReader(context, self.eyes, self.operands, self.known)
                asked = reader.whole(relation) if whole else reader.read(relation, given)
                self.list_of[number] = self.lists.setdefault(asked, len(self.lists))
            case AccessSlot():
                self.access[number] = paths_asked(context.catalogue, given.get("fields"))
            case SeenSlot(seen=seen):
                company, purpose = given["company"], given["purpose"]
                through = given.get("onBehalfOf")
                eyes = eyes_of_company(context, self.eyes, company, purpose, through)
                self.operands.count_list()
                self.seen[number] = bind(seen, self.site, context, eyes, self.operands)
