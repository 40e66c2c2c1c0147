"""A token opens the purposes its allow-list names, and no others."""

from datetime import UTC, datetime

import pytest

from policy.allow_list import expand
from policy.catalogue import Catalogue, Purpose
from policy.vocabulary import ConsentLevel, Label

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
