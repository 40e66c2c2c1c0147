"""What a record of provision and of receipt says, whole, as the law asks for it (art. 29, 30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.event_chain import StoredEvent
from models.event_log import logs_of
from models.records import Record, RecordGroup
from policy.events import EventKind
from policy.recording import countries_consented_to
from policy.situation import Question, Situation
from policy.vocabulary import ConsentLevel, Label
from resolvers import plain_words as words
from resolvers.context import Context
from resolvers.readership import Readership
from resolvers.recorded import Recorded, RecordedCompany, RecordedProvision, Then, then_of
from resolvers.relied_on import ReliedOn, relied_on

CONSENT_EVENT = "ConsentEvent"


@dataclass(frozen=True, slots=True)
class Circumstance:
    """How the provider acquired what it provided (取得の経緯)."""

    source: str
    channel: str | None
    """None where no column says."""


@dataclass(frozen=True, slots=True)
class RecordedConsent:
    """A consent that the provision rested on, with the event that it stands by."""

    id: str
    item: Recorded | None
    country: str | None
    kind: EventKind | None
    level: ConsentLevel
    version: str | None
    consented_at: datetime


@dataclass(frozen=True, slots=True)
class RecordContents:
    """One record, in the names of its time; of officers' counts, what its members share."""

    id: str
    month: str
    provider: RecordedCompany
    held_by: RecordedCompany
    recipient: RecordedCompany
    via: RecordedCompany | None
    country: str | None
    member_id: str | None
    member_count: int | None
    items: Sequence[str] | None
    categories: Sequence[Label]
    circumstances: Sequence[Circumstance] | None
    purposes: Sequence[Recorded] | None
    provision: RecordedProvision | None
    consented: bool
    consents: Sequence[RecordedConsent] | None
    first_at: datetime
    last_at: datetime
    number: int | None
    statutory: bool
    kept_until: datetime
    policy_version: str | None
    sentence: Label


async def contents(
    context: Context, reader: Readership, kind: str, rows: Sequence[Record]
) -> Sequence[RecordContents]:
    """Give what these records say, their members' logs read at once.

    `kind` is their type: the provider's record and the recipient's are two, each with its id.
    """
    members = frozenset(row.member for row in rows)
    async with context.database.read() as connection:
        logs = await logs_of(connection, members) if members else {}
    return [await _contents(context, reader, kind, row, logs.get(row.member, ())) for row in rows]


async def _contents(
    context: Context, reader: Readership, kind: str, row: Record, log: Sequence[StoredEvent]
) -> RecordContents:
    then = await then_of(context, row.last_version, row.last_at)
    first = await then_of(context, row.first_version, row.first_at)
    provision = None if row.provision is None else then.provision(row.provision)
    consents = _consents(context, reader, row, log, (first, then))
    recipient = then.company(row.recipient)
    categories = list(dict.fromkeys(each for path in row.items for each in then.categories(path)))
    purposes = [then.purpose(key) for key in row.purposes]
    return RecordContents(
        id=context.seal.node_id(reader.audience, kind, *_key(row)),
        month=row.month,
        provider=then.company(row.provider),
        held_by=then.custodian(row.provider),
        recipient=recipient,
        via=None if row.via is None else then.company(row.via),
        country=recipient.country,
        member_id=context.seal.node_id(reader.audience, "Member", row.member),
        member_count=None,
        items=row.items,
        categories=categories,
        circumstances=[Circumstance(source, channel or None) for source, channel in row.origins],
        purposes=purposes,
        provision=provision,
        consented=bool(provision and provision.items) or bool(consents),
        consents=consents,
        first_at=row.first_at,
        last_at=row.last_at,
        number=row.entries,
        statutory=row.statutory,
        kept_until=three_years_after(row.last_at),
        policy_version=row.last_version,
        sentence=_sentence(reader, row, then, provision, 1, row.items, purposes),
    )


def counted(
    context: Context, reader: Readership, kind: str, group: RecordGroup, then: Then
) -> RecordContents:
    """Give what the records of a group share, their members counted in tens."""
    provision = None if group.provision is None else then.provision(group.provision)
    recipient, number = then.company(group.recipient), reader.shown_number(group.members)
    return RecordContents(
        id=context.seal.node_id(reader.audience, kind, *_key(group)),
        month=group.month,
        provider=then.company(group.provider),
        held_by=then.custodian(group.provider),
        recipient=recipient,
        via=None if group.via is None else then.company(group.via),
        country=recipient.country,
        member_id=None,
        member_count=number,
        items=None,
        categories=[],
        circumstances=None,
        purposes=None,
        provision=provision,
        consented=bool(provision and provision.items),
        consents=None,
        first_at=group.first_at,
        last_at=group.last_at,
        number=None,
        statutory=group.statutory,
        kept_until=three_years_after(group.last_at),
        policy_version=None,
        sentence=_sentence(reader, group, then, provision, number, None, ()),
    )


def three_years_after(last: datetime) -> datetime:
    """How long it is kept at least (rules 21, 25): of a batch, from its last provision on."""
    try:
        return last.replace(year=last.year + 3)
    except ValueError:  # 29 February
        return last.replace(year=last.year + 3, month=3, day=1)


def _consents(
    context: Context,
    reader: Readership,
    row: Record,
    log: Sequence[StoredEvent],
    ends: tuple[Then, Then],
) -> Sequence[RecordedConsent]:
    """Give those relied on at the first provision and at the last, each once."""
    if row.provision is None:
        return []
    found: dict[ReliedOn, None] = {
        each: None
        for seq, then in zip((row.first_seq, row.last_seq), ends, strict=True)
        for each in relied_on(log, seq, row.provision, _countries(row, then), then)
    }
    return [
        RecordedConsent(
            id=context.seal.node_id(reader.audience, CONSENT_EVENT, row.member, *each.key),
            item=each.item,
            country=each.country,
            kind=each.kind,
            level=each.level,
            version=each.version,
            consented_at=each.consented_at,
        )
        for each in found
    ]


def _countries(row: Record, then: Then) -> frozenset[str]:
    """Where the values went by nothing but the member's consent to that country."""
    controller = None if row.via is None else row.recipient
    question = Question(row.via or row.recipient, controller, purpose="", field="", at=then.at)
    return countries_consented_to(Situation(then.catalogue, question, row.provider, service=None))


def _key(row: Record | RecordGroup) -> Sequence[str]:
    member = row.member if isinstance(row, Record) else ""
    said = (row.provider, row.recipient, row.via or "", member, row.month)
    return [*said, "" if row.provision is None else str(row.provision)]


def _sentence(  # noqa: PLR0913, PLR0917 (the parts of one sentence)
    reader: Readership,
    row: Record | RecordGroup,
    then: Then,
    provision: RecordedProvision | None,
    number: int | None,
    items: Sequence[str] | None,
    purposes: Sequence[Recorded],
) -> Label:
    recipient = then.company(row.recipient).name
    who = recipient if row.via is None else words.acting_for(then.company(row.via).name, recipient)
    values = [path for path in items or () if path in then.catalogue.fields]
    lists = words.lists_alone((each for each in items or () if each not in values), values)
    telling = words.Telling(
        when=words.in_month(row.month),
        who=who,
        whose=words.whose(reader.role, number, at_least=reader.counts_alone),
        shown=[words.DATA] if items is None else words.names(then, values),
        known=words.names(then, lists),
        purpose=words.several(each.name for each in purposes),
        grounds=[words.opened_by(provision)] if provision else [],
        source=then.company(row.provider).name,
    )
    return words.received(telling)
