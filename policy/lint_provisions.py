"""Cross-checks of each provision: against its documents, its items, and what rows can carry."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from policy.catalogue import Field
from policy.documents import Document, Item, Provision
from policy.draft import Draft
from policy.source import Finding, Node
from policy.vocabulary import (
    SENSITIVE,
    SYSTEM_PURPOSES,
    ConsentLevel,
    ConsentMode,
    DocumentScope,
    Group,
    OpeningAct,
    Requirement,
    RowFact,
)

NO_PROVIDER = {Group.ITSELF, Group.ROW_COMPANY, Group.MERCHANTS}
"""Groups that only say who receives: relative to the value, or outside the group."""

FACTS: Mapping[Requirement, RowFact] = {
    Requirement.ORDERED: RowFact.MERCHANT,
    Requirement.CONTRACT_ENDED: RowFact.CONTRACT,
    Requirement.ACQUISITION_CONSENT: RowFact.ACQUISITION_CONSENT,
}
"""The requirements that ask the row; without the fact they are false there."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One entry under check: its rows differ in document and version alone."""

    node: Node
    row: Provision
    rows: tuple[Provision, ...]
    documents: Mapping[str, Document]
    items: Mapping[str, Item]
    fields: Mapping[str, Field]
    facts: Mapping[str, frozenset[RowFact]]

    @property
    def own_documents(self) -> list[Document]:
        """Those of its documents that could be read."""
        keys = dict.fromkeys(row.document for row in self.rows)
        return [self.documents[key] for key in keys if key in self.documents]

    @property
    def covered(self) -> list[Field]:
        """The fields it opens where everything it asks for holds."""
        return [
            field
            for path, field in self.fields.items()
            if any(self.row.covers(category, path) for category in field.categories)
            and all(self.row.covers(category, path) for category in field.restricted)
        ]


def places(draft: Draft) -> Iterator[Finding]:
    """The same provision stands once in each version of a document."""
    held: dict[tuple[str, str, str], int] = {}
    for entry in draft.provisions:
        for row in entry.value:
            at = (row.key, row.document, row.version)
            if at in held:
                message = f"{row.key!r} stands in {row.document} {row.version} already"
                remedy = f"Keep this entry or that of line {held[at]}"
                yield entry.node.at("versions").finding(message, remedy)
            held.setdefault(at, entry.node.line)


def existing_versions(subject: Subject) -> Iterator[Finding]:
    for document in subject.own_documents:
        known = {version.key for version in document.versions}
        for node in subject.node.search("versions", "*"):
            if node.plain() not in known:
                message = f"{document.key} has no version {node.plain()!r}"
                yield node.finding(message, f"Name one of {', '.join(sorted(known))}")


def parties(subject: Subject) -> Iterator[Finding]:
    if subject.row.providers.group in NO_PROVIDER:
        message = f"{subject.row.providers.group} says who receives, not who provides"
        yield subject.node.at("providers").finding(message, "Name the group of the acquirers")


def narrowed_fields(subject: Subject) -> Iterator[Finding]:
    for category, paths in subject.row.categories.items():
        for path in sorted(paths or ()):
            field = subject.fields.get(path)
            if field and category not in field.categories:
                message = f"{path!r} is not of category {category!r}"
                node = subject.node.at("categories", category)
                yield node.finding(message, f"Its categories are {', '.join(field.categories)}")


def sensitive_terms(subject: Subject) -> Iterator[Finding]:
    """Sensitive data is opened by its own consent, or by that to its acquisition; and by a list."""
    row, node = subject.row, subject.node
    if SENSITIVE not in row.categories:
        if row.sensitive_lists:
            message = f"a sensitive list, but no category {SENSITIVE!r}"
            yield node.at("sensitive_lists").finding(message, "Remove the list")
        return
    by_item = row.min_consent is ConsentLevel.EXPLICIT_SENSITIVE
    by_notice = row.min_consent is ConsentLevel.NOTICE
    acquired = Requirement.ACQUISITION_CONSENT in row.requires
    if not row.sensitive_lists or not (by_item or (by_notice and acquired)):
        yield node.at("categories", SENSITIVE).finding(
            "a sensitive field in an ordinary provision",
            "Ask for EXPLICIT_SENSITIVE, or for NOTICE with ACQUISITION_CONSENT, and name a list",
        )


