"""The access matrix as officers look at it, with a browser that knows no JavaScript."""

import csv
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest

from tests.browsing import Browser, arrive
from tests.crowd import join
from tests.door import Door
from tests.real import CATALOGUE

pytestmark = pytest.mark.anyio

SIZE = 120
PURPOSE = "service_provision"
QUERY = """
query Matrix($purpose: ID!) {
  accessMatrix(purpose: $purpose) {
    total { members share }
    columns { category { name { en } } total { members share } }
    rows {
      company { name { en } } total { members share }
      cells { category { key name { en } } shown { members share } }
    }
  }
}
"""


class Table(HTMLParser):
    """The texts of a table's cells, row by row, with the class and the scope of each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str, str | None]]] = []
        self._in_cell = False
        self.feed(page[page.index("<table>") : page.index("</table>")])

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self._in_cell = True
            self.rows[-1].append(("", given.get("class") or "", given.get("scope")))

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data: str) -> None:
        if self._in_cell and data.strip():
            text, kind, scope = self.rows[-1][-1]
            self.rows[-1][-1] = (text + data.strip(), kind, scope)


def officer(trial: Door, company: str = "*") -> str:
    return trial.issuer.token(company=company, role="officer", purposes=None)


async def told(trial: Door, purpose: str = PURPOSE) -> Mapping[str, Any]:
    answer = await trial.ask(QUERY, {"purpose": purpose}, token=officer(trial))
    found: Mapping[str, Any] = answer["data"]["accessMatrix"]
    return found


def as_shown(shown: Mapping[str, Any] | None) -> str:
    """A number as the page writes it, with what is there to be heard alone."""
    if shown is None:
        return "–not permitted"
    if shown["members"] is None:
        return "<10fewer than ten"
    return f"{shown['share']}%,{shown['members']:,}"


@pytest.fixture
async def crowded(trial: Door) -> Door:
    await join(trial, range(SIZE))
    return trial


async def look(browser: Browser, trial: Door, asked: str = "", company: str = "*") -> str:
    await arrive(browser, trial, officer(trial, company), "/matrix/")
    page = await browser.visit(f"/matrix/?{asked or f'purpose={PURPOSE}'}")
    assert page.status_code == 200
    return browser.text


async def test_the_table_shows_the_numbers_of_the_api(browser: Browser, crowded: Door) -> None:
    table = Table(await look(browser, crowded))
    found = await told(crowded)
    open_rows = [row for row in found["rows"] if row["total"]]
    columns = [each for each in found["columns"] if each["total"]]
    reached = [each["category"]["name"]["en"] for each in columns]
    head, *body, foot = table.rows
    assert [text for text, _, _ in head] == ["Company", *reached, "Any of these"]
    for shown, row in zip(body, open_rows, strict=True):
        cells = [each for each in row["cells"] if each["category"]["name"]["en"] in reached]
        texts = [as_shown(each["shown"]) for each in cells]
        assert [text for text, _, _ in shown[1:]] == [*texts, as_shown(row["total"])]
        assert shown[0][0].startswith(row["company"]["name"]["en"])
    totals = [as_shown(each["total"]) for each in columns]
    assert [text for text, _, _ in foot[1:]] == [*totals, as_shown(found["total"])]
    assert any("%" in text for text, _, _ in foot)


async def test_its_heads_say_of_what_they_are_heads(browser: Browser, crowded: Door) -> None:
    head, *others = Table(await look(browser, crowded)).rows
    assert {scope for _, _, scope in head} == {"col"}
    assert {row[0][2] for row in others} == {"row"}
    assert {scope for row in others for _, _, scope in row[1:]} == {None}


async def test_the_colour_says_the_share_and_what_has_none_is_no_step(
    browser: Browser, crowded: Door
) -> None:
    cells = [cell for row in Table(await look(browser, crowded)).rows for cell in row]
    for text, kind, _ in cells:
        share = re.match(r"(\d+)%", text)
        if kind.startswith("step-"):
            assert share is not None
            assert kind == f"step-{min(int(share[1]) // 10, 9)}"
    kinds = {kind.partition("-")[0] for _, kind, _ in cells}
    assert {"step", "few", "never"} <= kinds
    assert {text for text, kind, _ in cells if kind == "few"} == {"<10fewer than ten"}


async def test_a_cell_leads_to_its_reasons(browser: Browser, crowded: Door) -> None:
    await look(browser, crowded)
    assert browser.page is not None
    addresses = re.findall(r'<a href="(\?[^"]+#why)"', browser.text)
    assert addresses
    page = await look(browser, crowded, "purpose=own:card:service&company=card&category=login")
    assert "Rakuten Card Co., Ltd.: Login" in page
    assert "A-4-1-2" in page
    assert "The account is linked at the recipient" in page
    assert "<code>loginName</code>" in page
    own = await look(browser, crowded, "purpose=own:card:service&company=card&category=payment")
    assert "It takes nothing more" in own
    never = await look(browser, crowded, "purpose=own:card:service&company=card&category=sensitive")
    assert "whatever a member consents to" in never
    nothing = await look(browser, crowded, f"purpose={PURPOSE}&company=nobody&category=login")
    assert 'id="why"' not in nothing


async def test_a_processors_cell_names_its_controller(browser: Browser, crowded: Door) -> None:
    asked = "purpose=order_fulfil&company=courier&for=ichiba&category=profile"
    page = await look(browser, crowded, asked)
    assert "acting for Marketplace (sample)" in page
    assert 'id="why"' in page
    without = await look(browser, crowded, asked.replace("&for=ichiba", ""))
    assert 'id="why"' not in without


async def test_the_file_holds_the_same_numbers_and_nothing_to_calculate(
    browser: Browser, crowded: Door
) -> None:
    await look(browser, crowded)
    answer = await browser.visit(f"/matrix/figures.csv?purpose={PURPOSE}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "no-store"
    lines = list(csv.DictReader(StringIO(answer.text)))
    numbers = {(each["company"], each["category"]): each["membersAtLeast"] for each in lines}
    found = await told(crowded)
    assert numbers["*", "*"] == str(found["total"]["members"])
    told_of = [c["shown"] for row in found["rows"] for c in row["cells"]]
    told_of += [row["total"] for row in (*found["rows"], *found["columns"])] + [found["total"]]
    members = [each["membersAtLeast"] for each in lines]
    assert sorted(members) == sorted(str((each or {}).get("members") or "") for each in told_of)
    assert {each["suppressed"] for each in lines} == {"true", "false", ""}
    assert len(lines) == len(found["rows"]) * (len(CATALOGUE.categories) + 1) + 13
    assert not [cell for line in lines for cell in line.values() if cell[:1] in {"=", "+", "-"}]


async def test_a_purpose_that_reaches_nobody_is_told_as_such(browser: Browser, trial: Door) -> None:
    page = await look(browser, trial, "purpose=audit")
    assert "no provision in force could open anything" in page
    assert "<table>" not in page
    assert "There are fewer than ten members in all." in page


async def test_an_office_is_offered_what_concerns_its_company(
    browser: Browser, trial: Door
) -> None:
    page = await look(browser, trial, "purpose=own:card:service", company="card")
    offered = re.findall(r'type="radio" name="purpose" value="([^"]+)"', page)
    assert "own:card:service" in offered
    assert "own:bank:service" not in offered
    assert [row[0][0] for row in Table(page).rows[1:-1]] == ["Rakuten Card Co., Ltd."]
    await arrive(browser, trial, officer(trial, "new_service"), "/matrix/")
    assert "No provision in force names your company for any purpose." in browser.text


async def test_a_purpose_that_nobody_knows_is_refused_in_words(
    browser: Browser, trial: Door
) -> None:
    await arrive(browser, trial, officer(trial))
    page = await browser.visit("/matrix/?purpose=espionage")
    assert page.status_code == 400
    assert "There is no such purpose." in browser.text


@pytest.mark.parametrize("path", ["/matrix/", f"/matrix/figures.csv?purpose={PURPOSE}"])
async def test_others_are_told_that_it_is_not_for_them(
    browser: Browser, trial: Door, path: str
) -> None:
    await browser.visit(path)
    assert str(browser.page and browser.page.url).partition("?")[0].endswith("/sign-in")
    await arrive(browser, trial, trial.issuer.member("m1"))
    page = await browser.visit(path)
    assert page.status_code == 403
    assert "not for the role" in browser.text


async def test_the_language_changes_and_the_purpose_stays(browser: Browser, trial: Door) -> None:
    await look(browser, trial, "purpose=own:card:service")
    page = await browser.submit("/choices", "日本語", language="ja")
    assert page.status_code == 200
    assert "アクセス一覧表" in browser.text
    assert 'value="own:card:service" checked' in browser.text
    assert "クレジットカードの提供" in browser.text


async def test_each_look_is_on_record(browser: Browser, trial: Door) -> None:
    before = len(await trial.entries())
    await look(browser, trial, "purpose=audit")
    entries = await trial.entries()
    counts = [count.entry for entry in entries for d in entry.disclosures for count in d.counts]
    assert len(entries) == before + 2  # where signing in leads to, and the page that was asked for
    assert set(counts) == {"accessMatrix"}
