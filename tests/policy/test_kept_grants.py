"""Grants are kept for their epoch, and never more of them than a bound."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from policy import grant
from policy.grant import Asker, Grant, Grants
from tests.random_dates import INSTANTS
from tests.real import CATALOGUE


def test_grants_do_not_pile_up_however_many_eyes_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is dropped is built again, alike."""
    monkeypatch.setattr(grant, "KEPT", 4)
    grants, at = Grants(CATALOGUE), INSTANTS[-1]
    companies = list(CATALOGUE.companies)[:6]
    first = [grants.grant(Asker(key), "id_login", "loginName", at) for key in companies]
    assert grants.grant(Asker(companies[-1]), "id_login", "loginName", at) is first[-1]
    again = [grants.grant(Asker(key), "id_login", "loginName", at) for key in companies]
    assert again == first
    assert again[0] is not first[0]


def test_relations_that_the_rule_does_not_tell_apart_share_what_opens_them() -> None:
    grants, at, asker = Grants(CATALOGUE), INSTANTS[-1], Asker("ichiba")
    coupon, cashback = (
        grants.grant(asker, "service_provision", path, at)
        for path in ("coupons.name", "cashbacks.amount")
    )
    assert (coupon.relation, cashback.relation) == ("coupons", "cashbacks")
    assert coupon.alternatives
    assert coupon.alternatives is cashback.alternatives


@pytest.mark.parametrize("purpose", ["service_provision", "fraud_detect"])
def test_a_grant_is_the_same_whatever_was_made_before_it(purpose: str) -> None:
    together, at, asker = Grants(CATALOGUE), INSTANTS[-1], Asker("ichiba")
    for path in {together.access_class(path) for path in CATALOGUE.fields}:
        alone = Grants(CATALOGUE).grant(asker, purpose, path, at)
        assert together.grant(asker, purpose, path, at) == alone, path


def test_a_grant_is_the_same_whatever_another_thread_makes_meanwhile(often: None) -> None:
    grants, at = Grants(CATALOGUE), INSTANTS[-1]
    asked = [
        (Asker(company), purpose, sorted({grants.access_class(path) for path in CATALOGUE.fields}))
        for company, purpose in (("ichiba", "service_provision"), ("card", "fraud_detect"))
    ]

    def made(asker: Asker, purpose: str, paths: list[str], by: Grants) -> list[Grant]:
        return [by.grant(asker, purpose, path, at) for path in paths]

    with ThreadPoolExecutor(max_workers=2) as threads:
        making = [threads.submit(made, *each, grants) for each in asked]
    for each, found in zip(asked, making, strict=True):
        assert found.result() == made(*each, Grants(CATALOGUE))


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns after a few steps."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)