def row_facts(subject: Subject) -> Iterator[Finding]:
    """What it asks of a row is carried by some relation it covers, or it is false everywhere."""
    relations = {field.relation for field in subject.covered}
    for name, fact, key in _asked(subject):
        if not any(fact in subject.facts.get(relation, {fact}) for relation in relations):
            message = f"{name} is false everywhere: no row it covers carries {fact.value!r}"
            remedy = "Cover a relation whose rows carry it, or drop what asks for it"
            yield subject.node.at(key).finding(message, remedy)


def _asked(subject: Subject) -> Iterator[tuple[str, RowFact, str]]:
    """What asks the row, for which fact, and under which key it stands."""
    for requirement, fact in FACTS.items():
        if requirement in subject.row.requires:
            yield requirement, fact, "requires"
    if subject.row.recipients.group is Group.ROW_COMPANY:
        yield Group.ROW_COMPANY, RowFact.ROW_COMPANY, "recipients"
    if any(document.scope is DocumentScope.SERVICE for document in subject.own_documents):
        yield DocumentScope.SERVICE.name, RowFact.SERVICE, "documents"


def consents(subject: Subject) -> Iterator[Finding]:
    """The level asked for and the items that give it go together."""
    row, level, node = subject.row, subject.row.min_consent, subject.node
    if bool(row.items) != (level >= ConsentLevel.DEEMED):
        has = ", ".join(row.items) or "no item"
        message = f"{level.name} does not go with {has}"
        remedy = "NONE and NOTICE have no items, every other level has one or two"
        yield node.at("min_consent").finding(message, remedy)
    for index, key in enumerate(row.items):
        item = subject.items.get(key)
        if item and any(item.document != each.document for each in subject.rows):
            message = f"item {key!r} is one of {item.document}"
            remedy = "Name an item of the provision's own document"
            yield node.at("items", index).finding(message, remedy)
    for document in subject.own_documents:
        if level is ConsentLevel.DEEMED and document.consent is not ConsentMode.DEEMED:
            message = f"{document.key} is never deemed consented to"
            yield node.at("min_consent").finding(message, "Ask for EXPLICIT")
    first = subject.items.get(row.items[0]) if row.items else None
    if level is ConsentLevel.EXPLICIT_SENSITIVE and first and not first.sensitive:
        message = f"item {first.key!r} does not reach EXPLICIT_SENSITIVE"
        yield node.at("items").finding(message, "Put an item marked `sensitive` first")


def listed_purposes(subject: Subject) -> Iterator[Finding]:
    row, node = subject.row, subject.node
    listed = row.purposes.exact | row.purposes.with_children
    if not listed and not row.purposes.own:
        yield node.at("purposes").finding("it lists no purpose", "List one, or remove the entry")
    for key in sorted(listed & SYSTEM_PURPOSES):
        message = f"{key!r} is no purpose a provision opens"
        yield node.at("purposes").finding(message, "Remove it")
    if row.purposes.own and row.own_purpose is None:
        message = "own purposes, but no act before which they must be published"
        yield node.at("purposes", "own").finding(message, "Add `own_purpose`")
    if row.own_purpose is not None and not row.purposes.own:
        message = "an opening act, but no own purposes"
        yield node.at("own_purpose").finding(message, "Remove it, or add `own: true`")
    if row.own_purpose is OpeningAct.CONSENT and not row.items:
        message = "own purposes open by a consent, but there is no item"
        yield node.at("own_purpose").finding(message, "Choose another act, or name the item")


CHECKS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    existing_versions,
    parties,
    narrowed_fields,
    sensitive_terms,
    row_facts,
    consents,
    listed_purposes,
)


def provision_findings(draft: Draft) -> Iterator[Finding]:
    yield from places(draft)
    signed = [entry.value for entry in draft.documents]
    documents = {each.document.key: each.document for each in signed}
    items = {item.key: item for each in signed for item in each.items}
    fields = {entry.value.path: entry.value for entry in draft.fields}
    facts = {entry.value.name: entry.value.facts for entry in draft.relations}
    for entry in draft.provisions:
        row, *_ = entry.value
        subject = Subject(entry.node, row, entry.value, documents, items, fields, facts)
        for check in CHECKS:
            yield from check(subject)
