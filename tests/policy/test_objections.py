"""Each rule of acts stands against what it is for, under its code, and against nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import pytest

from policy.acts import OBJECTIONS, RULES, Objection, bound_by_use, first_objection
from policy.documents import Document
from policy.events import Event, EventKind, Evidence
from policy.facts import ValueFacts
from policy.notice import content_hash
from policy.situation import Question
from policy.standing import fold
from policy.vocabulary import TICK, AgeGroup, Code, ConsentMode, ConsentState, IdStatus, Interval
from tests.acting import DAY, START, about, against, by, done
from tests.readings import Readings
from tests.real import CATALOGUE

Kind = EventKind
LONG_AGO = datetime.fromisoformat("2021-01-01T00:00:00Z")
LATER = START + DAY
OPENED = done(Kind.ACCOUNT_OPENED, LONG_AGO)
CLOSED = done(Kind.ACCOUNT_CLOSED, START)
SHOWN = about(Kind.PRESENTED)
B_SHOWN = (OPENED, *(about(Kind.PRESENTED, item=item)[0] for item in ("B.use", "B.sensitive")))
GIVEN = (*SHOWN, *about(Kind.GRANTED))
LINKED = done(Kind.LINKED, company="card", account_id="card-m1")
UNNAMED = replace(LINKED, account_id=None)
NAMED = replace(LINKED, evidence=Evidence("service:card"))
GUARDIAN = Evidence("guardian:m9")
REGISTERED = done(
    Kind.GUARDIAN_REGISTERED, guardian_key="m9", age=AgeGroup.CHILD, evidence=GUARDIAN
)


def noticed(language: str = "ja", document: str = "DOC_A", at: datetime = START) -> Evidence:
    """Evidence that names what is to be shown of a document."""
    version = CATALOGUE.documents[document].version_at(at)
    assert version is not None
    said = content_hash(CATALOGUE, document, version.key, language, at)
    return Evidence("member:m1", language=language, content_hash=said)


READ = about(Kind.PRESENTED, evidence=noticed())
ABROAD = done(Kind.OVERSEAS_CONSENTED, country="SG", evidence=noticed())


class Case(NamedTuple):
    """An act after a past, and the code that stands against it."""

    code: Objection
    name: str
    past: Sequence[Event]
    act: Sequence[Event]


REFUSED = (
    Case(Objection.UNKNOWN_ITEM, "an item", (), (done(Kind.PRESENTED, item="C"),)),
    Case(Objection.UNKNOWN_ITEM, "told of an item", (), (done(Kind.NOTIFIED, item="C"),)),
    Case(Objection.UNKNOWN_COMPANY, "a company", (), (done(Kind.USED, company="nobody"),)),
    Case(
        Objection.UNKNOWN_COMPANY,
        "a company not listed yet",
        (),
        (done(Kind.STOP_REQUESTED, START - 9999 * DAY, company="card"),),
    ),
    Case(
        Objection.UNKNOWN_CATEGORY,
        "a category",
        (),
        (done(Kind.STOP_REQUESTED, company="card", categories=("shoes",)),),
    ),
    Case(
        Objection.UNKNOWN_COUNTRY,
        "a country the notice does not name",
        READ,
        (replace(ABROAD, country="AQ"),),
    ),
    Case(Objection.UNKNOWN_COUNTRY, "no country abroad", READ, (replace(ABROAD, country="JP"),)),
    Case(
        Objection.UNKNOWN_PURPOSE,
        "a purpose not published yet",
        (),
        (done(Kind.NOTIFIED, START - DAY, purpose="own:card:analysis"),),
    ),
    Case(
        Objection.WRONG_ACTOR,
        "staff never gives a consent",
        SHOWN,
        about(Kind.GRANTED, evidence=by(Kind.SUSPENDED)),
    ),
    Case(
        Objection.WRONG_ACTOR,
        "a service never gives a consent",
        SHOWN,
        about(Kind.GRANTED, evidence=by(Kind.USED)),
    ),
    Case(
        Objection.WRONG_ACTOR,
        "a member suspends nothing",
        GIVEN,
        about(Kind.SUSPENDED, evidence=by(Kind.GRANTED)),
    ),
    Case(
        Objection.NOT_GUARDIAN,
        "nobody is a guardian unregistered",
        SHOWN,
        about(Kind.GRANTED, age=AgeGroup.CHILD, guardian=True, evidence=GUARDIAN),
    ),
    Case(
        Objection.NOT_GUARDIAN,
        "the guardian of another",
        (*SHOWN, REGISTERED),
        about(Kind.GRANTED, age=AgeGroup.CHILD, guardian=True, evidence=Evidence("guardian:m8")),
    ),
    Case(
        Objection.NOT_GUARDIAN,
        "no guardian of an adult",
        (*SHOWN, REGISTERED),
        about(Kind.REFUSED, evidence=GUARDIAN),
    ),
    Case(
        Objection.NOT_GUARDIAN,
        "members are not their own guardians",
        (*SHOWN, REGISTERED),
        about(Kind.GRANTED, age=AgeGroup.CHILD, guardian=True),
    ),
    Case(
        Objection.NOT_GUARDIAN,
        "guardians register themselves",
        (),
        (replace(REGISTERED, guardian_key="m8"),),
    ),
    Case(
        Objection.NOT_GUARDIAN,
        "an adult gets no guardian",
        (),
        (replace(REGISTERED, age=AgeGroup.ADULT),),
    ),
    Case(Objection.SESSION_TOO_WEAK, "a guardian's session", (), (replace(REGISTERED, acr="SMS"),)),
    Case(
        Objection.SESSION_TOO_WEAK,
        "consent B",
        B_SHOWN,
        about(Kind.GRANTED, item="B.use", acr=None),
    ),
    Case(
        Objection.SESSION_TOO_WEAK,
        "consent B, signed in otherwise",
        B_SHOWN,
        about(Kind.GRANTED, item="B.use", acr="SMS"),
    ),
    Case(Objection.NO_ACCOUNT, "consent B", B_SHOWN[1:], about(Kind.GRANTED, item="B.use")),
    Case(Objection.NO_ACCOUNT, "nothing to close", (), (CLOSED,)),
    Case(Objection.ACCOUNT_OPEN, "opened twice", (OPENED,), (OPENED,)),
    *(
        Case(Objection.ACCOUNT_CLOSED, act[-1].kind, (OPENED, *GIVEN, LINKED, CLOSED), act)
        for act in (
            *(about(kind) for kind in (Kind.PRESENTED, Kind.GRANTED, Kind.REFUSED, Kind.DEFERRED)),
            *(about(kind) for kind in (Kind.WITHDRAWN, Kind.SUSPENDED, Kind.INVALIDATED)),
            (done(Kind.USED, company="card"),),
            (done(Kind.UNLINKED, company="card"),),
            (done(Kind.LINKED, company="bank"),),
            (done(Kind.MAIL_PREFERENCE, company="card", wanted=True),),
            (done(Kind.ADS_PREFERENCE, wanted=True),),
            (ABROAD,),
            (done(Kind.OVERSEAS_WITHDRAWN, country="SG"),),
            (REGISTERED,),
            (CLOSED,),
            (OPENED,),
        )
    ),
    Case(
        Objection.NOT_IN_FORCE,
        "an earlier version",
        about(Kind.PRESENTED, LONG_AGO),
        about(Kind.GRANTED, version="2019-08-01"),
    ),
    Case(Objection.NOT_IN_FORCE, "to be shown", (), about(Kind.PRESENTED, version="2019-08-01")),
    Case(
        Objection.NOT_IN_FORCE,
        "none in force yet",
        (),
        about(Kind.PRESENTED, LONG_AGO, item="B.use"),
    ),
    Case(Objection.NOT_PRESENTED, "nothing was shown", (), about(Kind.GRANTED)),
    Case(
        Objection.NOT_PRESENTED,
        "another version was",
        about(Kind.PRESENTED, LONG_AGO),
        about(Kind.GRANTED),
    ),
    Case(Objection.NOT_PRESENTED, "no notice abroad", (), (ABROAD,)),
    Case(Objection.NOT_PRESENTED, "abroad, nothing named", READ, (replace(ABROAD, evidence=None),)),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "an answer used it up",
        (*GIVEN, *about(Kind.WITHDRAWN)),
        about(Kind.GRANTED),
    ),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "another language was shown since",
        (*READ, *about(Kind.PRESENTED, evidence=noticed("en"))),
        about(Kind.GRANTED, evidence=noticed()),
    ),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "a company has come to receive it since",
        about(Kind.PRESENTED, LONG_AGO + 500 * DAY, evidence=noticed(at=LONG_AGO + 500 * DAY)),
        about(Kind.GRANTED, evidence=noticed(at=LONG_AGO + 500 * DAY)),
    ),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "something else was shown",
        SHOWN,
        about(Kind.GRANTED, evidence=noticed()),
    ),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "another version was shown since",
        (*SHOWN, *about(Kind.PRESENTED, version="2019-08-01")),
        about(Kind.GRANTED),
    ),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "a country was withdrawn since",
        (*READ, ABROAD, done(Kind.OVERSEAS_WITHDRAWN, country="SG")),
        (ABROAD,),
    ),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "abroad, of a version that is gone",
        tuple(replace(event, version="2018-01-01") for event in READ),
        (ABROAD,),
    ),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "abroad, another language was shown since",
        (*READ, *about(Kind.PRESENTED, evidence=noticed("en"))),
        (ABROAD,),
    ),
    Case(
        Objection.ITEM_APART,
        "sensitive and another",
        B_SHOWN,
        (*about(Kind.GRANTED, item="B.use"), *about(Kind.GRANTED, item="B.sensitive")),
    ),
    Case(
        Objection.NOT_DEEMABLE,
        "an explicit document",
        (*B_SHOWN, done(Kind.USED, company="ssi")),
        (
            done(
                Kind.DEEMED,
                item="B.use",
                version="2024-04-01",
                evidence=Evidence("service:ssi", service="ssi_insurance"),
            ),
        ),
    ),
    Case(Objection.NOT_DEEMABLE, "over a grant", GIVEN, about(Kind.DEEMED)),
    Case(
        Objection.NOT_DEEMABLE,
        "over a suspension",
        (*GIVEN, *about(Kind.SUSPENDED), *SHOWN),
        about(Kind.DEEMED),
    ),
    Case(
        Objection.NOT_DEEMABLE,
        "twice",
        (*SHOWN, *about(Kind.DEEMED)),
        about(Kind.DEEMED),
    ),
    Case(Objection.NOT_DEEMABLE, "without a use", SHOWN, about(Kind.DEEMED)[1:]),
    Case(
        Objection.NOT_DEEMABLE,
        "by an earlier use",
        (*SHOWN, done(Kind.USED, company="ichiba")),
        about(Kind.DEEMED, LATER)[1:],
    ),
    Case(
        Objection.NOT_DEEMABLE,
        "by a service unknown",
        SHOWN,
        about(Kind.DEEMED, evidence=by(Kind.DEEMED, service="shoes")),
    ),
    Case(
        Objection.NOT_DEEMABLE,
        "by the service of a company that has not adopted it",
        (*SHOWN, done(Kind.USED, company="card")),
        about(Kind.DEEMED, evidence=by(Kind.DEEMED, service="card_service")),
    ),
    Case(
        Objection.GUARDIAN_REQUIRED,
        "a child",
        SHOWN,
        about(Kind.GRANTED, age=AgeGroup.CHILD),
    ),
    Case(
        Objection.GUARDIAN_REQUIRED,
        "a child's first use",
        SHOWN,
        about(Kind.DEEMED, age=AgeGroup.CHILD),
    ),
    Case(
        Objection.GUARDIAN_REQUIRED,
        "a youth, sensitive",
        B_SHOWN,
        about(Kind.GRANTED, item="B.sensitive", age=AgeGroup.YOUTH),
    ),
    Case(
        Objection.GUARDIAN_REQUIRED,
        "somebody of unknown age, but for use by the group",
        B_SHOWN,
        about(Kind.GRANTED, item="B.use", age=AgeGroup.UNKNOWN),
    ),
    Case(
        Objection.GUARDIAN_REQUIRED,
        "what a guardian gave is not narrowed",
        (
            *SHOWN,
            REGISTERED,
            *about(Kind.GRANTED, age=AgeGroup.CHILD, guardian=True, evidence=GUARDIAN),
        ),
        about(Kind.GRANTED, age=AgeGroup.YOUTH),
    ),
    Case(
        Objection.GUARDIAN_REQUIRED, "a youth, abroad", READ, (replace(ABROAD, age=AgeGroup.YOUTH),)
    ),
    Case(
        Objection.NOT_IN_FORCE,
        "deemed, an earlier version",
        about(Kind.PRESENTED, LONG_AGO),
        about(Kind.DEEMED, version="2019-08-01"),
    ),
    Case(
        Objection.PRESENTATION_OUTDATED,
        "deemed, another version was shown since",
        (*SHOWN, *about(Kind.PRESENTED, version="2019-08-01")),
        about(Kind.DEEMED),
    ),
    Case(Objection.TERM_OVER, "deemed, over now", SHOWN, about(Kind.DEEMED, valid_until=START)),
    Case(Objection.TERM_OVER, "over now", SHOWN, about(Kind.GRANTED, valid_until=START)),
    Case(Objection.NOTHING_TO_WITHDRAW, "never given", SHOWN, about(Kind.WITHDRAWN)),
    Case(
        Objection.NOTHING_TO_WITHDRAW,
        "a country never consented to",
        (),
        (done(Kind.OVERSEAS_WITHDRAWN, country="SG"),),
    ),
    Case(Objection.NOTHING_TO_SUSPEND, "never given", SHOWN, about(Kind.SUSPENDED)),
    Case(Objection.NOT_SUSPENDED, "standing", GIVEN, about(Kind.REINSTATED)),
    Case(Objection.NOTHING_TO_INVALIDATE, "never given", SHOWN, about(Kind.INVALIDATED)),
    *(
        Case(
            Objection.REASON_MISSING,
            f"{kind} for {reference!r}",
            GIVEN,
            about(kind, evidence=Evidence("officer:ssi:o1", reference=reference)),
        )
        for kind in (Kind.SUSPENDED, Kind.REINSTATED, Kind.INVALIDATED)
        for reference in (None, " ")
    ),
    Case(Objection.NOT_LIVE, "planned", (), (done(Kind.USED, company="new_service"),)),
    Case(Objection.NOT_LIVE, "linked", (), (replace(LINKED, company="ins_holding"),)),
    Case(Objection.NOT_LINKED, "never", (), (done(Kind.UNLINKED, company="card"),)),
    Case(
        Objection.NOT_LINKED,
        "any longer",
        (LINKED, done(Kind.UNLINKED, company="card")),
        (done(Kind.UNLINKED, company="card"),),
    ),
    Case(Objection.ALREADY_LINKED, "twice", (LINKED,), (LINKED,)),
    Case(Objection.ALREADY_LINKED, "twice, unnamed", (UNNAMED,), (UNNAMED,)),
    Case(Objection.ALREADY_LINKED, "named by the member", (UNNAMED,), (LINKED,)),
    Case(Objection.ALREADY_LINKED, "named twice", (UNNAMED, NAMED), (NAMED,)),
)

ALLOWED: Sequence[tuple[str, Sequence[Event], Sequence[Event]]] = (
    ("a grant of what was shown", SHOWN, about(Kind.GRANTED)),
    ("a grant of the very notice", READ, about(Kind.GRANTED, evidence=noticed())),
    ("the same notice shown again", (*READ, *READ), about(Kind.GRANTED, evidence=noticed())),
    ("consent B", B_SHOWN, about(Kind.GRANTED, item="B.use")),
    ("a sensitive item by itself", B_SHOWN, about(Kind.GRANTED, item="B.sensitive")),
    (
        "sensitive items refused with others",
        B_SHOWN,
        (*about(Kind.REFUSED, item="B.use"), *about(Kind.REFUSED, item="B.sensitive")),
    ),
    ("putting it off", SHOWN, about(Kind.DEFERRED)),
    ("a guardian comes", (), (REGISTERED,)),
    ("refusing unasked", (), about(Kind.REFUSED)),
    ("a term ahead", SHOWN, about(Kind.GRANTED, valid_until=START + TICK)),
    ("a youth, at home", SHOWN, about(Kind.GRANTED, age=AgeGroup.YOUTH)),
    ("unknown age, for use by the group", SHOWN, about(Kind.GRANTED, age=AgeGroup.UNKNOWN)),
    (
        "a guardian",
        (*SHOWN, REGISTERED),
        about(Kind.GRANTED, age=AgeGroup.CHILD, guardian=True, evidence=GUARDIAN),
    ),
    (
        "a guardian takes back",
        (
            *SHOWN,
            REGISTERED,
            *about(Kind.GRANTED, age=AgeGroup.CHILD, guardian=True, evidence=GUARDIAN),
        ),
        about(Kind.WITHDRAWN, age=AgeGroup.CHILD, guardian=True, evidence=GUARDIAN),
    ),
    ("a use that deems", SHOWN, about(Kind.DEEMED)),
    ("a country the notice names", READ, (ABROAD,)),
    ("a country given back", (*READ, ABROAD), (done(Kind.OVERSEAS_WITHDRAWN, country="SG"),)),
    (
        "a country shown anew",
        (*READ, ABROAD, done(Kind.OVERSEAS_WITHDRAWN, country="SG"), *READ),
        (ABROAD,),
    ),
    ("a link", (), (LINKED,)),
    ("the company names its account", (UNNAMED,), (NAMED,)),
    ("its undoing", (LINKED,), (done(Kind.UNLINKED, company="card"),)),
    (
        "the undoing of a use",
        (done(Kind.USED, company="card"),),
        (done(Kind.UNLINKED, company="card"),),
    ),
    ("told of a purpose", (), (done(Kind.NOTIFIED, purpose="own:card:analysis"),)),
    ("told of a version", (), (done(Kind.NOTIFIED, item="A"),)),
    ("wishes", (), (done(Kind.MAIL_PREFERENCE, company="card", wanted=True),)),
    ("no advertising", (), (done(Kind.ADS_PREFERENCE, wanted=False),)),
    ("opening", (), (OPENED,)),
    ("closing", (OPENED,), (CLOSED,)),
    ("a stop, the account closed", (OPENED, CLOSED), (done(Kind.STOP_REQUESTED, company="card"),)),
    (
        "lifted",
        (done(Kind.STOP_REQUESTED, company="card"),),
        (done(Kind.STOP_LIFTED, company="card", categories=("login",)),),
    ),
    ("an incident", (), (done(Kind.INCIDENT_OPENED, company="card"),)),
    ("its end", (), (done(Kind.INCIDENT_CLOSED, company="card"),)),
    (
        "one after the other",
        (),
        (*SHOWN, *about(Kind.GRANTED), *about(Kind.SUSPENDED), *about(Kind.REINSTATED)),
    ),
    ("declared void", GIVEN, about(Kind.INVALIDATED)),
)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case.code}: {case.name}")
def test_what_a_rule_is_for_it_stands_against(case: Case) -> None:
    assert against((), *case.past) in {None, Objection.NOT_IN_FORCE}
    assert against(case.past, *case.act) is case.code
    assert first_objection(CATALOGUE, case.past, case.act) == (case.code, case.act[-1])


@pytest.mark.parametrize(
    ("past", "act"),
    [pytest.param(past, act, id=name) for name, past, act in ALLOWED],
)
def test_what_no_rule_is_against_may_be_done(past: Sequence[Event], act: Sequence[Event]) -> None:
    assert against((), *past) is None
    assert against(past, *act) is None


def test_every_code_has_a_meaning_a_rule_and_a_case() -> None:
    assert set(OBJECTIONS) == set(Objection)
    assert set(RULES) == set(EventKind)
    told = {code for rules in RULES.values() for rule in rules for code in rule.codes}
    assert told | {Objection.ITEM_APART} == set(Objection)
    assert {case.code for case in REFUSED} == set(Objection) - {Objection.NOT_ASKED}


def test_every_kind_of_act_is_allowed_somewhere() -> None:
    allowed = {event.kind for _, past, act in ALLOWED for event in (*past, *act)}
    assert allowed == set(EventKind)


def test_a_notice_asks_for_no_answer() -> None:
    document = replace(CATALOGUE.documents["DOC_A"], consent=ConsentMode.NOTICE)
    catalogue = replace(CATALOGUE, documents={**CATALOGUE.documents, "DOC_A": document})
    for kind in (Kind.GRANTED, Kind.REFUSED, Kind.DEFERRED, Kind.DEEMED):
        act = about(kind, catalogue=catalogue)
        assert against(SHOWN, *act, catalogue=catalogue) is Objection.NOT_ASKED
        assert against((), *act, catalogue=catalogue) is Objection.NOT_ASKED
    assert against((), *SHOWN, catalogue=catalogue) is None
    asked = fold((*SHOWN, *about(Kind.GRANTED)), START, catalogue).items["A"]
    assert asked.state is ConsentState.PRESENTED


def test_a_use_binds_the_service_s_own_document_and_the_groups_where_it_was_adopted() -> None:
    def bound(service: str, at: datetime = START) -> Sequence[str]:
        return [document.key for document in bound_by_use(CATALOGUE, service, at)]

    assert bound("ichiba_market") == ["DOC_A"]
    assert bound("card_service") == []
    assert bound("global_market") == ["DOC_GM"]
    (start,) = (when.start for when in CATALOGUE.companies["ichiba"].adopts["DOC_A"])
    assert bound("ichiba_market", start - TICK) == []
    added = replace(CATALOGUE, documents=_supplementing(CATALOGUE.documents["DOC_GM"]))
    assert [d.key for d in bound_by_use(added, "global_market", START)] == ["DOC_GM", "DOC_A"]


def _supplementing(document: Document) -> dict[str, Document]:
    mode = CATALOGUE.documents["DOC_A"].mode
    return {**CATALOGUE.documents, document.key: replace(document, mode=mode)}


def test_a_company_becomes_live_on_its_day() -> None:
    card = CATALOGUE.companies["card"]
    statuses = (
        (IdStatus.PLANNED, Interval(LONG_AGO, START)),
        (IdStatus.LIVE, Interval(START)),
    )
    companies = {**CATALOGUE.companies, "card": replace(card, id_status=statuses)}
    catalogue = replace(CATALOGUE, companies=companies)
    early = replace(LINKED, at=START - TICK)
    assert against((), early, catalogue=catalogue) is Objection.NOT_LIVE
    assert against((), LINKED, catalogue=catalogue) is None


def test_somebody_unknown_to_the_edge_is_not_asked_who_they_are() -> None:
    unsigned = [replace(event, evidence=None) for event in about(Kind.GRANTED)]
    assert against(SHOWN, *unsigned) is None


def test_the_rules_ask_in_the_order_of_recording_at_one_time() -> None:
    recorded = (*about(Kind.WITHDRAWN, LATER), *SHOWN, *about(Kind.GRANTED))
    assert against(recorded, *about(Kind.WITHDRAWN, LATER)) is Objection.NOTHING_TO_WITHDRAW


def test_naming_the_account_makes_no_link_younger() -> None:
    published = CATALOGUE.purposes["own:card:analysis"].registered_at
    before = (
        *about(Kind.PRESENTED, START - DAY),
        *about(Kind.GRANTED, START - DAY),
        replace(UNNAMED, at=published - TICK),
    )
    readings = Readings(CATALOGUE)
    question = Question("card", None, "own:card:analysis", "fullName", published + DAY)
    for events in (before, (*before, replace(NAMED, at=published))):
        answer = readings.answer(question, events, ValueFacts("rakuten_group"))
        assert answer.code is Code.CONSENT_OUTDATED
        assert fold(events, question.at, CATALOGUE).links["card"].linked_at == published - TICK
    anew = (*before, done(Kind.UNLINKED, published, company="card"), replace(NAMED, at=published))
    assert readings.answer(question, anew, ValueFacts("rakuten_group")).code is None
