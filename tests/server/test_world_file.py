"""A world of members is read whole or not at all, and what is wrong is said with its line."""

from datetime import date
from pathlib import Path

import pytest

from models.tables import ACCOUNT
from models.world import MemberRecord
from policy.errors import StartUpError
from policy.events import EventKind
from server.world_file import WorldError, load_world
from tests.real import CATALOGUE, ROOT

SMALL = """\
members:
  t1:
    about: A member for these tests.
    account:
      full_name: 見本 花子
      birth_date: 1943-01-31
      point_balance: 7
      interest_segments: [tea, books]
    events:
      - {at: 2024-05-01, kind: ACCOUNT_OPENED}
      - {at: 2024-05-01, kind: PRESENTED, item: [B.use, B.group], version: 2024-04-01}
      - {at: 2024-05-02T09:00:00Z, kind: GRANTED, item: B.use, version: 2024-04-01, age: ADULT}
      - {at: 2024-06-01, kind: LINKED, company: card, account_id: card-t1}
    contract:
      - {company: ssi, no: C-1}
    orders:
      - {merchant: shop_tea, acquired_by: ichiba, source: PC, channel: WEB, acquired_at: 2024-06-02}
    customer_record:
      - {acquired_by: ssi, contract_no: C-1, source: PAPER, channel: PAPER, acquired_at: 2024-05-02}
"""


def world(folder: Path, text: str) -> tuple[MemberRecord, ...]:
    path = folder / "world.yaml"
    path.write_text(text, "utf-8")
    return load_world(path, CATALOGUE)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(WorldError) as refused:
        world(folder, text)
    return str(refused.value)


def test_a_world_is_read_whole(tmp_path: Path) -> None:
    (member,) = world(tmp_path, SMALL)
    assert member.key == "t1"
    assert member.account == {
        "full_name": "見本 花子",
        "birth_date": date(1943, 1, 31),
        "point_balance": 7,
        "interest_segments": ("tea", "books"),
    }
    assert [row["merchant"] for row in member.rows["orders"]] == ["shop_tea"]
    assert [row["row_key"] for row in member.rows["customerRecords"]] == ["customer_record-t1-1"]
    assert [(each.company, each.no) for each in member.contracts] == [("ssi", "C-1")]


def test_an_event_that_lists_items_is_one_of_each(tmp_path: Path) -> None:
    (member,) = world(tmp_path, SMALL)
    assert [(event.kind, event.item) for event in member.events] == [
        (EventKind.ACCOUNT_OPENED, None),
        (EventKind.PRESENTED, "B.use"),
        (EventKind.PRESENTED, "B.group"),
        (EventKind.GRANTED, "B.use"),
        (EventKind.LINKED, None),
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("full_name:", "fullname:", "world.yaml:5: unknown key 'fullname'"),
        ("1943-01-31", "1943-02-31", "world.yaml:6: '1943-02-31' is no day"),
        ("point_balance: 7", "point_balance: 3000000000", "world.yaml:7: 3000000000 is outside"),
        ("kind: ACCOUNT_OPENED", "kind: BORN", "world.yaml:10: 'BORN' is no EventKind"),
        ("{at: 2024-05-01, kind: ACCOUNT_OPENED}", "{at: 2024-05-01}", "'kind' is missing"),
        (", version: 2024-04-01}", "}", "world.yaml:11: the key 'version' is missing"),
        ("B.use, version: 2024-04-01", "A, version: 2024-04-01", "2024-04-01 has no item A"),
        ("item: B.use", "item: B.all", "world.yaml:12: there is no item 'B.all'"),
        ("2024-05-02T09:00:00Z", "2024-07-01", "Put the oldest event first"),
        (", account_id: card-t1", "", "world.yaml:13: the key 'account_id' is missing"),
        ("account_id: card-t1", "account_id: card-t1, wanted: true", "unknown key 'wanted'"),
        ("company: card", "company: cart", "world.yaml:13: there is no company 'cart'"),
        ("no: C-1", "no: C-2", "world.yaml:19: the member has no contract 'C-1' with"),
        ("company: ssi", "company: life", "world.yaml:19: the member has no contract 'C-1' with"),
        ("orders:", "order:", "world.yaml:16: unknown key 'order'"),
        ("merchant: shop_tea", "merchant: shop", "world.yaml:17: there is no company 'shop'"),
        (", acquired_at: 2024-06-02", "", "world.yaml:17: the key 'acquired_at' is missing"),
        ("source: PC", "row_key: r, source: PC", "world.yaml:17: unknown key 'row_key'"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    assert before in SMALL
    assert said in refusal(tmp_path, SMALL.replace(before, after, 1))


def test_everything_wrong_is_said_in_one_go(tmp_path: Path) -> None:
    text = SMALL.replace("full_name:", "fullname:").replace("card,", "cart,").replace("C-1", "", 1)
    assert len(refusal(tmp_path, text).splitlines()) >= 3


def test_a_file_that_is_no_yaml_stops_start_up(tmp_path: Path) -> None:
    with pytest.raises(StartUpError, match=r"world\.yaml:6"):
        world(tmp_path, SMALL.replace("account:", "account: ["))


def test_every_account_of_the_demo_world_says_everything_it_can() -> None:
    members = load_world(ROOT / "seeds" / "world.yaml", CATALOGUE)
    assert [member.key for member in members] == [f"m{number}" for number in range(1, 8)]
    for member in members:
        assert member.account is not None
        assert {"member_key", *member.account} == set(ACCOUNT.columns.keys())
