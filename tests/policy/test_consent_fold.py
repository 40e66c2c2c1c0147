"""How a consent item stands: every short history folds as the text says (domain.md 3.7-3)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, product

from policy.events import RAKUTEN_ID, Event, EventKind
from policy.facts import ItemStanding, ValueFacts
from policy.situation import Question
from policy.standing import STANDING_STATES, fold
from policy.vocabulary import TICK, AgeGroup, ConsentState
from tests.real import CATALOGUE
from tests.reference_case import Case
from tests.reference_consent import consent_of

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
VERSIONS = tuple(version.key for version in CATALOGUE.documents["DOC_A"].versions)
STEPS = (
    *product((EventKind.PRESENTED, EventKind.GRANTED), VERSIONS),
    *product(
        (
            EventKind.DEEMED,
            EventKind.REFUSED,
            EventKind.DEFERRED,
            EventKind.WITHDRAWN,
            EventKind.SUSPENDED,
            EventKind.REINSTATED,
            EventKind.INVALIDATED,
        ),
        VERSIONS[:1],
    ),
)


def histories() -> Iterator[tuple[Event, ...]]:
    """Every history of up to three events, and of four more once the first version was shown."""
    shown = STEPS[0]
    free = chain.from_iterable(product(STEPS, repeat=length) for length in range(4))
    after = ((shown, *rest) for rest in product(STEPS, repeat=4))
    for steps in chain(free, after):
        yield tuple(
            Event(
                kind,
                NOON,
                item="A",
                version=version,
                acr=RAKUTEN_ID,
                age=AgeGroup.ADULT,
                valid_until=NOON + 2 * TICK,
            )
            for kind, version in steps
        )


def meaning(standing: ItemStanding) -> object:
    """What can be read of a standing: all of it while it stands, else its state alone."""
    return standing if standing.state in STANDING_STATES else standing.state


def test_every_short_history_folds_as_the_text_says() -> None:
    states = set()
    question = Question("card", None, "id_login", "loginName", NOON)
    for events in histories():
        case = Case(CATALOGUE, question, events, ValueFacts("rakuten_group"))
        folded = fold(events, NOON, CATALOGUE).items.get("A", ItemStanding())
        assert meaning(folded) == meaning(consent_of(case, "A")), events
        states.add(folded.state)
    read_off = {ConsentState.EXPIRED, ConsentState.SUPERSEDED, ConsentState.ENDED}
    assert states == set(ConsentState) - read_off
