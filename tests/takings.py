"""What can be taken from a company, by whom, and where it shows: the six ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

A, B = "DOC_A", "DOC_B"
LINKABLE = ("card", "bank", "mobile")
FIELDS = {"login": "loginName", "profile": "fullName", "service_usage": "pointBalance"}
"""A category, and a field of the account that is of this one alone."""


@dataclass(frozen=True)
class Stake:
    """What a company sees of a member: a field of the account, or one of rows of an insurer."""

    company: str
    purpose: str
    field: str
    relation: str | None = None
    acquirer: str = "ssi"

    @property
    def shows(self) -> str:
        """What is selected of the member."""
        if self.relation is None:
            return self.field
        return f"{self.relation}(first: 50) {{ nodes {{ acquiredBy {{ key }} {self.field} }} }}"

    def told(self, shown: Mapping[str, Any] | None) -> list[Any]:
        """What a member's node tells of it: nothing where it is withheld."""
        if shown is None:
            return []
        if self.relation is None:
            found = [shown[self.field]]
        else:
            rows = (shown[self.relation] or {"nodes": []})["nodes"]
            found = [row[self.field] for row in rows if row["acquiredBy"]["key"] == self.acquirer]
        return [value for value in found if value is not None]

    def search(self, value: Any) -> dict[str, Any]:
        """A filter that finds whoever has this value."""
        leaf = {self.field: {"eq": value}}
        return leaf if self.relation is None else {self.relation: {"some": leaf}}


@dataclass(frozen=True)
class Act:
    """A mutation of the member's, or of the group's office."""

    name: str
    given: Mapping[str, Any]
    presented: str | None = None
    """A document that is shown before."""
    office: bool = False


@dataclass(frozen=True)
class Taking:
    """What opens a stake, what ends it, and what the member's stream says of the end."""

    stake: Stake
    opens: Sequence[Act]
    ends: Act
    told: Mapping[str, Any]
    again: Sequence[Act] = ()
    """What opens it once more, where that is less."""


@dataclass(frozen=True)
class Way:
    """One of the six: about members whom a company lists, round after round."""

    takings: Sequence[Taking]
    listed: tuple[str, str] | None = None
    """A company and a purpose, whose members they are; None: the population, as it is numbered."""
    rounds: int = 1
    """How often each member goes through the takings."""


def _given(document: str, *items: str) -> Act:
    return Act("giveConsent", {"items": list(items)}, presented=document)


def _withdrawn(*items: str) -> Act:
    return Act("withdrawConsent", {"items": list(items)})


def _linked(company: str) -> Act:
    return Act("linkAccount", {"company": company})


def _own(company: str, name: str) -> Stake:
    return Stake(company, f"own:{company}:service", name)


USE = Stake("ichiba", "service_provision", "loginName")
RECORD = Stake("mobile", "own:mobile:service", "name", "customerRecords")
POLICY = Stake("life", "service_provision", "no", "insurancePolicies")
ADVERTISED = Stake("ssi", "ads_marketing", "name", "customerRecords")

WITHDRAWAL = Way(
    [
        *(
            Taking(
                stake,
                [_given(document, item)],
                _withdrawn(item),
                {"kind": "WITHDRAWN", "item": item, "state": "WITHDRAWN"},
            )
            for stake, document, item in (
                (RECORD, B, "B.group"),
                (USE, A, "A"),
                (POLICY, B, "B.ins_group"),
                (ADVERTISED, B, "B.use"),
            )
        ),
        Taking(
            RECORD,
            [_given(B, "B.use", "B.group")],
            Act("withdrawConsent", {"document": B}),
            {"kind": "WITHDRAWN", "item": "B.group", "state": "WITHDRAWN"},
        ),
    ],
    listed=("ssi", "service_provision"),
    rounds=4,
)

UNLINKING = Way(
    [
        Taking(
            _own(company, name),
            [_given(A, "A"), _linked(company)],
            Act("unlinkAccount", {"company": company}),
            {"kind": "UNLINKED", "company": company},
            again=[_linked(company)],
        )
        for company, name in zip(LINKABLE, FIELDS.values(), strict=True)
    ],
    rounds=5,
)


def _stopped(stake: Stake, category: str, *links: Act) -> Taking:
    return Taking(
        stake,
        [_given(A, "A"), *links],
        Act("requestStop", {"company": stake.company, "categories": [category]}),
        {"kind": "STOP_REQUESTED", "company": stake.company},
    )


STOP = Way(
    [
        _stopped(stake, category, *links)
        for company in ("card", "ichiba", "bank", "mobile", "travel", "rakuten_group")
        for category, name in FIELDS.items()
        for stake, links in [
            (_own(company, name), [_linked(company)])
            if company in LINKABLE
            else (Stake(company, "service_provision", name), [])
        ]
    ],
)
"""No mutation lifts a stop: so each one is of another company, or of another category."""


def _unwanted(stake: Stake, *links: Act) -> Taking:
    def wish(*, wanted: bool) -> Act:
        return Act("setMailPreference", {"sender": stake.company, "wanted": wanted})

    return Taking(
        stake,
        [_given(A, "A"), *links, wish(wanted=True)],
        wish(wanted=False),
        {"kind": "MAIL_PREFERENCE", "company": stake.company},
        again=[wish(wanted=True)],
    )


VETO = Way(
    [
        _unwanted(Stake("rakuten_group", "direct_mail", "loginEmail")),
        _unwanted(Stake("ichiba", "direct_mail", "loginEmail")),
        _unwanted(Stake("card", "own:card:marketing", "fullName"), _linked("card")),
    ],
    rounds=5,
)

CLOSING = Way(
    [Taking(USE, [_given(A, "A")], Act("closeAccount", {}), {"kind": "ACCOUNT_CLOSED"})],
)


def _suspended(stake: Stake, document: str, item: str) -> Taking:
    decided = {"items": [item], "reason": "SSI-35-0001"}
    return Taking(
        stake,
        [_given(document, item)],
        Act("suspendConsent", decided, office=True),
        {"kind": "SUSPENDED", "item": item, "state": "SUSPENDED"},
        again=[Act("reinstateConsent", decided, office=True)],
    )


SUSPENSION = Way(
    [
        _suspended(RECORD, B, "B.group"),
        _suspended(USE, A, "A"),
        _suspended(POLICY, B, "B.ins_group"),
    ],
    listed=("ssi", "service_provision"),
    rounds=5,
)

WAYS: Mapping[str, Way] = {
    "withdrawal": WITHDRAWAL,
    "unlinking": UNLINKING,
    "stop": STOP,
    "mail": VETO,
    "closing": CLOSING,
    "suspension": SUSPENSION,
}
