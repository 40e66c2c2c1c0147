"""A token opens the purposes its allow-list names, and no others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policy.allow_list import every_purpose, expand
from policy.catalogue import Catalogue, Purpose
from policy.companies import Succession
from policy.vocabulary import ConsentLevel, Label
from tests.real import CATALOGUE as REAL

EARLY = datetime(2020, 1, 1, tzinfo=UTC)
LATE = datetime(2026, 6, 1, tzinfo=UTC)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
BETWEEN = datetime(2023, 1, 1, tzinfo=UTC)


def purpose(
    key: str,
    parent: str | None = None,
    owner: str | None = None,
    registered_at: datetime = EARLY,
) -> Purpose:
    return Purpose(
        key=key,
        name=Label(key, key),
        parent=parent,
        registered_at=registered_at,
        min_consent=ConsentLevel.NONE,
        limited=False,
        reserved_for=None,
        vetoes=frozenset(),
        owner=owner,
        service=None,
        version=None,
        family="ads" if owner else None,
        trace=(),
    )


CATALOGUE = Catalogue(
    version="test",
    companies={},
    services={},
    categories={},
    relations={},
    fields={},
    sensitive_lists={},
    purposes={
        p.key: p
        for p in (
            purpose("ads"),
            purpose("direct_mail", parent="ads"),
            purpose("late_child", parent="ads", registered_at=LATE),
            purpose("support"),
            purpose("own:card:service", owner="card"),
            purpose("own:card:analysis", owner="card", registered_at=LATE),
            purpose("own:bank:service", owner="bank"),
        )
    },
    documents={},
    items={},
    provisions=(),
)


@pytest.mark.parametrize(
    ("allow", "opened"),
    [
        ((), set()),
        (("ads",), {"ads"}),
        (("ads*",), {"ads", "direct_mail", "late_child"}),
        (("direct_mail",), {"direct_mail"}),
        (("direct_mail*",), {"direct_mail"}),
        (("ads", "support"), {"ads", "support"}),
        (("own:card:*",), {"own:card:service", "own:card:analysis"}),
        (("own:card:service",), {"own:card:service"}),
        (("own:card:service*",), {"own:card:service"}),
    ],
)
def test_a_list_opens_what_it_names(allow: tuple[str, ...], opened: set[str]) -> None:
    assert expand(allow, CATALOGUE, NOW) == opened


@pytest.mark.parametrize(
    "entry",
    ["*", "", "**", "own:*", "own:", "own::*", "own:nobody:*", "a*", "adss*", "ADS", "ads *", "o*"],
)
def test_what_the_catalogue_does_not_know_opens_nothing(entry: str) -> None:
    assert expand((entry,), CATALOGUE, NOW) == frozenset()


def test_an_unknown_entry_closes_none_of_the_others() -> None:
    assert expand(("nonsense", "support"), CATALOGUE, NOW) == {"support"}


@pytest.mark.parametrize("entry", ["ads*", "late_child", "late_child*"])
def test_a_purpose_is_not_open_before_it_is_registered(entry: str) -> None:
    assert "late_child" not in expand((entry,), CATALOGUE, BETWEEN)


@pytest.mark.parametrize("entry", ["own:card:*", "own:card:analysis"])
def test_an_own_purpose_is_not_open_before_it_is_published(entry: str) -> None:
    assert "own:card:analysis" not in expand((entry,), CATALOGUE, BETWEEN)


def test_a_company_is_named_for_its_own_purposes_and_nobody_elses() -> None:
    own = {key for key in every_purpose("card", REAL, NOW) if key.startswith("own:")}
    assert own == {"own:card:service", "own:card:marketing", "own:card:analysis"}


def test_a_company_is_not_named_for_what_is_published_later() -> None:
    early = every_purpose("card", REAL, BETWEEN)
    assert "own:card:marketing" in early
    assert "own:card:analysis" not in early


def test_an_adopter_is_named_for_every_child_of_what_its_provisions_list() -> None:
    named = every_purpose("ichiba", REAL, NOW)
    assert {"order_fulfil", "ad_targeting", "external_matching_ads", "retention_fee"} <= named
    assert "underwriting_ops" not in named


def test_a_merchant_is_named_for_the_merchants_purposes() -> None:
    named = every_purpose("shop_tea", REAL, NOW)
    assert {"merchant_fulfil", "merchant_mail"} <= named
    assert "order_fulfil" not in named


def test_the_holding_is_named_for_its_purpose_alone_and_nobody_else_for_it() -> None:
    assert every_purpose("ins_holding", REAL, NOW) == {"ins_group_management"}
    assert "ins_group_management" not in every_purpose("life", REAL, NOW)


def test_a_processor_has_the_purposes_of_its_contracts_alone() -> None:
    assert every_purpose("courier", REAL, NOW) == {"order_fulfil"}


@pytest.mark.parametrize("company", ["new_service", "nobody", ""])
def test_a_planned_or_unknown_company_is_named_for_nothing(company: str) -> None:
    assert every_purpose(company, REAL, NOW) == frozenset()


def test_no_company_is_named_for_a_system_purpose() -> None:
    system = {"subject_request", "audit", "statutory_disclosure"}
    assert all(not system & every_purpose(company, REAL, NOW) for company in REAL.companies)


def test_own_use_follows_the_custody_to_the_successor() -> None:
    moved = Succession("ichiba", "new_commerce", LATE, ())
    after = replace(REAL, successions=(moved,))
    assert "order_fulfil" not in every_purpose("new_commerce", REAL, NOW)
    assert "order_fulfil" in every_purpose("new_commerce", after, NOW)
    assert "order_fulfil" not in every_purpose("new_commerce", after, BETWEEN)
