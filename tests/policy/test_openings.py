"""What could open a field is told from its grant, and names all that the rule asks."""

from datetime import datetime

import pytest

from policy import member_tests, row_tests
from policy.conditions import MemberTest, RowTest
from policy.grant import Asker, Grants
from policy.openings import NEEDED, Availability, Needed, availability, openings
from policy.vocabulary import AUDIT, SUBJECT_REQUEST, ConsentLevel
from tests.clock import START
from tests.real import CATALOGUE

GRANTS = Grants(CATALOGUE)
MYSELF = Asker(None, subject_self=True)

Told = list[tuple[str, str | None, str | None]]


def available(asker: Asker, purpose: str, path: str, at: datetime = START) -> Availability:
    return availability(CATALOGUE, asker, GRANTS.grant(asker, purpose, path, at))


def told(company: str, purpose: str, path: str) -> Told:
    grant = GRANTS.grant(Asker(company), purpose, path, START)
    return [
        (each.key, each.need.condition, each.need.item) if each.need else (each.key, None, None)
        for each in openings(CATALOGUE, grant)
    ]


def test_every_test_of_the_rule_says_what_it_asks_to_be_brought_about() -> None:
    tests = {
        kind
        for module in (member_tests, row_tests)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, MemberTest | RowTest)
    }
    assert tests - {MemberTest, RowTest} == NEEDED.keys()
    assert {need for need in NEEDED.values() if need} == set(Needed)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("fullName", Availability.ALWAYS),
        ("healthRecords.value", Availability.ALWAYS),
        ("customerRecords.name", Availability.ALWAYS),
        ("devices.userAgent", Availability.PER_MEMBER),
        ("fraudSignals.kind", Availability.NEVER),
    ],
)
def test_members_are_shown_all_but_what_no_login_linked_and_what_the_law_withholds(
    path: str, expected: Availability
) -> None:
    assert available(MYSELF, SUBJECT_REQUEST, path) is expected


@pytest.mark.parametrize("office", ["*", "card", "ssi"])
def test_officers_are_never_shown_a_value(office: str) -> None:
    assert {available(Asker(office), AUDIT, path) for path in CATALOGUE.fields} == {
        Availability.NEVER
    }


def test_no_company_is_shown_a_field_of_every_member() -> None:
    for company, purpose in (("card", "own:card:service"), ("ssi", "policy_servicing")):
        found = {available(Asker(company), purpose, path) for path in CATALOGUE.fields}
        assert found == {Availability.PER_MEMBER, Availability.NEVER}


@pytest.mark.parametrize(
    ("company", "purpose", "path", "expected"),
    [
        (
            "card",
            "own:card:service",
            "city",
            [
                ("A-4-1-2", "CONSENT", "A"),
                ("A-4-1-2", "LINKED", None),
                ("A-4-1-2", "PURPOSE_PUBLISHED", None),
            ],
        ),
        ("card", "own:card:service", "payments.amount", [("C-OWN", None, None)]),
        (
            "life",
            "ins_product_rnd",
            "healthRecords.value",
            [
                ("B-SENS-1", "LISTED", None),
                ("B-SENS-1", "CONSENT", "B.sensitive"),
                ("B-SENS-1", "CONSENT", "B.ins_group"),
            ],
        ),
        (
            "shop_tea",
            "merchant_mail",
            "orders.items",
            [
                ("A-MERCH", "MAIL_WANTED", None),
                ("A-MERCH", "CONSENT", "A"),
                ("A-MERCH", "ORDERED", None),
            ],
        ),
        ("bank", "id_login", "healthRecords.value", []),
    ],
)
def test_an_opening_names_its_provision_its_items_and_its_conditions(
    company: str, purpose: str, path: str, expected: Told
) -> None:
    assert told(company, purpose, path) == expected


def test_a_consent_says_how_strong_it_must_be() -> None:
    grant = GRANTS.grant(Asker("life"), "ins_product_rnd", "healthRecords.value", START)
    needs = [each.need for each in openings(CATALOGUE, grant) if each.need and each.need.item]
    assert [need.level for need in needs] == [
        ConsentLevel.EXPLICIT_SENSITIVE,
        ConsentLevel.EXPLICIT,
    ]
