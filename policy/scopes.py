"""Who a provision's provider and recipient scopes mean at one instant (domain.md 2.1)."""

from datetime import datetime

from policy.catalogue import Catalogue
from policy.companies import Company
from policy.documents import Document, Party
from policy.vocabulary import CompanyKind, Group, GroupTie, IdStatus

_UNDERWRITERS = frozenset({CompanyKind.INSURER, CompanyKind.SSI})
_GROUP_A = frozenset({GroupTie.PARENT, GroupTie.CONSOLIDATED_SUBSIDIARY, GroupTie.AFFILIATE})
_GROUP_B = _GROUP_A - {GroupTie.AFFILIATE}


def in_group(company: Company, group: Group, document: str, at: datetime) -> bool:
    """Whether the company belongs to a group as this document defines it (S40)."""
    match group:
        case Group.ADOPTERS:
            return company.adopted(document, at)
        case Group.GROUP_A:
            return company.tie(at) in _GROUP_A
        case Group.OTHERS_A:
            other = company.tie(at) in _GROUP_A and not company.adopted(document, at)
            return other and company.id_at(at) is IdStatus.LIVE
        case Group.GROUP_B:
            return company.tie(at) in _GROUP_B
        case Group.GROUP_B_NON_INS:
            return company.tie(at) in _GROUP_B and not company.insures(at)
        case Group.INS_GROUP:
            return company.insures(at)
        case Group.INS_UNDERWRITERS:
            return company.insures(at) and company.kind in _UNDERWRITERS
        case Group.MERCHANTS:
            return company.kind is CompanyKind.MERCHANT
        case _:  # COMPANIES, ITSELF, ROW_COMPANY: the party's other marks and the value say who
            return True


def belongs(company: Company, party: Party, document: Document, at: datetime) -> bool:
    """Whether the company is of the party, as far as that does not depend on the value."""
    return (
        (not party.companies or company.key in party.companies)
        and (not party.kinds or company.kind in party.kinds)
        and company.key not in party.but
        and (not party.publisher or company.key == document.publisher)
        and in_group(company, party.group, document.key, at)
    )


def provides(
    catalogue: Catalogue, acquirer: str, party: Party, document: str, at: datetime
) -> bool:
    """Whether values this company acquired are in the provider scope."""
    company = catalogue.companies.get(acquirer)
    return company is not None and belongs(company, party, catalogue.documents[document], at)
