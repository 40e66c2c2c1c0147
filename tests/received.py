"""What a response shows, by the operation's text and the schema alone: nothing of our planner.

An operation is asked twice: as it stands, and with ids beside all that it shows, so that what was
received can be told of whom it is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    IntValueNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    Visitor,
    get_named_type,
    parse,
    print_ast,
    value_from_ast_untyped,
    visit,
)

ADDED = "zz_"
ID, TYPE, NODES, FIELD, STATE = (f"{ADDED}{each}" for each in ("id", "type", "nodes", "f", "s"))
MORE = f"{ADDED}more_"
"""What begins so is a list with one entry more, beside the list as it was asked for."""
DEFAULT = 20
"""Entries of a page of which nothing is said."""
MEMBERS = {"me", "member", "memberByAccount", "members", "node", "nodes"}
ABOUT = {"explain": "memberId", "consentReceipt": "id"}
"""Roots that tell of a member without showing one, with the argument that names the member."""
NOBODY = {
    *("viewer", "company", "companies", "dataCategories", "documents", "purposes"),
    *("myAccess", "accessMatrix"),
}
"""Roots that tell of nobody."""

Shape = Mapping[str, Any]
Part = tuple[str, FieldNode, str | None]
"""What is selected: response key, selection, the name of an object's type."""


class Found(Protocol):
    """Takes down what was received of one root."""

    def member(self, id_: str) -> str: ...
    def cell(self, member: str, row: str | None, path: str) -> None: ...
    def shut(self, member: str, relation: str) -> None: ...
    def listed(self, member: str, relation: str, rows: Sequence[str], given: Shape) -> None: ...
    def page(self, members: Sequence[str], given: Shape) -> None: ...
    def beyond_list(self, member: str, relation: str, row: str, given: Shape) -> None: ...
    def beyond_page(self, member: str, given: Shape) -> None: ...
    def total(self, member: str | None, relation: str, number: int, given: Shape) -> None: ...
    def access(self, member: str, path: str, state: str) -> None: ...
    def consents(self, member: str) -> None: ...
    def account_id(self, member: str) -> None: ...
    def explained(self, member: str, path: str) -> None: ...
    def through(self, member: str, given: Shape) -> "Found": ...


def with_ids(schema: GraphQLSchema, text: str, variables: Shape) -> str:
    """The same operation, with ids beside whatever it shows of members and rows.

    And, where it may show that a page goes on, with those of a page with one entry more.
    """
    info = TypeInfo(schema)

    class Adding(Visitor):
        def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode:
            kind = info.get_parent_type()
            fields = getattr(kind, "fields", {})
            if "pageInfo" in fields:
                return _with(node, _field(NODES, "nodes", _field(ID, "id")))
            if kind is not None and kind.name == "FieldAccess":
                return _with(node, _field(FIELD, "field"), _field(STATE, "state"))
            if kind is not None and kind.name == "Node":
                return _with(node, _field(ID, "id"), _field(TYPE, "__typename"))
            more = [
                _one_more(each, variables)
                for each in node.selections
                if isinstance(each, FieldNode) and _goes_on(each, fields)
            ]
            if kind is not None and (kind.name == "Member" or "acquiredBy" in fields):
                return _with(node, _field(ID, "id"), *more)
            return _with(node, *more)

    document: DocumentNode = visit(parse(text), TypeInfoVisitor(info, Adding()))
    return print_ast(document)


def _goes_on(node: FieldNode, fields: Mapping[str, Any]) -> bool:
    """Whether it is a list that may tell that it goes on."""
    of = fields.get(node.name.value)
    if of is None or "orderBy" not in of.args:
        return False
    said = print_ast(node)
    return any(each in said for each in ("hasNextPage", "hasPreviousPage", "..."))


def _one_more(node: FieldNode, variables: Shape) -> FieldNode:
    """The same list with one entry more, ids alone."""
    sizes = {
        each.name.value: number
        for each in node.arguments or ()
        if each.name.value in {"first", "last"}
        and (number := value_from_ast_untyped(each.value, dict(variables))) is not Undefined
        and number is not None
    } or {"first": DEFAULT}
    others = (each for each in node.arguments or () if each.name.value not in {"first", "last"})
    sized = (
        ArgumentNode(name=NameNode(value=name), value=IntValueNode(value=str(number + 1)))
        for name, number in sizes.items()
    )
    key = (node.alias or node.name).value
    return FieldNode(
        alias=NameNode(value=f"{MORE}{key}"),
        name=node.name,
        arguments=(*others, *sized),
        directives=node.directives,
        selection_set=SelectionSetNode(selections=(_field("nodes", "nodes", _field(ID, "id")),)),
    )


