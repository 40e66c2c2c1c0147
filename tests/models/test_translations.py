"""Every kind of test has its SQL; what has none stops the start."""

from dataclasses import dataclass

import pytest

from models.grant_sql import check_translations, kinds_of_test
from policy import member_tests
from policy.conditions import MemberTest
from policy.errors import StartUpError


@dataclass(frozen=True, slots=True)
class Astrological(MemberTest):
    """A kind of test that nobody has said in SQL."""


def test_all_kinds_can_be_said_in_sql() -> None:
    check_translations()
    assert len(kinds_of_test()) == 30


def test_a_kind_of_test_without_sql_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_tests, "Astrological", Astrological, raising=False)
    with pytest.raises(StartUpError, match="Astrological"):
        check_translations()
