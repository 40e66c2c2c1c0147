"""What is told in plain words: two languages, who, what, for what and on what grounds."""

import pytest

from models.disclosure import RETURNED, MemberDisclosure, Opened, Use
from tests.door import Door
from tests.telling import (
    ACCOUNT,
    LINKED,
    SHOPPED,
    entry,
    id_of,
    nodes,
    officer,
    records,
    told,
    write,
)

pytestmark = pytest.mark.anyio


async def test_a_member_is_told_in_plain_words_of_both_languages(door: Door) -> None:
    await write(door, entry(1, SHOPPED))
    (mine,) = await nodes(door, door.issuer.member("m1"))
    assert mine["sentence"]["ja"] == (
        "2026年6月15日9時01分（日本時間）、楽天カード株式会社が「クレジットカードの提供」のために、"
        "あなたの「申込・登録情報」「サービス利用情報」を受け取りました。"
        "根拠：「グループ個人情報保護方針」（2022-03-31版）の"
        "「グループ個人情報保護方針への同意」への同意。"
    )
    assert mine["sentence"]["en"] == (
        "On 15 June 2026 at 09:01 (Japan time), Rakuten Card Co., Ltd. received your “Profile and "
        "supplied data” and “Service usage” for the purpose “Own service of card”. Opened by "
        "consent to “Consent to the group privacy policy” of “Group privacy policy” (2022-03-31)."
    )


async def test_what_was_searched_by_is_told_apart_from_what_was_handed_over(door: Door) -> None:
    used = {
        ("", Use.SELECT): frozenset({Opened(RETURNED)}),
        ("birthDate", Use.FILTER): frozenset({Opened(LINKED, ACCOUNT)}),
    }
    await write(door, entry(1, {"m1": MemberDisclosure.of(1, used)}))
    (mine,) = await nodes(door, door.issuer.member("m1"))
    assert {(each["field"], each["use"], each["basis"]) for each in mine["items"]} == {
        ("", "SELECT", "RETURNED"),
        ("birthDate", "FILTER", "PROVISION"),
    }
    assert (
        "searched, sorted or counted by your “Profile and supplied data”"
        in (mine["sentence"]["en"])
    )
    assert "received" not in mine["sentence"]["en"]


async def test_of_a_member_beyond_a_page_nothing_but_the_membership_was_told(door: Door) -> None:
    used = {("", Use.COUNT): frozenset({Opened(RETURNED)})}
    await write(door, entry(1, {"m1": MemberDisclosure.of(1, used)}))
    (mine,) = await nodes(door, door.issuer.member("m1"))
    assert "was told of your membership and nothing else" in mine["sentence"]["en"]
    assert "会員としての存在だけを知らされました" in mine["sentence"]["ja"]


async def test_a_list_that_was_shown_as_such_is_told_as_no_data_received(door: Door) -> None:
    """Whether it was empty, or rows of it were shown without a value."""
    used = {(path, Use.SELECT): frozenset({Opened(RETURNED)}) for path in ("", "orders")}
    await write(door, entry(1, {"m1": MemberDisclosure.of(1, used)}))
    (mine,) = await nodes(door, door.issuer.member("m1"))
    assert (
        "Rakuten Card Co., Ltd. was told what there is of your “Service usage” and “Profile and "
        "supplied data” for the purpose “Own service of card”."
    ) in mine["sentence"]["en"]
    assert "received" not in mine["sentence"]["en"]
    assert (
        "あなたの「サービス利用情報」「申込・登録情報」の有無を知らされました。"
        in (mine["sentence"]["ja"])
    )
    (record,) = await records(door, door.issuer.member("m1"), "receiptRecords")
    assert "received" not in record["sentence"]["en"]


async def test_a_member_sees_their_own_reads_and_those_of_officers(either: Door) -> None:
    await either.ask("{ me { consents { state } } }", token=either.issuer.member("m2"))
    await nodes(either, officer(either), memberId=id_of(either, "officer:*", "m2"))
    await nodes(either, officer(either, "card"), memberId=id_of(either, "officer:card", "m2"))
    page = await told(either, either.issuer.member("m2"), "disclosures")
    said = [(each["role"], each["sentence"]["en"].partition(", ")[2]) for each in page["nodes"]]
    looked = "looked at your “history of disclosures”."
    assert said == [
        ("OFFICER", f"a privacy officer of Rakuten Card Co., Ltd. {looked}"),
        ("OFFICER", f"a privacy officer of the group {looked}"),
        ("MEMBER", "you looked at your “consents”."),
    ]
    again = await told(either, either.issuer.member("m2"), "disclosures", first=1)
    assert again["nodes"][0]["sentence"]["en"].endswith(f"you {looked}")
