"""Development tokens and node ids: what an issuer would give, for trying Sekisho out."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from policy.allow_list import expand
from policy.catalogue import Catalogue
from policy.events import RAKUTEN_ID
from policy.naming import purposes_naming
from policy.requester import Requester, Role
from policy.vocabulary import FOREVER, CompanyKind
from server.catalogue_files import load_catalogue
from server.checkpoint import CATALOGUE, seal_of
from server.clock import Clock, now
from server.development import development_key
from server.identity import GROUP_OFFICE
from server.moments import span
from server.settings import Settings, read_settings

COMPANY = Annotated[str | None, typer.Option(help="The company it speaks for; * = group office.")]
ROLE = Annotated[Role, typer.Option(help="As what.")]
ON_BEHALF_OF = Annotated[str | None, typer.Option(help="A processor's controller.")]
HOUR = timedelta(hours=1)


def issue_token(  # noqa: PLR0913 (each is an option)
    *,
    company: COMPANY = None,
    role: ROLE = Role.SERVICE,
    member: Annotated[str | None, typer.Option(help="The member's key, for --role member.")] = None,
    on_behalf_of: ON_BEHALF_OF = None,
    purpose: Annotated[
        list[str] | None,
        typer.Option(help="A purpose it allows, as often as needed; all it can have if left out."),
    ] = None,
    guardian_of: Annotated[
        str | None, typer.Option(help="The key of the member for whom --member acts.")
    ] = None,
    ttl: Annotated[str, typer.Option(help="How long it lasts: 90s, 15m, 1h, 7d.")] = "1h",
) -> None:
    """Print a development token, alone on the last line."""
    settings = read_settings()
    catalogue = load_catalogue(CATALOGUE)
    requester = _requester(catalogue, company, role, member, on_behalf_of)
    if guardian_of is not None:
        requester = _guardian(requester, guardian_of)
    purposes = _purposes(catalogue, requester, purpose)
    typer.echo(development_token(settings, requester, purposes, span(ttl)))


def issue_id(
    *,
    member: Annotated[str, typer.Option(help="The member's key.")],
    company: COMPANY = None,
    on_behalf_of: ON_BEHALF_OF = None,
    role: ROLE = Role.SERVICE,
) -> None:
    """Print the node id under which this audience sees that member."""
    settings = read_settings()
    development_key(settings)
    requester = _requester(load_catalogue(CATALOGUE), company, role, member, on_behalf_of)
    typer.echo(seal_of(settings).node_id(requester.audience, "Member", member))


def development_token(
    settings: Settings,
    requester: Requester,
    purposes: tuple[str, ...],
    ttl: timedelta = HOUR,
    clock: Clock = now,
) -> str:
    """A token of the development key that says who this is. Raises StartUpError in production."""
    at = int(clock().timestamp())
    claims = {
        "iss": settings.token_issuer,
        "aud": settings.audience,
        "iat": at,
        "exp": at + int(ttl.total_seconds()),
        "sub": requester.subject,
        "role": requester.role,
        "company": requester.company,
        "on_behalf_of": requester.on_behalf_of,
        "purposes": list(purposes) or None,
        "acr": requester.acr,
        "guardian_of": requester.guardian_of,
    }
    said = {name: value for name, value in claims.items() if value is not None}
    return development_key(settings).sign(said)


def service_of(company: str) -> Requester:
    """A system of this company."""
    return Requester(Role.SERVICE, f"{company}-service", company, None, (), FOREVER)


def _requester(
    catalogue: Catalogue,
    company: str | None,
    role: Role,
    member: str | None,
    controller: str | None,
) -> Requester:
    """Check what was asked for; a token that no request could use is not made."""
    if role is Role.MEMBER:
        if member is None:
            raise typer.BadParameter("--role member needs --member, the member's key")
        return Requester(role, member, None, None, (), FOREVER, acr=RAKUTEN_ID)
    if company is None:
        raise typer.BadParameter(f"--role {role} needs --company")
    if not (role is Role.OFFICER and company == GROUP_OFFICE):
        _known(catalogue, company)
    if controller is not None:
        _known(catalogue, controller)
    processes = company in catalogue.companies and (
        catalogue.companies[company].kind is CompanyKind.PROCESSOR
    )
    if processes != (controller is not None) and role is not Role.OFFICER:
        raise typer.BadParameter("--on-behalf-of is for processors, and they need it")
    return Requester(role, f"{company}-{role}", company, controller, (), FOREVER)


def _guardian(requester: Requester, ward: str) -> Requester:
    if requester.role is not Role.MEMBER:
        raise typer.BadParameter("--guardian-of is for members: add --role member")
    if requester.subject == ward:
        raise typer.BadParameter("--guardian-of names another member than --member")
    return replace(requester, guardian_of=ward)


def _known(catalogue: Catalogue, company: str) -> None:
    if company not in catalogue.companies:
        raise typer.BadParameter(
            f"there is no company {company}; there are {', '.join(catalogue.companies)}"
        )


def _purposes(
    catalogue: Catalogue, requester: Requester, named: list[str] | None
) -> tuple[str, ...]:
    """The allow-list: as named, or every purpose whose provisions name the company."""
    if requester.role in {Role.MEMBER, Role.OFFICER} or requester.company is None:
        return ()
    if named is None:
        return purposes_naming(catalogue, requester.company, requester.on_behalf_of, now())
    for each in named:
        if not expand((each,), catalogue, now()):
            raise typer.BadParameter(
                f"there is no purpose {each}; there are {', '.join(catalogue.purposes)}"
            )
    return tuple(named)
