"""Cross-checks between entries: what each entry alone cannot show to be wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from policy.draft import Draft
from policy.source import Finding, Node
from policy.vocabulary import (
    SENSITIVE,
    CompanyKind,
    ConsentMode,
    DocumentScope,
    IdStatus,
    Interval,
    Reach,
    RowFact,
)

PUBLISHES_NOTHING = {CompanyKind.MERCHANT, CompanyKind.PROCESSOR, CompanyKind.EXTERNAL}
"""Kinds of company that have no own purposes (domain.md 3.7-7)."""


def trees(draft: Draft) -> Iterator[Finding]:
    """Purposes and categories lie two levels deep, and nothing above itself."""
    yield from _tree(
        {each.value.purpose.key: (each.node, each.value.purpose.parent) for each in draft.purposes}
    )
    yield from _tree({each.value.key: (each.node, each.value.parent) for each in draft.categories})


def _tree(entries: Mapping[str, tuple[Node, str | None]]) -> Iterator[Finding]:
    parents = {key: parent for key, (_, parent) in entries.items()}
    for key, (node, parent) in entries.items():
        line = _line_up(parent, parents)
        if key in line:
            message = f"{key!r} lies above itself: {' > '.join((key, *line))}"
            yield node.at("parent").finding(message, "Cut the circle at one parent")
        elif len(line) > 1:
            message = f"{key!r} lies more than two levels deep: {' > '.join((key, *line))}"
            yield node.at("parent").finding(message, f"Let its parent be {line[-1]!r}")


def _line_up(start: str | None, above: Mapping[str, str | None]) -> list[str]:
    """From here upwards, until the top or a place already seen."""
    line: list[str] = []
    while start is not None and start not in line:
        line.append(start)
        start = above.get(start)
    return line


def successions(draft: Draft) -> Iterator[Finding]:
    """Custody moves on and never comes back, and each company hands it over once."""
    moves: dict[str, str | None] = {}
    for entry in draft.successions:
        move = entry.value
        if move.predecessor in moves:
            message = f"{move.predecessor!r} has a successor already"
            yield entry.node.at("predecessor").finding(message, "Keep one of them")
        elif move.predecessor in _line_up(move.successor, moves):
            message = f"custody would come back to {move.predecessor!r}"
            yield entry.node.at("successor").finding(message, "Cut the circle")
        else:
            moves[move.predecessor] = move.successor


def overlaps(draft: Draft) -> Iterator[Finding]:
    """What is dated holds once at a time."""
    for entry in draft.companies:
        company, node = entry.value, entry.node
        yield from _overlap(node.at("ties"), [when for _, when in company.ties])
        yield from _overlap(node.at("id_status"), [when for _, when in company.id_status])
        yield from _overlap(node.at("insurance_group"), company.insurance_group)
        for document, intervals in company.adopts.items():
            yield from _overlap(node.at("adopts", document), intervals)


def _overlap(node: Node, intervals: Sequence[Interval]) -> Iterator[Finding]:
    for index, later in enumerate(intervals):
        if any(later.start < one.end and one.start < later.end for one in intervals[:index]):
            message = "this interval overlaps an earlier one"
            yield node.at(index).finding(message, "End the one where the other begins")


def documents(draft: Draft) -> Iterator[Finding]:
    """A document's scope, its service and its items go together."""
    services = {entry.value.key: entry.value for entry in draft.services}
    for entry in draft.documents:
        document, node = entry.value.document, entry.node
        if (document.scope is DocumentScope.SERVICE) != (document.service is not None):
            message = "`service` and the scope SERVICE go together"
            yield node.at("scope").finding(message, "Name the service, or choose another scope")
        service = services.get(document.service or "")
        if service and service.owner != document.publisher:
            message = f"service {service.key!r} belongs to {service.owner!r}"
            yield node.at("service").finding(message, "Let its owner publish the document")
        if document.consent is ConsentMode.NOTICE and entry.value.items:
            message = "a NOTICE document asks nothing, but has items"
            yield node.at("items").finding(message, "Remove them, or choose another mode")


def versions(draft: Draft) -> Iterator[Finding]:
    """Each version follows the one before it in time."""
    for entry in draft.documents:
        for index, (earlier, later) in enumerate(pairwise(entry.value.document.versions), 1):
            if later.published_at <= earlier.published_at:
                message = f"version {later.key!r} does not follow {earlier.key!r} in time"
                node = entry.node.at("versions", index, "published_at")
                yield node.finding(message, "Order the versions by date")
        yield from _same(entry.node.at("versions"))


def _same(versions: Node) -> Iterator[Finding]:
    seen = set[str]()
    for node in versions.search("*", "key"):
        key = str(node.plain())
        if key in seen:
            message = f"there is a version {key!r} already"
            yield node.finding(message, "Give each version its own id")
        seen.add(key)


