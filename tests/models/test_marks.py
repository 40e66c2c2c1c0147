"""Marks: whether one snapshot shows all that another one does."""

import pytest

from models.marks import Marks


def marks(*lanes: str, database: str = "a database", replica: bool = True) -> Marks:
    return Marks.of((replica, database, lanes))


@pytest.mark.parametrize("shown", [(), ("1 00000001 7",), ("2 00000001 2", "1 00000001 7")])
def test_a_snapshot_shows_what_has_no_more_writes_in_any_lane(shown: tuple[str, ...]) -> None:
    assert marks("1 00000001 7", "2 00000001 3").may_answer(marks(*shown, replica=False))


@pytest.mark.parametrize("more", ["1 00000001 8", "3 00000001 1"])
def test_a_snapshot_does_not_show_what_has_more_writes_in_one_lane(more: str) -> None:
    here = marks("1 00000001 7", "2 00000001 3")
    assert not here.may_answer(marks("2 00000001 3", more, replica=False))


def test_what_was_lost_when_a_server_took_over_is_not_made_up_for_by_other_writes() -> None:
    assert not marks("1 00000001 8").hold(marks("1 00000002 8"))
    assert not marks("1 00000002 9").hold(marks("1 00000001 8"))


def test_a_database_shows_nothing_of_another_one() -> None:
    assert not marks("1 00000001 7").hold(marks("1 00000001 7", database="another"))


def test_a_server_that_follows_nobody_answers_for_no_other() -> None:
    assert not marks("1 00000001 7", replica=False).may_answer(marks("1 00000001 7"))
