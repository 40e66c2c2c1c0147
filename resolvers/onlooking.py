"""A member looks at themself through a company's eyes."""

from models.view import View
from policy.catalogue import Catalogue
from policy.errors import ErrorCode, PrivacyError
from policy.grant import Asker
from policy.requester import Role
from resolvers.context import Context
from resolvers.eyes import Eyes


def eyes_of_company(
    context: Context, own: Eyes, company: str, purpose: str, on_behalf_of: str | None
) -> Eyes:
    """Give the eyes of a company, a processor's for its controller, while the member looks on.

    What they see is identified for this member, company and purpose alone. Raises FORBIDDEN for
    whoever is no member, BAD_USER_INPUT through a company's eyes already, PURPOSE_UNKNOWN and
    BAD_USER_INPUT for what the catalogue does not know.
    """
    requester = context.requester
    if requester.role is not Role.MEMBER:
        raise PrivacyError(
            ErrorCode.FORBIDDEN, "Only members see how others see them: `asSeenBy` is for them."
        )
    if own.view.asker.shown_to_subject:
        raise PrivacyError(
            ErrorCode.BAD_USER_INPUT, "`asSeenBy` cannot be asked for inside `asSeenBy`."
        )
    check_named(context.catalogue, company, purpose, on_behalf_of)
    epoch, until = context.grants.epoch(context.asked_at)
    asker = Asker(company, on_behalf_of, shown_to_subject=True)
    audience = "\0".join((requester.audience, company, on_behalf_of or "", purpose))
    return Eyes(View(context.grants, asker, purpose, epoch), audience, until)


def check_named(catalogue: Catalogue, company: str, purpose: str, on_behalf_of: str | None) -> None:
    """Raise PURPOSE_UNKNOWN or BAD_USER_INPUT for a key that the catalogue does not have."""
    if purpose not in catalogue.purposes:
        raise PrivacyError(
            ErrorCode.PURPOSE_UNKNOWN,
            "No purpose of the catalogue has the key in `purpose`: "
            "the query `{ purposes { key } }` lists them.",
        )
    for name, key in (("company", company), ("onBehalfOf", on_behalf_of)):
        if key is not None and key not in catalogue.companies:
            raise PrivacyError(
                ErrorCode.BAD_USER_INPUT,
                f"No company of the catalogue has the key in `{name}`: "
                "the query `{ companies { key } }` lists them.",
            )
