"""What could open anything to a request at all, before a field or a member is looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from policy.catalogue import Catalogue
from policy.provided import Provided, in_force
from policy.provisions import addressing, covering, purpose_covered
from policy.situation import Question, Situation


def prospects(catalogue: Catalogue, question: Question) -> Sequence[Provided]:
    """Give each provision in force that names recipient and purpose, and of whose values it does.

    The field that is asked for says nothing here.
    """
    start, _ = catalogue.epoch(question.at)
    return _prospects(catalogue, replace(question, field="", at=start))


def covers(situation: Situation, provided: Provided) -> bool:
    """Whether the provision reaches the field, whoever asks and whoever acquired the value."""
    return all(each.test is not False for each in covering(situation, provided.provision))


@lru_cache(maxsize=4096)
def _prospects(catalogue: Catalogue, question: Question) -> Sequence[Provided]:
    purpose = catalogue.purposes.get(question.purpose)
    if purpose is None or purpose.registered_at > question.at:
        return ()
    of_anybody = Situation(catalogue, question, "", None)
    found = (
        replace(each, acquirers=frozenset(_acquirers(catalogue, question, each)))
        for each in in_force(catalogue, question.at)
        if purpose_covered(of_anybody, each.document, each.provision)
    )
    return tuple(each for each in found if each.acquirers)


def _acquirers(catalogue: Catalogue, question: Question, provided: Provided) -> Iterator[str]:
    for acquirer in provided.acquirers:
        situation = Situation(catalogue, question, acquirer, provided.document.service)
        recipient, _ = addressing(situation, provided.document, provided.provision)
        if recipient.test is not False:
            yield acquirer
