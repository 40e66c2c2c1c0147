"""From the catalogue's files to the catalogue: strictly, and all findings in one go."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from policy.catalogue import Catalogue, Purpose
from policy.draft import Draft, read_draft
from policy.lint import lint
from policy.lint_limits import limit_findings
from policy.lint_provisions import provision_findings
from policy.lint_versions import editorial_findings, published_findings
from policy.numbers import number_findings
from policy.source import CatalogueError, Node, content_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """The version that this one would replace now: what it has published stays as it is."""

    catalogue: Catalogue
    at: datetime


def parse(
    files: Mapping[str, Node],
    numbers: Mapping[str, int] | None = None,
    earlier: Earlier | None = None,
) -> Catalogue:
    """The catalogue these files state.

    `numbers` are those that catalogues stored before gave (`policy.numbers.numbers_of`).
    Raises CatalogueError with everything that is wrong.
    """
    draft = read_draft(files)
    findings = [
        *draft.findings,
        *lint(draft),
        *provision_findings(draft),
        *limit_findings(draft),
        *editorial_findings(draft),
        *number_findings(draft, numbers or {}),
        *(published_findings(draft, earlier.catalogue, earlier.at) if earlier else ()),
    ]
    if findings:
        raise CatalogueError(findings)
    return _catalogue(draft)


def _catalogue(draft: Draft) -> Catalogue:
    signed = [entry.value for entry in draft.documents]
    purposes = _purposes(draft)
    return Catalogue(
        version=sha256(content_of(draft.files).encode()).hexdigest(),
        companies={entry.value.key: entry.value for entry in draft.companies},
        services={entry.value.key: entry.value for entry in draft.services},
        categories={entry.value.key: entry.value for entry in draft.categories},
        relations={entry.value.name: entry.value for entry in draft.relations},
        fields={entry.value.path: entry.value for entry in draft.fields},
        sensitive_lists={entry.value.key: entry.value for entry in draft.lists},
        purposes={purpose.key: purpose for purpose in purposes},
        documents={each.document.key: each.document for each in signed},
        items={item.key: item for each in signed for item in each.items},
        provisions=tuple(row for entry in draft.provisions for row in entry.value),
        contracts=tuple(entry.value for entry in draft.contracts),
        successions=tuple(entry.value for entry in draft.successions),
        designated_countries=draft.designated,
    )


def _purposes(draft: Draft) -> list[Purpose]:
    """All purposes; an own one heeds what its family hands on."""
    registered = [entry.value for entry in draft.purposes]
    handed = {each.purpose.key: each.family_vetoes for each in registered}
    owned = [entry.value.purpose for entry in draft.own_purposes]
    return [
        *(each.purpose for each in registered),
        *(replace(purpose, vetoes=handed[purpose.family or ""]) for purpose in owned),
    ]
