"""Whether trusted documents can be answered at all, told before anybody asks them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from graphql import GraphQLSyntaxError, parse

from models.trusted import Scope, TrustedDocument
from models.view import View
from policy.catalogue import Catalogue
from policy.errors import PrivacyError
from policy.openings import Availability, availability
from policy.requester import Requester, Role
from resolvers.eyes import eyes_at
from schema.build import Schema
from schema.personal_use import PersonalUse, personal_use
from server.issuing import Bearer, Unissuable, purposes_for, requester_for
from server.versions import grants_of


def caller_for(catalogue: Catalogue, scope: Scope, at: datetime) -> Requester:
    """The system that a scope's documents are for. Raises Unissuable for one nobody can be."""
    bearer = Bearer(Role.SERVICE, scope.company, scope.on_behalf_of or None)
    requester = requester_for(catalogue, bearer)
    purposes_for(catalogue, requester, [scope.purpose] if scope.purpose else [], at)
    return requester


def findings(
    schema: Schema, catalogue: Catalogue, document: TrustedDocument, at: datetime
) -> Iterator[str]:
    """What keeps a document from being answered in its scope, one sentence each."""
    try:
        requester = caller_for(catalogue, document.scope, at)
    except Unissuable as wrong:
        yield f"{wrong}."
        return
    invalid = list(invalidities(schema, document.text))
    yield from invalid
    if invalid:
        return
    use = personal_use(schema.core, parse(document.text))
    if not document.scope.purpose:
        if use.selected or use.compared:
            yield "It asks for personal data, and is filed for no purpose."
        return
    view = eyes_at(requester, document.scope.purpose, grants_of(catalogue), at).view
    yield from _closed(catalogue, view, use)


def invalidities(schema: Schema, text: str) -> Iterator[str]:
    """What the schema, or a limit, has against a document."""
    try:
        errors = schema.documents.fresh(text).errors
    except GraphQLSyntaxError as unparsed:
        errors = [unparsed]
    except PrivacyError as refusal:
        yield refusal.message
        return
    for each in errors:
        yield f"It is not valid: {each.message}"


def _closed(catalogue: Catalogue, view: View, use: PersonalUse) -> Iterator[str]:
    for path in _never(catalogue, view, use.compared):
        yield f"It filters or orders by {path}, which is never open (FIELD_NEVER_OPEN)."
    for path in _never(catalogue, view, use.selected):
        yield f"It selects {path}, which is never open: null for every member."


def _never(catalogue: Catalogue, view: View, paths: Iterable[str]) -> Iterator[str]:
    """Those of these paths, of lists too, that no provision opens to the view."""
    for path in paths:
        fields = [path] if path in catalogue.fields else _below(catalogue, path)
        reached = {availability(catalogue, view.asker, view.grant(each)) for each in fields}
        if reached == {Availability.NEVER}:
            yield path


def _below(catalogue: Catalogue, relation: str) -> list[str]:
    return [path for path, each in catalogue.fields.items() if each.relation == relation]
