"""An editorial version widens nothing; what was published is never widened in its place."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policy.parse import Earlier, parse
from policy.source import CatalogueError, node_of
from server.catalogue_files import nodes_of, texts_of
from tests.flaws import nodes
from tests.real import CATALOGUE, ROOT
from tests.versions import Files, entry, with_version

PUBLISHED = datetime(2026, 6, 1, tzinfo=UTC)
NEW = "2026-07-01"
Change = Callable[[dict[str, Any]], object]


def found(files: Files, earlier: Earlier | None = None) -> list[str]:
    """What is said of these files, without the places."""
    try:
        parse({name: node_of(plain, name) for name, plain in files.items()}, earlier=earlier)
    except CatalogueError as fault:
        return [finding.message for finding in fault.findings]
    return []


def said(more: str, key: str) -> list[str]:
    return [f"version {NEW!r} calls itself editorial, but {key!r} {more}"]


WIDER: dict[str, tuple[str, str, Change, str]] = {
    "another provider": (
        "DOC_B",
        "B-1",
        lambda row: row.update(providers={"group": "INS_GROUP"}),
        "takes from other providers",
    ),
    "one provider more": (
        "DOC_B",
        "B-1",
        lambda row: row["providers"].update(companies=["ssi", "life"]),
        "takes from other providers",
    ),
    "a recipient no longer left out": (
        "DOC_A",
        "A-4-1-2",
        lambda row: row["recipients"].pop("but"),
        "reaches other recipients",
    ),
    "recipients of any kind": (
        "DOC_A",
        "A-NARROW",
        lambda row: row["recipients"].pop("kinds"),
        "reaches other recipients",
    ),
    "the custodian as well": (
        "DOC_A",
        "A-PEER",
        lambda row: row["recipients"].pop("other"),
        "reaches other recipients",
    ),
    "another category": (
        "DOC_A",
        "A-4-1-1",
        lambda row: row["categories"].update(profile="all"),
        "opens more of 'profile'",
    ),
    "all of a category": (
        "DOC_A",
        "A-NARROW",
        lambda row: row["categories"].update(profile="all"),
        "opens more of 'profile'",
    ),
    "another purpose": (
        "DOC_A",
        "A-4-1-1",
        lambda row: row["purposes"]["exact"].append("fraud_prevention"),
        "serves 'fraud_prevention' as well",
    ),
    "own purposes": (
        "DOC_A",
        "A-4-1-1",
        lambda row: (row["purposes"].update(own="true"), row.update(own_purpose="LINK")),
        "serves the recipients' own purposes as well",
    ),
    "own purposes by another act": (
        "DOC_A",
        "A-4-1-2",
        lambda row: row.update(own_purpose="USE"),
        "lets own purposes in by another act",
    ),
    "a lower level": (
        "DOC_A",
        "A-NARROW",
        lambda row: row.update(min_consent="DEEMED"),
        "asks for less consent",
    ),
    "one item less": (
        "DOC_B",
        "B-SENS-1",
        lambda row: row["items"].pop(),
        "asks for less consent",
    ),
    "a condition less": (
        "DOC_A",
        "A-4-1-2",
        lambda row: row.pop("requires"),
        "asks no more for LINKED",
    ),
    "an age that is unknown": (
        "DOC_A",
        "A-PEER",
        lambda row: row.update(unknown_age="true"),
        "takes a consent of unknown age",
    ),
    "a provision that did not stand before": (
        "DOC_A",
        "A-4-1-1",
        lambda row: row.update(key="A-NEW", number="90"),
        "permits what nothing permitted before",
    ),
}


def before_all() -> Files:
    """The real files, and one provision that is narrower than any of them."""
    files = Files()
    row = entry(files["provisions.yaml"]["provisions"], "A-4-1-1")
    narrow = {
        **row,
        "key": "A-NARROW",
        "number": "80",
        "versions": ["2022-03-31"],
        "categories": {"login": "all", "profile": ["fullName"]},
        "recipients": {"group": "OTHERS_A", "kinds": ["COMMERCE"]},
        "min_consent": "EXPLICIT",
    }
    files["provisions.yaml"]["provisions"].append(narrow)
    return files


@pytest.mark.parametrize(("document", "key", "change", "more"), WIDER.values(), ids=WIDER)
def test_an_editorial_version_that_widens_anything_is_refused(
    document: str, key: str, change: Change, more: str
) -> None:
    wider = with_version(before_all(), document, NEW, material=False, change={key: change})
    named = "A-NEW" if "nothing permitted" in more else key
    assert found(wider) == said(more, named)
    assert found(with_version(before_all(), document, NEW, change={key: change})) == []


def test_a_sensitive_list_more_is_wider() -> None:
    files = before_all()
    lists = files["lists.yaml"]["lists"]
    lists.append({**lists[0], "key": "MORE"})
    added = with_version(
        files,
        "DOC_B",
        NEW,
        material=False,
        change={"B-SENS-1": lambda row: row["sensitive_lists"].append("MORE")},
    )
    assert found(added) == said("opens the list 'MORE'", "B-SENS-1")


NARROWER: dict[str, tuple[str, str, Change]] = {
    "nothing": ("DOC_A", "A-PEER", lambda _row: None),
    "a provision that goes": ("DOC_A", "A-PEER", lambda row: row.update(active="false")),
    "a category less": ("DOC_A", "A-PEER", lambda row: row["categories"].pop("profile")),
    "some fields of it": (
        "DOC_A",
        "A-PEER",
        lambda row: row["categories"].update(profile=["fullName"]),
    ),
    "a purpose less": (
        "DOC_A",
        "A-PEER",
        lambda row: row["purposes"]["with_children"].remove("ads_marketing"),
    ),
    "a higher level": ("DOC_A", "A-PEER", lambda row: row.update(min_consent="EXPLICIT")),
    "fewer recipients": (
        "DOC_A",
        "A-PEER",
        lambda row: row["recipients"].update(but=["travel"], kinds=["COMMERCE"]),
    ),
    "a condition more": ("DOC_A", "A-PEER", lambda row: row.update(requires=["USED"])),
}


@pytest.mark.parametrize(("document", "key", "change"), NARROWER.values(), ids=NARROWER)
def test_an_editorial_version_may_permit_less(document: str, key: str, change: Change) -> None:
    assert found(with_version(Files(), document, NEW, material=False, change={key: change})) == []


def test_a_purpose_registered_since_makes_the_same_words_wider() -> None:
    files = Files()
    purposes = files["purposes.yaml"]["purposes"]
    child = entry(purposes, "incentive")
    purposes.append({**child, "key": "games", "registered_at": "2026-06-30"})
    told = found(with_version(files, "DOC_A", NEW, material=False))
    assert told
    assert {message.partition("' serves")[2] for message in told} == {" 'games' as well"}


def test_the_first_version_of_a_document_is_material() -> None:
    files = Files()
    entry(files["documents.yaml"]["documents"], "DOC_T")["versions"][0]["material"] = "false"
    assert found(files) == ["version '2022-03-31' is editorial, but none came before it"]


def test_a_finding_names_the_line_that_calls_it_editorial() -> None:
    texts = texts_of(ROOT / "seeds" / "catalogue")
    document = texts["documents.yaml"].replace("material: true", "material: false", 2)
    with pytest.raises(CatalogueError) as caught:
        parse(nodes_of(texts | {"documents.yaml": document}))
    lines = document.splitlines()
    named = {finding.line for finding in caught.value.findings}
    assert named == {number for number, line in enumerate(lines, 1) if "material: false" in line}


EARLIER = Earlier(CATALOGUE, PUBLISHED)


def test_what_is_published_may_stay_and_what_is_to_come_may_change() -> None:
    assert parse(nodes(), earlier=EARLIER).version == CATALOGUE.version
    ahead = parse({n: node_of(p, n) for n, p in with_version(Files(), "DOC_A", NEW).items()})
    changed = with_version(
        Files(),
        "DOC_A",
        NEW,
        change={"A-4-1-1": lambda row: row["categories"].update(profile="all")},
    )
    assert found(changed, Earlier(ahead, PUBLISHED)) == []
    assert found(Files(), Earlier(ahead, PUBLISHED)) == []


def test_what_is_published_is_never_widened_in_its_place() -> None:
    files = Files()
    row = entry(files["provisions.yaml"]["provisions"], "A-4-1-1")
    row["categories"]["profile"] = "all"
    assert found(files, EARLIER) == [
        f"version {version!r} was published, but 'A-4-1-1' now opens more of 'profile'"
        for version in ("2019-08-01", "2022-03-31")
    ]


@pytest.mark.parametrize("part", ["text", "published_at"])
def test_what_is_published_keeps_its_text_and_date(part: str) -> None:
    files = Files()
    version = entry(files["documents.yaml"]["documents"], "DOC_T")["versions"][0]
    version[part] = {"ja": "改", "en": "Changed"} if part == "text" else "2022-03-30"
    assert found(files, EARLIER) == [
        "version '2022-03-31' is not what was published under its name"
    ]


def test_a_published_version_does_not_go() -> None:
    files = Files()
    version = entry(files["documents.yaml"]["documents"], "DOC_T")["versions"][0]
    version["key"] = "another"
    assert found(files, EARLIER) == ["version '2022-03-31' of DOC_T is gone, but was published"]
    later = replace(EARLIER, at=EARLIER.at - timedelta(days=10_000))
    assert found(files, later) == []


def test_a_document_may_go_with_all_that_it_permits() -> None:
    files = Files()
    documents = files["documents.yaml"]["documents"]
    files["documents.yaml"]["documents"] = [each for each in documents if each["key"] != "DOC_T"]
    for each in files["documents.yaml"]["documents"]:
        each["companions"] = [key for key in each.get("companions", ()) if key != "DOC_T"]
    for row in (rows := files["provisions.yaml"]["provisions"]):
        row["documents"] = [key for key in row["documents"] if key != "DOC_T"]
    files["provisions.yaml"]["provisions"] = [row for row in rows if row["documents"]]
    assert found(files, EARLIER) == []
