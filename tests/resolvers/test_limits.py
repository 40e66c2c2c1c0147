"""A document is measured before anything else is done with it, however it is folded."""

from collections.abc import Mapping

import pytest
from graphql import (
    DocumentNode,
    OperationDefinitionNode,
    execute_sync,
    get_introspection_query,
    parse,
)
from hypothesis import given
from hypothesis import strategies as st

from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from resolvers.cost import LISTED, LONGEST, PAGE, SAID, cost_of
from resolvers.limits import Limits, Measure, fragments_of, measure
from tests.marks import SCHEMA
from tests.real import CATALOGUE

MOST = Limits().document
CORE = SCHEMA.core


def measured(text: str) -> Measure:
    return measure(parse(text), MOST)


def cost(text: str, **variables: object) -> int:
    document = parse(text)
    return cost_of(CORE, operation_of(document), fragments_of(document), variables)


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    return next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))


def refusal(text: str, most: Measure = MOST) -> str:
    with pytest.raises(PrivacyError) as refused:
        measure(parse(text), most).check(most)
    assert refused.value.code is ErrorCode.LIMIT_EXCEEDED
    return refused.value.message


def every_field(catalogue: Catalogue) -> str:
    """A member with everything there is, by path."""
    lists: dict[str, list[str]] = {}
    for path in catalogue.fields:
        relation, _, name = path.rpartition(".")
        lists.setdefault(relation, []).append(name)
    below = " ".join(
        f"{name} {{ nodes {{ {' '.join(fields)} }} }}" for name, fields in lists.items() if name
    )
    return f"{{ members {{ nodes {{ {' '.join(lists[''])} {below} }} }} }}"


