"""Who asks, as the server understood it."""

from datetime import datetime

import strawberry

from resolvers import viewer
from schema.company import Company
from schema.directives import NotPersonal, plain
from schema.enums import Role
from schema.purpose import Purpose


@strawberry.type(
    description="The caller, as its token says.",
    directives=[NotPersonal(reason="what the caller's own token says")],
)
class Viewer:
    """Needs no purpose."""

    company: Company | None = plain(
        "The company asked for; null for members and the group office.", viewer.company
    )
    on_behalf_of: Company | None = plain(
        "The controller under whose contract a processor acts.", viewer.on_behalf_of
    )
    role: Role = plain("As what it acts.", viewer.role)
    subject: str = plain("Who or what it is, as its issuer names it.", viewer.subject)
    purpose: Purpose | None = plain(
        "The purpose of this request: stated in the header, or implied by the role.",
        viewer.purpose,
    )
    purposes: list[Purpose] = plain(
        "The purposes it may state now: the token's allow-list, spelled out.", viewer.purposes
    )
    expires_at: datetime = plain("When the token expires.", viewer.expires_at)
