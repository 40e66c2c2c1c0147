"""Development tokens and node ids: what an issuer would give, for trying Sekisho out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import typer

from policy.requester import Requester, Role
from policy.vocabulary import FOREVER
from server.catalogue_files import load_catalogue
from server.checkpoint import CATALOGUE, seal_of
from server.clock import Clock, now
from server.development import development_key
from server.issuing import Bearer, Unissuable, purposes_for, requester_for
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
    with _told():
        bearer = Bearer(role, company, on_behalf_of, member, guardian_of)
        requester = requester_for(catalogue, bearer)
        purposes = purposes_for(catalogue, requester, purpose, now())
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
    with _told():
        bearer = Bearer(role, company, on_behalf_of, member)
        requester = requester_for(load_catalogue(CATALOGUE), bearer)
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


@contextmanager
def _told() -> Iterator[None]:
    """What cannot be issued is told as the command line tells a wrong option."""
    try:
        yield
    except Unissuable as wrong:
        raise typer.BadParameter(str(wrong)) from None
