"""What the tables can hold in place of an enum's word, the schema can say."""

import pytest

from models.account_table import AGE_BANDS, EKYC_STATUSES, GENDERS
from schema.build import build_schema
from tests.real import CATALOGUE


@pytest.mark.parametrize(
    ("name", "words"),
    [("Gender", GENDERS), ("AgeBand", AGE_BANDS), ("EkycStatus", EKYC_STATUSES)],
)
def test_the_stored_words_are_the_enum_s(name: str, words: tuple[str, ...]) -> None:
    kind = build_schema(CATALOGUE).core.type_map[name]
    values = getattr(kind, "values", {})
    assert set(words) == set(values)