def without_ids(answer: Any) -> Any:
    """The answer as if nothing had been added."""
    if isinstance(answer, list):
        return [without_ids(each) for each in answer]
    if isinstance(answer, dict):
        return {k: without_ids(each) for k, each in answer.items() if not k.startswith(ADDED)}
    return answer


def _field(alias: str, name: str, *below: FieldNode) -> FieldNode:
    inner = SelectionSetNode(selections=below) if below else None
    return FieldNode(
        alias=NameNode(value=alias),
        name=NameNode(value=name),
        arguments=(),
        directives=(),
        selection_set=inner,
    )


def _with(node: SelectionSetNode, *added: FieldNode) -> SelectionSetNode:
    return SelectionSetNode(selections=(*node.selections, *added))


@dataclass
class Reader:
    """Reads one answer that came with ids."""

    schema: GraphQLSchema
    text: str
    variables: Mapping[str, Any]
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)

    def roots(self, data: Shape) -> Iterator[tuple[str, FieldNode]]:
        """Give each selection of a root, with its response key."""
        operation: OperationDefinitionNode | None = None
        for each in parse(self.text).definitions:
            if isinstance(each, FragmentDefinitionNode):
                self.fragments[each.name.value] = each
            elif isinstance(each, OperationDefinitionNode):
                operation = each
        assert operation is not None
        for key, node in self._fields(operation.selection_set, "Query"):
            if key in data and not node.name.value.startswith("__"):
                yield key, node

    def root(self, node: FieldNode, value: Any, found: Found, more: Any) -> None:
        """Take down what one selection of a root shows; of a page, with one of one entry more."""
        name = node.name.value
        if name == "members":
            self._members(node, value, found)
            for id_ in self._beyond(node, "MemberConnection", value, more):
                found.beyond_page(id_, self._given(node))
        elif name in MEMBERS:
            self._several(node, value, found)
        elif name in ABOUT and value is not None:
            given = self._given(node)
            member = found.member(given[ABOUT[name]])
            if name == "explain":
                found.explained(member, given["field"])
            else:
                found.consents(member)

    def _several(self, node: FieldNode, value: Any, found: Found) -> None:
        for each in value if isinstance(value, list) else [value]:
            if each is not None and each.get(TYPE, "Member") == "Member":
                member = found.member(each[ID])
                self._member(node, each, member, found)
                if node.name.value == "memberByAccount":
                    found.account_id(member)

    def _members(self, node: FieldNode, page: Shape, found: Found) -> None:
        given = self._given(node)
        if self._shows_entries(node, "MemberConnection"):
            found.page([found.member(each[ID]) for each in page[NODES]], given)
        for key, part, kind in self._typed(node, "MemberConnection"):
            if part.name.value == "totalCount":
                found.total(None, "members", page[key], given)
            for entry, object_ in self._objects(part, page[key], kind):
                self._member(entry, object_, found.member(object_[ID]), found)

    def _member(self, node: FieldNode, shape: Shape, member: str, found: Found) -> None:
        self._lists_go_on(node, shape, member, found)
        for key, part, kind in self._typed(node, "Member"):
            name, value = part.name.value, shape[key]
            match name:
                case "id":
                    pass
                case "access":
                    for each in value:
                        found.access(member, each[FIELD], each[STATE])
                case "consents":
                    if value is not None:
                        found.consents(member)
                case "asSeenBy":
                    if value is not None:
                        seen = found.through(member, self._given(part))
                        self._member(part, value, member, seen)
                case _ if kind is None:
                    found.cell(member, None, name)
                case _:
                    self._list(part, kind, value, member, found)

    def _lists_go_on(self, node: FieldNode, shape: Shape, member: str, found: Found) -> None:
        for key, part, kind in self._typed(node, "Member"):
            more = shape.get(f"{MORE}{key}")
            for id_ in self._beyond(part, kind, shape[key], more) if kind and more else ():
                found.beyond_list(member, part.name.value, id_, self._given(part))

    def _beyond(self, node: FieldNode, kind: str, page: Any, more: Any) -> Sequence[str]:
        """Give the id of the entry beyond a page, if it is told that there is one."""
        given = self._given(node)
        backward = given.get("last") is not None
        flag, cursor = ("hasPreviousPage", "after") if backward else ("hasNextPage", "before")
        places = [part for _, part, _ in self._typed(node, kind) if part.name.value == "pageInfo"]
        told = {
            part.name.value for place in places for _, part, _ in self._typed(place, "PageInfo")
        }
        if more is None or flag not in told or given.get(cursor) is not None:
            return []
        shown = {each[ID] for each in page[NODES]}
        return [each[ID] for each in more["nodes"] if each[ID] not in shown]

    def _list(self, node: FieldNode, kind: str, value: Any, member: str, found: Found) -> None:
        relation = node.name.value
        if value is None:
            found.shut(member, relation)
            return
        if isinstance(value, list):
            found.listed(member, relation, [row[ID] for row in value], {})
            for row in value:
                self._row(self._typed(node, kind), row, member, relation, found)
            return
        given = self._given(node)
        if self._shows_entries(node, kind):
            found.listed(member, relation, [row[ID] for row in value[NODES]], given)
        for key, part, below in self._typed(node, kind):
            if part.name.value == "totalCount":
                found.total(member, relation, value[key], given)
            for entry, row in self._objects(part, value[key], below):
                parts = self._typed(entry, _row_kind(self.schema, kind))
                self._row(parts, row, member, relation, found)

    def _row(
        self, parts: Iterable[Part], row: Shape, member: str, relation: str, found: Found
    ) -> None:
        for _, part, _ in parts:
            name = part.name.value
            if name not in {"id", "acquiredBy", "source", "channel", "acquiredAt"}:
                found.cell(member, row[ID], f"{relation}.{name}")

    def _shows_entries(self, node: FieldNode, kind: str) -> bool:
        parts = {part.name.value for _, part, _ in self._typed(node, kind)}
        return bool(parts - {"totalCount"})

    def _objects(
        self, part: FieldNode, value: Any, kind: str | None
    ) -> Iterator[tuple[FieldNode, Shape]]:
        """Give the members or rows that a part of a page shows, with what selects them."""
        if part.name.value == "nodes":
            yield from ((part, each) for each in value)
        elif part.name.value == "edges" and kind is not None:
            for key, inner, _ in self._typed(part, kind):
                if inner.name.value == "node":
                    yield from ((inner, edge[key]) for edge in value)

    def _typed(self, node: FieldNode, kind: str) -> Iterator[Part]:
        """Give what is selected below."""
        fields = self.schema.type_map[kind].fields  # type: ignore[attr-defined]
        for key, part in self._fields(node.selection_set, kind):
            if not key.startswith(ADDED) and not part.name.value.startswith("__"):
                named = get_named_type(fields[part.name.value].type)
                is_company = named.name == "Company"
                yield key, part, named.name if hasattr(named, "fields") and not is_company else None

    def _fields(
        self, selected: SelectionSetNode | None, kind: str
    ) -> Iterator[tuple[str, FieldNode]]:
        for each in selected.selections if selected else ():
            if self._is_left_out(each):
                continue
            if isinstance(each, FieldNode):
                yield (each.alias or each.name).value, each
                continue
            inner: Any = each
            if "name" in each.keys:
                inner = self.fragments[inner.name.value]
            condition = inner.type_condition
            if condition is None or self._is(kind, condition.name.value):
                yield from self._fields(inner.selection_set, kind)

    def _is(self, kind: str, condition: str) -> bool:
        wider: Any = self.schema.type_map[condition]
        narrower: Any = self.schema.type_map[kind]
        return kind == condition or (
            hasattr(wider, "resolve_type") and self.schema.is_sub_type(wider, narrower)
        )

    def _is_left_out(self, node: SelectionNode) -> bool:
        said = {
            directive.name.value: self._value(argument.value)
            for directive in node.directives or ()
            for argument in directive.arguments or ()
        }
        return bool(said.get("skip")) or not said.get("include", True)

    def _given(self, node: FieldNode) -> Shape:
        """Give the arguments; what has no value is not among them."""
        given = {each.name.value: self._value(each.value) for each in node.arguments or ()}
        return {name: value for name, value in given.items() if value is not Undefined}

    def _value(self, node: Any) -> Any:
        return value_from_ast_untyped(node, dict(self.variables))


def _row_kind(schema: GraphQLSchema, connection: str) -> str:
    fields: Any = schema.type_map[connection].fields  # type: ignore[attr-defined]
    return str(get_named_type(fields["nodes"].type).name)
