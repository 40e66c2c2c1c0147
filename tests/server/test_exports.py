"""Records as files: what the API tells, streamed, on record before the first byte."""

import csv
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import httpx
import orjson
import pytest

from policy.vocabulary import Label
from resolvers.record_contents import Circumstance, RecordContents
from resolvers.recorded import RecordedCompany
from server.exports import FILES, csv_of, json_of
from server.record_form import COLUMNS
from tests.door import Door, refused
from tests.telling import (
    AMOUNT,
    BOTH,
    NAME,
    ROOTS,
    company,
    entry,
    id_of,
    officer,
    told,
    write,
)

pytestmark = pytest.mark.anyio

SIDES = {"receipt": "receiptRecords", "provision": "provisionRecords"}


async def fetched(
    door: Door, token: str, file: str, method: str = "GET", **sent: Any
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return await door.client.request(method, f"/records/{file}", headers=headers, **sent)


async def written(door: Door) -> None:
    await write(
        door,
        entry(1, {"m1": BOTH, "m2": NAME}),
        entry(2, {"m1": AMOUNT}, company="bank"),
    )


def rows_of(response: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(response.content.decode(), newline=""), strict=True))


@pytest.mark.parametrize("side", SIDES)
async def test_files_hold_what_the_api_tells(either: Door, side: str) -> None:
    await written(either)
    for token in (company(either, "card"), company(either, "ichiba"), either.issuer.member("m1")):
        page = await told(either, token, SIDES[side], first=100)
        as_json = await fetched(either, token, f"{side}.json")
        assert as_json.status_code == 200
        assert as_json.json() == page["nodes"]
        as_csv = rows_of(await fetched(either, token, f"{side}.csv"))
        assert [row["id"] for row in as_csv] == [each["id"] for each in page["nodes"]]
        for row, each in zip(as_csv, page["nodes"], strict=True):
            assert row["memberId"].removeprefix("'") == each["memberId"].removeprefix("'")
            assert row["items"].split("; ") == each["items"]
            assert row["recipientAddress"] == each["recipient"]["address"]
            assert row["providerRepresentative"] == each["provider"]["representative"]
            assert (row["firstAt"], row["lastAt"]) == (each["firstAt"], each["lastAt"])
            assert row["statutory"] == str(each["statutory"]).lower()
            assert row["number"] == str(each["number"])
            assert row["sentenceJa"] == each["sentence"]["ja"]
            assert row["consentEvents"].removeprefix("'") == "; ".join(
                consent["id"] for consent in each["consents"]
            )


