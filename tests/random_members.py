"""Random members: histories of every kind of event, values of every provenance, and questions."""

from collections.abc import Collection

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from policy.catalogue import Catalogue, Item, Relation
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import Contract, ValueFacts
from policy.vocabulary import FOREVER, AgeGroup, CompanyKind, ConsentMode, RowFact
from tests.random_dates import dates, instants, mostly, pick, some

ENDINGS = (
    EventKind.REFUSED,
    EventKind.WITHDRAWN,
    EventKind.SUSPENDED,
    EventKind.INVALIDATED,
    EventKind.DEFERRED,
    EventKind.REINSTATED,
    EventKind.PRESENTED,
    EventKind.DEEMED,
)


def draw_history(draw: DrawFn, catalogue: Catalogue) -> tuple[Event, ...]:
    """An account, most items answered, a few other facts; recorded in any order of their times."""
    events = [Event(EventKind.ACCOUNT_OPENED, draw(dates))] if mostly(draw, 15) else []
    for item in catalogue.items.values():
        if mostly(draw, 4):
            events += draw_answer(draw, catalogue, item)
    for company in some(draw, tuple(catalogue.companies), most=4, least=0):
        events += draw_relationship(draw, catalogue, company)
    for _ in range(draw(st.integers(0, 2))):
        events.append(draw_preference(draw, catalogue))
    if not mostly(draw, 9):
        events.append(Event(EventKind.ACCOUNT_CLOSED, draw(instants)))
    return tuple(events)


def draw_answer(draw: DrawFn, catalogue: Catalogue, item: Item) -> list[Event]:
    """Shown and answered, as a member does; then at times ended, put off, given back."""
    document = catalogue.documents[item.document]
    version = pick(draw, *(version.key for version in document.versions))
    deemed = document.consent is ConsentMode.DEEMED and mostly(draw, 1)
    shown_at, given_at = sorted((draw(dates), draw(instants)))
    age, guardian = draw_age(draw)
    shown = Event(EventKind.PRESENTED, shown_at, item=item.key, version=version)
    given = Event(
        kind=EventKind.DEEMED if deemed else EventKind.GRANTED,
        at=given_at,
        item=item.key,
        version=version if mostly(draw, 19) else pick(draw, *item.version_bits),
        acr=RAKUTEN_ID if mostly(draw, 9) else None,
        age=age,
        guardian=guardian,
        valid_until=FOREVER if mostly(draw, 7) else draw(instants),
    )
    after = [draw_afterthought(draw, item, given) for _ in range(draw(AFTERTHOUGHTS))]
    return [shown, given, *after] if mostly(draw, 9) else [given, shown, *after]


AFTERTHOUGHTS = st.sampled_from((0, 0, 0, 1, 1, 2, 3))


def draw_age(draw: DrawFn) -> tuple[AgeGroup, bool]:
    age = AgeGroup.ADULT if mostly(draw, 2) else pick(draw, *AgeGroup)
    return age, age is not AgeGroup.ADULT and not mostly(draw, 2)


def draw_afterthought(draw: DrawFn, item: Item, given: Event) -> Event:
    at = pick(draw, given.at, max(given.at, draw(instants)))
    return Event(
        kind=pick(draw, *ENDINGS),
        at=at,
        item=item.key,
        version=given.version,
        acr=given.acr,
        age=given.age,
    )


def draw_relationship(draw: DrawFn, catalogue: Catalogue, company: str) -> list[Event]:
    """What a member and a company have with each other: links, uses, incidents, notices."""
    kinds = (
        EventKind.LINKED,
        EventKind.LINKED,
        EventKind.USED,
        EventKind.USED,
        EventKind.UNLINKED,
        EventKind.INCIDENT_OPENED,
        EventKind.INCIDENT_OPENED,
        EventKind.INCIDENT_CLOSED,
    )
    events = [
        Event(kind, draw(instants), company=company, account_id=account_of(kind, company))
        for kind in some(draw, kinds, most=4)
    ]
    owned = [p.key for p in catalogue.purposes.values() if p.owner == company]
    if owned and not mostly(draw, 2):
        events.append(Event(EventKind.NOTIFIED, draw(instants), purpose=pick(draw, *owned)))
    return events


