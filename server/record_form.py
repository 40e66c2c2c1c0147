"""Records as files hold them: each as the API tells it, or as one line of a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from resolvers.record_contents import RecordContents
from resolvers.recorded import RecordedCompany
from schema.scalars import instant_text

Cell = Callable[[RecordContents], object]


def as_object(value: Any) -> Any:
    """Give a record as the API tells it: by the names of its fields."""
    if is_dataclass(value) and not isinstance(value, type):
        return {_camel(each.name): as_object(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (list, tuple)):
        return [as_object(each) for each in value]
    return value


def as_cells(record: RecordContents) -> Sequence[str]:
    """Give a record as one line; what is several stands in one cell, parted by `; `."""
    return [_text(cell(record)) for cell in COLUMNS.values()]


def _company(
    of: Callable[[RecordContents], RecordedCompany | None], name: str
) -> Mapping[str, Cell]:
    def part(read: Callable[[RecordedCompany], object]) -> Cell:
        def cell(record: RecordContents) -> object:
            company = of(record)
            return None if company is None else read(company)

        return cell

    return {
        f"{name}Key": part(lambda company: company.key),
        f"{name}NameJa": part(lambda company: company.name.ja),
        f"{name}NameEn": part(lambda company: company.name.en),
        f"{name}Address": part(lambda company: company.address),
        f"{name}Representative": part(lambda company: company.representative),
    }


def _of_provision(read: Callable[[Any], object]) -> Cell:
    def cell(record: RecordContents) -> object:
        return None if record.provision is None else read(record.provision)

    return cell


def _of_consents(read: Callable[[Any], object]) -> Cell:
    def cell(record: RecordContents) -> object:
        return [_text(read(each)) for each in record.consents or ()]

    return cell


COLUMNS: Mapping[str, Cell] = {
    "id": lambda record: record.id,
    "month": lambda record: record.month,
    **_company(lambda record: record.provider, "provider"),
    **_company(lambda record: record.held_by, "heldBy"),
    **_company(lambda record: record.recipient, "recipient"),
    **_company(lambda record: record.via, "via"),
    "country": lambda record: record.country,
    "memberId": lambda record: record.member_id,
    "items": lambda record: record.items,
    "categoriesJa": lambda record: [each.ja for each in record.categories],
    "categoriesEn": lambda record: [each.en for each in record.categories],
    "circumstances": lambda record: [
        "/".join(filter(None, (each.source, each.channel))) for each in record.circumstances or ()
    ],
    "purposes": lambda record: [each.key for each in record.purposes or ()],
    "provision": _of_provision(lambda provision: provision.key),
    "document": _of_provision(lambda provision: provision.document),
    "documentNameJa": _of_provision(lambda provision: provision.document_name.ja),
    "documentNameEn": _of_provision(lambda provision: provision.document_name.en),
    "version": _of_provision(lambda provision: provision.version),
    "consented": lambda record: record.consented,
    "consentItems": _of_consents(lambda each: each.item.key if each.item else each.country),
    "consentLevels": _of_consents(lambda each: each.level),
    "consentVersions": _of_consents(lambda each: each.version),
    "consentedAt": _of_consents(lambda each: each.consented_at),
    "consentEvents": _of_consents(lambda each: each.id),
    "firstAt": lambda record: record.first_at,
    "lastAt": lambda record: record.last_at,
    "number": lambda record: record.number,
    "statutory": lambda record: record.statutory,
    "keptUntil": lambda record: record.kept_until,
    "policyVersion": lambda record: record.policy_version,
    "sentenceJa": lambda record: record.sentence.ja,
    "sentenceEn": lambda record: record.sentence.en,
}
"""Column of the table → what stands in it, in this order."""


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return instant_text(value)
        case Enum():
            return value.name
        case list() | tuple():
            return "; ".join(map(_text, value))
        case _:
            return str(value)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)
