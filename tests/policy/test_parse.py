import json

import pytest

from policy.parse import parse
from policy.source import CatalogueError, Node, content_of, node_of
from tests.flaws import Flaw, findings, nodes, places, spoilt
from tests.real import CATALOGUE

FLAWS = {
    "an unknown key": Flaw(
        "companies.yaml",
        "    kind: PARENT\n",
        "    kind: PARENT\n▶    colour: red\n",
        "unknown key 'colour'",
    ),
    "an unknown key of a file": Flaw(
        "countries.yaml", "designated:", "▶blessed: []\ndesignated:", "unknown key 'blessed'"
    ),
    "a missing key": Flaw(
        "purposes.yaml",
        "  - {key: audit, registered_at: 2019-08-01,",
        "▶  - {key: audit,",
        "the key 'registered_at' is missing",
    ),
    "a missing label": Flaw(
        "companies.yaml",
        '    name: {ja: 楽天モバイル株式会社, en: "Rakuten Mobile, Inc."}',
        "▶    name: {ja: 楽天モバイル株式会社}",
        "the key 'en' is missing",
    ),
    "a missing key of a file": Flaw(
        "companies.yaml", "successions: []", "", "the key 'successions' is missing"
    ),
    "a text for a list": Flaw(
        "companies.yaml",
        "    ties: [{tie: PARENT, from: 2019-08-01}]",
        "▶    ties: PARENT",
        "a list is wanted here",
    ),
    "a text for a list of entries": Flaw(
        "companies.yaml", "successions: []", "▶successions: none", "a list is wanted here"
    ),
    "a text for a mapping": Flaw(
        "companies.yaml",
        "    listed: {from: 2019-08-01}",
        "▶    listed: 2019-08-01",
        "a mapping is wanted here",
    ),
    "a text for a mapping of ids": Flaw(
        "provisions.yaml",
        "    categories: {linkage: all}",
        "▶    categories: linkage",
        "a mapping is wanted here",
    ),
    "a list for a text": Flaw(
        "companies.yaml", "    kind: PARENT", "▶    kind: [PARENT]", "a text is wanted here"
    ),
    "nothing for a text": Flaw(
        "companies.yaml", "    kind: PARENT", "▶    kind:", "nothing stands here"
    ),
    "nothing traced": Flaw(
        "companies.yaml", "    trace: [S49]", "▶    trace: []", "at least 1 must stand here"
    ),
    "a trace to no row": Flaw(
        "companies.yaml", "trace: [S49]", "trace: [\n▶ S85]", "'S85' is not a row of the sources"
    ),
    "the same twice": Flaw(
        "provisions.yaml", "    items: [GM]", "▶    items: [GM, GM]", "'GM' stands here twice"
    ),
    "a day that does not exist": Flaw(
        "companies.yaml",
        "    listed: {from: 2019-08-01}",
        "▶    listed: {from: 2019-02-29}",
        "'2019-02-29' is not a date",
    ),
    "a time without its offset": Flaw(
        "companies.yaml",
        "    listed: {from: 2019-08-01}",
        "▶    listed: {from: 2019-08-01T09:00:00}",
        "'2019-08-01T09:00:00' is not a date",
    ),
    "a year no instant can hold": Flaw(
        "companies.yaml",
        "    listed: {from: 2019-08-01}",
        "▶    listed: {from: 0001-01-01T00:00:00+09:00}",
        "'0001-01-01T00:00:00+09:00' is not a date",
    ),
    "an interval backwards": Flaw(
        "companies.yaml",
        "    listed: {from: 2019-08-01}",
        "▶    listed: {from: 2019-08-01, to: 2019-08-01}",
        "it ends before it begins",
    ),
    "a word of no list": Flaw(
        "companies.yaml", "    kind: PARENT", "▶    kind: QUEEN", "'QUEEN' is no CompanyKind"
    ),
    "a country by its name": Flaw(
        "companies.yaml",
        "    country: SG",
        "▶    country: Singapore",
        "'Singapore' is not a country of two letters",
    ),
    "yes for true": Flaw(
        "documents.yaml",
        "    requires_account_session: true",
        "▶    requires_account_session: yes",
        "'yes' is neither true nor false",
    ),
    "a number in letters": Flaw(
        "provisions.yaml", "    number: 9\n", "▶    number: nine\n", "'nine' is not a whole number"
    ),
    "a bit beyond the standing": Flaw(
        "documents.yaml",
        "        explicit_bit: 2\n",
        "▶        explicit_bit: 63\n",
        "63 is outside 0..62",
    ),
    "a number below one": Flaw(
        "provisions.yaml", "    number: 9\n", "▶    number: -9\n", "-9 is outside 1..32767"
    ),
    "a company that is not there": Flaw(
        "services.yaml",
        "- {key: points, owner: rakuten_group",
        "▶- {key: points, owner: nobody",
        "there is no company 'nobody'",
    ),
    "a category that is not there": Flaw(
        "fields.yaml",
        "  - {path: ekycStatus, categories: [identity_doc]",
        "▶  - {path: ekycStatus, categories: [identity]",
        "there is no category 'identity'",
    ),
    "a category of a provision that is not there": Flaw(
        "provisions.yaml",
        "    categories: {linkage: all}",
        "▶    categories: {links: all}",
        "there is no category 'links'",
    ),
    "a purpose that is not there": Flaw(
        "provisions.yaml",
        "    purposes: {with_children: [merchant_own]}",
        "▶    purposes: {with_children: [merchants]}",
        "there is no purpose 'merchants'",
    ),
    "an own purpose in a provision": Flaw(
        "provisions.yaml",
        "    purposes: {with_children: [merchant_own]}",
        "▶    purposes: {exact: [own:card:service]}",
        "there is no purpose 'own:card:service'",
    ),
    "a purpose of a contract that is not there": Flaw(
        "processors.yaml",
        "    purposes: [order_fulfil]",
        "▶    purposes: [own:courier:service]",
        "there is no purpose or own purpose 'own:courier:service'",
    ),
    "a document that is not there": Flaw(
        "companies.yaml",
        "    adopts: {DOC_A: [{from: 2019-08-01}]}",
        "▶    adopts: {DOC_Z: [{from: 2019-08-01}]}",
        "there is no document 'DOC_Z'",
    ),
    "a version that is not there": Flaw(
        "provisions.yaml",
        "    versions: [2024-04-01]",
        "▶    versions: [2025-04-01]",
        "DOC_B has no version '2025-04-01'",
    ),
    "an item that is not there": Flaw(
        "provisions.yaml", "    items: [GM]", "▶    items: [GZ]", "there is no item 'GZ'"
    ),
    "a field that is not there": Flaw(
        "processors.yaml",
        "orders.phone]",
        "\n▶ orders.mobile]",
        "there is no field 'orders.mobile'",
    ),
    "a list that is not there": Flaw(
        "provisions.yaml",
        "    sensitive_lists: [HEALTH]",
        "▶    sensitive_lists: [WEALTH]",
        "there is no list 'WEALTH'",
    ),
    "a service that is not there": Flaw(
        "documents.yaml",
        "    service: global_market",
        "▶    service: local_market",
        "there is no service 'local_market'",
    ),
    "a relation that is not there": Flaw(
        "fields.yaml",
        "  - {path: reservations.plan",
        "▶  - {path: bookings.plan",
        "there is no relation 'bookings'",
    ),
    "an id given twice": Flaw(
        "services.yaml",
        "  - {key: points,",
        "▶  - {key: ichiba_market,",
        "the service 'ichiba_market' is already there, on line 3",
    ),
    "an id that is no text": Flaw(
        "services.yaml", "  - {key: points,", "▶  - {key: [points],", "a text is wanted here"
    ),
    "an id with a space": Flaw(
        "services.yaml",
        "  - {key: points,",
        "▶  - {key: bonus points,",
        "'bonus points' is not an id",
    ),
}


