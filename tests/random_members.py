"""Random members: histories of every kind of event, values of every provenance, and questions."""

from collections.abc import Collection

from policy.catalogue import Catalogue, Relation
from policy.documents import Item
from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import Contract, ValueFacts
from policy.vocabulary import FOREVER, AgeGroup, CompanyKind, ConsentMode, RowFact
from tests.dice import Dice
from tests.random_dates import DATES, INSTANTS

ENDINGS = (
    EventKind.REFUSED,
    EventKind.WITHDRAWN,
    EventKind.SUSPENDED,
    EventKind.INVALIDATED,
    EventKind.DEFERRED,
    EventKind.REINSTATED,
    EventKind.PRESENTED,
    EventKind.DEEMED,
    EventKind.GRANTED,
    EventKind.GRANTED,
)


def draw_history(dice: Dice, catalogue: Catalogue) -> tuple[Event, ...]:
    """An account, most items answered, a few other facts; recorded in any order of their times."""
    opened = Event(EventKind.ACCOUNT_OPENED, DATES[0] if dice.mostly() else dice.pick(*DATES))
    events = [opened] if dice.mostly(15) else []
    for item in catalogue.items.values():
        if dice.mostly(4):
            events += draw_answer(dice, catalogue, item)
    for company in dice.some(tuple(catalogue.companies), most=4, least=0):
        events += draw_relationship(dice, catalogue, company)
    for _ in range(dice.below(4)):
        events.append(draw_preference(dice, catalogue))
    if not dice.mostly(7):
        events.append(Event(EventKind.ACCOUNT_CLOSED, dice.pick(*INSTANTS)))
    return tuple(events)


def draw_answer(dice: Dice, catalogue: Catalogue, item: Item) -> list[Event]:
    """Shown and answered, as a member does; then at times ended, put off, given back."""
    document = catalogue.documents[item.document]
    version = dice.pick(*(version.key for version in document.versions))
    deemed = document.consent is ConsentMode.DEEMED and dice.mostly(1)
    shown_at, given_at = sorted((dice.pick(*DATES[:2]), dice.pick(*INSTANTS[3:8], *INSTANTS)))
    age, guardian = draw_age(dice)
    shown = Event(EventKind.PRESENTED, shown_at, item=item.key, version=version)
    given = Event(
        kind=EventKind.DEEMED if deemed else EventKind.GRANTED,
        at=given_at,
        item=item.key,
        version=version if dice.mostly(19) else dice.pick(*item.version_bits),
        acr=RAKUTEN_ID if dice.mostly(14) else None,
        age=age,
        guardian=guardian,
        valid_until=FOREVER if dice.mostly(7) else dice.pick(*INSTANTS),
    )
    after = [draw_afterthought(dice, item, given) for _ in range(dice.pick(0, 0, 0, 1, 1, 2, 3))]
    return [shown, given, *after] if dice.mostly(14) else [given, shown, *after]


def draw_age(dice: Dice) -> tuple[AgeGroup, bool]:
    age = AgeGroup.ADULT if dice.mostly(2) else dice.pick(*AgeGroup)
    return age, age is not AgeGroup.ADULT and not dice.mostly(2)


def draw_afterthought(dice: Dice, item: Item, given: Event) -> Event:
    at = dice.pick(given.at, max(given.at, dice.pick(*INSTANTS)))
    return Event(
        kind=dice.pick(*ENDINGS),
        at=at,
        item=item.key,
        version=given.version,
        acr=given.acr,
        age=given.age,
    )


def draw_relationship(dice: Dice, catalogue: Catalogue, company: str) -> list[Event]:
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
        Event(kind, dice.pick(*INSTANTS), company=company, account_id=account_of(kind, company))
        for kind in dice.some(kinds, most=4)
    ]
    owned = [p.key for p in catalogue.purposes.values() if p.owner == company]
    if owned and not dice.mostly(2):
        events.append(Event(EventKind.NOTIFIED, dice.pick(*INSTANTS), purpose=dice.pick(*owned)))
    return events