def account_of(kind: EventKind, company: str) -> str | None:
    return f"{company}-1" if kind is EventKind.LINKED else None


def draw_preference(draw: DrawFn, catalogue: Catalogue) -> Event:
    """One wish of the member about mail, advertising, stops or countries."""
    at, company = draw(instants), pick(draw, *catalogue.companies)
    wanted = draw(st.booleans())
    categories = some(draw, tuple(catalogue.categories), most=2, least=0)
    age, guardian = draw_age(draw)
    consented = Event(EventKind.OVERSEAS_CONSENTED, at, country="SG", age=age, guardian=guardian)
    return pick(
        draw,
        Event(EventKind.MAIL_PREFERENCE, at, company=company, wanted=wanted),
        Event(EventKind.ADS_PREFERENCE, at, wanted=wanted),
        Event(EventKind.STOP_REQUESTED, at, company=company, categories=categories),
        Event(EventKind.STOP_LIFTED, at, company=company, categories=categories),
        consented,
        consented,
        Event(EventKind.OVERSEAS_WITHDRAWN, at, country="SG"),
    )


def draw_value(
    draw: DrawFn, catalogue: Catalogue, relation: Relation, likely: Collection[str]
) -> ValueFacts:
    """A value, mostly of a likely acquirer, with the facts that rows of its relation carry."""
    carries = relation.facts.__contains__
    acquirers = sorted(relation.acquirers or catalogue.companies)
    aimed = [company for company in acquirers if company in likely]
    kind = pick(draw, *sorted(kinds_of(catalogue))) if carries(RowFact.KIND) else None
    lists = (key for key, every in catalogue.sensitive_lists.items() if kind in every.kinds)
    ordered = carries(RowFact.MERCHANT) and mostly(draw, 5)
    return ValueFacts(
        acquired_by=pick(draw, *(aimed if aimed and mostly(draw, 9) else acquirers)),
        service=draw_service(draw, catalogue) if carries(RowFact.SERVICE) else None,
        contract=draw_contract(draw) if carries(RowFact.CONTRACT) and mostly(draw, 2) else None,
        merchant=draw_merchant(draw, catalogue) if ordered else None,
        placed_at=draw(instants) if ordered else None,
        linked=not carries(RowFact.LINK_STATE) or mostly(draw, 2),
        lists=frozenset(lists),
        acquisition_consent_at=(
            draw(instants) if carries(RowFact.ACQUISITION_CONSENT) and mostly(draw, 2) else None
        ),
        screened=carries(RowFact.SCREENED) and mostly(draw, 1),
        retention_until=(
            FOREVER if not carries(RowFact.RETENTION) or mostly(draw, 9) else draw(instants)
        ),
        row_company=(pick(draw, *catalogue.companies) if carries(RowFact.ROW_COMPANY) else None),
    )


def kinds_of(catalogue: Catalogue) -> set[str]:
    """Every kind that a list names, and one that none does."""
    return {"unlisted"}.union(*(every.kinds for every in catalogue.sensitive_lists.values()))


def draw_service(draw: DrawFn, catalogue: Catalogue) -> str | None:
    return None if mostly(draw, 1) else pick(draw, *catalogue.services)


def draw_contract(draw: DrawFn) -> Contract:
    """Running, lapsing around the question, or a number without a contract."""
    return Contract("1", FOREVER if mostly(draw, 2) else pick(draw, None, draw(instants)))


def draw_merchant(draw: DrawFn, catalogue: Catalogue) -> str:
    merchants = [c.key for c in catalogue.companies.values() if c.kind is CompanyKind.MERCHANT]
    return pick(draw, *(merchants if mostly(draw, 4) else catalogue.companies))