def items(draft: Draft) -> Iterator[Finding]:
    """Every item has a bit for each version of its document, and for each reach."""
    for entry in draft.documents:
        keys = [version.key for version in entry.value.document.versions]
        for index, item in enumerate(entry.value.items):
            node = entry.node.at("items", index)
            if item.version_bits.keys() != set(keys):
                message = f"the versions of {item.document} are {', '.join(keys)}"
                remedy = "Give one bit to each of them and to nothing else"
                yield node.at("version_bits").finding(message, remedy)
            if item.reach_bits.keys() != set(Reach):
                message = f"the reaches are {', '.join(Reach)}"
                yield node.at("reach_bits").finding(message, "Give one bit to each of them")


def fields(draft: Draft) -> Iterator[Finding]:
    """A field lies on a relation that carries what it is judged by."""
    relations = {entry.value.name: entry.value for entry in draft.relations}
    for entry in draft.fields:
        field, node = entry.value, entry.node
        for category in sorted(field.restricted - set(field.categories)):
            message = f"{category!r} restricts {field.path!r}, but is none of its categories"
            yield node.at("restricted").finding(message, "Add it to `categories`, or remove it")
        if SENSITIVE in set(field.categories) - field.restricted:
            message = f"{field.path!r} is sensitive, but that does not restrict it"
            yield node.at("categories").finding(message, f"Add `restricted: [{SENSITIVE}]`")
        relation = relations.get(field.relation)
        if relation is None:
            message = f"there is no relation {field.relation!r}"
            yield node.at("path").finding(message, "Add it to `relations`")
            continue
        for asked, fact in (
            (field.by_kind, RowFact.KIND),
            (field.until_screened, RowFact.SCREENED),
        ):
            if asked and fact not in relation.facts:
                message = f"rows of {relation.name!r} carry no {fact.value!r}"
                yield node.finding(message, f"Add {fact.value!r} to the facts of the relation")


def own_purposes(draft: Draft) -> Iterator[Finding]:
    """A purpose of one's own belongs to a company that can have one, its service and a family."""
    companies = {entry.value.key: entry.value for entry in draft.companies}
    services = {entry.value.key: entry.value for entry in draft.services}
    parents = {each.value.purpose.key: each.value.purpose.parent for each in draft.purposes}
    for entry in draft.purposes:
        if entry.value.purpose.key.startswith("own:"):
            message = f"{entry.value.purpose.key!r} names itself an own purpose"
            yield entry.node.at("key").finding(message, "List it under `own_purposes`")
    for entry in draft.own_purposes:
        purpose, node = entry.value.purpose, entry.node
        if not purpose.key.startswith(f"own:{purpose.owner}:"):
            message = f"{purpose.key!r} does not say whose it is"
            yield node.at("key").finding(message, f"Begin it with own:{purpose.owner}:")
        service = services.get(purpose.service or "")
        if service and service.owner != purpose.owner:
            message = f"service {service.key!r} belongs to {service.owner!r}"
            yield node.at("service").finding(message, f"Name a service of {purpose.owner!r}")
        if parents.get(purpose.family or "") is not None:
            message = f"{purpose.family!r} is no top purpose"
            yield node.at("family").finding(message, f"Name {parents[purpose.family or '']!r}")
        owner = companies.get(purpose.owner or "")
        if owner and owner.kind in PUBLISHES_NOTHING:
            message = f"{owner.key!r} is of kind {owner.kind} and has no purposes of its own"
            yield node.at("owner").finding(message, "Name a company of the group")
        if owner and owner.id_at(purpose.registered_at) is IdStatus.PLANNED:
            message = f"{owner.key!r} is only planned when this is published"
            yield node.at("owner").finding(message, "Publish it once the company is live")


def contracts(draft: Draft) -> Iterator[Finding]:
    """Only a processor acts for somebody else, and never for another processor."""
    kinds = {entry.value.key: entry.value.kind for entry in draft.companies}
    for entry in draft.contracts:
        contract = entry.value
        if kinds.get(contract.processor, CompanyKind.PROCESSOR) is not CompanyKind.PROCESSOR:
            message = f"{contract.processor!r} is no processor"
            yield entry.node.at("processor").finding(message, "Name a company of kind PROCESSOR")
        if kinds.get(contract.controller) is CompanyKind.PROCESSOR:
            message = f"{contract.controller!r} is a processor itself"
            yield entry.node.at("controller").finding(message, "Name the company it acts for")


CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    trees,
    successions,
    overlaps,
    documents,
    versions,
    items,
    fields,
    own_purposes,
    contracts,
)


def lint(draft: Draft) -> Iterator[Finding]:
    for check in CHECKS:
        yield from check(draft)
