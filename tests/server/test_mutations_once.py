"""Under an idempotency key an act is done once, whatever comes between; as a whole, or not."""

import asyncio
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests.acts import codes, do, log_of, member, node_id, operation, present, states
from tests.door import Door, refused

pytestmark = pytest.mark.anyio


async def test_a_replay_does_nothing_and_tells_how_things_stand_now(either: Door) -> None:
    token = member(either, "m1")
    shown = await present(either, token)
    given: dict[str, Any] = {"presentation": shown, "items": ["B.use"]}
    first = await do(either, "giveConsent", token, idempotencyKey="k-1", **given)
    assert states(first) == {"B.use": "GRANTED"}
    await do(either, "withdrawConsent", token, items=["B.use"])
    before = await log_of(either, "m1")
    again = await do(either, "giveConsent", token, idempotencyKey="k-1", **given)
    assert (codes(again), states(again)) == ([], {"B.use": "WITHDRAWN"})
    assert await log_of(either, "m1") == before


async def test_a_replayed_presentation_is_the_same_one(either: Door) -> None:
    given = {"document": "DOC_B", "language": "JA", "idempotencyKey": "k-1"}
    asked = "presentDocument", member(either, "m1"), "presentation { id presentedAt contentHash }"
    first = await do(either, *asked, **given)
    before = await log_of(either, "m1")
    either.clock.step(timedelta(minutes=1))
    assert await do(either, *asked, **given) == first
    assert await log_of(either, "m1") == before


async def test_the_same_key_with_another_input_is_refused(either: Door) -> None:
    token = member(either, "m2")
    await do(either, "withdrawConsent", token, idempotencyKey="k-1", items=["B.use"])
    other = operation("withdrawConsent", "userErrors { code }", {"items": ["B.group"]})
    other[1]["input"]["idempotencyKey"] = "k-1"
    refused(await either.send(*other, token=token), 400, "BAD_USER_INPUT", "idempotencyKey")


async def test_a_key_is_the_caller_s_own_for_one_mutation(either: Door) -> None:
    for key, name, given in (
        ("m2", "withdrawConsent", {"items": ["B.use"]}),
        ("m3", "withdrawConsent", {"items": ["B.use"]}),
        ("m2", "setAdsPreference", {"wanted": False}),
    ):
        before = len(await log_of(either, key))
        payload = await do(either, name, member(either, key), idempotencyKey="k-1", **given)
        assert codes(payload) == []
        assert len(await log_of(either, key)) == before + 1


async def test_a_key_used_for_oneself_is_none_for_a_ward(either: Door) -> None:
    guardian = member(either, "m1", guardian_of="m5")
    await do(either, "registerGuardian", guardian)
    given: dict[str, Any] = {"wanted": False, "idempotencyKey": "k-1"}
    await do(either, "setAdsPreference", member(either, "m1"), **given)
    before = await log_of(either, "m5")
    again = operation("setAdsPreference", "userErrors { code }", given)
    refused(await either.send(*again, token=guardian), 400, "BAD_USER_INPUT", "idempotencyKey")
    assert await log_of(either, "m5") == before


async def test_a_key_lives_for_a_day(either: Door) -> None:
    asked: dict[str, Any] = {"wanted": False, "idempotencyKey": "k-1"}
    before = len(await log_of(either, "m1"))
    for step, number in ((0, 1), (23, 1), (1, 2)):
        either.clock.step(timedelta(hours=step))
        await do(either, "setAdsPreference", member(either, "m1"), **asked)
        assert len(await log_of(either, "m1")) == before + number


async def test_what_was_forbidden_can_be_tried_again_under_its_key(either: Door) -> None:
    token = member(either, "m1")
    asked = {"company": "bank", "idempotencyKey": "k-1"}
    assert codes(await do(either, "unlinkAccount", token, **asked)) == ["NOT_LINKED"]
    assert codes(await do(either, "linkAccount", token, company="bank")) == []
    assert codes(await do(either, "unlinkAccount", token, **asked)) == []


@pytest.mark.parametrize("key", ["", "two words", "é", "x" * 201])
async def test_a_key_is_a_word(door: Door, key: str) -> None:
    sent = operation("setAdsPreference", "userErrors { code }", {"wanted": True})
    sent[1]["input"]["idempotencyKey"] = key
    response = await door.send(*sent, token=member(door, "m1"))
    refused(response, 400, "BAD_USER_INPUT", "idempotencyKey")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("member { orders(first: 1000) { totalCount } }", "BAD_USER_INPUT"),
        ('member { orders(after: "nonsense") { totalCount } }', "BAD_CURSOR"),
        ('member { access(fields: ["nothing"]) { state } }', "BAD_USER_INPUT"),
    ],
)
async def test_what_cannot_be_answered_is_not_done(door: Door, answer: str, code: str) -> None:
    before = await log_of(door, "m1")
    sent = operation("setAdsPreference", answer, {"wanted": False})
    refused(await door.send(*sent, token=member(door, "m1")), 400, code)
    assert await log_of(door, "m1") == before


