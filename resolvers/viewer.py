"""What a caller is told of itself: what its token says, and what that opens now."""

from collections.abc import Sequence
from datetime import datetime

from strawberry import Parent

from policy.allow_list import expand
from policy.catalogue import Purpose
from policy.companies import Company
from policy.requester import Role
from resolvers.catalogue import purposes_named
from resolvers.context import Context


def company(root: Parent[Context]) -> Company | None:
    """Give the company of the token; None for members and for the group office."""
    return root.catalogue.companies.get(root.requester.company or "")


def on_behalf_of(root: Parent[Context]) -> Company | None:
    return root.catalogue.companies.get(root.requester.on_behalf_of or "")


def role(root: Parent[Context]) -> Role:
    return root.requester.role


def subject(root: Parent[Context]) -> str:
    return root.requester.subject


def purpose(root: Parent[Context]) -> Purpose | None:
    return root.catalogue.purposes.get(root.purpose or "")


def purposes(root: Parent[Context]) -> Sequence[Purpose]:
    """Give the purposes the token's allow-list opens now."""
    return purposes_named(root, expand(root.requester.purposes, root.catalogue, root.asked_at))


def expires_at(root: Parent[Context]) -> datetime:
    return root.requester.expires_at
