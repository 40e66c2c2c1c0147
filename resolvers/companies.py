"""What is told of a company and its services, as it stands when asked."""

from collections.abc import Sequence
from datetime import datetime

from strawberry import Parent

from policy.companies import Company, Measures, Service
from policy.documents import Document
from policy.vocabulary import GroupTie, IdStatus
from resolvers.catalogue import Info


def country(root: Parent[Company]) -> str | None:
    return root.country or None


def group_tie(root: Parent[Company], info: Info) -> GroupTie:
    return root.tie(info.context.asked_at)


def insurance_group(root: Parent[Company], info: Info) -> bool:
    return root.insures(info.context.asked_at)


def id_status(root: Parent[Company], info: Info) -> IdStatus:
    return root.id_at(info.context.asked_at)


def adopts(root: Parent[Company], info: Info) -> Sequence[Document]:
    """Give the documents of which the company is "we" now (S2)."""
    documents = info.context.catalogue.documents.values()
    return [each for each in documents if root.adopted(each.key, info.context.asked_at)]


def services(root: Parent[Company], info: Info) -> Sequence[Service]:
    every = info.context.catalogue.services.values()
    return [each for each in every if each.owner == root.key]


def valid_until(root: Parent[Measures]) -> datetime:
    return root.interval.end


def owner(root: Parent[Service], info: Info) -> Company:
    return info.context.catalogue.companies[root.owner]
