import pytest

from policy.numbers import numbers_of
from policy.parse import parse
from tests.flaws import Flaw, findings, nodes, places, spoilt
from tests.real import CATALOGUE

EARLIER = numbers_of(CATALOGUE)

MOVED_BIT = Flaw(
    "documents.yaml",
    "        version_bits: {2019-08-01: 0, 2022-03-31: 1}\n",
    "▶        version_bits: {2019-08-01: 0, 2022-03-31: 40}\n",
    "the number of 'bit:A@2022-03-31' moved from 1 to 40",
)
MOVED_NUMBER = Flaw(
    "provisions.yaml",
    "  - key: A-PEER\n    number: 2\n",
    "  - key: A-PEER\n▶    number: 40\n",
    "the number of 'provision:A-PEER' moved from 2 to 40",
)
BIT_TWICE = Flaw(
    "documents.yaml",
    "        explicit_bit: 2\n",
    "▶        explicit_bit: 1\n",
    "number 1 is that of 'bit:A@2022-03-31' already",
)
NUMBER_TWICE = Flaw(
    "provisions.yaml",
    "  - key: A-PEER\n    number: 2\n",
    "  - key: A-PEER\n▶    number: 1\n",
    "number 1 is that of 'provision:A-USE' already",
)
NEW_KEY = Flaw(
    "provisions.yaml",
    "  - key: A-PEER\n    number: 2\n",
    "  - key: A-PAIR\n▶    number: 2\n",
    "number 2 was that of 'provision:A-PEER'",
)


@pytest.mark.parametrize("flaw", [BIT_TWICE, NUMBER_TWICE])
def test_a_number_given_twice_stops_the_start(flaw: Flaw) -> None:
    files, wanted = spoilt(flaw)
    assert places(findings(files)) == wanted


@pytest.mark.parametrize("flaw", [MOVED_BIT, MOVED_NUMBER])
def test_a_moved_number_stops_the_start(flaw: Flaw) -> None:
    files, wanted = spoilt(flaw)
    assert places(findings(files, EARLIER)) == wanted
    assert parse(files), "the first catalogue may give what it likes"


def test_a_number_used_again_stops_the_start() -> None:
    files, wanted = spoilt(NEW_KEY)
    assert set(wanted) < set(places(findings(files, EARLIER)))


def test_one_provision_has_one_number_in_all_its_versions() -> None:
    files, wanted = spoilt(
        Flaw(
            "provisions.yaml",
            "  - key: A-4-1-4\n    number: 6\n    documents: [DOC_A]\n"
            "    versions: [2019-08-01, 2022-03-31]\n",
            "  - key: A-4-1-3\n▶    number: 6\n    documents: [DOC_A]\n"
            "    versions: [2019-08-01]\n",
            "'provision:A-4-1-3' has the number 5 already",
        )
    )
    assert places(findings(files)) == wanted


def test_a_number_that_is_lost_must_be_retired() -> None:
    found = findings(nodes(), EARLIER | {"provision:A-OLD": 99, "bit:OLD explicit": 60})
    assert [finding.message for finding in found] == [
        "'bit:OLD explicit' is gone, and with it the number 60",
        "'provision:A-OLD' is gone, and with it the number 99",
    ]
    assert [finding.remedy for finding in found] == [
        "Add 60 to `retired_bits`",
        "Add 99 to `retired_numbers`",
    ]
    retired = (
        Flaw("documents.yaml", "retired_bits: []", "retired_bits: [60]"),
        Flaw("provisions.yaml", "retired_numbers: []", "retired_numbers: [99]"),
    )
    files, _ = spoilt(*retired)
    assert parse(files, EARLIER | {"provision:A-OLD": 99, "bit:OLD explicit": 60})


@pytest.mark.parametrize(
    "flaw",
    [
        Flaw("documents.yaml", "retired_bits: []", "retired_bits: [2]"),
        Flaw("provisions.yaml", "retired_numbers: []", "retired_numbers: [2]"),
    ],
)
def test_a_retired_number_is_nobodys(flaw: Flaw) -> None:
    files, _ = spoilt(flaw)
    (found,) = findings(files)
    assert found.message.startswith("number 2 is retired, it cannot become that of ")


def test_a_number_is_not_called_lost_while_its_entry_is_unreadable() -> None:
    files, wanted = spoilt(
        Flaw(
            "provisions.yaml",
            "    own_purpose: PUBLICATION\n",
            "▶    own_purpose: WHIM\n",
            "'WHIM' is no OpeningAct",
        )
    )
    assert places(findings(files, EARLIER)) == wanted


def test_the_numbers_of_a_catalogue_are_accepted_by_itself() -> None:
    assert parse(nodes(), EARLIER).version == CATALOGUE.version


def test_the_remedy_names_a_number_nobody_ever_had() -> None:
    files, _ = spoilt(NUMBER_TWICE)
    remedies = {finding.remedy for finding in findings(files, EARLIER | {"provision:A-OLD": 99})}
    assert "Give 'provision:A-PEER' a new one, 100 or above" in remedies
