"""While a version is being applied, a cell is open only where each live version opens it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.catalogue import Catalogue
from policy.conditions import Test
from policy.decide import decide
from policy.events import Event
from policy.facts import MemberFacts, ValueFacts
from policy.grant import Alternative, Asker, Grants
from policy.meeting import Meeting, Shared
from policy.member_tests import ConsentedTo, Explicit, Known, Published, Stands
from policy.parse import parse
from policy.row_tests import AcquiredBy, ConsentedToRow, Listed, Screened
from policy.situation import Question
from policy.source import node_of
from policy.standing import fold
from policy.vocabulary import FOREVER, NEVER, ConsentLevel, OpeningAct, Reason
from tests.clock import START
from tests.real import CATALOGUE
from tests.say import Say
from tests.versions import Files, entry, with_version
from tests.worlds import World, worlds

NEW = "2023-04-02"


def read(files: Files) -> Catalogue:
    return parse({name: node_of(plain, name) for name, plain in files.items()})


def revised() -> Catalogue:
    """The next version: narrower here, wider there, and items that mean something else."""
    files = with_version(
        Files(),
        "DOC_A",
        NEW,
        change={
            "A-USE": lambda row: row["categories"].pop("profile"),
            "A-PEER": lambda row: row["categories"].pop("profile"),
            "A-4-1-1": lambda row: row["categories"].update(profile="all"),
        },
    )
    documents = files["documents.yaml"]["documents"]
    entry(documents, "DOC_GM")["consent"] = "EXPLICIT"
    entry(documents, "DOC_B")["requires_account_session"] = "false"
    for row in files["provisions.yaml"]["provisions"]:
        if row["documents"] == ["DOC_GM"] and row["min_consent"] == "DEEMED":
            row["min_consent"] = "EXPLICIT"
    files["companies.yaml"]["companies"] = [
        each for each in files["companies.yaml"]["companies"] if each["key"] != "shop_book"
    ]
    return read(files)


REVISED = revised()


def allows(
    catalogue: Catalogue, question: Question, events: Sequence[Event], value: ValueFacts
) -> bool:
    known = question.field in catalogue.fields and question.purpose in catalogue.purposes
    member = fold(events, question.at, catalogue)
    return known and decide(catalogue, question, member, value).disclose


def opens(met: Grants, question: Question, member: MemberFacts, value: ValueFacts) -> bool:
    asker = Asker(question.company, question.on_behalf_of, question.subject_self)
    grant = met.grant(asker, question.purpose, question.field, question.at)
    return grant.opened_by(member, value, question.at) is not None


def look(world: World, catalogues: Sequence[Catalogue], met: Meeting, tally: Counter[str]) -> None:
    """What is open by the meeting is allowed by each, whichever of them folded the standing."""
    own = met.catalogue
    for ask in world.asks:
        question, value = ask.question, ask.value
        if question.field not in own.fields or question.purpose not in own.purposes:
            continue
        allowed = [allows(each, question, world.events, value) for each in catalogues]
        for each in catalogues:
            member = fold(world.events, question.at, each)
            opened = opens(met, question, member, value)
            assert all(allowed) or not opened, (question, value)
            tally["open" if opened else "shut, though all allow" if all(allowed) else "shut"] += 1
        tally["some allow alone"] += any(allowed) and not all(allowed)


def test_nothing_is_open_that_one_of_two_versions_of_the_real_catalogue_withholds(
    say: Say,
) -> None:
    tally: Counter[str] = Counter()
    forth, back = Meeting(CATALOGUE, [REVISED]), Meeting(REVISED, [CATALOGUE])

    @settings(max_examples=40)
    @given(worlds(CATALOGUE, asks=10))
    def holds(world: World) -> None:
        look(world, (CATALOGUE, REVISED), forth, tally)
        look(world, (CATALOGUE, REVISED), back, tally)

    holds()
    say(f"two versions: {dict(tally)}")
    assert tally["open"] > 20
    assert tally["some allow alone"] > 10
    assert tally["shut, though all allow"] < tally["open"]


def test_nothing_is_open_that_one_of_several_random_catalogues_withholds(say: Say) -> None:
    tally: Counter[str] = Counter()

    @settings(max_examples=40, suppress_health_check=[HealthCheck.large_base_example])
    @given(worlds(asks=30), worlds(asks=1), st.booleans())
    def holds(world: World, other: World, three: bool) -> None:  # noqa: FBT001 (drawn)
        catalogues = (world.catalogue, other.catalogue, *([world.catalogue] if three else ()))
        look(world, catalogues, Meeting(world.catalogue, catalogues[1:]), tally)

    holds()
    say(f"catalogues that have little in common: {dict(tally)}")
    assert tally["open"] > 10
    assert tally["some allow alone"] > 10


def test_a_catalogue_met_with_itself_grants_what_it_does_alone() -> None:
    met, alone = Meeting(CATALOGUE, [CATALOGUE]), Grants(CATALOGUE)
    for asker, purpose in ((Asker("card"), "own:card:service"), (Asker("travel"), "id_login")):
        for path in CATALOGUE.fields:
            assert met.grant(asker, purpose, path, START) == alone.grant(
                asker, purpose, path, START
            )
    assert met.needed_together == alone.needed_together


def test_a_field_or_a_purpose_that_one_version_does_not_know_is_closed_by_all() -> None:
    fields = {path: each for path, each in CATALOGUE.fields.items() if path != "phone"}
    purposes = {k: each for k, each in CATALOGUE.purposes.items() if k != "own:card:analysis"}
    met = Meeting(CATALOGUE, [replace(CATALOGUE, fields=fields, purposes=purposes)])
    for purpose, path in (("own:card:service", "phone"), ("own:card:analysis", "city")):
        grant = met.grant(Asker("card"), purpose, path, START)
        assert (grant.alternatives, grant.reason) == ((), Reason.NOT_PERMITTED)
    assert met.grant(Asker("card"), "own:card:service", "city", START).alternatives


def test_a_grant_holds_as_long_as_nothing_dated_changes_in_any_version() -> None:
    met = Meeting(CATALOGUE, [REVISED])
    grant = met.grant(Asker("card"), "own:card:service", "city", START)
    assert (grant.valid_from, grant.valid_until) == met.epoch(START)
    mine, theirs = Grants(CATALOGUE).epoch(START), Grants(REVISED).epoch(START)
    assert met.epoch(START) == (max(mine[0], theirs[0]), min(mine[1], theirs[1]))
    assert met.grant(Asker("card"), "own:card:service", "city", START) is grant
    earlier = START - timedelta(days=1_000)
    assert met.grant(Asker("card"), "own:card:service", "city", earlier) is not grant
    assert NEVER < grant.valid_from < grant.valid_until <= FOREVER


def test_fields_are_of_one_class_only_where_they_are_in_every_version() -> None:
    shape = replace(CATALOGUE.fields["gender"], categories=("login",))
    met = Meeting(CATALOGUE, [replace(CATALOGUE, fields={**CATALOGUE.fields, "gender": shape})])
    alone = Grants(CATALOGUE)
    assert alone.access_class("gender") == alone.access_class("birthDate")
    assert met.access_class("gender") != met.access_class("birthDate")


def both(mine: Test, theirs: Test, *, other: Catalogue = REVISED) -> object:
    ways = [Alternative(1, "A-USE", (Known(), test)) for test in (mine, theirs)]
    return Shared((CATALOGUE, other)).both(*ways)


def test_tests_that_two_versions_read_alike_are_told_once() -> None:
    assert both(Screened(), Screened()) == (Known(), Screened())
    mine, theirs = AcquiredBy(frozenset({"card", "bank"})), AcquiredBy(frozenset({"card"}))
    assert both(mine, theirs) == (theirs, Known())
    assert both(theirs, AcquiredBy(frozenset({"bank"}))) is None


def test_what_one_of_two_versions_asks_for_is_asked_by_both() -> None:
    assert both(Screened(), Stands("A")) == (Known(), Screened(), Stands("A"))
    asking = replace(
        CATALOGUE,
        provisions=tuple(
            replace(row, min_consent=ConsentLevel.EXPLICIT) if row.key == "A-4-1-2" else row
            for row in CATALOGUE.provisions
        ),
    )
    for own, other in permutations((CATALOGUE, asking)):
        grant = Meeting(own, [other]).grant(Asker("card"), "own:card:service", "fullName", START)
        assert [Explicit("A") in way.tests for way in grant.alternatives] == [True]


def test_an_item_that_means_something_else_now_opens_nothing() -> None:
    assert both(Stands("A"), Stands("A")) == (Known(), Stands("A"))
    for item in ("GM", "B.use", "unknown"):
        assert both(Stands(item), Stands(item)) is None
        assert both(Explicit(item), Explicit(item)) is None
    published = Published("p", START, OpeningAct.LINK, "card", None)
    assert both(published, published) == (Known(), published)
    assert both(published, replace(published, item="GM")) is None


def test_versions_that_only_one_catalogue_knows_are_left_out() -> None:
    old, new = frozenset({"2022-03-31"}), frozenset({"2022-03-31", NEW})
    assert both(ConsentedTo("A", old), ConsentedTo("A", new)) == (Known(), ConsentedTo("A", old))
    assert both(ConsentedTo("A", old), ConsentedTo("A", frozenset({NEW}))) is None
    rows = ConsentedToRow("A", (("2022-03-31", (Screened(),)), (NEW, ())))
    assert both(rows, rows) == (Known(), replace(rows, scopes=rows.scopes[:1]))
    assert both(rows, ConsentedToRow("A", ((NEW, (Screened(),)),))) is None


def test_a_sensitive_list_that_names_other_kinds_now_opens_nothing() -> None:
    health = CATALOGUE.sensitive_lists["HEALTH"]
    longer = {"HEALTH": replace(health, kinds=health.kinds | {"smoker"})}
    other = replace(CATALOGUE, sensitive_lists={**CATALOGUE.sensitive_lists, **longer})
    listed = Listed(frozenset({"HEALTH"}))
    assert both(listed, listed) == (Known(), listed)
    assert both(listed, listed, other=other) is None
    assert both(listed, listed, other=replace(CATALOGUE, sensitive_lists={})) is None
    rows = ConsentedToRow("A", (("2022-03-31", (listed,)), ("2019-08-01", (Screened(),))))
    left = replace(rows, scopes=rows.scopes[1:])
    assert both(rows, rows, other=other) == (Known(), left)


def test_leads_are_those_of_which_every_version_keeps_the_same_index() -> None:
    renumbered = [
        replace(row, number=90) if row.key == "B-2" else row for row in CATALOGUE.provisions
    ]
    other = replace(CATALOGUE, provisions=tuple(renumbered))
    mine, met = Grants(CATALOGUE).needed_together, Meeting(CATALOGUE, [other]).needed_together
    assert mine.keys() - met.keys() == {frozenset({"B.group"})}
