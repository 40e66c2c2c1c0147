"""`sekisho documents` as it is typed."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from models.trusted import sha256_of
from server.manifest_files import APOLLO
from tests.typed import run, told

pytestmark = pytest.mark.usefixtures("at_home")

NAME = "query Name($id: ID!) {\n  memberByAccount(accountId: $id) {\n    fullName\n  }\n}"
EKYC = "query Ekyc($id: ID!) { memberByAccount(accountId: $id) { ekycStatus } }"
VIEWER = "{ viewer { role } }"
CARD = ("--company", "card", "--purpose", "own:card:service")


def manifest(folder: Path, content: Any, name: str = "manifest.json") -> str:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
    return str(file)


def apollo(*texts: str) -> Mapping[str, Any]:
    """As generate-persisted-query-manifest writes it."""
    operations = [
        {"id": sha256_of(text), "name": "Some", "type": "query", "body": text} for text in texts
    ]
    return {"format": APOLLO, "version": 1, "operations": operations}


def test_manifests_of_clients_are_added_listed_and_removed(seeded: Path, tmp_path: Path) -> None:
    files = (
        manifest(tmp_path, apollo(NAME)),
        manifest(tmp_path, {"5f4dcc3b5aa765d61d8327deb882cf99": NAME}, "relay.json"),
        manifest(tmp_path, VIEWER.encode(), "viewer.graphql"),
    )
    added = run("documents", "add", *CARD, "--purpose", "id_login", *files)
    assert (added.exit_code, told(added)) == (0, "6 added, 0 were trusted before.")
    again = run("documents", "add", *CARD, files[0], files[2])
    assert told(again) == "0 added, 2 were trusted before."

    listed = run("documents", "list", "--company", "card")
    lines = listed.stdout.splitlines()
    assert len(lines) == 6
    one_line = f"card  own:card:service  {sha256_of(NAME)}  query Name($id: ID!) {{ memberByAccount"
    assert any(line.startswith(one_line) for line in lines)
    assert run("documents", "list", "--company", "bank").stdout == ""

    gone = run("documents", "remove", *CARD, sha256_of(VIEWER))
    assert (gone.exit_code, told(gone)) == (0, "1 removed.")
    assert len(run("documents", "list").stdout.splitlines()) == 5
    none = run("documents", "remove", *CARD, sha256_of(VIEWER))
    assert (none.exit_code, "Not all of them were there" in told(none)) == (1, True)


def test_a_processor_s_are_filed_for_its_controller(seeded: Path, tmp_path: Path) -> None:
    file = manifest(tmp_path, VIEWER.encode(), "viewer.graphql")
    run("documents", "add", "--company", "courier", "--on-behalf-of", "ichiba", file)
    (line,) = run("documents", "list").stdout.splitlines()
    assert line == f"courier for ichiba  -  {sha256_of(VIEWER)}  {{ viewer {{ role }} }}"


def test_an_id_goes_on_meaning_what_it_meant(seeded: Path, tmp_path: Path) -> None:
    assert run("documents", "add", *CARD, manifest(tmp_path, {"name": NAME})).exit_code == 0
    other = run("documents", "add", *CARD, manifest(tmp_path, {"new": NAME, "name": VIEWER}))
    assert (other.exit_code, "another document already" in told(other)) == (2, True)
    assert len(run("documents", "list").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "neither JSON nor GraphQL"),
        (b"[]", "no manifest"),
        ({"format": "another", "version": 1}, "not known"),
        ({"format": APOLLO, "version": 2, "operations": []}, "not known"),
        ({"format": APOLLO, "version": 1, "operations": {}}, "no list of operations"),
        ({"format": APOLLO, "version": 1, "operations": ["x"]}, "no list of operations"),
        ({"format": APOLLO, "version": 1, "operations": [{"id": "x"}]}, "x has no text"),
        ({"x": ""}, "x has no text"),
        ({"x": 7}, "x has no text"),
        ({"an id": VIEWER}, "without spaces"),
        ({"": VIEWER}, "an id is"),
        ({"x" * 201: VIEWER}, "an id is"),
        ({"x": "#" * 1_048_577}, "longer than a request"),
        ({"0" * 64: VIEWER}, "not the SHA-256"),
    ],
)
def test_what_is_no_manifest_is_told(
    seeded: Path, tmp_path: Path, content: Any, words: str
) -> None:
    refused = run("documents", "add", *CARD, manifest(tmp_path, content))
    assert refused.exit_code == 2
    assert words in told(refused)
    assert run("documents", "list").stdout == ""


def test_files_that_contradict_each_other_or_cannot_be_read_are_told(
    seeded: Path, tmp_path: Path
) -> None:
    one, other = manifest(tmp_path, {"x": NAME}), manifest(tmp_path, {"x": VIEWER}, "other.json")
    assert "another file" in told(run("documents", "add", *CARD, one, other))
    nothing = run("documents", "add", *CARD, str(tmp_path / "nothing.json"))
    assert "cannot be read" in told(nothing)
    undecodable = manifest(tmp_path, b"\xff", "x.graphql")
    assert "neither JSON nor GraphQL" in told(run("documents", "add", *CARD, undecodable))


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (("--company", "nobody"), "no company nobody"),
        (("--company", "card", "--purpose", "nothing"), "no purpose nothing"),
        (("--company", "courier"), "--on-behalf-of"),
        (("--company", "card", "--on-behalf-of", "ichiba"), "--on-behalf-of"),
    ],
)
def test_documents_are_filed_for_systems_that_there_can_be(
    seeded: Path, tmp_path: Path, scope: tuple[str, ...], words: str
) -> None:
    refused = run("documents", "add", *scope, manifest(tmp_path, {"x": VIEWER}))
    assert (refused.exit_code, words in told(refused)) == (2, True)


@pytest.mark.parametrize(
    "text", ["{ nonsense }", "{", "{ members(first: true) { totalCount } }", "{" * 5000]
)
def test_one_document_that_does_not_fit_the_schema_keeps_all_out(
    seeded: Path, tmp_path: Path, text: str
) -> None:
    refused = run("documents", "add", *CARD, manifest(tmp_path, {"bad": text, "good": NAME}))
    assert refused.exit_code == 1
    assert all(line.startswith("bad: It is not valid: ") for line in refused.stdout.splitlines())
    assert run("documents", "list").stdout == ""


@pytest.mark.parametrize(
    ("text", "purpose", "finding"),
    [
        (NAME, "own:card:service", None),
        ("{ purposes { key } }", None, None),
        (NAME, None, "personal data, and is filed for no purpose"),
        ("{ members(orderBy: [{field: FULL_NAME}]) { totalCount } }", None, "for no purpose"),
        (EKYC, "own:card:service", "selects ekycStatus, which is never open"),
        (
            "{ members { nodes { ...a } } } fragment a on Member { again: ekycStatus fullName }",
            "own:card:service",
            "selects ekycStatus",
        ),
        (
            "{ members { nodes { healthRecords { totalCount } } } }",
            "own:card:service",
            "selects healthRecords, which is never open",
        ),
        (
            "{ members(filter: {not: {ekycStatus: {eq: VERIFIED}}}) { totalCount } }",
            "own:card:service",
            "filters or orders by ekycStatus, which is never open (FIELD_NEVER_OPEN)",
        ),
        (
            "{ members(orderBy: [{field: EKYC_STATUS}]) { totalCount } }",
            "own:card:service",
            "filters or orders by ekycStatus",
        ),
        ("{ nonsense }", "own:card:service", "not valid"),
    ],
)
def test_a_check_names_what_can_never_be_answered(
    tmp_path: Path, text: str, purpose: str | None, finding: str | None
) -> None:
    """Of files: it needs no database."""
    scope = (
        ("--company", "card") if purpose is None else ("--company", "card", "--purpose", purpose)
    )
    checked = run("documents", "check", *scope, manifest(tmp_path, {"x": text}))
    if finding is None:
        assert (checked.exit_code, checked.stdout) == (0, "")
    else:
        (line,) = checked.stdout.splitlines()
        assert line.startswith(f"card  {purpose or '-'}  x: ")
        assert (checked.exit_code, finding in line) == (1, True)


def test_a_check_of_what_is_stored_names_what_the_catalogue_closed_since(
    seeded: Path, tmp_path: Path
) -> None:
    assert run("documents", "add", *CARD, manifest(tmp_path, {"x": EKYC})).exit_code == 0
    for which in ((), ("--company", "card")):
        (line,) = run("documents", "check", *which).stdout.splitlines()
        assert line == (
            "card  own:card:service  x: It selects ekycStatus, which is never open: "
            "null for every member."
        )
    assert run("documents", "check", "--company", "bank").exit_code == 0
    assert run("documents", "check", manifest(tmp_path, {"x": EKYC})).exit_code == 2


def test_a_check_names_companies_and_purposes_that_are_no_more(
    seeded: Path, tmp_path: Path
) -> None:
    assert run("documents", "add", *CARD, manifest(tmp_path, {"x": NAME})).exit_code == 0
    with closing(sqlite3.connect(seeded)) as connection, connection:
        connection.execute("UPDATE trusted_document SET company = 'gone'")
    checked = run("documents", "check")
    assert (checked.exit_code, "x: there is no company gone" in told(checked)) == (1, True)
