"""A company's purposes are those for which some provision in force names it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policy.companies import Succession
from policy.naming import purposes_naming, purposes_of
from policy.vocabulary import SYSTEM_PURPOSES, TICK
from tests.real import CATALOGUE

NOW = datetime(2026, 6, 15, tzinfo=UTC)


def named(company: str, on_behalf_of: str | None = None, at: datetime = NOW) -> set[str]:
    return set(purposes_naming(CATALOGUE, company, on_behalf_of, at))


def test_a_recipient_has_its_own_purposes_and_those_of_its_provisions() -> None:
    card = named("card")
    assert {"id_login", "own:card:service", "own:card:marketing", "fraud_detect"} <= card
    assert not {"own:bank:service", "service_provision"} & card


def test_an_adopter_has_what_it_may_do_itself() -> None:
    ichiba = named("ichiba")
    assert {"service_provision", "retention_fee", "improvement_rnd"} <= ichiba
    assert {"order_fulfil", "ad_targeting", "external_matching_ads"} <= ichiba, "children too"
    assert "underwriting_ops" not in ichiba


def test_a_merchant_has_the_purposes_of_merchants() -> None:
    shop = named("shop_tea")
    assert {"merchant_fulfil", "merchant_mail"} <= shop
    assert "order_fulfil" not in shop


@pytest.mark.parametrize("company", CATALOGUE.companies)
def test_no_company_has_a_system_purpose(company: str) -> None:
    assert not SYSTEM_PURPOSES & set(purposes_of(CATALOGUE, company, NOW))


def test_a_purpose_kept_for_the_holding_is_all_it_has() -> None:
    assert named("ins_holding") == {"ins_group_management"}
    assert "ins_group_management" not in named("life"), "and it is kept from the others"


@pytest.mark.parametrize("company", ["new_service", "nobody", ""])
def test_who_is_nobody_s_recipient_has_none(company: str) -> None:
    assert named(company) == set()


def test_a_processor_has_what_its_contract_with_the_controller_says() -> None:
    assert named("courier", "ichiba") == {"order_fulfil"}
    assert named("courier", "card") == set()
    assert named("courier") == set()


def test_a_processor_asked_about_alone_has_what_all_its_controllers_contract() -> None:
    assert purposes_of(CATALOGUE, "courier", NOW) == ("order_fulfil",)
    assert purposes_of(CATALOGUE, "cloud_store", NOW) == ()


def test_own_use_follows_the_custody_to_the_successor() -> None:
    moved = Succession("ichiba", "new_commerce", NOW, ())
    after = replace(CATALOGUE, successions=(moved,))
    assert "order_fulfil" not in named("new_commerce")
    assert "order_fulfil" in purposes_of(after, "new_commerce", NOW)
    assert "order_fulfil" not in purposes_of(after, "new_commerce", NOW - TICK)


def test_a_purpose_counts_once_it_is_registered_and_its_document_in_force() -> None:
    before = datetime(2026, 5, 31, tzinfo=UTC)
    assert "own:card:analysis" in named("card")
    assert "own:card:analysis" not in named("card", at=before)
    assert named("card", at=datetime(2018, 1, 1, tzinfo=UTC)) == set()
