"""Random fields over relations like the real ones, random sensitive lists and purposes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from policy.catalogue import Field, Purpose, Relation, SensitiveList
from policy.vocabulary import SENSITIVE, CompanyKind, ConsentLevel, RowFact, Veto
from tests.dice import Dice
from tests.random_companies import GROUP, NAME
from tests.random_dates import BEGIN, INSTANTS

CATEGORIES = ("login", "profile", "usage", "payment", SENSITIVE)
KINDS = ("medicalHistory", "treatment", "creed")

SERVED = frozenset({RowFact.SERVICE, RowFact.RETENTION})
CONTRACTUAL = SERVED | {RowFact.CONTRACT}
RELATIONS: Mapping[str, frozenset[RowFact]] = {
    "": frozenset(),
    "customerRecords": CONTRACTUAL,
    "orders": SERVED | {RowFact.MERCHANT},
    "insurancePolicies": CONTRACTUAL,
    "healthRecords": CONTRACTUAL | {RowFact.KIND, RowFact.ACQUISITION_CONSENT},
    "devices": SERVED | {RowFact.LINK_STATE},
    "inquiries": CONTRACTUAL | {RowFact.SCREENED},
    "contactPreferences": frozenset({RowFact.ROW_COMPANY}),
}
"""The relations of every random catalogue, with the facts that their rows carry."""

PATHS = (
    "loginName",
    "fullName",
    "customerRecords.name",
    "orders.items",
    "orders.amount",
    "insurancePolicies.product",
    "healthRecords.value",
    "devices.userAgent",
    "inquiries.body",
    "contactPreferences.means",
)
TOPS = ("delivery", "ads", "remains")
CHILDREN = ("fulfil", "support", "mail", "matching", "fee")

PLAIN = Purpose(
    key="",
    name=NAME,
    parent=None,
    registered_at=BEGIN,
    min_consent=ConsentLevel.NONE,
    limited=False,
    reserved_for=None,
    vetoes=frozenset(),
    owner=None,
    service=None,
    version=None,
    family=None,
    trace=(),
)


def draw_relations(dice: Dice) -> dict[str, Relation]:
    return {
        name: Relation(name, draw_acquirers(dice, name), facts) for name, facts in RELATIONS.items()
    }


def draw_acquirers(dice: Dice, relation: str) -> frozenset[str] | None:
    if relation == "":
        return frozenset({"parent"})
    return None if dice.mostly(2) else frozenset(dice.some(GROUP, most=3))


def draw_field(dice: Dice, path: str) -> Field:
    relation = path.rpartition(".")[0]
    health = relation == "healthRecords"
    categories = dice.some(CATEGORIES[:-1], most=2)
    if health or not dice.mostly(9):
        categories = (SENSITIVE,) if dice.mostly(2) else (*categories, SENSITIVE)
    return Field(
        path=path,
        categories=categories,
        restricted=frozenset(c for c in categories if c == SENSITIVE or not dice.mostly(5)),
        relation=relation,
        by_kind=health,
        until_screened=relation == "inquiries",
        withheld_from_subject=not dice.mostly(7),
        trace=(),
    )


def draw_list(dice: Dice, key: str) -> SensitiveList:
    kinds, paths = dice.some(KINDS, most=2), dice.some(PATHS, most=8, least=4)
    return SensitiveList(key, frozenset(kinds), frozenset(paths), ())


def draw_purposes(dice: Dice) -> Iterator[Purpose]:
    """Two families with children early and late, what remains, the holding's, and own ones."""
    yield replace(PLAIN, key="subject_request")
    yield replace(PLAIN, key="delivery")
    yield replace(PLAIN, key="fulfil", parent="delivery")
    yield replace(PLAIN, key="support", parent="delivery", registered_at=dice.pick(*INSTANTS))
    yield replace(PLAIN, key="ads")
    mail = frozenset({dice.pick(Veto.MAIL_OPT_IN, Veto.MAIL_REFUSED)})
    yield replace(PLAIN, key="mail", parent="ads", vetoes=mail)
    floor, ads = dice.pick(*ConsentLevel), frozenset({Veto.ADS_OPT_OUT})
    yield replace(PLAIN, key="matching", parent="ads", vetoes=ads, min_consent=floor)
    yield replace(PLAIN, key="remains", limited=True)
    yield replace(PLAIN, key="fee", parent="remains", limited=True)
    holding = CompanyKind.INSURANCE_HOLDING if dice.mostly(1) else None
    yield replace(PLAIN, key="managing", reserved_for=holding)
    for owner in ("parent", "shop", "ssi", "life", "abroad"):
        published = BEGIN if dice.mostly(1) else dice.pick(*INSTANTS)
        key = f"own:{owner}:service"
        yield replace(PLAIN, key=key, owner=owner, family="delivery", registered_at=published)
    both = frozenset({Veto.MAIL_REFUSED, Veto.ADS_OPT_OUT})
    yield replace(PLAIN, key="own:shop:ads", owner="shop", family="ads", vetoes=both)
