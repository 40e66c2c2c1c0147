"""The per-field road: a resolver for each personal field, which decides about its own cell."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, get_named_type

from models.tables import RELATIONS
from policy.errors import ErrorCode
from policy.requester import Role
from resolvers import catalogue
from resolvers.consents import consents
from resolvers.seal import Unsealed
from tests import oracle_reasons as reasons
from tests.oracle_asking import Asking, Cursors, Path, Told
from tests.oracle_lists import Entry, Listing, Page, page_of
from tests.oracle_people import ACCOUNT, Held
from tests.oracle_sight import PATHS, Reader, Sight
from tests.real import CATALOGUE, STORED

Info = GraphQLResolveInfo[Any]
Resolver = Callable[..., Any]
PROVENANCE = ("source", "channel", "acquiredAt")


@dataclass(frozen=True)
class Seen:
    """A member as a reader sees them, or one of their rows; what is told is told in a scope."""

    asking: Asking
    sight: Sight
    scope: Path
    row: Held

    @property
    def reader(self) -> Reader:
        return self.sight.reader

    def value(self, info: Info, path: str) -> Any:
        """What a cell shows; that it did, or did not, is told."""
        is_open = path in self.sight.open_paths(self.row)
        why = None if is_open else reasons.why_cell(self.sight, self.row, path)
        self._tell(info, self.row.key, path, why)
        value = self.sight.value(self.row, path)
        self.asking.met["cells"] += 1
        self.asking.met["cells with a value"] += value is not None
        return value

    def withhold_list(self, info: Info, relation: str) -> None:
        self._tell(info, "", relation, reasons.why_list(self.sight, relation))

    def _tell(self, info: Info, row: str, path: str, why: str | None) -> None:
        owner = self.sight.person.key, row
        self.asking.tell(tuple(info.path.as_list()), Told(self.scope, owner, path, why))

    def entries(self, relation: str) -> Sequence[Entry]:
        return [
            Entry(row.key, _values(self.sight, row), shown=replace(self, row=row))
            for row in self.sight.rows(relation)
        ]


@dataclass(frozen=True)
class Shown:
    """A page that was asked for, as its fields are read."""

    cursors: Cursors
    page: Page

    def cursor(self, entry: Entry) -> str:
        listing = self.page.listing
        return self.cursors.make(listing.name, listing.place(entry))

    def end(self, number: int) -> str | None:
        entries = self.page.entries
        return self.cursor(entries[number]) if entries else None


NOBODY = Shown(Cursors(), Page(Listing(ACCOUNT, {}), (), more=False, total=0))
"""What stands where the list of members is refused."""


def install(core: GraphQLSchema) -> None:
    """Let every personal field of a schema of one's own be resolved by itself."""
    kinds: Any = core.type_map
    _install(kinds["Query"], _roots())
    _install(kinds["Member"], dict(_of_members(kinds["Member"])))
    pages = [kinds["MemberConnection"]]
    for relation in filter(None, RELATIONS):
        kind = get_named_type(kinds["Member"].fields[relation].type)
        if "nodes" in kind.fields:
            pages.append(kind)
            kind = get_named_type(kind.fields["nodes"].type)
        _install(kind, dict(_of_rows(kind, relation)))
    for page in pages:
        _install(page, PAGE)
        _install(get_named_type(page.fields["edges"].type), EDGE)
    _install(kinds["PageInfo"], PAGE_INFO)


def _install(kind: Any, resolvers: Mapping[str, Resolver]) -> None:
    for name, resolver in resolvers.items():
        kind.fields[name].resolve = resolver


def _of_members(kind: Any) -> Iterator[tuple[str, Resolver]]:
    yield "id", partial(_id, "Member")
    for path in PATHS[ACCOUNT]:
        yield path, partial(_cell, path)
    for relation in filter(None, RELATIONS):
        named = get_named_type(kind.fields[relation].type)
        yield relation, partial(_list if "nodes" in named.fields else _whole_list, relation)
    yield from (("access", _access), ("consents", _consents), ("asSeenBy", _as_seen_by))