def account_of(kind: EventKind, company: str) -> str | None:
    return f"{company}-1" if kind is EventKind.LINKED else None


def draw_preference(dice: Dice, catalogue: Catalogue) -> Event:
    """One wish of the member about mail, advertising, stops or countries."""
    at, company = dice.pick(*INSTANTS), dice.pick(*catalogue.companies)
    wanted = dice.mostly(1)
    categories = dice.some(tuple(catalogue.categories), most=2, least=0)
    age, guardian = draw_age(dice)
    consented = Event(EventKind.OVERSEAS_CONSENTED, at, country="SG", age=age, guardian=guardian)
    return dice.pick(
        Event(EventKind.MAIL_PREFERENCE, at, company=company, wanted=wanted),
        Event(EventKind.ADS_PREFERENCE, at, wanted=wanted),
        Event(EventKind.STOP_REQUESTED, at, company=company, categories=categories),
        Event(EventKind.STOP_LIFTED, at, company=company, categories=categories),
        consented,
        consented,
        Event(EventKind.OVERSEAS_WITHDRAWN, at, country="SG"),
    )


def draw_value(
    dice: Dice, catalogue: Catalogue, relation: Relation, likely: Collection[str]
) -> ValueFacts:
    """A value, mostly of a likely acquirer, with the facts that rows of its relation carry."""
    carries = relation.facts.__contains__
    acquirers = sorted(relation.acquirers or catalogue.companies)
    aimed = [company for company in acquirers if company in likely]
    kind = dice.pick(*sorted(kinds_of(catalogue))) if carries(RowFact.KIND) else None
    lists = (key for key, every in catalogue.sensitive_lists.items() if kind in every.kinds)
    consented = carries(RowFact.ACQUISITION_CONSENT) and dice.mostly(2)
    ordered = carries(RowFact.MERCHANT) and dice.mostly(5)
    return ValueFacts(
        acquired_by=dice.pick(*(aimed if aimed and dice.mostly(9) else acquirers)),
        service=draw_service(dice, catalogue) if carries(RowFact.SERVICE) else None,
        contract=draw_contract(dice) if carries(RowFact.CONTRACT) and dice.mostly(2) else None,
        merchant=draw_merchant(dice, catalogue) if ordered else None,
        placed_at=dice.pick(*INSTANTS) if ordered else None,
        linked=not carries(RowFact.LINK_STATE) or dice.mostly(2),
        lists=frozenset(lists),
        acquisition_consent_at=dice.pick(*INSTANTS) if consented else None,
        screened=carries(RowFact.SCREENED) and dice.mostly(1),
        retention_until=(
            FOREVER if not carries(RowFact.RETENTION) or dice.mostly(9) else dice.pick(*INSTANTS)
        ),
        row_company=(dice.pick(*catalogue.companies) if carries(RowFact.ROW_COMPANY) else None),
    )


def kinds_of(catalogue: Catalogue) -> set[str]:
    """Every kind that a list names, and one that none does."""
    return {"unlisted"}.union(*(every.kinds for every in catalogue.sensitive_lists.values()))


def draw_service(dice: Dice, catalogue: Catalogue) -> str | None:
    return None if dice.mostly(1) else dice.pick(*catalogue.services)


def draw_contract(dice: Dice) -> Contract:
    """Running, lapsing around the question, or a number without a contract."""
    return Contract("1", FOREVER if dice.mostly(2) else dice.pick(None, dice.pick(*INSTANTS)))


def draw_merchant(dice: Dice, catalogue: Catalogue) -> str:
    merchants: list[str] = [
        c.key for c in catalogue.companies.values() if c.kind is CompanyKind.MERCHANT
    ]
    return dice.pick(*(merchants if dice.mostly(4) else list(catalogue.companies)))
