"""Ways in are said with fewer tests, and open exactly what they opened before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from models import tables
from models.condition_sql import Place
from models.grant_sql import some_hold
from models.ways import Way, apart, implies, least, most_shared
from policy.conditions import Test
from policy.facts import ItemStanding, MemberFacts, ValueFacts
from policy.member_tests import ConsentedTo, Explicit, Known, NotStopped, Reaches, Stands
from policy.row_tests import AcquiredBy, Retained
from policy.vocabulary import NEVER, ConsentLevel, ConsentState, Reach
from tests.real import CATALOGUE

NOW = datetime(2026, 5, 1, tzinfo=UTC)

KINDS: Sequence[Test] = (
    Known(),
    Stands("A"),
    Stands("B"),
    Retained(),
    *(
        NotStopped(frozenset(companies), frozenset(categories))
        for companies, categories in product((["x"], ["x", "y"]), (["login"], ["login", "usage"]))
    ),
    Reaches("A", frozenset({Reach.HOME})),
    Reaches("A", frozenset({Reach.HOME, Reach.WIDE})),
    Reaches("B", frozenset({Reach.HOME})),
    ConsentedTo("A", frozenset({"1"})),
    ConsentedTo("A", frozenset({"1", "2"})),
    AcquiredBy(frozenset({"x"})),
    AcquiredBy(frozenset({"y", "z"})),
)

items = st.builds(
    ItemStanding,
    st.sampled_from([ConsentState.GRANTED, ConsentState.REFUSED]),
    st.sampled_from(["1", "2", "3"]),
    st.just(ConsentLevel.EXPLICIT),
    st.frozensets(st.sampled_from([Reach.HOME, Reach.WIDE])),
    st.just(NEVER),
)
stops = st.frozensets(
    st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(["*", "login", "usage"])), max_size=2
)
members = st.builds(
    MemberFacts,
    known=st.booleans(),
    items=st.fixed_dictionaries({}, optional={"A": items, "B": items}),
    stops=stops,
)
values = st.builds(
    ValueFacts,
    st.sampled_from(["x", "y", "z", "other"]),
    retention_until=st.sampled_from([NEVER, datetime(2030, 1, 1, tzinfo=UTC)]),
)
ways = st.lists(st.lists(st.sampled_from(KINDS), max_size=4).map(tuple), max_size=6)


def opens(ways: Sequence[Way], member: MemberFacts, value: ValueFacts) -> bool:
    return any(all(test.holds(member, value, NOW) for test in way) for way in ways)


@given(ways, members, values)
def test_the_fewest_ways_open_what_all_of_them_open(
    every: list[Way], member: MemberFacts, value: ValueFacts
) -> None:
    fewest = least(every)
    assert len(fewest) <= len(every)
    assert opens(fewest, member, value) == opens(every, member, value)


@given(st.sampled_from(KINDS), st.sampled_from(KINDS), members, values)
def test_what_implies_another_test_never_holds_without_it(
    test: Test, other: Test, member: MemberFacts, value: ValueFacts
) -> None:
    if implies(test, other) and test.holds(member, value, NOW):
        assert other.holds(member, value, NOW)


@given(
    st.frozensets(st.sampled_from("xyz")),
    st.frozensets(st.sampled_from(["login", "usage"])),
    members,
    values,
)
def test_tests_taken_apart_are_passed_together_by_whoever_passes_the_whole(
    companies: frozenset[str], categories: frozenset[str], member: MemberFacts, value: ValueFacts
) -> None:
    whole = NotStopped(companies, categories)
    alone = apart(whole)
    assert all(test.holds(member, value, NOW) for test in alone) == whole.holds(member, value, NOW)
    assert len(alone) == max(1, len(companies) * len(categories))


def test_a_way_that_asks_for_more_is_left_out() -> None:
    wide, narrow = Reaches("A", frozenset({Reach.HOME, Reach.WIDE})), KINDS[8]
    few, many = KINDS[4], KINDS[7]
    assert least([(Known(), many, narrow), (few, wide), (few, wide, Stands("A"))]) == ((few, wide),)


def test_ways_that_differ_in_the_acquirer_become_one() -> None:
    ways = [(AcquiredBy(frozenset({company})), Known()) for company in "xyz"]
    assert least(ways) == ((AcquiredBy(frozenset("xyz")), Known()),)
    assert least([*ways, (Known(),)]) == ((Known(),),)


def test_the_test_that_most_ways_share_is_found_if_two_share_one() -> None:
    assert most_shared([(Known(), Stands("A")), (Stands("A"),), (Known(), Stands("A"))]) == Stands(
        "A"
    )
    assert most_shared([(Known(),), (Stands("A"),)]) is None
    assert most_shared([]) is None


def test_what_asks_for_fewer_rows_is_asked_first() -> None:
    place = Place("", tables.ACCOUNT, CATALOGUE)
    seldom = (NotStopped(frozenset({"x"}), frozenset({"usage"})), Stands("A"))
    said = str(some_hold([(*seldom, Stands("B")), (Stands("C"), Explicit("A"))], place))
    positions = [said.find(word) for word in ("bits", "'C'", "'B'")]
    assert positions == sorted(positions)
