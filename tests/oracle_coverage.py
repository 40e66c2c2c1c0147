"""What the operations of a run were like, so that its silence means something."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    visit,
)

from tests.oracle import Asked, Expected
from tests.oracle_asking import Asking

PERSONAL = ("me", "member", "memberByAccount", "members", "node", "nodes")
FEATURES = (
    *PERSONAL,
    *("viewer", "company", "companies", "dataCategories", "purposes", "documents", "myAccess"),
    *("alias", "fragment", "inline fragment", "@skip", "@include", "__typename"),
    *("merged fields", "several roots", "alone and mixed", "asked again by others"),
    "a page behind a cursor",
    *(f"argument {name}" for name in ("filter", "orderBy", "first", "after", "last", "before")),
    *("edges", "nodes", "pageInfo", "totalCount", "cursor"),
    *("access", "consents", "asSeenBy", "acquiredBy", "linkedCompanies", "mailPreferences"),
)
"""What every run of some length has to hold."""
ROLES = tuple(f"role {role}" for role in ("service", "analyst", "member", "officer"))


@dataclass
class Coverage:
    """Counts operations by what stands in them, and what came of them."""

    met: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    shown: set[str] = field(default_factory=set)
    """Paths of which some value was open, or nothing was stored where it would have been."""
    withheld: set[str] = field(default_factory=set)

    def count(self, asked: Asked, expected: Expected) -> None:
        self.met["operations"] += 1
        self.met[f"role {asked.requester.role}"] += 1
        if expected.refusals:
            self.met.update(["refused", *(f"refused {code}" for code in expected.refusals)])
            return
        self.met.update(features_of(asked.text) | set(given_in(asked.variables)))
        self._count_answer(expected.asking)

    def _count_answer(self, asking: Asking) -> None:
        self.cells.update(asking.met)
        self.met["shows something"] += bool(asking.disclosed())
        self.met["withholds something"] += bool(asking.withheld())
        for told in asking.told:
            if not told.owner[1]:
                self.cells["null lists"] += 1
            elif told.reason is None:
                self.shown.add(told.path)
            else:
                self.withheld.add(told.path)

    def missing(self) -> Sequence[str]:
        """What this run holds none of."""
        return [name for name in (*FEATURES, *ROLES) if not self.met[name]]

    @property
    def shares(self) -> Mapping[str, float]:
        """Of operations: refused, or telling something; of cells and pages: not empty."""
        every, cells, pages = self.met["operations"], self.cells["cells"], self.cells["pages"]
        return {
            "refused": self.met["refused"] / every,
            "shows something": self.met["shows something"] / every,
            "withholds something": self.met["withholds something"] / every,
            "cells with a value": self.cells["cells with a value"] / cells,
            "pages with entries": self.cells["pages with entries"] / pages,
        }

    def report(self) -> str:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in self.shares.items())
        stand = {name: self.met[name] for name in (*ROLES, *FEATURES)}
        seen = {name: self.cells[name] for name in ("cells", "pages", "null lists", "seen through")}
        fields = f"{len(self.shown)} fields shown, {len(self.withheld)} withheld"
        return f"{self.met['operations']} operations: {shares}; {fields}; {seen}; {stand}"


def given_in(variables: Mapping[str, Any]) -> Iterator[str]:
    if any(name.startswith("c") and value for name, value in variables.items()):
        yield "a page behind a cursor"


class _Features(Visitor):
    """Names what stands in a document."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.found.add(node.name.value)
        self.found |= {f"argument {each.name.value}" for each in node.arguments or ()}
        self.found |= {f"@{each.name.value}" for each in node.directives or ()}
        if node.alias:
            self.found.add("alias")

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        self.found.add("inline fragment")
        self.found |= {f"@{each.name.value}" for each in node.directives or ()}

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.found.add("fragment")

    def enter_selection_set(self, node: SelectionSetNode, *_: Any) -> None:
        keys = [
            (each.alias or each.name).value
            for each in node.selections
            if isinstance(each, FieldNode)
        ]
        if len(set(keys)) < len(keys):
            self.found.add("merged fields")

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        if len(node.selection_set.selections) > 1:
            self.found.add("several roots")

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        self.found.add("fragment")


def features_of(text: str) -> frozenset[str]:
    features = _Features()
    visit(parse(text), features)
    return frozenset(features.found)
