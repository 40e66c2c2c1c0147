"""Whom a development token can speak for: what no request could use is not made."""

from dataclasses import dataclass, replace
from datetime import datetime

from policy.allow_list import expand
from policy.catalogue import Catalogue
from policy.events import RAKUTEN_ID
from policy.naming import purposes_naming
from policy.requester import GROUP_OFFICE, Requester, Role
from policy.vocabulary import FOREVER, CompanyKind


class Unissuable(ValueError):
    """Nobody could be this. The message says why, and what there is."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token is wanted for: catalogue ids, and keys of members."""

    role: Role
    company: str | None = None
    on_behalf_of: str | None = None
    member: str | None = None
    guardian_of: str | None = None


def requester_for(catalogue: Catalogue, bearer: Bearer) -> Requester:
    """The requester that such a token makes, with no purposes yet. Raises Unissuable."""
    requester = _member(bearer) if bearer.role is Role.MEMBER else _company(catalogue, bearer)
    if bearer.guardian_of is None:
        return requester
    if requester.role is not Role.MEMBER:
        raise Unissuable("--guardian-of is for members: add --role member")
    if requester.subject == bearer.guardian_of:
        raise Unissuable("--guardian-of names another member than --member")
    return replace(requester, guardian_of=bearer.guardian_of)


def purposes_for(
    catalogue: Catalogue, requester: Requester, named: list[str] | None, at: datetime
) -> tuple[str, ...]:
    """The allow-list: as named, or every purpose whose provisions name the company.

    Raises Unissuable for a name that the catalogue does not know at `at`.
    """
    if requester.role in {Role.MEMBER, Role.OFFICER} or requester.company is None:
        return ()
    if named is None:
        return purposes_naming(catalogue, requester.company, requester.on_behalf_of, at)
    for each in named:
        if not expand((each,), catalogue, at):
            raise Unissuable(
                f"there is no purpose {each}; there are {', '.join(catalogue.purposes)}"
            )
    return tuple(named)


def _member(bearer: Bearer) -> Requester:
    if bearer.member is None:
        raise Unissuable("--role member needs --member, the member's key")
    return Requester(bearer.role, bearer.member, None, None, (), FOREVER, acr=RAKUTEN_ID)


def _company(catalogue: Catalogue, bearer: Bearer) -> Requester:
    role, company, controller = bearer.role, bearer.company, bearer.on_behalf_of
    if company is None:
        raise Unissuable(f"--role {role} needs --company")
    if not (role is Role.OFFICER and company == GROUP_OFFICE):
        _known(catalogue, company)
    if controller is not None:
        _known(catalogue, controller)
    processes = company in catalogue.companies and (
        catalogue.companies[company].kind is CompanyKind.PROCESSOR
    )
    if processes != (controller is not None) and role is not Role.OFFICER:
        raise Unissuable("--on-behalf-of is for processors, and they need it")
    return Requester(role, f"{company}-{role}", company, controller, (), FOREVER)


def _known(catalogue: Catalogue, company: str) -> None:
    if company not in catalogue.companies:
        raise Unissuable(
            f"there is no company {company}; there are {', '.join(catalogue.companies)}"
        )
