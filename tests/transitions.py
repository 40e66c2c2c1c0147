"""The life of one consent item as a table: in which state which act leads where (domain.md 3.1).

Nothing decides by it: `policy.consent` says what an event means, `policy.acts` what stands against
one, `policy.states` what is read off. Tests hold the table to all three, and the documents to it.
"""

from collections.abc import Mapping

from policy.events import EventKind
from policy.objections import Objection
from policy.vocabulary import ConsentState

Next = ConsentState | Objection
"""The state an act leads to, or what stands against it."""

ACTS = (
    EventKind.PRESENTED,
    EventKind.GRANTED,
    EventKind.DEEMED,
    EventKind.REFUSED,
    EventKind.DEFERRED,
    EventKind.WITHDRAWN,
    EventKind.SUSPENDED,
    EventKind.REINSTATED,
    EventKind.INVALIDATED,
)
GIVING = (EventKind.GRANTED, EventKind.DEEMED)
"""The acts that need a presentation."""


def _undecided(then: ConsentState, given: Next, deemed: Next) -> Mapping[EventKind, Next]:
    """Nothing stands: there is nothing to take back, to suspend or to declare void."""
    return {
        EventKind.PRESENTED: then,
        EventKind.GRANTED: given,
        EventKind.DEEMED: deemed,
        EventKind.REFUSED: ConsentState.REFUSED,
        EventKind.DEFERRED: then,
        EventKind.WITHDRAWN: Objection.NOTHING_TO_WITHDRAW,
        EventKind.SUSPENDED: Objection.NOTHING_TO_SUSPEND,
        EventKind.REINSTATED: Objection.NOT_SUSPENDED,
        EventKind.INVALIDATED: Objection.NOTHING_TO_INVALIDATE,
    }


def _over(state: ConsentState) -> Mapping[EventKind, Next]:
    """An answer ended it, and used up what had been presented."""
    outdated = Objection.PRESENTATION_OUTDATED
    return _undecided(state, outdated, outdated)


def _given(state: ConsentState, given: Next, deemed: Next) -> Mapping[EventKind, Next]:
    """Presenting or deferring changes nothing that stands; every ending is open."""
    return {
        EventKind.PRESENTED: state,
        EventKind.GRANTED: given,
        EventKind.DEEMED: deemed,
        EventKind.REFUSED: ConsentState.REFUSED,
        EventKind.DEFERRED: state,
        EventKind.WITHDRAWN: ConsentState.WITHDRAWN,
        EventKind.SUSPENDED: ConsentState.SUSPENDED,
        EventKind.REINSTATED: Objection.NOT_SUSPENDED,
        EventKind.INVALIDATED: ConsentState.INVALIDATED,
    }


_GRANTED, _DEEMED = ConsentState.GRANTED, ConsentState.DEEMED
_NOT_SHOWN = Objection.NOT_PRESENTED

TRANSITIONS: Mapping[ConsentState, Mapping[EventKind, Next]] = {
    ConsentState.NONE: {
        **_undecided(ConsentState.PRESENTED, _NOT_SHOWN, _NOT_SHOWN),
        EventKind.DEFERRED: ConsentState.DEFERRED,
    },
    ConsentState.PRESENTED: {
        **_undecided(ConsentState.PRESENTED, _GRANTED, _DEEMED),
        EventKind.DEFERRED: ConsentState.DEFERRED,
    },
    ConsentState.DEFERRED: {
        **_undecided(ConsentState.DEFERRED, _GRANTED, _DEEMED),
        EventKind.PRESENTED: ConsentState.PRESENTED,
    },
    ConsentState.REFUSED: _over(ConsentState.REFUSED),
    ConsentState.WITHDRAWN: _over(ConsentState.WITHDRAWN),
    ConsentState.INVALIDATED: _over(ConsentState.INVALIDATED),
    ConsentState.DEEMED: _given(_DEEMED, _GRANTED, Objection.NOT_DEEMABLE),
    ConsentState.GRANTED: _given(_GRANTED, _GRANTED, Objection.NOT_DEEMABLE),
    ConsentState.EXPIRED: _given(ConsentState.EXPIRED, _GRANTED, _DEEMED),
    ConsentState.SUPERSEDED: _given(ConsentState.SUPERSEDED, _NOT_SHOWN, _NOT_SHOWN),
    ConsentState.SUSPENDED: {
        **_given(
            ConsentState.SUSPENDED,
            Objection.PRESENTATION_OUTDATED,
            Objection.PRESENTATION_OUTDATED,
        ),
        EventKind.SUSPENDED: Objection.NOTHING_TO_SUSPEND,
        EventKind.REINSTATED: _GRANTED,
    },
    ConsentState.ENDED: dict.fromkeys(ACTS, Objection.ACCOUNT_CLOSED),
}
"""As each state is reached from a presentation of the version then in force.

GRANTED stands for what was suspended: reinstating leads back to the state before.
"""

_NOT_DEEMED_OVER = {
    ConsentState.DEEMED,
    ConsentState.GRANTED,
    ConsentState.SUPERSEDED,
    ConsentState.SUSPENDED,
}

PRESENTED_AGAIN: Mapping[ConsentState, Mapping[EventKind, Next]] = {
    state: {
        EventKind.GRANTED: _GRANTED,
        EventKind.DEEMED: Objection.NOT_DEEMABLE if state in _NOT_DEEMED_OVER else _DEEMED,
    }
    for state in ConsentState
} | {ConsentState.ENDED: dict.fromkeys(GIVING, Objection.ACCOUNT_CLOSED)}
"""The acts that need a presentation, after the version in force was presented in that state.

Where what is SUPERSEDED had been deemed, it may be deemed again.
"""