def _of_rows(kind: Any, relation: str) -> Iterator[tuple[str, Resolver]]:
    yield "id", partial(_id, kind.name)
    yield "acquiredBy", lambda seen, _: CATALOGUE.companies[seen.row.facts.acquired_by]
    for name in PROVENANCE:
        yield name, partial(_provenance, name)
    for path in PATHS[relation]:
        name = path.rpartition(".")[2]
        is_company = getattr(get_named_type(kind.fields[name].type), "name", "") == "Company"
        yield name, partial(_company if is_company else _cell, path)


def _id(kind: str, seen: Seen, info: Info) -> str:
    return seen.asking.seal.node_id(seen.reader.audience, kind, seen.row.key)


def _cell(path: str, seen: Seen, info: Info) -> Any:
    return seen.value(info, path)


def _company(path: str, seen: Seen, info: Info) -> Any:
    return CATALOGUE.companies.get(seen.value(info, path))


def _provenance(name: str, seen: Seen, info: Info) -> Any:
    return seen.row.provenance[name]


def _list(relation: str, seen: Seen, info: Info, **given: Any) -> Shown | None:
    listing = seen.asking.listing(seen.reader, relation, given)
    if not seen.sight.could(PATHS[relation]):
        seen.withhold_list(info, relation)
        return None
    return _shown(seen.asking, listing, seen.entries(relation))


def _shown(asking: Asking, listing: Listing, entries: Sequence[Entry]) -> Shown:
    page = page_of(asking.placed(listing), entries)
    asking.met["pages"] += 1
    asking.met["pages with entries"] += bool(page.entries)
    return Shown(asking.cursors, page)


def _whole_list(relation: str, seen: Seen, info: Info) -> Sequence[Seen] | None:
    if not seen.sight.could(PATHS[relation]):
        seen.withhold_list(info, relation)
        return None
    return [entry.shown for entry in seen.entries(relation)]


def _values(sight: Sight, row: Held) -> Mapping[str, Any]:
    shown = {path: sight.value(row, path) for path in PATHS[row.relation]}
    return {path.rpartition(".")[2]: value for path, value in shown.items() if value is not None}


def _access(seen: Seen, info: Info, fields: Sequence[str] | None = None) -> Sequence[Any]:
    asked = STORED_IN_ORDER if fields is None else list(dict.fromkeys(fields))
    if unknown := [path for path in asked if path not in STORED]:
        seen.asking.refuse(ErrorCode.BAD_USER_INPUT)
    return [reasons.access(seen.sight, path) for path in asked if path not in unknown]


STORED_IN_ORDER = [path for path in CATALOGUE.fields if path in STORED]


def _consents(seen: Seen, info: Info) -> Sequence[Any] | None:
    reader, person = seen.reader, seen.sight.person
    if reader.member is None and reader.office is None:
        return None
    found = consents(CATALOGUE, person.events, reader.now)
    return [replace(each, member=person.key, audience=reader.audience) for each in found]


def _as_seen_by(seen: Seen, info: Info, company: str, purpose: str, **given: Any) -> Seen | None:
    asking, on_behalf_of = seen.asking, given.get("onBehalfOf")
    if asking.requester.role is not Role.MEMBER:
        asking.refuse(ErrorCode.FORBIDDEN)
    elif seen.reader.watched:
        asking.refuse(ErrorCode.BAD_USER_INPUT)
    elif purpose not in CATALOGUE.purposes:
        asking.refuse(ErrorCode.PURPOSE_UNKNOWN)
    elif {company, on_behalf_of} - {None} - CATALOGUE.companies.keys():
        asking.refuse(ErrorCode.BAD_USER_INPUT)
    else:
        eyes = asking.watched(company, purpose, on_behalf_of)
        sight = asking.sight(eyes, seen.sight.person.key)
        asking.met["seen through"] += sight is not None
        return _seen(asking, sight, (*seen.scope, info.path.key, eyes.audience))
    return None