async def test_a_table_is_one_as_rfc_4180_has_it_and_a_file_to_be_kept(door: Door) -> None:
    await written(door)
    response = await fetched(door, company(door, "card"), "receipt.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert response.headers["content-disposition"] == 'attachment; filename="receipt.csv"'
    assert response.headers["cache-control"] == "no-store"
    lines = response.content.decode().split("\r\n")
    assert lines[0] == ",".join(COLUMNS)
    assert lines[-1] == ""
    assert not any("\n" in line for line in lines)
    assert {len(row) for row in rows_of(response)} == {len(COLUMNS)}
    as_json = await fetched(door, company(door, "card"), "receipt.json")
    assert as_json.headers["content-type"] == "application/json; charset=utf-8"
    assert as_json.headers["cache-control"] == "no-store"


async def test_a_file_without_records_is_whole(door: Door) -> None:
    token = company(door, "bank")
    assert (await fetched(door, token, "provision.json")).json() == []
    assert rows_of(await fetched(door, token, "provision.csv")) == []


async def test_parameters_are_the_filter_of_the_api(door: Door) -> None:
    await written(door)
    token = door.issuer.member("m1")

    async def recipients(**params: Any) -> set[str]:
        response = await fetched(door, token, "receipt.json", params=params)
        return {each["recipient"]["key"] for each in response.json()}

    assert await recipients() == {"card", "bank"}
    assert await recipients(recipients="card") == {"card"}
    assert await recipients(recipients=["card", "bank"]) == {"card", "bank"}
    assert await recipients(since="2026-06-15T00:02:00Z") == {"bank"}
    assert await recipients(until="2026-06-15T00:02:00Z") == {"card"}
    assert await recipients(statutory="false") == set()
    assert await recipients(statutory="true", provision="A-4-1-2") == {"card", "bank"}
    for params in (
        {"recipient": "card"},
        {"since": "yesterday"},
        {"statutory": "perhaps"},
        {"statutory": ["true", "false"]},
        {"provision": "none"},
        {"recipients": ["x"] * 101},
    ):
        response = await fetched(door, token, "receipt.json", params=params)
        code = "LIMIT_EXCEEDED" if len(params.get("recipients", "")) > 100 else "BAD_USER_INPUT"
        refused(response, 400, code)


async def test_a_member_is_named_in_a_body_and_in_no_address(door: Door) -> None:
    await written(door)
    token, id_ = company(door, "card"), id_of(door, "company:card")
    response = await fetched(door, token, "receipt.json", params={"memberId": id_})
    refused(response, 400, "BAD_USER_INPUT", "POST")
    found = await fetched(door, token, "receipt.json", "POST", json={"memberId": id_})
    assert {each["memberId"] for each in found.json()} == {id_}
    everybody = await fetched(door, token, "receipt.json", "POST")
    assert len(everybody.json()) == 3
    both = await fetched(door, token, "receipt.json", "POST", params={"recipients": "card"})
    refused(both, 400, "BAD_USER_INPUT")
    refused(await fetched(door, token, "receipt.json", "POST", content=b"["), 400, "BAD_USER_INPUT")
    refused(await fetched(door, token, "receipt.json", "PUT"), 405, "BAD_USER_INPUT")


async def test_a_file_is_on_record_before_its_first_byte(either: Door) -> None:
    await written(either)
    before = len(await either.entries())
    await fetched(either, company(either, "card"), "receipt.csv")
    await fetched(either, either.issuer.member("m1"), "receipt.csv")
    by_company, by_member = (await either.entries())[before:]
    (count,) = by_company.disclosures[0].counts
    assert (by_company.company, count.entry, count.number) == ("card", "receiptRecords", 3)
    assert list(by_member.disclosures[0].members) == ["m1"]
    async with either.checkpoint.ledger.database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE ledger_entry RENAME TO gone")
    for ending in ("csv", "json"):
        response = await fetched(either, company(either, "card"), f"receipt.{ending}")
        assert response.status_code >= 500
        assert "m1" not in response.text
        assert response.json().keys() == {"errors"}


async def test_who_asks_for_the_head_alone_is_told_of_no_record(either: Door) -> None:
    await written(either)
    before = len(await either.entries())
    authorized = {"Authorization": f"Bearer {company(either, 'card')}"}
    for given, status in (("", 200), ("?statutory=perhaps", 400)):
        response = await either.client.head(f"/records/receipt.csv{given}", headers=authorized)
        assert (response.status_code, response.content) == (status, b"")
    assert len(await either.entries()) == before


async def test_who_may_not_gets_no_file(door: Door) -> None:
    await written(door)
    for path in FILES:
        file = path.rpartition("/")[2]
        refused(await fetched(door, officer(door), file), 403, "FORBIDDEN")
        refused(await fetched(door, officer(door, "card"), file), 403, "FORBIDDEN")
        response = await fetched(door, "none", file)
        refused(response, 401, "UNAUTHENTICATED")
        assert response.headers["www-authenticate"].startswith("Bearer")
        assert response.headers["cache-control"] == "no-store"
    assert (await door.client.get("/records/other.csv")).status_code == 404


SHOP = RecordedCompany("shop", Label("=cmd|' /C calc'!A0", '+1, "two"'), "-2\r\nline", "@sum", "JP")
RECORD = RecordContents(
    id="-id",
    month="2026-06",
    provider=SHOP,
    held_by=SHOP,
    recipient=SHOP,
    via=None,
    country=None,
    member_id="member",
    member_count=None,
    items=["", "fullName"],
    categories=[Label("甲", "A")],
    circumstances=[Circumstance("=1", "WEB")],
    purposes=[],
    provision=None,
    consented=False,
    consents=[],
    first_at=datetime(2026, 6, 15, tzinfo=UTC),
    last_at=datetime(2026, 6, 15, tzinfo=UTC),
    number=1,
    statutory=False,
    kept_until=datetime(2029, 6, 15, tzinfo=UTC),
    policy_version="v",
    sentence=Label("\tタブ", "plain"),
)


async def parts_of(*parts: Sequence[RecordContents]) -> AsyncIterator[Sequence[RecordContents]]:
    for part in parts:
        yield part


async def test_no_cell_is_calculated_and_every_cell_is_read_back() -> None:
    content = b"".join([each async for each in csv_of(parts_of([RECORD], []))])
    (row,) = csv.DictReader(StringIO(content.decode(), newline=""), strict=True)
    assert row["providerNameJa"] == "'=cmd|' /C calc'!A0"
    assert row["providerNameEn"] == '\'+1, "two"'
    assert row["providerAddress"] == "'-2\r\nline"
    assert row["providerRepresentative"] == "'@sum"
    assert (row["id"], row["sentenceJa"]) == ("'-id", "'\tタブ")
    assert (row["circumstances"], row["items"]) == ("'=1/WEB", "; fullName")
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert (row["viaKey"], row["consented"], row["categoriesJa"]) == ("", "false", "甲")


async def test_what_is_read_has_left_before_more_is_read() -> None:
    """So the longest file takes no more memory than a short one."""
    for form in (csv_of, json_of):
        asked = left = 0

        async def many() -> AsyncIterator[Sequence[RecordContents]]:
            nonlocal asked
            for asked in range(1, 51):  # noqa: B007 (told while it is gone through)
                yield [RECORD]

        async for _ in form(many()):
            assert asked <= left + 1
            left += 1
        assert left > asked == 50


async def test_an_array_of_many_parts_is_one_array() -> None:
    content = b"".join([each async for each in json_of(parts_of([RECORD], [], [RECORD, RECORD]))])
    assert len(orjson.loads(content)) == 3
    assert await anext(json_of(parts_of([]))) == b"[]"


def test_there_is_a_file_of_each_list_of_records() -> None:
    assert {name for name, _, _ in FILES.values()} == ROOTS.keys() - {"disclosures"}
