"""What the catalogue's words are called in the Data Privacy Vocabulary, DPV 2.3."""

from collections.abc import Mapping
from dataclasses import dataclass

from policy.catalogue import Purpose
from policy.vocabulary import ConsentLevel, ConsentMode, ConsentState, Label

PURPOSE = "dpv:Purpose"
PERSONAL_DATA = "dpv:PersonalData"


@dataclass(frozen=True, slots=True)
class Called:
    """The terms for a word, the source rows they rest on, and the processing it stands for."""

    terms: tuple[str, ...]
    trace: tuple[str, ...]
    processing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where data come from, and by which processing."""

    source: str
    processing: tuple[str, ...]
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a document is, by how it binds; how necessary the data are, where that is known."""

    notice: str
    necessity: str | None
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What a consent's state is, and how long it lasts."""

    status: str
    until: Label
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the member, with its source rows."""

    label: Label
    trace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything seeds/dpv.yaml says. States, levels, modes and operations are all there."""

    purposes: Mapping[str, Called]
    fields: Mapping[str, Called]
    sources: Mapping[str, Source]
    """By data category."""
    sensitive: Called
    operations: Mapping[str, Called]
    levels: Mapping[ConsentLevel, Called]
    documents: Mapping[ConsentMode, Kind]
    states: Mapping[ConsentState, Status]
    renewed: Called
    contexts: Mapping[str, Said]
    abroad: Mapping[str, Said]
    retention: Said
    withdrawal: Said
    rights: tuple[Said, ...]
    law: Called

    def of_purpose(self, purpose: Purpose) -> Called:
        """Give its own terms, else its parent's, or its family's for a company's own purpose."""
        for key in (purpose.key, purpose.parent, purpose.family):
            if found := self.purposes.get(key or ""):
                return found
        return Called((PURPOSE,), ())

    def of_field(self, path: str) -> tuple[str, ...]:
        """Give its terms, else the general one."""
        found = self.fields.get(path)
        return found.terms if found else (PERSONAL_DATA,)
