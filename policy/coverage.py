"""What one provision covers: from whom to whom, for what and which fields, as the rule has it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import takewhile

from policy.catalogue import Catalogue
from policy.documents import Document, Provision
from policy.provisions import conditions
from policy.scopes import provides
from policy.situation import Question, Situation
from policy.vocabulary import IdStatus, Requirement, Stage


@dataclass(frozen=True, slots=True)
class Offer:
    """Recipients with the same purposes: no purpose leaks from one recipient to another (S24)."""

    recipients: tuple[str, ...]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """All of it in the catalogue's order, whoever the member is."""

    providers: tuple[str, ...]
    offers: tuple[Offer, ...]
    fields: tuple[str, ...]


@lru_cache(maxsize=512)  # the same for every member, within an epoch
def coverage(
    catalogue: Catalogue, document: str, version: str, provision: str, at: datetime
) -> Coverage:
    """Give what this row of the version covers at `at`; what turns on the member is left open."""
    rows = catalogue.provisions_of(document, version)
    row = next(each for each in rows if each.key == provision)
    held = catalogue.documents[document]
    providers = tuple(
        key for key in catalogue.companies if provides(catalogue, key, row.providers, document, at)
    )
    stages = _Stages(catalogue, held, row, at)
    together: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for recipient in stages.recipients(providers):
        if purposes := tuple(stages.purposes(recipient)):
            together[purposes].append(recipient)
    return Coverage(
        providers=providers,
        offers=tuple(Offer(tuple(companies), offer) for offer, companies in together.items()),
        fields=tuple(stages.fields(providers)),
    )


def processors_of(
    catalogue: Catalogue, offer: Offer, fields: Iterable[str], at: datetime
) -> Sequence[str]:
    """Give who acts for one of these recipients, for some of this, by a contract in force."""
    acting = {
        contract.processor
        for contract in catalogue.contracts
        if at in contract.in_force
        and contract.controller in offer.recipients
        and contract.purposes.intersection(offer.purposes)
        and contract.fields.intersection(fields)
    }
    return [key for key in catalogue.companies if key in acting]


@dataclass(frozen=True, slots=True)
class _Stages:
    """The first four stages of the rule, asked of one row."""

    catalogue: Catalogue
    document: Document
    row: Provision
    at: datetime

    def recipients(self, providers: Sequence[str]) -> Iterator[str]:
        """Give who could receive what one of these acquired."""
        for key, company in self.catalogue.companies.items():
            if (
                self.at in company.listed
                and (company.id_at(self.at) is IdStatus.LIVE or not self._by_id)
                and any(self._passes(Stage.RECIPIENT, each, company=key) for each in providers)
            ):
                yield key

    def purposes(self, recipient: str) -> Iterator[str]:
        """Give the purposes listed for this recipient that are registered."""
        for key, purpose in self.catalogue.purposes.items():
            if purpose.registered_at <= self.at and self._passes(
                Stage.PURPOSE, "", company=recipient, purpose=key
            ):
                yield key

    def fields(self, providers: Sequence[str]) -> Iterator[str]:
        """Give the fields covered, of relations in which one of these can have acquired a value."""
        for path, field in self.catalogue.fields.items():
            acquirers = self.catalogue.relations[field.relation].acquirers
            if (acquirers is None or acquirers.intersection(providers)) and self._passes(
                Stage.CATEGORY, "", field=path
            ):
                yield path

    @property
    def _by_id(self) -> bool:
        """Whether it takes the group's ID at the recipient, which a live service alone accepts."""
        return bool({Requirement.LINKED, Requirement.USED}.intersection(self.row.requires))

    def _passes(
        self,
        stage: Stage,
        acquirer: str,
        company: str = "",
        purpose: str | None = None,
        field: str | None = None,
    ) -> bool:
        """Whether the catalogue shuts nothing of this stage; CATEGORY takes RESTRICTION with it.

        A stage reads its own part of the question alone: what is left out is any.
        """
        some_purpose = purpose or next(iter(self.catalogue.purposes))
        some_field = field or next(iter(self.catalogue.fields))
        question = Question(company, None, some_purpose, some_field, self.at)
        situation = Situation(self.catalogue, question, acquirer, self.document.service)
        last = Stage.RESTRICTION if stage is Stage.CATEGORY else stage
        stages = range(stage, last + 1)
        stated = conditions(situation, self.document, self.row)
        until = takewhile(lambda each: each.stage is not None and each.stage <= last, stated)
        return all(each.test is not False for each in until if each.stage in stages)