@pytest.mark.parametrize("text", [get_introspection_query(), every_field(CATALOGUE)])
def test_what_clients_really_send_is_far_below_every_limit(text: str) -> None:
    parse(text, max_tokens=Limits().tokens // 2)
    found = measured(text)
    found.check(MOST)
    halves = {name: getattr(MOST, name) // 2 for name in Measure.__slots__}
    found.check(Measure(**halves))
    assert cost(text) < Limits().cost / 2


TOO_MUCH: Mapping[str, str] = {
    "operations and fragments": " ".join(f"query q{n} {{ me {{ id }} }}" for n in range(101)),
    "variables": f"query ({' '.join(f'$v{n}: Int' for n in range(101))}) {{ me {{ id }} }}",
    "directives": f"{{ me {{ id {'@skip(if: false) ' * 201} }} }}",
    "aliases": f"{{ me {{ {' '.join(f'a{n}: id' for n in range(201))} }} }}",
    "fields at the root of an operation": "{" + "me { id } " * 21 + "}",
    "levels of fields and fragments in one another": "{ a " * 51 + "}" * 51,
    "digits in one number": f"{{ members(first: {'9' * 5000}) {{ totalCount }} }}",
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_too_much_of_anything_is_refused_and_the_limit_is_named(what: str) -> None:
    assert f" {what}; this one has " in refusal(TOO_MUCH[what])


def test_a_document_that_doubles_with_each_fragment_is_measured_at_once() -> None:
    doubled = " ".join(f"fragment F{n} on Member {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
    text = f"{{ me {{ ...F0 }} }} {doubled} fragment F40 on Member {{ id }}"
    measured(text).check(MOST)
    assert cost(text) > Limits().cost


def test_fields_hidden_in_fragments_at_the_root_are_counted() -> None:
    spread = (
        "query { ...A ...B } fragment A on Query { me { id } } fragment B on Query { ...A ...A }"
    )
    assert measured(spread).roots == 3


def test_fragments_that_hold_one_another_are_left_to_validation() -> None:
    text = "{ me { ...A } } fragment A on Member { ...B } fragment B on Member { id ...A }"
    measured(text).check(MOST)
    assert cost(text) == 2


def test_unknown_fields_fragments_and_types_are_left_to_validation() -> None:
    text = "{ me { ...Gone nothing { at { all } } ... on Nobody { id } } nobody { id } }"
    measured(text).check(MOST)
    assert cost(text) == 7


@pytest.mark.parametrize(
    ("members", "orders"), [(None, None), (3, None), (None, 7), (100, 50), (100_000, 1), (0, 1)]
)
def test_cost_is_the_product_of_the_pages(members: int | None, orders: int | None) -> None:
    def page(size: int | None) -> str:
        return "" if size is None else f"(first: {size})"

    below = f"orders{page(orders)} {{ nodes {{ id }} }}"
    text = f"{{ members{page(members)} {{ nodes {{ id {below} }} }} }}"
    of_members = min(PAGE if members is None else members, LONGEST)
    of_orders = PAGE if orders is None else orders
    assert cost(text) == 1 + 1 + of_members * (1 + 1 + 1 + of_orders)
    sized = """query ($n: Int, $m: Int) {
      members(first: $n) { nodes { orders(last: $m) { nodes { id } } } }
    }"""
    assert cost(sized, n=members, m=orders) == 1 + 1 + of_members * (1 + 1 + of_orders)


def test_ids_count_one_by_one_and_lists_without_pages_as_a_few() -> None:
    assert cost('{ nodes(ids: ["a", "b", "c"]) { id } }') == 1 + 3
    assert cost("query ($i: [ID!]!) { nodes(ids: $i) { id } }", i=["a", "b"]) == 1 + 2
    assert cost("{ documents { key } }") == 1 + LISTED
    assert cost("{ members(first: -1) { nodes { id } } }") == 2
    assert cost("{ members(first: 99999999999999999999) { nodes { id } } }") == 2 + LONGEST


def values_in(told: object) -> int:
    match told:
        case dict():
            return sum(1 + values_in(each) for each in told.values())
        case list():
            return sum(map(values_in, told))
    return 0


@pytest.mark.parametrize(
    "text",
    [
        get_introspection_query(),
        get_introspection_query(descriptions=False, input_value_deprecation=True),
        "{ __schema { types { fields { type { fields { name args { name } } } } } } }",
        "{ __schema { types { possibleTypes { fields { name type { name } } } } } }",
        "{ __schema { types { fields { name args { type { inputFields { name } } } } } } }",
    ],
)
def test_what_the_schema_says_of_itself_counts_as_much_as_it_is(text: str) -> None:
    values = values_in(execute_sync(CORE, parse(text)).data)
    assert 0.5 < cost(text) / (SAID * values) < 2


LEAVES = (
    "id",
    "fullName",
    "n: fullName",
    "orders(first: 3) { nodes { id } }",
    "orders { totalCount }",
)


@st.composite
def folded(draw: st.DrawFn) -> tuple[str, str]:
    """A document with fragments, and the same with each in its place."""
    number = draw(st.integers(0, 4))
    bodies: list[str] = []
    unfolded: list[str] = []
    for _ in range(number + 1):
        parts = draw(
            st.lists(st.sampled_from((*LEAVES, *range(len(bodies)))), min_size=1, max_size=4)
        )
        bodies.append(" ".join(f"...F{each}" if isinstance(each, int) else each for each in parts))
        unfolded.append(
            " ".join(
                f"... on Member {{ {unfolded[each]} }}" if isinstance(each, int) else each
                for each in parts
            )
        )
    fragments = " ".join(
        f"fragment F{n} on Member {{ {each} }}" for n, each in enumerate(bodies[:-1])
    )
    read = "{{ members(first: 5) {{ nodes {{ {} }} }} }}"
    return f"{read.format(bodies[-1])} {fragments}", read.format(unfolded[-1])


@given(folded())
def test_a_fragment_counts_as_what_stands_in_it(both: tuple[str, str]) -> None:
    with_fragments, without = both
    assert cost(with_fragments) == cost(without)
    one, other = measured(with_fragments), measured(without)
    assert (one.depth, one.roots) == (other.depth, other.roots)
