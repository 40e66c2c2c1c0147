"""One decision with its reasons, for the member and for privacy officers. Never a value."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from policy.vocabulary import Stage
from resolvers import explanation
from resolvers.catalogue import Info
from resolvers.explanation import Asked
from schema.access import WithheldReason
from schema.company import Company
from schema.directives import NotPersonal, argument, plain
from schema.document import Provision
from schema.enums import publish
from schema.inputs import given
from schema.purpose import Purpose

VERDICT = NotPersonal(reason="verdicts, told to the member and to privacy officers alone")
KEY = "a key of the catalogue"

publish(
    Stage,
    "How far a provision came before it failed.",
    {
        Stage.RECIPIENT: "Whether the company is among its recipients.",
        Stage.PURPOSE: "Whether it lists the purpose.",
        Stage.CATEGORY: "Whether it covers a category of the value.",
        Stage.RESTRICTION: "Whether it covers each restricted category, and lists what is listed.",
        Stage.DOCUMENT: "Whether a more specific document takes its place.",
        Stage.CONSENT: "Whether its consent items stand, strong, recent and wide enough.",
        Stage.CONDITION: "Whether what it requires beside consent holds.",
        Stage.OVERSEAS: "Whether anything admits provision to the recipient's country.",
    },
    name="DecisionStage",
)


@strawberry.type(description="How far one provision came.", directives=[VERDICT])
class ExplainedReason:
    """A reason without a provision is a gate that stands before them all."""

    provision: Provision | None = plain("The provision; null for a gate before all of them.")
    stage: Stage | None = plain("The stage it failed at; null where it passed, and for gates.")
    code: str | None = strawberry.field(
        graphql_type=WithheldReason | None, description="Why it failed; null where it passed."
    )
    meaning: str | None = plain("The code in a sentence.")


@strawberry.type(
    description="The verdict about one stored value, and what led to it.", directives=[VERDICT]
)
class ExplainedValue:
    """The account's own value, or that of one row."""

    row_id: strawberry.ID | None = plain("The row's id; null for the account's own value.")
    acquired_by: Company = plain("The responsible manager, who acquired it.")
    disclose: bool = plain("Whether the company would see it.")
    code: str | None = strawberry.field(
        graphql_type=WithheldReason | None, description="Why not; null where it would."
    )
    meaning: str | None = plain("The code in a sentence.")
    provision: Provision | None = plain("The provision that opens it.")
    via: str | None = plain("`A-PROC` where a processor reads under its controller's basis.")
    record: bool = plain("Whether it counts as provision to another company, to be recorded.")
    reasons: list[ExplainedReason] = plain(
        "How far each provision came, the furthest first; the first one decided."
    )


@strawberry.type(
    description=(
        "What a company would see of one field of a member for a purpose, at an instant, and why: "
        "decided anew by the rule from what had happened by then. It holds no value."
    ),
    directives=[VERDICT],
)
class Explanation:
    """Rows are those of today."""

    member_id: strawberry.ID = plain("The member's id, as asked.")
    field: str = plain("The field, by its path from Member.")
    company: Company = plain("Who would see it.")
    on_behalf_of: Company | None = plain("The controller a processor would act for.")
    purpose: Purpose = plain("For what.")
    at: datetime = plain("When.")
    values: list[ExplainedValue] = plain(
        "One entry for each stored value; none where none is. Members are told of what they may "
        "see themselves, a company's privacy officer of what the company acquired or holds, and "
        "of what would be disclosed to it."
    )


MemberId = Annotated[
    strawberry.ID, argument("The member's id.", "opaque, made for the caller", "memberId")
]
FieldPath = Annotated[str, argument("A personal field, by its path from Member.", KEY)]
CompanyKey = Annotated[
    strawberry.ID,
    argument(
        "Key of the company that would see it: a company's privacy officer names the own one here, "
        "or in `onBehalfOf` where it asks about a processor.",
        KEY,
    ),
]
PurposeKey = Annotated[strawberry.ID, argument("Key of the purpose it would state.", KEY)]
At = Annotated[
    datetime | None, argument("The instant, now or in the past; now where left out.", "an instant")
]
OnBehalfOf = Annotated[
    strawberry.ID | None, argument("Of a processor: key of its controller.", KEY, "onBehalfOf")
]


async def explain(  # noqa: PLR0913, PLR0917 (each is an argument of the field)
    info: Info,
    member_id: MemberId,
    field: FieldPath,
    company: CompanyKey,
    purpose: PurposeKey,
    at: At = strawberry.UNSET,
    on_behalf_of: OnBehalfOf = strawberry.UNSET,
) -> Any:
    """Explain; what was left out counts as null."""
    asked = Asked(member_id, field, company, purpose, given(on_behalf_of), given(at))
    return await explanation.explain(info._raw_info, asked)  # noqa: SLF001 (there is no other way)
