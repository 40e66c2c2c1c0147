"""Random histories of a member, for tests of the event log and of what follows from it."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from policy.events import RAKUTEN_ID, Event, EventKind, Evidence
from policy.vocabulary import FOREVER, AgeGroup
from tests.small_catalogue import VERSION

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
ITEMS = ("A", "B.use", "B.group", "unheard-of")
COMPANIES = ("card", "bank")

_DAYS = st.integers(0, 3).map(lambda days: timedelta(days=days))


@st.composite
def histories(draw: st.DrawFn, longest: int = 12) -> tuple[Event, ...]:
    """Events in order of time, some at the same instant, consents mostly of what was shown."""
    at = BEGINNING
    events = [Event(EventKind.ACCOUNT_OPENED, at)] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, longest))):
        at += draw(_DAYS)
        events.append(draw(happenings(at)))
    return tuple(events)


@st.composite
def happenings(draw: st.DrawFn, at: datetime) -> Event:
    """One event of any kind, with the parts its kind carries."""
    return Event(
        kind=draw(st.sampled_from(EventKind)),
        at=at,
        item=draw(st.sampled_from(ITEMS)),
        version=draw(st.sampled_from((VERSION, VERSION, "2019-08-01"))),
        acr=draw(st.sampled_from((RAKUTEN_ID, None))),
        age=draw(st.sampled_from(AgeGroup)),
        guardian=draw(st.booleans()),
        valid_until=draw(st.sampled_from((FOREVER, at + timedelta(days=2)))),
        company=draw(st.sampled_from(COMPANIES)),
        account_id=draw(st.none() | st.sampled_from(("one", "two"))),
        purpose=draw(st.sampled_from(("own:card:service", "own:bank:service"))),
        wanted=draw(st.booleans()),
        categories=draw(st.sampled_from(((), ("profile",), ("profile", "login")))),
        country=draw(st.sampled_from(("SG", "US"))),
        evidence=draw(st.none() | evidences()),
        guardian_key=draw(st.none() | st.just("m9")),
    )


def evidences() -> st.SearchStrategy[Evidence]:
    """What an act through the API carries, in part or whole."""
    said = st.none() | st.just("said")
    return st.builds(
        Evidence,
        actor=st.sampled_from(("member:m1", "guardian:m9", "service:card", "officer:ssi:o1")),
        channel=said,
        language=st.sampled_from((None, "ja", "en")),
        content_hash=said,
        shown=st.sampled_from(((), ("B.use",), ("B.use", "B.group"))),
        disadvantages=st.integers(0, 2),
        service=said,
        reference=said,
    )
