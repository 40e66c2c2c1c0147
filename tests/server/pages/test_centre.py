"""The privacy centre: what it shows is what the API answers, and what it does the API did."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from policy.events import RAKUTEN_ID
from policy.parse import parse
from policy.source import node_of
from policy.vocabulary import Code, ConsentState, Reason
from server import checkpoint
from server.pages.words import words_in
from server.settings import Mode
from tests.browsing import Browser, arrive, browsing
from tests.clock import Clock
from tests.demo import Demo, demo
from tests.door import Door, opened
from tests.issuer import ed25519
from tests.over_http import fill
from tests.versions import Files, entry
from tests.worked_examples import Given

pytestmark = pytest.mark.anyio

CARD = """{ readers {
  company { key name { en } } purpose { key name { en } }
  ways { open categories { name { en } } provision { key items { key } } }
} }"""
UPDATE = """
mutation U($input: UpdateContactInput!) { updateContact(input: $input) { userErrors { code } } }
"""
CONSENTS = "{ me { consents { item { key } state } } }"


@pytest.fixture
async def centre(trial: Door, browser: Browser) -> Browser:
    """The privacy centre of m2."""
    await arrive(browser, trial, trial.issuer.member("m2", acr=RAKUTEN_ID), "/privacy/")
    return browser


async def states(door: Door, member: str = "m2") -> dict[str, str]:
    answer = await door.ask(CONSENTS, token=door.issuer.member(member))
    return {each["item"]["key"]: each["state"] for each in answer["data"]["me"]["consents"]}


def company_of(page: str, key: str) -> str:
    (found,) = re.findall(
        rf'<details class="company" id="of-{key}".*?</details>\s*(?=<details class="company"|<h2)',
        page,
        re.DOTALL,
    )
    return str(found)


def gist_of(page: str, key: str) -> list[str]:
    return re.findall(r'class="chip">([^<]+)<', company_of(page, key))


async def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back(browser: Browser) -> None:
    for path in ("/privacy/", "/privacy/accesses", "/privacy/provision.csv"):
        page = await browser.visit(path)
        assert page.url.path == "/sign-in"
    await browser.send("/sign-in/demo", {"who": "m2", "next": "/privacy/"})
    assert "Your privacy centre" in browser.text


async def test_it_is_for_members_alone(trial: Door, browser: Browser) -> None:
    officer = trial.issuer.token(role="officer", company="card", purposes=None)
    await arrive(browser, trial, officer, "/privacy/")
    assert browser.page is not None
    assert browser.page.status_code == 403
    assert (await browser.send("/privacy/withdraw", {"item": "A"})).status_code == 403


async def test_each_company_shows_what_the_api_says_is_open(trial: Door, centre: Browser) -> None:
    answer = await trial.ask(CARD, token=trial.issuer.member("m2"))
    expected: dict[str, dict[str, None]] = {}
    for each in answer["data"]["readers"]:
        told = expected.setdefault(each["company"]["key"], {})
        for way in each["ways"]:
            if way["open"]:
                told |= {category["name"]["en"]: None for category in way["categories"]}
    assert len(expected) > 10
    assert {key: set(gist_of(centre.text, key)) for key in expected} == {
        key: set(told) for key, told in expected.items()
    }


async def test_a_provision_less_in_the_catalogue_is_one_less_on_the_page_and_in_the_api(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, centre: Browser
) -> None:
    assert "Profile and supplied data" in gist_of(centre.text, "card")
    async with without("B-2", clock, tmp_path, monkeypatch) as door, browsing(door) as other:
        answer = await door.ask(CARD, token=door.issuer.member("m2"))
        open_to_card = {
            way["provision"]["key"]
            for each in answer["data"]["readers"]
            for way in each["ways"]
            if each["company"]["key"] == "card" and way["open"]
        }
        assert open_to_card == {"A-4-1-1"}
        await arrive(other, door, door.issuer.member("m2"), "/privacy/")
        assert gist_of(other.text, "card") == ["Login"]


@asynccontextmanager
async def without(
    provision: str, clock: Clock, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Door]:
    """The application over the demo world, in which this provision is not in use."""
    files = Files()
    entry(files["provisions.yaml"]["provisions"], provision)["active"] = "false"
    apart = folder / "apart"
    apart.mkdir()
    monkeypatch.setattr(checkpoint, "CATALOGUE", files.write(apart / "catalogue"))
    catalogue = parse({name: node_of(plain, name) for name, plain in files.items()})
    url = f"sqlite+aiosqlite:///{apart / 'world.db'}"
    await fill(url, Demo(catalogue, demo(Given()).members), clock())
    async with opened(url, clock, apart, mode=Mode.DEVELOPMENT) as door:
        yield door


async def test_a_consent_is_switched_off_with_one_click(trial: Door, centre: Browser) -> None:
    assert (await states(trial))["B.group"] == "GRANTED"
    page = await centre.submit("/privacy/withdraw", 'value="card-own_card_service"', item="B.group")
    assert page.status_code == 200
    assert page.url.query == b"done=withdrawn&open=card"
    assert "nothing that rested on it is open any more" in centre.text
    assert (await states(trial))["B.group"] == "WITHDRAWN"
    assert gist_of(centre.text, "card") == ["Login"]
    assert "You took the consent back." in company_of(centre.text, "card")
    assert '<details class="company" id="of-card" open>' in centre.text


async def test_a_consent_is_switched_on_in_two_steps_the_first_of_which_shows_what_changes(
    trial: Door, centre: Browser
) -> None:
    await centre.submit("/privacy/withdraw", 'id="consent-B.group"')
    await centre.submit("/privacy/ask", 'id="consent-B.group"')
    assert (await states(trial))["B.group"] == "WITHDRAWN"
    for shown in (
        "Before you switch this on",
        "Provision to the rest of the group",
        "Rakuten Card",
        "Profile and supplied data",
        "Own marketing of card",
        "some procedures may take",
    ):
        assert shown in centre.text
    await centre.submit("/privacy/give")
    assert "Saved: your consent is on." in centre.text
    assert (await states(trial))["B.group"] == "GRANTED"
    assert "Profile and supplied data" in gist_of(centre.text, "card")


async def test_what_the_rules_have_against_it_is_told_and_nothing_is_done(
    trial: Door, browser: Browser
) -> None:
    await arrive(browser, trial, trial.issuer.member("m5", acr=RAKUTEN_ID), "/privacy/")
    await browser.submit("/privacy/ask", 'id="consent-B.group"')
    page = await browser.submit("/privacy/give")
    assert page.status_code == 409
    assert "a guardian has to consent" in browser.text
    page = await browser.send("/privacy/withdraw", {"item": "nothing"})
    assert page.status_code == 409
    assert "There is no such consent item." in browser.text


async def test_an_unknown_document_is_shown_to_nobody(centre: Browser) -> None:
    page = await centre.send("/privacy/ask", {"item": "x", "document": "DOC_x"})
    assert page.status_code in {400, 409}


async def test_it_shows_exactly_what_the_company_gets(trial: Door, centre: Browser) -> None:
    await centre.visit("/privacy/seen?company=card&for=own:card:service")
    answer = await trial.ask(
        '{ me { asSeenBy(company: "card", purpose: "own:card:service") '
        "{ customerRecords { nodes { name } } access { field state } } } }",
        token=trial.issuer.member("m2"),
    )
    seen = answer["data"]["me"]["asSeenBy"]
    assert seen["customerRecords"]["nodes"][0]["name"] in centre.text
    withheld = [each["field"] for each in seen["access"] if each["state"] == "WITHHELD"]
    assert f"and withheld in {len(withheld)}." in centre.text
    await centre.visit("/privacy/seen?company=courier&for=order_fulfil&of=ichiba")
    assert "on behalf of Marketplace" in centre.text
    await centre.visit("/privacy/seen?company=bank&for=fraud_detect")
    assert "It does not see you at all." in centre.text


@pytest.mark.parametrize("asked", ["", "company=card", "company=nobody&for=id_login"])
async def test_whom_nobody_knows_sees_nothing(centre: Browser, asked: str) -> None:
    page = await centre.visit(f"/privacy/seen?{asked}")
    assert page.status_code == 400
    assert "For the operator: decision-" in centre.text


async def test_who_has_looked_is_listed_page_by_page(trial: Door, centre: Browser) -> None:
    token = trial.issuer.token(purposes=["id_login"])
    for _ in range(60):
        await trial.ask("{ members { nodes { loginName } } }", token=token, purpose="id_login")
    await centre.visit("/privacy/accesses")
    assert "Rakuten Card Co., Ltd." in centre.text
    assert "Items disclosed: " in centre.text
    (older,) = re.findall(r'href="(/privacy/accesses\?after=[^"]+)"', centre.text)
    await centre.visit(older)
    assert "Rakuten Card Co., Ltd." in centre.text
    page = await centre.visit("/privacy/accesses?after=x")
    assert page.status_code == 400
    assert "Begin at its start again." in centre.text


async def test_records_and_receipts_can_be_kept(trial: Door, centre: Browser) -> None:
    receipt, *_ = re.findall(r'href="(/privacy/receipt[^"]+)" download>', centre.text)
    table = await centre.client.get("/privacy/provision.csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.headers["content-disposition"] == 'attachment; filename="provision.csv"'
    assert table.headers["cache-control"] == "no-store"
    assert table.text.startswith("id,month,")
    record = await centre.client.get(receipt)
    assert record.headers["content-type"] == "application/ld+json"
    assert "@context" in json.loads(record.content)
    refused = await centre.visit("/privacy/receipt.jsonld?consent=x")
    assert refused.status_code == 400


async def test_whose_mail_is_wanted_is_chosen_and_changed_back(
    trial: Door, centre: Browser
) -> None:
    await centre.send("/privacy/mail", {"sender": "ichiba", "wanted": "yes"})
    assert 'id="mail-ichiba" aria-checked="true"' in centre.text
    await centre.submit("/privacy/mail", 'id="mail-ichiba"')
    assert 'id="mail-ichiba" aria-checked="false"' in centre.text
    wanted = "{ me { mailPreferences { sender { key } wanted } } }"
    answer = await trial.ask(wanted, token=trial.issuer.member("m2"))
    assert {"sender": {"key": "ichiba"}, "wanted": False} in answer["data"]["me"]["mailPreferences"]


async def test_an_account_is_closed_once_that_was_confirmed(trial: Door, centre: Browser) -> None:
    await centre.visit("/privacy/close")
    page = await centre.submit("/privacy/close")
    assert page.status_code == 400
    assert (await states(trial))["A"] == "DEEMED"
    await centre.submit("/privacy/close", sure="yes")
    assert "Your account is closed" in centre.text
    assert "Sign out" not in centre.text
    assert set((await states(trial)).values()) >= {"ENDED"}
    await arrive(centre, trial, trial.issuer.member("m2"), "/privacy/close")
    page = await centre.submit("/privacy/close", sure="yes")
    assert page.status_code == 409
    assert "The account is closed" in centre.text


async def test_a_guardian_chooses_for_the_child_and_sees_nothing_else(
    trial: Door, browser: Browser
) -> None:
    token = trial.issuer.member("m1", acr=RAKUTEN_ID, guardian_of="m5")
    await arrive(browser, trial, token, "/privacy/")
    assert "You are not on record as guardian yet." in browser.text
    await browser.submit("/privacy/guardian")
    assert "you are registered as guardian" in browser.text
    await browser.submit("/privacy/ask", 'id="consent-B.group"')
    await browser.submit("/privacy/give")
    assert (await states(trial, "m5"))["B.group"] == "GRANTED"
    assert (await states(trial, "m1"))["B.group"] == "NONE"
    for name in ("見本 花子", "仮名 五月"):
        assert name not in browser.text


async def test_whoever_has_no_account_sees_a_page_that_says_so(
    trial: Door, browser: Browser
) -> None:
    await arrive(browser, trial, trial.issuer.member("nobody"), "/privacy/")
    assert browser.page is not None
    assert browser.page.status_code == 400


async def test_a_session_whose_token_does_not_hold_any_more_leads_to_sign_in(
    clock: Clock, centre: Browser, tmp_path: Path
) -> None:
    (tmp_path / "jwks.json").write_bytes(
        orjson.dumps({"keys": [ed25519("another").as_dict(private=False)]})
    )
    clock.step(timedelta(minutes=11))
    page = await centre.visit("/privacy/")
    assert page.url.path == "/sign-in"
    assert "Your session is over." in centre.text


async def test_a_member_s_name_is_text_and_never_markup(trial: Door, browser: Browser) -> None:
    token = trial.issuer.member("m1")
    await trial.ask(UPDATE, {"input": {"city": "<script>alert(1)</script>"}}, token=token)
    await arrive(browser, trial, token, "/privacy/seen?company=card&for=own:card:service")
    assert browser.page is not None
    assert "<script>alert" not in browser.page.text
    assert "&lt;script&gt;alert" in browser.page.text


def test_every_state_and_reason_has_its_words() -> None:
    words = words_in("en")
    whys = (f"why.{each}" for each in (*Code, *Reason))
    assert [key for key in whys if not words.has(key)] == []
    assert [each for each in ConsentState if not words.has(f"state.{each}")] == []
