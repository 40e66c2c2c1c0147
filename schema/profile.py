"""Who the member is to companies: what was given to them, logins, links, wishes."""

from datetime import datetime
from typing import ClassVar

import strawberry

from schema.company import Company
from schema.directives import personal
from schema.provenance import Provenance


@strawberry.type(description="What a company acquired itself: the profile as given to it.")
class CustomerRecord(Provenance):
    """Answered for by the company that acquired it."""

    relation: ClassVar = "customerRecords"

    name: str | None = personal("The name given.")
    address: str | None = personal("The address given.")
    phone: str | None = personal("The telephone number given.")
    occupation: str | None = personal("The occupation given.")


@strawberry.type(description="A login with the group's ID, or an attempt.")
class LoginEvent(Provenance):
    """Where and when."""

    relation: ClassVar = "loginHistory"

    at: datetime | None = personal("When it was.")
    company: Company | None = personal("At whose service.")
    ok: bool | None = personal("Whether it succeeded.")


@strawberry.type(description="The member's account at a company, linked to the group's ID.")
class AccountLink(Provenance):
    """Links that stand. The member sees all, a company its own."""

    relation: ClassVar = "linkedCompanies"

    company: Company | None = personal("The company.")
    account_id: str | None = personal("The id of the account there.")
    linked_at: datetime | None = personal("Since when it is linked.")


@strawberry.type(description="Whether a sender's mail is wanted, as last recorded.")
class MailPreference(Provenance):
    """The member sees all, a sender its own."""

    relation: ClassVar = "mailPreferences"

    sender: Company | None = personal("The sender.")
    wanted: bool | None = personal("Whether its mail is wanted.")


@strawberry.type(description="How the member wishes to hear from a company.")
class ContactPreference(Provenance):
    """The member sees all, a company its own."""

    relation: ClassVar = "contactPreferences"

    company: Company | None = personal("The company.")
    means: str | None = personal("By mail, telephone, post or not at all.")
