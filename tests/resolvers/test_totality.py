"""What has no plan stops the start: nobody finds out by asking."""

import pytest
from graphql import GraphQLField, GraphQLFloat, GraphQLObjectType, GraphQLString

from policy.errors import StartUpError
from resolvers.planner import _plans
from resolvers.totality import check_plans
from schema.build import build_schema
from tests.real import CATALOGUE


def test_everything_in_the_schema_has_a_plan() -> None:
    check_plans(build_schema(CATALOGUE).core)


def test_a_plan_that_nobody_asked_for_takes_no_room_of_those_that_are_kept() -> None:
    taken = _plans.taken
    check_plans(build_schema(CATALOGUE).core)
    assert _plans.taken == taken


@pytest.mark.parametrize(
    ("kind", "name", "field"),
    [
        ("Member", "shoeSize", GraphQLField(GraphQLString)),
        ("Order", "shoeSize", GraphQLField(GraphQLString)),
        ("Member", "fullName", GraphQLField(GraphQLFloat)),
        ("Order", "channel", GraphQLField(GraphQLFloat)),
        ("OrderConnection", "middle", GraphQLField(GraphQLString)),
        ("MemberEdge", "weight", GraphQLField(GraphQLString)),
    ],
)
def test_a_field_without_a_plan_stops_the_start(kind: str, name: str, field: GraphQLField) -> None:
    core = build_schema(CATALOGUE).core
    changed = core.type_map[kind]
    assert isinstance(changed, GraphQLObjectType)
    changed.fields[name] = field
    with pytest.raises(StartUpError, match="has no plan"):
        check_plans(core)
