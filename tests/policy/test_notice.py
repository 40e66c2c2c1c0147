"""What a member is shown before a choice: a hash of all of it, and where the data may go."""

from dataclasses import fields, replace
from typing import Any

import pytest

from policy.notice import Named, Notice, Receiver, notice
from tests.clock import START
from tests.real import CATALOGUE

SHOWN = notice(CATALOGUE, "DOC_B", "2024-04-01", "ja", START)
COURIER = Receiver("courier", "Courier", "KR")
NOBODY_KNOWS_WHERE = Receiver("somewhere", "Somewhere", "")


@pytest.mark.parametrize("part", [part.name for part in fields(Notice)])
def test_the_hash_covers_every_part_of_what_is_shown(part: str) -> None:
    said = getattr(SHOWN, part)
    other: Any = f"{said}." if isinstance(said, str) else (*said, Named("other", "Other"))
    assert replace(SHOWN, **{part: other}).hash != SHOWN.hash


def test_data_may_go_to_the_countries_of_recipients_and_of_who_acts_for_them() -> None:
    row, *others = SHOWN.permissions
    for receiving in ("recipients", "processors"):
        for to, more in ((COURIER, {"KR"}), (NOBODY_KNOWS_WHERE, set[str]())):
            all_of_them: Any = (*getattr(row, receiving), to)
            shown = replace(row, **{receiving: all_of_them})
            found = replace(SHOWN, permissions=(shown, *others)).countries
            assert found == SHOWN.countries | more
            assert "KR" not in SHOWN.countries
