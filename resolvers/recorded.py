"""What a record names, as the catalogue had it when the record was made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from policy.catalogue import Catalogue
from policy.documents import Provision
from policy.vocabulary import Label
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class RecordedCompany:
    """A party under the name, address and representative that it had then."""

    key: str
    name: Label
    address: str | None
    representative: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A purpose or a consent item under the name that it had then."""

    key: str
    name: Label


@dataclass(frozen=True, slots=True)
class RecordedProvision:
    """What opened it, in the version of its document that was in force then."""

    key: str
    document: str
    document_name: Label
    version: str
    items: Sequence[Recorded]
    """The consent items that had to stand."""


@dataclass(frozen=True, slots=True)
class Then:
    """The catalogue of a past instant. What it does not know is called by its key."""

    catalogue: Catalogue
    at: datetime

    def company(self, key: str) -> RecordedCompany:
        found = self.catalogue.companies.get(key)
        if found is None:
            return RecordedCompany(key, Label(key, key), None, None, None)
        return RecordedCompany(
            key, found.name, found.address, found.representative, found.country or None
        )

    def custodian(self, acquirer: str) -> RecordedCompany:
        """Who held then what this company had acquired."""
        return self.company(self.catalogue.custodian(acquirer, self.at))

    def purpose(self, key: str) -> Recorded:
        found = self.catalogue.purposes.get(key)
        return Recorded(key, found.name if found else Label(key, key))

    def item(self, key: str) -> Recorded:
        found = self.catalogue.items.get(key)
        return Recorded(key, found.name if found else Label(key, key))

    def row(self, number: int) -> Provision | None:
        """Give the provision of this number, as the version in force held it."""
        rows = [each for each in self.catalogue.provisions if each.number == number]
        in_force = (each for each in rows if self._in_force(each))
        return next(in_force, rows[-1] if rows else None)

    def provision(self, number: int) -> RecordedProvision | None:
        row = self.row(number)
        if row is None:
            return None
        document = self.catalogue.documents[row.document]
        items = [self.item(key) for key in row.items]
        return RecordedProvision(row.key, row.document, document.name, row.version, items)

    def categories(self, path: str) -> Sequence[Label]:
        """What kind of data a field is, or the rows of a relation are."""
        fields = self.catalogue.fields
        known = [fields[path]] if path in fields else []
        known = known or [each for each in fields.values() if path and each.relation == path]
        keys = dict.fromkeys(key for each in known for key in each.categories)
        return [self.catalogue.categories[key].name for key in keys]

    def _in_force(self, row: Provision) -> bool:
        version = self.catalogue.documents[row.document].version_at(self.at)
        return version is not None and version.key == row.version


async def then_of(context: Context, version: str, at: datetime) -> Then:
    """Give the version of the catalogue that decided; today's where that one is not kept."""
    kept = await context.folder.catalogue_of(version)
    return Then(kept or context.catalogue, at)
