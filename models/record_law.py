"""Whether the law wants a disclosure on record, by the catalogue that it was decided with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from models.disclosure import Entry
from policy.catalogue import Catalogue
from policy.recording import to_be_recorded
from policy.situation import Question, Situation

_Asked = tuple[str, str | None, str | None, str, datetime]


@dataclass(slots=True)
class RecordLaw:
    """Answers for entries of these versions of the catalogue."""

    catalogues: Mapping[str, Catalogue | None]
    known: dict[_Asked, bool] = field(default_factory=dict)

    def demands(self, entry: Entry, provider: str) -> bool:
        """Whether it wants what the entry shows of this provider's values on record.

        Where the version is not kept nothing says that it does not.
        """
        catalogue = self.catalogues[entry.policy_version]
        if catalogue is None:
            return True
        epoch, _ = catalogue.epoch(entry.at)
        asked = (entry.policy_version, entry.company, entry.on_behalf_of, provider, epoch)
        if asked not in self.known:
            self.known[asked] = _demands(catalogue, entry, provider)
        return self.known[asked]


def _demands(catalogue: Catalogue, entry: Entry, provider: str) -> bool:
    question = Question(entry.company, entry.on_behalf_of, entry.purpose, "", entry.at)
    return to_be_recorded(Situation(catalogue, question, provider, service=None))
