"""The SQL of each kind of test that policy/row_tests.py defines."""

from sqlalchemy import and_, false, func, or_, true

from models import tables
from models.condition_sql import NOW, Bool, Place, any_bit, said, sql
from models.constants import among, word
from policy import row_tests as row
from policy.member_tests import Deleted
from policy.vocabulary import LinkState, RowFact


@sql.register
def _(test: row.ContractRuns, place: Place) -> Bool:
    contract_no = place.fact(RowFact.CONTRACT)
    return or_(contract_no == word(""), _contract(place, tables.CONTRACT.c.lapse_at > NOW))


@sql.register
def _(test: row.ContractEnded, place: Place) -> Bool:
    lapsed = _contract(place, tables.CONTRACT.c.lapse_at <= NOW)
    of_contract = place.fact(RowFact.CONTRACT) != word("")
    return and_(of_contract, or_(said(Deleted(), place), lapsed))


def _contract(place: Place, lapse: Bool) -> Bool:
    contract, contract_no = tables.CONTRACT, place.fact(RowFact.CONTRACT)
    acquired = contract.c.company == place.row.c.acquired_by
    return place.any_row(contract, acquired, contract.c.no == contract_no, lapse)


@sql.register
def _(test: row.Retained, place: Place) -> Bool:
    return place.fact(RowFact.RETENTION) > NOW


@sql.register
def _(test: row.LoggedIn, place: Place) -> Bool:
    return place.fact(RowFact.LINK_STATE) == word(LinkState.LINKED)


@sql.register
def _(test: row.AcquiredBy, place: Place) -> Bool:
    return among(place.row.c.acquired_by, test.companies)


@sql.register
def _(test: row.OfService, place: Place) -> Bool:
    service = func.coalesce(place.fact(RowFact.SERVICE), word(""))
    named = among(service, test.services)
    return named if test.others is None else or_(named, ~among(service, test.others))


@sql.register
def _(test: row.RowCompanyIs, place: Place) -> Bool:
    return func.coalesce(place.fact(RowFact.ROW_COMPANY) == word(test.company), false())


@sql.register
def _(test: row.Listed, place: Place) -> Bool:
    lists = place.catalogue.sensitive_lists
    kinds = {kind for key in test.lists for kind in lists[key].kinds}
    return func.coalesce(among(place.fact(RowFact.KIND), kinds), false())


@sql.register
def _(test: row.Screened, place: Place) -> Bool:
    return place.fact(RowFact.SCREENED) == true()


@sql.register
def _(test: row.ConsentedToRow, place: Place) -> Bool:
    bits = place.catalogue.items[test.item].version_bits
    scopes = (
        and_(any_bit(place, (bits[version],)), *(said(asked, place) for asked in tests))
        for version, tests in test.scopes
    )
    return or_(false(), *scopes)


@sql.register
def _(test: row.Ordered, place: Place) -> Bool:
    placed = place.row.c[tables.column_of(f"{place.relation}.at").key] <= NOW
    with_merchant = place.fact(RowFact.MERCHANT) == word(test.merchant)
    return func.coalesce(and_(with_merchant, placed), false())


@sql.register
def _(test: row.AcquisitionConsented, place: Place) -> Bool:
    return place.fact(RowFact.ACQUISITION_CONSENT) <= NOW
