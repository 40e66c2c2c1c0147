"""The commands of `sekisho` do what they say, on a database of their own."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from joserfc import jws
from typer.testing import Result

from models.disclosure import RETURNED, Entry, Use
from models.ledger import Ledger, ledger_url
from resolvers.seal import Seal
from server.development import development_key
from server.identity import SIGNATURES
from server.settings import CHECKOUT, read_settings
from tests.typed import run, told

pytestmark = pytest.mark.usefixtures("at_home")


def claims(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    token = result.output.splitlines()[-1]
    signed = jws.deserialize_compact(
        token, development_key(read_settings()).signing, registry=SIGNATURES
    )
    said: dict[str, Any] = orjson.loads(signed.payload)
    return said


def test_seed_fills_a_new_database_once(tmp_path: Path) -> None:
    first, second = run("seed"), run("seed")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "is loaded" in told(first)
    assert "before" in told(second)
    with sqlite3.connect(tmp_path / "sekisho.db") as database:
        assert database.execute("SELECT count(*) FROM account").fetchone()[0] > 5
    database.close()


def test_seed_on_a_database_of_another_catalogue_says_how_to_apply_this_one(seeded: Path) -> None:
    change(seeded, "UPDATE catalogue_version SET version = 'another'")
    result = run("seed")
    assert result.exit_code == 1
    assert "Run `sekisho catalogue apply`" in told(result)


def test_seed_refuses_a_database_of_another_revision(seeded: Path) -> None:
    change(seeded, "UPDATE sekisho_revision SET version_num = '0000'")
    result = run("seed")
    assert result.exit_code == 1
    assert "run `sekisho migrate`" in told(result)


def test_a_guardian_s_token_names_the_member_they_act_for() -> None:
    asked = ("token", "--role", "member", "--member", "m1", "--guardian-of")
    assert claims(run(*asked, "m5"))["guardian_of"] == "m5"
    assert "guardian_of" not in claims(run(*asked[:-1]))
    assert run(*asked, "m1").exit_code == 2
    assert run("token", "--company", "card", "--guardian-of", "m5").exit_code == 2


def test_a_token_allows_every_purpose_whose_provisions_name_the_company() -> None:
    said = claims(run("token", "--company", "card"))
    assert (said["company"], said["role"], said["sub"]) == ("card", "service", "card-service")
    assert {"id_login", "own:card:service", "own:card:analysis"} <= set(said["purposes"])
    assert not [purpose for purpose in said["purposes"] if "*" in purpose]
    assert said["exp"] - said["iat"] == 3600


def test_a_token_says_what_it_is_told() -> None:
    said = claims(
        run(
            *("token", "--company", "courier", "--on-behalf-of", "ichiba", "--role", "analyst"),
            *("--purpose", "order_fulfil", "--purpose", "ads_marketing*", "--ttl", "15m"),
        )
    )
    assert (said["company"], said["on_behalf_of"], said["role"]) == ("courier", "ichiba", "analyst")
    assert said["purposes"] == ["order_fulfil", "ads_marketing*"]
    assert said["exp"] - said["iat"] == 900


def test_a_member_s_token_has_no_company() -> None:
    said = claims(run("token", "--role", "member", "--member", "m1", "--company", "card"))
    assert (said["sub"], said["role"], said["acr"]) == ("m1", "member", "RAKUTEN_ID")
    assert not {"company", "purposes"} & said.keys()


def test_an_officer_s_token_may_be_the_group_office_s() -> None:
    said = claims(run("token", "--role", "officer", "--company", "*"))
    assert (said["company"], said["role"]) == ("*", "officer")


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ((), "needs --company"),
        (("--company", "nobody"), "there are rakuten_group, ichiba"),
        (("--company", "*"), "there is no company"),
        (("--role", "member"), "needs --member"),
        (("--role", "admin", "--company", "card"), "officer"),
        (("--company", "card", "--purpose", "profiling"), "there are id_login"),
        (("--company", "card", "--purpose", "*"), "there is no purpose"),
        (("--company", "card", "--on-behalf-of", "ichiba"), "processors"),
        (("--company", "courier"), "processors"),
        (("--company", "courier", "--on-behalf-of", "nobody"), "there is no company"),
        (("--company", "card", "--ttl", "soon"), "15m"),
    ],
)
def test_a_token_that_nobody_could_use_is_not_made(arguments: tuple[str, ...], remedy: str) -> None:
    result = run("token", *arguments)
    assert result.exit_code != 0
    assert remedy in told(result)


@pytest.mark.parametrize("command", [("token", "--company", "card"), ("id", "--member", "m1")])
def test_production_makes_neither_tokens_nor_ids(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEKISHO_MODE", "production")
    result = run(*command)
    assert result.exit_code == 1
    assert "SEKISHO_MODE=development" in told(result)
    assert not (tmp_path / "key.json").exists()


def test_an_id_is_the_one_that_audience_sees() -> None:
    seal = Seal((development_key(read_settings()).id_key,))
    for arguments, audience in (
        (("--company", "card"), "company:card"),
        (("--company", "courier", "--on-behalf-of", "ichiba"), "processor:courier:ichiba"),
        (("--company", "card", "--role", "officer"), "officer:card"),
        (("--role", "member"), "member:m1"),
    ):
        printed = run("id", "--member", "m1", *arguments).output.strip()
        assert tuple(seal.open_node_id(audience, printed)) == ("Member", "m1")


def test_schema_prints_the_committed_schema() -> None:
    assert run("schema").output == (CHECKOUT / "schema" / "schema.graphql").read_text()


def test_the_catalogue_is_sound() -> None:
    result = run("catalogue", "check")
    assert result.exit_code == 0
    assert "sound" in told(result)


def test_a_finding_has_file_line_and_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for file in (CHECKOUT / "seeds" / "catalogue").glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (tmp_path / "companies.yaml").read_text()
    (tmp_path / "companies.yaml").write_text(text.replace("kind: FINTECH", "kind: BANKING", 1))
    monkeypatch.setattr("server.catalogue_commands.CATALOGUE", tmp_path)
    result = run("catalogue", "check")
    assert result.exit_code == 1
    (line,) = [line for line in result.output.splitlines() if "BANKING" in line]
    assert line.startswith("seeds/catalogue/companies.yaml:")


def change(database: Path, statement: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(statement)
    connection.close()


def test_check_finds_nothing_in_the_demo_world(seeded: Path) -> None:
    result = run("check")
    assert (result.exit_code, told(result)) == (0, "What stands is what events and ledger say.")


def test_check_has_a_line_for_each_finding(seeded: Path) -> None:
    change(seeded, "UPDATE standing SET bits = bits + 1 WHERE member_key = 'm1'")
    change(seeded, "DELETE FROM link WHERE member_key = 'm2' AND company = 'france_eu'")
    result = run("check")
    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.output.splitlines()] == [
        "standing of m1",
        "link of m2 france_eu",
    ]


def test_a_command_without_a_database_says_what_to_do() -> None:
    for command in (
        ("check",),
        ("explain", "--company=card", "--purpose=id_login", "--member=m1", "--field=fullName"),
    ):
        result = run(*command)
        assert result.exit_code == 1
        assert "sekisho seed" in told(result)


def explained(**asked: str) -> list[str]:
    result = run("explain", *(f"--{name.replace('_', '-')}={each}" for name, each in asked.items()))
    assert result.exit_code == 0, result.output
    assert "見本" not in result.output
    return result.output.splitlines()


def test_explain_says_what_opened(seeded: Path) -> None:
    first, second = explained(
        company="card", purpose="own:card:service", member="m1", field="city", at="2026-06-15"
    )
    assert first == ("card asks for city of m1, for own:card:service, at 2026-06-15 00:00:00 UTC.")
    assert second == (
        "m1, acquired by rakuten_group: DISCLOSED by A-4-1-2; "
        "recorded as a provision to another company."
    )


def test_explain_says_why_not_furthest_first(seeded: Path) -> None:
    lines = explained(company="bank", purpose="own:bank:service", member="m1", field="city")
    assert lines[1] == "m1, acquired by rakuten_group: WITHHELD, NOT_LINKED."
    assert lines[2].startswith("  A-4-1-2 fails at the condition: The member's account is not")


def test_explain_looks_at_each_row(seeded: Path) -> None:
    lines = explained(
        company="courier",
        on_behalf_of="ichiba",
        purpose="order_fulfil",
        member="m1",
        field="orders.phone",
    )
    assert lines[1] == "orders-m1-1, acquired by ichiba: DISCLOSED by A-USE via A-PROC."
    assert len([line for line in lines if line.startswith("orders-m1-")]) == 3


def test_explain_goes_back_in_time(seeded: Path) -> None:
    asked = {"company": "card", "purpose": "own:card:service", "member": "m1", "field": "city"}
    assert "NOT_LINKED" in explained(**asked, at="2023-05-31")[1]
    assert "DISCLOSED" in explained(**asked, at="2023-06-01T10:00:00Z")[1]


async def entries_of(file: Path) -> Sequence[Entry]:
    ledger = Ledger.open(ledger_url(f"sqlite+aiosqlite:///{file}"))
    try:
        return [entry async for entry in ledger.entries()]
    finally:
        await ledger.close()


def test_explain_is_on_record_as_a_read_about_the_member(seeded: Path) -> None:
    explained(company="card", purpose="own:card:service", member="m1", field="city")
    (entry,) = asyncio.run(entries_of(seeded))
    assert (entry.company, entry.role, entry.purpose) == ("*", "officer", "audit")
    (disclosure,) = entry.disclosures
    assert disclosure.members["m1"].provisions == {("city", Use.COUNT): {RETURNED}}


def test_explain_knows_that_there_is_no_such_row(seeded: Path) -> None:
    lines = explained(
        company="ssi", purpose="underwriting_ops", member="m1", field="healthRecords.value"
    )
    assert lines[1:] == ["There is no such row of this member."]


@pytest.mark.parametrize(
    ("wrong", "told_of"),
    [
        ({"company": "nobody"}, "company nobody"),
        ({"purpose": "profiling"}, "purpose profiling"),
        ({"field": "password"}, "field password"),
        ({"on-behalf-of": "nobody"}, "controller nobody"),
    ],
)
def test_explain_names_what_it_does_not_know(
    seeded: Path, wrong: dict[str, str], told_of: str
) -> None:
    asked = {"company": "card", "purpose": "id_login", "member": "m1", "field": "city"} | wrong
    result = run("explain", *(f"--{name}={each}" for name, each in asked.items()))
    assert result.exit_code == 1
    assert f"There is no {told_of}. There are " in told(result)
