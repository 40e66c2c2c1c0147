"""Consent to an older version covers that version's scope and nothing more (domain.md 3.7-4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policy.catalogue import Catalogue
from policy.documents import Party, Provision, PurposeSet, Version
from policy.events import Event, EventKind
from policy.facts import ValueFacts
from policy.grant import Asker, Grants
from policy.member_tests import ConsentedTo
from policy.row_tests import ConsentedToRow, RowCompanyIs
from policy.situation import Question
from policy.vocabulary import TICK, AgeGroup, Code, Group, Interval
from tests.readings import Readings
from tests.real import CATALOGUE

REVISED = datetime(2025, 4, 1, tzinfo=UTC)
OLD = "2022-03-31"
QUESTION = Question("card", None, "id_login", "loginName", REVISED)
CONSENTED = tuple(
    Event(kind, datetime(2022, 4, 1, tzinfo=UTC), item="A", version=OLD, age=AgeGroup.ADULT)
    for kind in (EventKind.PRESENTED, EventKind.DEEMED)
)

NARROWER: dict[str, Callable[[Provision], Provision | None]] = {
    "it did not hold the provision": lambda _: None,
    "it held it inactive": lambda row: replace(row, active=False),
    "another provider": lambda row: replace(row, providers=named("ichiba")),
    "another recipient": lambda row: replace(row, recipients=named("bank")),
    "the custodian itself": lambda row: replace(row, recipients=Party(Group.ITSELF)),
    "the row's own company": lambda row: replace(row, recipients=Party(Group.ROW_COMPANY)),
    "another kind of company": lambda row: replace(row, recipients=Party(Group.MERCHANTS)),
    "another category": lambda row: replace(row, categories={"profile": None}),
    "another field": lambda row: replace(row, categories={"login": frozenset({"lastLoginAt"})}),
    "another purpose": lambda row: replace(row, purposes=only("fraud_prevention")),
}


def named(company: str) -> Party:
    return Party(Group.COMPANIES, companies=frozenset({company}))


def only(purpose: str) -> PurposeSet:
    return PurposeSet(frozenset({purpose}), frozenset(), frozenset(), own=False)


def revised(old: Callable[[Provision], Provision | None]) -> Catalogue:
    """DOC_A with a new version that holds A-4-1-1 as it is, where the old one held it narrower."""
    document = CATALOGUE.documents["DOC_A"]
    old_version = document.version(OLD)
    before = replace(old_version, in_force=Interval(old_version.published_at, REVISED))
    after = Version("2025-04-01", REVISED, Interval(REVISED), before.text, material=True)
    versions = (document.versions[0], before, after)
    row = next(r for r in CATALOGUE.provisions if (r.key, r.version) == ("A-4-1-1", OLD))
    others = (r for r in CATALOGUE.provisions if (r.key, r.version) != ("A-4-1-1", OLD))
    held = (old(row), replace(row, version=after.key))
    return replace(
        CATALOGUE,
        documents={**CATALOGUE.documents, "DOC_A": replace(document, versions=versions)},
        provisions=(*others, *(r for r in held if r is not None)),
    )


def answer(catalogue: Catalogue, at: datetime) -> Code | None:
    question = replace(QUESTION, at=at)
    return Readings(catalogue).answer(question, CONSENTED, ValueFacts("rakuten_group")).code


def test_a_new_version_that_changes_nothing_keeps_the_consent() -> None:
    unchanged = revised(lambda row: row)
    assert answer(unchanged, REVISED - TICK) is None
    assert answer(unchanged, REVISED) is None


@pytest.mark.parametrize("narrower", NARROWER.values(), ids=NARROWER)
def test_what_the_consented_version_did_not_reach_stays_closed(
    narrower: Callable[[Provision], Provision | None],
) -> None:
    assert answer(revised(narrower), REVISED) is Code.CONSENT_OUTDATED


def test_what_every_version_asks_of_a_row_is_asked_once() -> None:
    """The provision in force asks it, and the consented version then asks for no row at all."""
    grants, asker = Grants(CATALOGUE), Asker("new_commerce")
    for path in ("contactPreferences.means", "mailPreferences.wanted"):
        ways = grants.grant(asker, "ads_marketing", path, REVISED).alternatives
        assert ways
        for way in ways:
            assert RowCompanyIs("new_commerce") in way.tests
            assert not any(isinstance(test, ConsentedToRow) for test in way.tests)
            assert any(isinstance(test, ConsentedTo) for test in way.tests)


def test_a_row_of_any_company_could_be_open_to_who_consented_for_rows_of_their_own() -> None:
    """Whether the member has such a row is not known yet: the consent alone is asked for."""
    catalogue = revised(NARROWER["the row's own company"])
    of_links = {"linkage": None}
    provisions = tuple(
        replace(row, categories=of_links) if row.key == "A-4-1-1" else row
        for row in catalogue.provisions
    )
    grants = Grants(replace(catalogue, provisions=provisions))
    grant = grants.grant(Asker("card"), "id_login", "linkedCompanies.linkedAt", REVISED)
    scopes = {"2019-08-01": (), OLD: (RowCompanyIs("card"),), "2025-04-01": ()}
    (way,) = grant.alternatives
    assert ConsentedToRow("A", tuple(scopes.items())) in way.tests
    (could,) = grant.freed().alternatives
    assert ConsentedTo("A", frozenset(scopes)) in could.tests
