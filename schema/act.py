"""What the mutations have in common: how their inputs, payloads and fields are made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any, NamedTuple

import strawberry

from policy.acts import OBJECTIONS, Objection
from resolvers.catalogue import Info
from resolvers.payload import Info as ActInfo
from schema.consent import Consent
from schema.directives import NotPersonal, Personal, argument, not_personal, plain
from schema.enums import publish
from schema.inputs import BELOW, Part, make_input
from schema.member import Member

PAYLOAD = "Payload"
"""How the names of the types end that mutations answer with."""
ENTRY = "an entry: what is below says for itself"
SAID = NotPersonal(reason="names an act by keys of the catalogue and ids made for the caller")
TOLD = NotPersonal(reason="what the rules say of an act, told to whoever may act")
OWN = Personal(categories=[])
"""What a member says of themself: the categories are those of where it is kept."""

_ANNOTATED: Any = Annotated
_LIST: Any = list

publish(
    Objection,
    "What the rules have against an act. Nothing of the act was done.",
    {code: OBJECTIONS[code] for code in Objection},
    name="UserErrorCode",
    directive=TOLD,
)


@strawberry.type(
    description="What the rules have against an act, for the user to mend.", directives=[TOLD]
)
class UserError:
    """What is wrong with the request itself is among `errors`."""

    code: Objection = plain("The rule, under a stable code.")
    message: str = plain("What it says, in English.")
    field: list[str] | None = plain(
        "Where in the arguments the reason lies, as `input`, `items`, `0`; null = in none of them."
    )


class Mutated(NamedTuple):
    """One mutation: its name, what it does, its input, and what it answers beside."""

    name: str
    description: str
    parts: Sequence[Part]
    resolve: Callable[[ActInfo], Awaitable[Any]]
    beside: Mapping[str, tuple[Any, str]] = {}
    said: Sequence[NotPersonal] = (SAID,)
    """Of the whole input; none where its parts say for themselves."""
    relation: str | None = None

    @property
    def type_name(self) -> str:
        return self.name[0].upper() + self.name[1:]


KEY = Part(
    "idempotencyKey",
    str | None,
    "Sent again within 24 hours with the same input, it does nothing more, and answers as things "
    "stand then; with another input it is refused. It is the caller's own, for this mutation.",
)


def mutation(described: Mutated) -> Any:
    """Give the field of one mutation, with an input and a payload of its own."""
    key = KEY if described.said else KEY._replace(said=(SAID,))
    given = make_input(
        f"{described.type_name}Input",
        f"What `{described.name}` takes.",
        [*described.parts, key],
        said=described.said,
        relation=described.relation,
    )

    async def resolve(info: Info, **_: object) -> Any:
        return await described.resolve(info._raw_info)  # noqa: SLF001 (strawberry offers no public way to it)

    asked = Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
    taken = _ANNOTATED[given, argument("What it is about.", BELOW.reason, "input")]
    parameters = [asked, Parameter("given", Parameter.KEYWORD_ONLY, annotation=taken)]
    vars(resolve)["__signature__"] = Signature(parameters, return_annotation=_payload(described))
    return not_personal(described.description, ENTRY, resolve)


def _payload(described: Mutated) -> Any:
    """Give the type of its answer, which is planned and read as a whole."""
    answers: Mapping[str, tuple[Any, str]] = {
        "member": (
            Member | None,
            (
                "The member it was about, read after it: for themself, or as the caller's company "
                "sees them for its purpose. Null where hidden, and for a guardian."
            ),
        ),
        "consents": (
            _LIST[Consent] | None,
            (
                "The items it was about, as they stand after it: for the member, a guardian and "
                "privacy officers; null for companies, which learn nothing of what was decided."
            ),
        ),
        "user_errors": (
            _LIST[UserError],
            "What the rules have against it; empty where it was done, now or before.",
        ),
        **described.beside,
    }
    body: dict[str, Any] = {
        "__annotations__": {name: kind for name, (kind, _) in answers.items()},
        "__module__": __name__,
        "__doc__": "Made by code.",
    }
    body |= {name: plain(description) for name, (_, description) in answers.items()}
    made: Any = type(f"{described.type_name}{PAYLOAD}", (), body)
    return strawberry.type(
        made,
        description=f"What `{described.name}` answers.",
        directives=[NotPersonal(reason=BELOW.reason)],
    )
