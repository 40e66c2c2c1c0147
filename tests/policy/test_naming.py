"""A company's purposes are those for which some provision in force names it."""

from datetime import UTC, datetime

import pytest

from policy.naming import purposes_naming
from tests.real import CATALOGUE

NOW = datetime(2026, 6, 15, tzinfo=UTC)


def named(company: str, on_behalf_of: str | None = None, at: datetime = NOW) -> set[str]:
    return set(purposes_naming(CATALOGUE, company, on_behalf_of, at))


def test_a_recipient_has_its_own_purposes_and_those_of_its_provisions() -> None:
    card = named("card")
    assert {"id_login", "own:card:service", "own:card:marketing", "fraud_detect"} <= card
    assert not {"own:bank:service", "service_provision", "subject_request", "audit"} & card


def test_an_adopter_has_what_it_may_do_itself() -> None:
    assert {"service_provision", "retention_fee", "improvement_rnd"} <= named("ichiba")


def test_a_purpose_kept_for_the_holding_is_all_it_has() -> None:
    assert named("ins_holding") == {"ins_group_management"}


@pytest.mark.parametrize("company", ["new_service", "nobody"])
def test_who_is_nobody_s_recipient_has_none(company: str) -> None:
    assert named(company) == set()


def test_a_processor_has_what_its_contract_with_the_controller_says() -> None:
    assert named("courier", "ichiba") == {"order_fulfil"}
    assert named("courier", "card") == set()
    assert named("courier") == set()


def test_a_purpose_counts_once_it_is_registered_and_its_document_in_force() -> None:
    before = datetime(2026, 5, 31, tzinfo=UTC)
    assert "own:card:analysis" in named("card")
    assert "own:card:analysis" not in named("card", at=before)
    assert named("card", at=datetime(2018, 1, 1, tzinfo=UTC)) == set()
