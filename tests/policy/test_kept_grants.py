"""Grants are kept for their epoch, and never more of them than a bound."""

import pytest

from policy import grant
from policy.grant import Asker, Grants
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
