"""The limits of the catalogue that hold under every document (domain.md 3.4)."""

from collections.abc import Callable, Iterator

from policy.documents import PurposeSet
from policy.draft import Draft
from policy.source import Finding
from policy.vocabulary import SENSITIVE, SYSTEM_PURPOSES


def closed_to_own_purposes(draft: Draft) -> Iterator[Finding]:
    """What no recipient gets for purposes of its own (Q13)."""
    closed = {each.value.key for each in draft.categories if not each.value.own_purposes}
    for entry in draft.provisions:
        row, *_ = entry.value
        for category in sorted(closed & row.categories.keys()) if row.purposes.own else ():
            message = f"{category!r} is never open to own purposes, and {row.key!r} lists them"
            remedy = "Remove the category, or state it in a provision without `own: true`"
            yield entry.node.at("categories", category).finding(message, remedy)


def sensitive_purposes(draft: Draft) -> Iterator[Finding]:
    """Sensitive data is opened only for purposes that say they may touch it (S74)."""
    marked = {each.value.purpose.key for each in draft.purposes if each.value.purpose.sensitive}
    for entry in draft.provisions:
        row, *_ = entry.value
        listed = _listed(draft, row.purposes) if SENSITIVE in row.categories else frozenset[str]()
        for key in sorted(listed - marked):
            message = f"{key!r} is no purpose that opens sensitive data"
            remedy = f"List {', '.join(sorted(marked)) or 'a purpose with `sensitive: true`'} alone"
            yield entry.node.at("purposes").finding(message, remedy)


def _listed(draft: Draft, purposes: PurposeSet) -> frozenset[str]:
    """The purposes by name, a parent with every child whenever registered."""
    registered = [each.value.purpose for each in draft.purposes]
    children = {each.key for each in registered if each.parent in purposes.with_children}
    return (purposes.exact | purposes.with_children | children) - purposes.but


def never_fields(draft: Draft) -> Iterator[Finding]:
    """Passwords, PINs and the like are no fields, under whatever spelling (S36)."""
    never = {_spelling(name) for name in draft.never}
    for entry in draft.fields:
        path = entry.value.path
        if any(_spelling(part) in never for part in path.split(".")):
            message = f"{path!r} is named by `never`: it is no field for anybody"
            yield entry.node.at("path").finding(message, "Remove the field; do not keep the value")


def _spelling(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def system_purposes(draft: Draft) -> Iterator[Finding]:
    """The purposes that the program itself knows are registered."""
    if "purposes.yaml" not in draft.files:
        return
    root = draft.files["purposes.yaml"]
    keys = (node.value for node in root.search("purposes", "*", "key"))
    present = {key for key in keys if isinstance(key, str)}
    for key in sorted(SYSTEM_PURPOSES - present):
        message = f"the purpose {key!r} is missing"
        yield root.at("purposes").finding(message, f"Register it again under the key {key!r}")


CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    closed_to_own_purposes,
    sensitive_purposes,
    never_fields,
    system_purposes,
)


def limit_findings(draft: Draft) -> Iterator[Finding]:
    for check in CHECKS:
        yield from check(draft)