async def test_a_company_that_wants_to_see_the_member_says_for_what_before_it_acts(
    door: Door,
) -> None:
    asked = {"memberId": node_id(door, "card", "m1"), "accountId": "another"}
    before = await log_of(door, "m1")
    sent = operation("linkAccount", "member { fullName }", asked)
    refused(await door.send(*sent), 400, "PURPOSE_REQUIRED")
    assert await log_of(door, "m1") == before


async def test_one_mutation_at_a_time(door: Door) -> None:
    query = """mutation {
      one: setAdsPreference(input: {wanted: false}) { userErrors { code } }
      ... on Mutation { two: setAdsPreference(input: {wanted: true}) { userErrors { code } } }
    }"""
    before = await log_of(door, "m1")
    response = await door.send(query, token=member(door, "m1"))
    refused(response, 400, "BAD_USER_INPUT", "one mutation at a time")
    assert await log_of(door, "m1") == before


async def test_a_mutation_by_get_is_refused(door: Door) -> None:
    query = "mutation { setAdsPreference(input: {wanted: false}) { userErrors { code } } }"
    token = member(door, "m1")
    before = await log_of(door, "m1")
    response = await door.client.get(
        "/graphql", params={"query": query}, headers={"Authorization": f"Bearer {token}"}
    )
    refused(response, 405, "BAD_USER_INPUT", "POST")
    assert await log_of(door, "m1") == before


async def test_the_answer_s_entry_is_in_the_ledger_and_names_no_operand(either: Door) -> None:
    seen = "member { fullName consents { state } } consents { state }"
    before = len(await either.entries())
    await do(either, "withdrawConsent", member(either, "m2"), seen, items=["B.use"])
    (entry,) = (await either.entries())[before:]
    assert (entry.subject, entry.purpose, entry.at) == ("m2", "subject_request", either.clock())
    told = {item for part in entry.disclosures for item in part.members["m2"].items}
    assert {path for path, _ in told} == {"", "fullName", "consents"}
    assert {use.name for _, use in told} == {"SELECT"}
    seqs = {part.members["m2"].last_seq for part in entry.disclosures}
    assert len(seqs) == 1


async def test_an_act_that_shows_nothing_personal_leaves_no_entry(door: Door) -> None:
    before = len(await door.entries())
    await do(door, "setAdsPreference", member(door, "m1"), "userErrors { code }", wanted=True)
    assert len(await door.entries()) == before


async def test_more_acts_than_connections_are_done_side_by_side(either: Door) -> None:
    """Each reads before it writes, and holds nothing while it waits to write."""
    members = ("m1", "m2", "m3", "m5", "m6", "m7")
    before = {key: len(await log_of(either, key)) for key in members}
    async with asyncio.TaskGroup() as group:
        for key, wanted in product(members, (False, True)):
            group.create_task(do(either, "setAdsPreference", member(either, key), wanted=wanted))
    assert {key: len(await log_of(either, key)) - 2 for key in members} == before


async def test_one_of_many_with_the_same_key_is_done(either: Door) -> None:
    before = len(await log_of(either, "m2"))
    asked: dict[str, Any] = {"items": ["B.use"], "idempotencyKey": "k-1"}
    token = member(either, "m2")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(do(either, "withdrawConsent", token, **asked)) for _ in range(6)]
    assert [codes(task.result()) for task in tasks] == [[]] * 6
    assert len(await log_of(either, "m2")) == before + 1


async def test_what_the_rules_say_of_an_age_is_on_record(either: Door) -> None:
    token = member(either, "m5")
    shown = await present(either, token)
    before = len(await either.entries())
    asked: dict[str, Any] = {"presentation": shown, "items": ["B.use"]}
    payload = await do(either, "giveConsent", token, "userErrors { code }", **asked)
    assert codes(payload) == ["GUARDIAN_REQUIRED"]
    (entry,) = (await either.entries())[before:]
    items = entry.disclosures[0].members["m5"].items
    assert ("birthDate", "FILTER") in {(path, use.name) for path, use in items}


async def test_where_in_the_answer_something_is_withheld_is_told_on_request(door: Door) -> None:
    answered = await door.ask(
        *operation("setAdsPreference", "member { fraudSignals { totalCount } }", {"wanted": False}),
        token=member(door, "m1"),
        headers={"Sekisho-Explain": "1"},
    )
    (withheld,) = answered["extensions"]["privacy"]["withheld"]
    assert withheld["paths"] == [["setAdsPreference", "member", "fraudSignals"]]
