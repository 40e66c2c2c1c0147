"""What a caller can see and what is withheld from it: before asking, and of one member."""

from enum import StrEnum
from typing import Annotated, Any, NoReturn

import strawberry

from policy.openings import Availability, Needed
from policy.vocabulary import Reason
from resolvers.access import AccessState
from resolvers.meanings import MEANINGS
from schema.directives import CATALOGUE, NotPersonal, argument, plain
from schema.document import ConsentItem, Provision
from schema.enums import ConsentLevel, publish
from schema.purpose import DataCategory

KEY = "a key of the catalogue"

_COARSE = {
    Reason.NOT_PERMITTED: "No provision in force could ever open it to the caller.",
    Reason.NOT_OPEN: "It could be open, and is not: no more is told to companies.",
}
_REASONS = {
    **{str(reason): meaning for reason, meaning in _COARSE.items()},
    **{str(code): meaning for code, meaning in MEANINGS.items()},
}
_enum: Any = StrEnum
WithheldReason: Any = _enum("WithheldReason", {code: code for code in _REASONS})
"""The coarse reasons and the fine ones: to companies the first two alone."""

publish(
    WithheldReason,
    "Why something is withheld. Companies learn NOT_PERMITTED or NOT_OPEN; members the rule's own "
    "codes, of themselves and under `asSeenBy`. Officers find those in `explain`.",
    {WithheldReason[code]: meaning for code, meaning in _REASONS.items()},
)
publish(
    Availability,
    "Whether a field can be shown to the caller for its purpose, whomever it asks about.",
    {
        Availability.ALWAYS: "It is: the member's own, with nothing left to ask.",
        Availability.PER_MEMBER: "It depends on the member, or on the row.",
        Availability.NEVER: "It cannot be; filters and orders by it are refused.",
    },
)
publish(
    Needed,
    "What a provision asks to be brought about before it opens a field.",
    {
        Needed.CONSENT: "The member consents to the item, at least so strongly.",
        Needed.OVERSEAS_CONSENT: "The member consents to provision to the recipient's country.",
        Needed.ACQUISITION_CONSENT: "The member consented when the value was acquired.",
        Needed.MAIL_WANTED: "The member wants the recipient's mail.",
        Needed.LINKED: "The account is linked at the recipient, or its ID was used there.",
        Needed.USED: "The group's ID was used at the recipient in the last 365 days.",
        Needed.ORDERED: "The value belongs to an order with the recipient.",
        Needed.INCIDENT: "An incident about the member is open at the recipient.",
        Needed.PURPOSE_PUBLISHED: "The own purpose was published before the link, use or consent, "
        "or the member was notified of it since.",
        Needed.ACCOUNT_CLOSED: "The account is closed.",
        Needed.CONTRACT_ENDED: "The contract has lapsed, or the account is closed.",
        Needed.LISTED: "The row is of a kind that a list of sensitive items names.",
        Needed.SCREENED: "The text was screened for sensitive content.",
        Needed.LOGGED_IN: "A login linked the device event to the account.",
        Needed.OWN_ROW: "The row is about the recipient itself.",
    },
    name="OpeningCondition",
)
publish(
    AccessState,
    "How one field of one member stands for the caller.",
    {
        AccessState.VISIBLE: "At least one value of it is open.",
        AccessState.ABSENT: "It could be open, none of it is withheld from what the caller sees, "
        "and there is no value.",
        AccessState.WITHHELD: "It could not be open for this member, or a row that is open "
        "withholds it and none shows it.",
    },
)


@strawberry.type(
    description=(
        "One thing that a provision takes before it opens a field. All entries of one provision "
        "belong together; another provision opens the field by itself."
    ),
    directives=[CATALOGUE],
)
class OpensWith:
    """An account that is not closed and a request to stop that was not made go without saying."""

    provision: Provision | None = plain(
        "The provision, which also says whose values it opens; null for a member's own access."
    )
    item: ConsentItem | None = plain("The item to be consented to; null where it is no consent.")
    level: ConsentLevel | None = plain("How strong that consent must be, at least.")
    condition: Needed | None = plain("What it takes; null where the provision takes nothing more.")


@strawberry.type(
    description="A personal field, as far as the caller's purpose reaches it.",
    directives=[CATALOGUE],
)
class FieldAvailability:
    """Told from the provisions alone: nobody's data is looked at."""

    field: str = plain("The field, by its path from Member.")
    categories: list[DataCategory] = plain("Its data categories.")
    availability: Availability = plain("Whether it can be shown.")
    reason: str | None = strawberry.field(
        graphql_type=WithheldReason | None,
        description="NOT_OPEN or NOT_PERMITTED; null where it is always shown.",
    )
    opens_with: list[OpensWith] = plain(
        "What could open it where it depends on the member, most specific provision first."
    )


@strawberry.type(
    description="One field of one member, as it stands for the caller.",
    directives=[NotPersonal(reason="says of a field no more than the answer to it would")],
)
class FieldAccess:
    """Typed and cacheable, since caches of clients drop extensions."""

    field: str = plain("The field, by its path from Member.")
    state: AccessState = plain("How it stands.")
    reason: str | None = strawberry.field(
        graphql_type=WithheldReason | None,
        description="Why it is withheld: coarse for companies and privacy officers, the rule's "
        "code for members; null where it is not.",
    )


PathsAsked = Annotated[
    list[str] | None,
    argument("Fields by their path from Member; all of them where left out.", "keys", "fields"),
]
ToCompany = Annotated[strawberry.ID, argument("Key of the company that would see.", KEY)]
ForPurpose = Annotated[strawberry.ID, argument("Key of the purpose it would state.", KEY)]
ForController = Annotated[
    strawberry.ID | None, argument("Of a processor: key of its controller.", KEY, "onBehalfOf")
]


def access(fields: PathsAsked = strawberry.UNSET) -> NoReturn:
    """State the arguments; the answer comes with its member, from the plan."""
    raise NotImplementedError


def as_seen_by(
    company: ToCompany, purpose: ForPurpose, on_behalf_of: ForController = strawberry.UNSET
) -> NoReturn:
    """State the arguments; the answer comes with its member, from the plan."""
    raise NotImplementedError
