"""What a mutation answers: the member as the caller sees them now, and what was changed.

A mutation is a personal entry. Its answer is planned before anything is written, so that what
cannot be answered is not done, and read from what the write left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from graphql import GraphQLResolveInfo

from models.disclosure import SELF_ACCESS, Opened, Use
from models.provenance import OF_ACCOUNT
from policy.errors import ErrorCode, PrivacyError
from policy.objections import Objection
from resolvers.actor import Actor
from resolvers.asking import eyes_of
from resolvers.binding import Bound, bind
from resolvers.consents import Consent, consents_about, tally_about
from resolvers.context import Context
from resolvers.executor import Completion, Made
from resolvers.planner import plan_of
from resolvers.prepared import by_key
from resolvers.reading import read
from resolvers.site import TYPENAME, Selected, Site, root_of

Info = GraphQLResolveInfo[Context]
Shape = dict[str, object]
"""What was selected of a payload, by response key."""

TELL_AGE = frozenset({Objection.GUARDIAN_REQUIRED, Objection.NOT_GUARDIAN})
"""Objections that rest on the member's age."""


@dataclass(frozen=True, slots=True)
class UserError:
    """What the rules have against an act. `field` is the path in the arguments that it is about."""

    code: str
    message: str
    field: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act, beside the member: items changed, errors, and what else it answers."""

    changed: frozenset[str] = frozenset()
    errors: Sequence[UserError] = ()
    beside: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """What is selected of a mutation's answer, and what shows the member of it."""

    info: Info
    root: Selected
    selected: Sequence[Selected]
    completion: Completion
    members: Mapping[str, Bound]

    @classmethod
    def of(cls, info: Info) -> Self:
        """Plan it all. Raises what a read of the same would, and BAD_USER_INPUT for a second act.

        INVARIANT: an answer is whole or none, so one that is refused must not hide a write.
        """
        context, site, root = info.context, Site.of(info), root_of(info)
        if sum(each.name != TYPENAME for each in site.roots(info.parent_type)) > 1:
            raise PrivacyError(
                ErrorCode.BAD_USER_INPUT, "Send one mutation at a time, each in its own request."
            )
        selected = [each for each in site.below(root.details, root.kind) if each.name != TYPENAME]
        members = {
            each.key: bind(plan_of(site, each), site, context, eyes_of(context))
            for each in selected
            if each.name == "member"
        }
        return cls(info, root, selected, Completion(site, context), members)

    async def read(self, actor: Actor, outcome: Outcome) -> Shape:
        """Read it, from what is there now."""
        shape: Shape = {}
        for each in self.selected:
            match each.name:
                case "member":
                    shape[each.key] = await self._member(each.key, actor)
                case "consents":
                    shape[each.key] = await self._consents(actor, outcome.changed)
                case "userErrors":
                    shape[each.key] = list(outcome.errors)
                case name:
                    shape[each.key] = (outcome.beside or {}).get(name)
        await self._tell_objections(actor, outcome.errors)
        return shape

    async def _member(self, key: str, actor: Actor) -> Made | None:
        """Read the member as one response key shows them."""
        context = self.info.context
        if not actor.trusted:
            return None
        bound, member = self.members[key], {"member": actor.member}
        found = await read(context, self.completion, bound, by_key, member)
        context.disclosures.append(found.tally.disclosure())
        if context.places is not None:
            root = self.root.key
            context.places.mark(root, (mark.moved((root, key)) for mark in found.marks))
        return next(map(Made, found.made()), None)

    async def _tell_objections(self, actor: Actor, errors: Sequence[UserError]) -> None:
        """Put on record that these tell how the member's consents stand, and some their age."""
        if not errors or all(each.name != "userErrors" for each in self.selected):
            return
        tally = await tally_about(self.info.context, actor.member)
        if tally is None:
            return
        tally.returned(actor.member, "consents", Use.COUNT)
        if any(error.code in TELL_AGE for error in errors):
            tally.used(actor.member, "birthDate", Use.FILTER, [Opened(SELF_ACCESS, OF_ACCOUNT)])
        self.info.context.disclosures.append(tally.disclosure())

    async def _consents(self, actor: Actor, changed: frozenset[str]) -> Sequence[Consent] | None:
        """Read where these items stand, on record; a company's system is told nothing of it."""
        if actor.blind or not actor.trusted:
            return None
        found = await consents_about(self.info.context, actor.member)
        return found and [each for each in found if each.item.key in changed]


def by_response_key(source: Shape, info: GraphQLResolveInfo[Context], **_: Any) -> object:
    """Resolve a field of a payload: its plan has put the value under its key."""
    return source[str(info.path.key)]
