"""What left: who received what about whom, for what, opened by what, and when."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from models.disclosure import Use
from resolvers import histories
from resolvers.catalogue import Info
from resolvers.disclosed import Basis
from resolvers.newest_first import Asked
from schema.company import Label
from schema.directives import argument, narrowing, plain
from schema.enums import Role, publish
from schema.inputs import given
from schema.recorded import (
    RECORDED,
    RecordedCompany,
    RecordedName,
    RecordedProvision,
    Recordings,
)

publish(
    Use,
    "How an answer showed something of an item.",
    {
        Use.SELECT: "It was handed over.",
        Use.FILTER: "It was searched by.",
        Use.ORDER: "It was sorted by.",
        Use.COUNT: "It was counted, or told to be there or absent.",
    },
    name="DisclosureUse",
    directive=RECORDED,
)
publish(
    Basis,
    "On what an item was shown.",
    {
        Basis.PROVISION: "A provision opened it.",
        Basis.SELF_ACCESS: "The member read about themself.",
        Basis.RETURNED: "No value: a member, a list or a number as such.",
    },
    name="DisclosureBasis",
    directive=RECORDED,
)


@strawberry.type(description="One item that was used, and what opened it.", directives=[RECORDED])
class DisclosedItem:
    """A list counts once for each way its rows were open."""

    field: str = plain("The field or list, by its path from Member; empty = the member as such.")
    use: Use = plain("How it was used.")
    categories: list[Label] = plain("What kinds of data it is.")
    basis: Basis = plain("On what it was shown.")
    provision: RecordedProvision | None = plain("The provision; null on another basis.")
    acquired_by: RecordedCompany | None = plain(
        "Who had acquired the value; null where none of one origin was shown."
    )
    source: str | None = plain("From where the value had been acquired.")
    channel: str | None = plain("By which channel; null where nothing says.")


@strawberry.type(description="A number that was told.", directives=[RECORDED])
class DisclosedCount:
    """Told to who asked, and to privacy officers in tens."""

    entry: str = plain("Of what: `members`, or a list.")
    fields: list[str] = plain("The fields on which it depends.")
    number: int | None = plain("The number; to officers rounded down to tens, null below ten.")


@strawberry.type(
    description=(
        "One decision of the ledger, as far as its reader may know it: a member what was used of "
        "them; a company the whole of what it asked for itself, and what others received of its "
        "own; privacy officers numbers in place of members."
    ),
    directives=[RECORDED],
)
class Disclosure:
    """It holds no value."""

    id: strawberry.ID = plain("Opaque, made for one audience.")
    at: datetime = plain("When.")
    decision_id: strawberry.ID | None = plain(
        "The decision's id, as `extensions.privacy` told it; for who asked, and officers."
    )
    role: Role = plain("As what was asked.")
    recipient: RecordedCompany | None = plain(
        "Who received it, the controller where a processor asked; null for a member about "
        "themself and for the group's privacy office."
    )
    via: RecordedCompany | None = plain("The processor that asked; null where none did.")
    purpose: RecordedName | None = plain("For what; null where nothing took a purpose.")
    reference: str | None = plain("The ticket or case; for who asked, and officers.")
    items: list[DisclosedItem] = plain("What was used, over all the members that the reader sees.")
    counts: list[DisclosedCount] = plain("What numbers were told; for who asked, and officers.")
    member_id: strawberry.ID | None = plain(
        "The one member it is about, where one was asked for: the id that the caller knows."
    )
    member_count: int | None = plain(
        "Of how many members; to officers rounded down to tens, null below ten."
    )
    withheld: int | None = plain(
        "How many cells were asked for and withheld; for the member and who asked."
    )
    sentence: Label = plain("All of it in plain words.")


ONE_MEMBER = (
    "One member, by the id that the caller knows. Of a privacy officer it is a "
    "read about the member, which the member sees."
)


@strawberry.input(
    description="Narrows `disclosures`: all that is given must hold.", directives=[RECORDED]
)
class DisclosureFilter:
    """What is left out or null narrows nothing."""

    recipients: list[strawberry.ID] | None = narrowing(
        "Keys of companies: any of them received it, itself or by a processor."
    )
    purposes: list[strawberry.ID] | None = narrowing("Keys of purposes: any of them was stated.")
    fields: list[str] | None = narrowing(
        "Paths from Member: any of them was used. Entries are looked into for it, of "
        "each page 2,000: it may be short, or empty, with more to come behind `endCursor`."
    )
    since: datetime | None = narrowing("At this instant or later.")
    until: datetime | None = narrowing("Before this instant.")
    member_id: strawberry.ID | None = narrowing(ONE_MEMBER)


Narrowed = Annotated[
    DisclosureFilter | None,
    argument("Only those of which all of this holds.", RECORDED.reason, "filter"),
]
First = Annotated[
    int | None,
    argument("How many: 20 where it is not said, at most 100.", "the size of a page"),
]
After = Annotated[
    str | None,
    argument("A cursor: only what comes behind it.", "a cursor, made for the caller"),
]


def asked(name: str, narrowed: Any, first: Any, after: Any) -> Asked:
    """Read the arguments of a list; what was left out counts as null."""
    parts = {} if given(narrowed) is None else vars(narrowed)
    criteria = {key: value for key, value in parts.items() if given(value) is not None}
    return Asked(name, criteria, given(first), given(after))


async def disclosures(
    info: Info,
    narrowed: Narrowed = strawberry.UNSET,
    first: First = strawberry.UNSET,
    after: After = strawberry.UNSET,
) -> Recordings[Disclosure]:
    """List them."""
    found: Any = await histories.disclosures(
        info.context, asked(histories.NAME, narrowed, first, after)
    )
    listed: Recordings[Disclosure] = found
    return listed
