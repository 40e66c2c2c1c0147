"""Where the database cannot be reached the pages say so, and not that nothing was done."""

from pathlib import Path

import pytest

from tests.browsing import Browser, arrive
from tests.door import HOLDER, Door

pytestmark = pytest.mark.anyio

SAID = {"en": "The database cannot be reached just now", "ja": "現在データベースに接続できない"}


@pytest.mark.parametrize("language", SAID)
async def test_the_privacy_centre_says_so(
    trial: Door, browser: Browser, tmp_path: Path, language: str
) -> None:
    await arrive(browser, trial, trial.issuer.member("m1"), "/privacy/")
    file = tmp_path / "copy.db"
    file.rename(tmp_path / "elsewhere.db")
    page = await browser.visit("/privacy/", accept_language=language)
    assert (page.status_code, SAID[language] in browser.text) == (503, True)
    assert HOLDER not in browser.text
    done = await browser.send(
        "/privacy/withdraw", {"item": "A"}, headers={"Accept-Language": language}
    )
    assert (done.status_code, SAID[language] in browser.text) == (503, True)


async def test_the_matrix_says_so(trial: Door, browser: Browser, tmp_path: Path) -> None:
    officer = trial.issuer.token(role="officer", company="*", purposes=None)
    await arrive(browser, trial, officer, "/matrix/")
    (tmp_path / "copy.db").rename(tmp_path / "elsewhere.db")
    page = await browser.visit("/matrix/?purpose=service_provision")
    assert (page.status_code, SAID["en"] in browser.text) == (503, True)