def _seen(asking: Asking, sight: Sight | None, scope: Path) -> Seen | None:
    if sight is None:
        return None
    assert sight.person.account is not None
    return Seen(asking, sight, scope, sight.person.account)


def _roots() -> Mapping[str, Resolver]:
    return {
        "me": _me,
        "member": _member_of_id,
        "memberByAccount": _member_by_account,
        "members": _members,
        "node": lambda asking, info, **given: _node(asking, info, given["id"]),
        "nodes": lambda asking, info, ids: [_node(asking, info, each) for each in ids],
    }


def _me(asking: Asking, info: Info) -> Seen | None:
    if asking.requester.role is not Role.MEMBER:
        return None
    return _member(asking, info, asking.requester.subject)


def _member_of_id(asking: Asking, info: Info, **given: str) -> Seen | None:
    return _member(asking, info, asking.member_key(given["id"]))


def _member(asking: Asking, info: Info, key: str | None) -> Seen | None:
    reader = asking.entry()
    sight = asking.sight(reader, key) if reader else None
    return _seen(asking, sight, (str(info.path.as_list()[0]),))


def _member_by_account(asking: Asking, info: Info, **given: str) -> Seen | None:
    account_id = given["accountId"]
    if asking.requester.role not in {Role.SERVICE, Role.ANALYST}:
        asking.refuse(ErrorCode.FORBIDDEN)
        return None
    if "\0" in account_id:
        asking.refuse(ErrorCode.BAD_USER_INPUT)
    reader = asking.entry()
    sights = asking.sights_of_all(reader) if reader else ()
    named = (s for s in sights if asking.rehearsal or s.account_id == account_id)
    return _seen(asking, next(named, None), (str(info.path.key),))


def _members(asking: Asking, info: Info, **given: Any) -> Shown:
    if asking.requester.role is Role.OFFICER:
        asking.refuse(ErrorCode.FORBIDDEN)
        return NOBODY
    reader = asking.entry()
    if reader is None:
        return NOBODY
    listing = asking.listing(reader, ACCOUNT, given)
    found = (_seen(asking, s, (str(info.path.key),)) for s in asking.sights_of_all(reader))
    return _shown(asking, listing, [_member_entry(seen, listing) for seen in found if seen])


def _member_entry(seen: Seen, listing: Listing) -> Entry:
    rows = {name: seen.entries(name) for name in RELATIONS if name and listing.where}
    return Entry(seen.sight.person.key, _values(seen.sight, seen.row), rows, shown=seen)


def _node(asking: Asking, info: Info, token: str) -> Any:
    try:
        kind, key = asking.seal.open_node_id(catalogue.AUDIENCE, token)
    except (Unsealed, ValueError):
        return _member(asking, info, asking.member_key(token))
    return catalogue.node(info.context, kind, key)


PAGE: Mapping[str, Resolver] = {
    "nodes": lambda shown, _: [entry.shown for entry in shown.page.entries],
    "edges": lambda shown, _: [(shown, entry) for entry in shown.page.entries],
    "pageInfo": lambda shown, _: shown,
    "totalCount": lambda shown, _: shown.page.total,
}
EDGE: Mapping[str, Resolver] = {
    "node": lambda edge, _: edge[1].shown,
    "cursor": lambda edge, _: edge[0].cursor(edge[1]),
}
PAGE_INFO: Mapping[str, Resolver] = {
    "hasNextPage": lambda shown, _: shown.page.has_next,
    "hasPreviousPage": lambda shown, _: shown.page.has_previous,
    "startCursor": lambda shown, _: shown.end(0),
    "endCursor": lambda shown, _: shown.end(-1),
}
