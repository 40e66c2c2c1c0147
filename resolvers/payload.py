"""What a mutation answers: the member as the caller sees them now, and what was changed.

A mutation is a personal entry. Its answer is planned before anything is written, so that what
cannot be answered is not done, and read from what the write left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from graphql import GraphQLResolveInfo

from models.disclosure import SELF_ACCESS, Opened, Use
from models.provenance import OF_ACCOUNT
from models.redacted import member_by_key
from policy.errors import ErrorCode, PrivacyError
from policy.objections import Objection
from resolvers.actor import Actor
from resolvers.answer import Shape
from resolvers.asking import eyes_of
from resolvers.consents import Consent, consents_about, tally_about
from resolvers.context import Context
from resolvers.plan import Object, Wanted
from resolvers.planner import Planner, Selected, below, root_of, roots_selected
from resolvers.reading import Reading

Info = GraphQLResolveInfo[Context]

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
    """What is selected of a mutation's answer."""

    info: Info
    selected: Sequence[Selected]

    @classmethod
    def of(cls, info: Info) -> Self:
        """Plan it all. Raises what a read of the same would, and BAD_USER_INPUT for a second act.

        INVARIANT: an answer is whole or none, so one that is refused must not hide a write.
        """
        if roots_selected(info) > 1:
            raise PrivacyError(
                ErrorCode.BAD_USER_INPUT, "Send one mutation at a time, each in its own request."
            )
        root = root_of(info)
        payload = cls(info, list(below(info, root.details, root.kind)))
        payload._members()
        return payload

    async def read(self, actor: Actor, outcome: Outcome) -> Shape:
        """Read it, from what is there now."""
        members = await self._read_members(actor)
        await self._tell_objections(actor, outcome.errors)
        shape: Shape = {}
        for each in self.selected:
            match each.name:
                case "member":
                    shape[each.key] = members.get(each.key)
                case "consents":
                    shape[each.key] = await self._consents(actor, outcome.changed)
                case "userErrors":
                    shape[each.key] = list(outcome.errors)
                case name:
                    shape[each.key] = (outcome.beside or {}).get(name)
        places = self.info.context.places
        if places is not None:
            places.roots[str(self.info.path.key)] = shape
        return shape

    def _members(self) -> Mapping[str, Object]:
        """Plan each response key that shows the member."""
        named = [each for each in self.selected if each.name == "member"]
        if not named:
            return {}
        planner = Planner(self.info, eyes_of(self.info.context))
        return {each.key: planner.member(each) for each in named}

    async def _read_members(self, actor: Actor) -> Mapping[str, Shape]:
        plans = self._members()
        if not plans or not actor.trusted:
            return {}
        context = self.info.context
        reading = Reading(context, eyes_of(context), Wanted.by(list(plans.values())))
        found = await reading.members(member_by_key, {"member": actor.member})
        shapes = {
            key: found.answer.member(plan, found.layout, row)
            for row in found.rows
            for key, plan in plans.items()
        }
        context.disclosures.append(found.answer.tally.disclosure())
        return shapes

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
