"""What a member is shown before a choice: the notice, whole, as it is hashed."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import Parent

from resolvers.presenting import Presentation as Shown
from schema.directives import CATALOGUE, NotPersonal, plain
from schema.document import ConsentItem, PolicyDocument, PolicyVersion


@strawberry.enum(description="A language that notices are shown in.", directives=[CATALOGUE])
class NoticeLanguage(Enum):
    """Those of the catalogue's labels."""

    JA = strawberry.enum_value("ja", description="Japanese.")
    EN = strawberry.enum_value("en", description="English.")


@strawberry.type(
    description="An entry of the catalogue, under its name in one language.", directives=[CATALOGUE]
)
class NoticeEntry:
    """A category, a purpose, a companion document."""

    key: strawberry.ID = plain("The stable id in the catalogue.")
    name: str = plain("Its name.")


@strawberry.type(description="Who would receive, and where that is.", directives=[CATALOGUE])
class NoticeRecipient:
    """A company, as of the presentation."""

    key: strawberry.ID = plain("The stable id in the catalogue.")
    name: str = plain("Its name.")
    country: str = plain("Its country, as ISO 3166-1 writes it; empty where it is unknown.")


@strawberry.type(description="What one provision would permit.", directives=[CATALOGUE])
class NoticePermission:
    """Resolved as of the presentation."""

    key: strawberry.ID = plain("The provision.")
    items: list[strawberry.ID] = plain("The consent items it needs.")
    recipients: list[NoticeRecipient] = plain("Who would receive.")
    processors: list[NoticeRecipient] = plain("Who acts for one of them, under a contract.")
    categories: list[NoticeEntry] = plain("What.")
    purposes: list[NoticeEntry] = plain("For what.")


def _text(root: Parent[Shown]) -> str:
    return root.notice.text


def _language(root: Parent[Shown]) -> str:
    return root.notice.language


def _disadvantages(root: Parent[Shown]) -> list[str]:
    return list(root.notice.disadvantages)


def _companions(root: Parent[Shown]) -> list[NoticeEntry]:
    return list(root.notice.companions)  # type: ignore[arg-type] # (of the same shape)


def _permissions(root: Parent[Shown]) -> list[NoticePermission]:
    return list(root.notice.permissions)  # type: ignore[arg-type]


def _processors(root: Parent[Shown]) -> list[NoticeRecipient]:
    return list(root.notice.processors)  # type: ignore[arg-type]


def _countries(root: Parent[Shown]) -> list[str]:
    return sorted(root.notice.countries)


@strawberry.type(
    description="What was shown to a member, whole: what `contentHash` is the hash of.",
    directives=[NotPersonal(reason="the notice as it is shown to everybody, and its seal")],
)
class Presentation:
    """To be shown before any choice; answered with its id."""

    id: strawberry.ID = plain("What an answer names: opaque, and good for this member alone.")
    document: PolicyDocument = plain("The document.")
    version: PolicyVersion = plain("Its version in force.")
    language: NoticeLanguage = plain("The language.", _language)
    content_hash: str = plain("SHA-256 of all that is shown, in hexadecimal digits.")
    presented_at: datetime = plain("When it was shown.")
    text: str = plain("The text.", _text)
    items: list[ConsentItem] = plain("What is asked, none of it answered yet.")
    disadvantages: list[str] = plain("What it means not to consent.", _disadvantages)
    companions: list[NoticeEntry] = plain("What to read beside it.", _companions)
    permissions: list[NoticePermission] = plain("What it would permit.", _permissions)
    processors: list[NoticeRecipient] = plain("Everybody who acts for a recipient.", _processors)
    countries: list[str] = plain(
        "Every country it names: those that a consent can be given to.", _countries
    )
    contact_point: str = plain("Whom to ask about it.")
