"""The rule's own codes for what one member's values are withheld for: decided anew, when asked.

They are for the member alone. Values that the member could not see themself tell nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.event_log import events_of
from models.row_facts import RowFacts
from models.view import View, fields_of
from policy.decide import Decision, decide
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Asker
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import SUBJECT_REQUEST, Code
from resolvers.context import Context

Rows = Sequence[tuple[str, ValueFacts]]
"""(row key, provenance); the account is one row under the member's key."""

MYSELF = Asker(None, subject_self=True)
UNKNOWN = MemberFacts(known=False)
"""Before anything is read: everything is closed."""


@dataclass(slots=True)
class Replay:
    """One member's facts and provenance, as a view's decisions read them; read when needed."""

    context: Context
    view: View
    member: str
    facts: MemberFacts | None = None
    rows: dict[str, Rows] = field(default_factory=dict)

    async def read(self, relations: Iterable[str]) -> None:
        """Read the member's events, and the provenance of these relations' rows, each once."""
        context, asker = self.context, self.view.asker
        found = RowFacts(context.catalogue, asker.on_behalf_of or asker.company, context.asked_at)
        async with context.snapshot.reading() as connection:
            if self.facts is None:
                events = await events_of(connection, self.member)
                self.facts = fold(events, context.asked_at, context.catalogue)
            for each in frozenset(relations) - self.rows.keys():
                self.rows[each] = await found.of(connection, each, self.member)

    def why(self, row: str | None, path: str) -> str:
        """Give why a cell of this row is withheld, or, without a row, a whole list."""
        return self.whole_list(path) if row is None else self.cell(row, path)

    def cell(self, row: str, path: str) -> str:
        """Give why the cell of this row is withheld."""
        relation = self.context.catalogue.fields[path].relation
        decisions = [self._decide(path, value) for key, value in self.rows[relation] if key == row]
        return self._furthest([path], decisions)

    def field(self, path: str) -> str:
        """Give why nothing of a field is open: the code of the decision that came furthest."""
        relation = self.context.catalogue.fields[path].relation
        decisions = [self._decide(path, value) for value in self._own(path, relation)]
        return self._furthest([path], decisions)

    def whole_list(self, relation: str) -> str:
        """Give why a whole list could not be open: of whichever field came furthest."""
        paths = self.view.classes(fields_of(relation))
        own = ((path, value) for path in paths for value in self._own(path, relation))
        return self._furthest(paths, [self._decide(path, value) for path, value in own])

    def _own(self, path: str, relation: str) -> Iterable[ValueFacts]:
        """Give the values that the member could see themself: what the law hides stays hidden."""
        question = MYSELF.question(SUBJECT_REQUEST, path, self.context.asked_at)
        for _, value in self.rows[relation]:
            if self._decided(question, value).disclose:
                yield value

    def _decide(self, path: str, value: ValueFacts) -> Decision:
        question = self.view.asker.question(self.view.purpose, path, self.context.asked_at)
        return self._decided(question, value)

    def _decided(self, question: Question, value: ValueFacts) -> Decision:
        return decide(self.context.catalogue, question, self.facts or UNKNOWN, value)

    def _furthest(self, paths: Sequence[str], decisions: Iterable[Decision]) -> str:
        """Give the coarse reason where there is no value to decide about."""
        fields = self.context.catalogue.fields
        if all(fields[path].withheld_from_subject for path in paths):
            return Code.WITHHELD_BY_LAW
        shut = [each for each in decisions if each.code]
        best = max(shut, key=lambda each: each.reasons[0].stage or 0, default=None)
        return best.code if best and best.code else self.view.reason(*paths)
