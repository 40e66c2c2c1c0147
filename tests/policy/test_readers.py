"""Who can see something of a member: what the rule decides, one by one, told all at once."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from policy.decide import decide
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Asker
from policy.readers import Reader, Way, askers_of, origins_of, reader
from policy.standing import fold
from policy.vocabulary import AgeGroup, Code
from tests.clock import START
from tests.demo import Demo, demo
from tests.real import CATALOGUE
from tests.worked_examples import Given

WORLD: Demo = demo(Given())
MEMBERS = [key for key, record in WORLD.members.items() if record.account]


def values_of(member: str) -> Mapping[str, tuple[ValueFacts, ...]]:
    """The provenance of what the member has, each once."""
    record, found = WORLD.members[member], {}
    for path, field in CATALOGUE.fields.items():
        rows = WORLD._rows(record, path, {})  # noqa: SLF001 (the demo's own reading)
        if field.relation not in found:
            told = dict.fromkeys(WORLD._value(record, row) for row in rows)  # noqa: SLF001
            found[field.relation] = tuple(told)
    return found


def facts_of(member: str, *more: Event) -> MemberFacts:
    return fold([*WORLD.members[member].events, *more], START, CATALOGUE)


def readers_of(member: str, facts: MemberFacts, at: datetime = START) -> list[Reader]:
    values = values_of(member)
    askers = askers_of(CATALOGUE, origins_of(values), at)
    return [reader(CATALOGUE, each, facts, values, at) for each in askers]


def open_paths(found: Reader) -> set[str]:
    return {path for way in found.ways if way.code is None for path in way.paths}


def decided(member: str, facts: MemberFacts, asker: Asker, purpose: str) -> Iterator[str]:
    values = values_of(member)
    for path, field in CATALOGUE.fields.items():
        question = asker.question(purpose, path, START)
        its = values[field.relation]
        if any(decide(CATALOGUE, question, facts, value).disclose for value in its):
            yield path


@pytest.mark.parametrize("member", ["m2", "m5"])
def test_it_tells_what_is_decided_value_by_value(member: str) -> None:
    facts, met = facts_of(member), 0
    for each in readers_of(member, facts)[::24]:
        expected = set(decided(member, facts, each.asker, each.purpose))
        assert open_paths(each) == expected, each
        met += len(expected)
    assert met > 10


def test_who_is_not_told_of_sees_nothing() -> None:
    facts = facts_of("m2")
    told = {(each.asker, each.purpose) for each in readers_of("m2", facts) if each.ways}
    others = [
        (Asker(company, shown_to_subject=True), purpose)
        for company in CATALOGUE.companies
        for purpose in CATALOGUE.purposes
        if (Asker(company, shown_to_subject=True), purpose) not in told
    ]
    assert len(others) > 300
    assert [each for each in others[::61] if any(decided("m2", facts, *each))] == []


def ways(member: str, company: str, purpose: str, facts: MemberFacts) -> Mapping[str, Way]:
    (found,) = [
        each
        for each in readers_of(member, facts)
        if (each.asker.company, each.purpose) == (company, purpose)
    ]
    return {way.key: way for way in found.ways}


def test_what_lacks_consent_alone_opens_once_it_is_given() -> None:
    before = ways("m2", "ssi", "ins_product_rnd", facts_of("m2"))["B-SENS-0"]
    assert (before.code, before.missing) == (Code.CONSENT_REFUSED, ("B.sensitive",))
    given: dict[str, Any] = {"item": "B.sensitive", "version": "2024-04-01", "acr": RAKUTEN_ID}
    events = [
        Event(kind, START, age=AgeGroup.ADULT, **given)
        for kind in (EventKind.PRESENTED, EventKind.GRANTED)
    ]
    after = ways("m2", "ssi", "ins_product_rnd", facts_of("m2", *events))["B-SENS-0"]
    assert (after.code, after.missing, after.paths) == (None, (), before.paths)


def test_where_consent_would_not_do_what_else_is_in_the_way_is_told() -> None:
    shut = ways("m2", "card", "fraud_detect", facts_of("m2"))["A-4-1-3"]
    assert (shut.code, shut.missing) == (Code.NO_INCIDENT, ())
    wish = ways("m2", "rakuten_group", "direct_mail", facts_of("m2"))["A-USE"]
    assert (wish.code, wish.missing) == (Code.PREFERENCE_OFF, ())


def test_what_the_law_withholds_from_the_member_is_told_of_nowhere() -> None:
    hidden = {path for path, each in CATALOGUE.fields.items() if each.withheld_from_subject}
    assert hidden
    for each in readers_of("m2", facts_of("m2")):
        assert not hidden & {path for way in each.ways for path in way.paths}


def test_a_processor_is_told_of_beside_its_controller() -> None:
    told = {
        (each.asker.company, each.asker.on_behalf_of) for each in readers_of("m2", facts_of("m2"))
    }
    assert ("courier", "ichiba") in told
    assert ("courier", None) not in told