@pytest.mark.parametrize("flaw", FLAWS.values(), ids=FLAWS)
def test_a_flaw_stops_the_start_and_is_named_with_its_line(flaw: Flaw) -> None:
    files, wanted = spoilt(flaw)
    found = findings(files)
    assert places(found) == wanted
    assert all(finding.remedy for finding in found)


def test_everything_wrong_is_said_in_one_go() -> None:
    several = [FLAWS[name] for name in ("a word of no list", "an item that is not there")]
    files, wanted = spoilt(*several, FLAWS["a company that is not there"])
    assert places(findings(files)) == wanted


def test_everything_wrong_with_one_entry_is_said_in_one_go() -> None:
    files, wanted = spoilt(
        Flaw(
            "countries.yaml", "designated:\n", "▶hidden: []\ndesignated:\n", "unknown key 'hidden'"
        )
    )
    company = nodes()["companies.yaml"].at("companies", 0).plain()
    assert isinstance(company, dict)
    company |= {"kind": "QUEEN", "country": "Japan", "colour": "red"}
    del company["address"]
    files["companies.yaml"] = node_of({"companies": [company], "successions": []}, "companies.yaml")
    messages = {message for _, _, message in places(findings(files))}
    assert {
        "unknown key 'colour'",
        "the key 'address' is missing",
        "'QUEEN' is no CompanyKind",
        "'Japan' is not a country of two letters",
        wanted[0][2],
    } <= messages


def test_a_finding_is_printed_with_its_place_and_its_remedy() -> None:
    files, _ = spoilt(FLAWS["a word of no list"])
    with pytest.raises(CatalogueError) as caught:
        parse(files)
    line = caught.value.findings[0].line
    assert str(caught.value).startswith(
        f"companies.yaml:{line}: 'QUEEN' is no CompanyKind. Write one of PARENT, COMMERCE,"
    )


def test_a_file_that_is_missing_is_a_finding() -> None:
    files = {name: node for name, node in nodes().items() if name != "lists.yaml"}
    assert ("lists.yaml", 1, "the file is missing") in places(findings(files))


def test_a_file_that_nobody_reads_is_a_finding() -> None:
    files = nodes() | {"extras.yaml": Node({}, "extras.yaml", 1)}
    assert places(findings(files)) == [("extras.yaml", 1, "nobody reads this file")]


def test_a_file_that_is_no_mapping_is_a_finding() -> None:
    files = nodes() | {"services.yaml": Node((), "services.yaml", 1)}
    assert ("services.yaml", 1, "the key 'services' is missing") in places(findings(files))


def test_an_instant_is_read_with_its_offset() -> None:
    files, _ = spoilt(
        Flaw(
            "companies.yaml",
            "listed: {from: 2019-08-01}",
            "listed: {from: 2019-08-01T09:00:00+09:00}",
        )
    )
    listed = parse(files).companies["rakuten_group"].listed
    assert listed == CATALOGUE.companies["rakuten_group"].listed


def test_the_version_is_that_of_the_content_and_not_of_its_layout() -> None:
    relaid = {name: node_of(node.plain(), name) for name, node in nodes().items()}
    assert parse(relaid).version == CATALOGUE.version
    changed, _ = spoilt(Flaw("companies.yaml", "見本 card", "見本 太郎"))
    assert parse(changed).version != CATALOGUE.version


def test_the_content_says_everything_the_files_say() -> None:
    content = json.loads(content_of(nodes()))
    files = {name: node_of(plain, name) for name, plain in content.items()}
    assert parse(files).version == parse(nodes()).version
    assert content == {name: node.plain() for name, node in nodes().items()}
