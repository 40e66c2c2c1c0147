"""What the catalogue's words are called in DPV: complete, in terms that exist, or it is told."""

import re
from pathlib import Path

import pytest

from policy.vocabulary import CategoryClass, Requirement
from server.terms_file import TERMS as FILE
from server.terms_file import TermsError, load_terms
from tests.dpv import FILES, LOOKED_UP, missing
from tests.real import CATALOGUE, TERMS

TEXT = FILE.read_text("utf-8")
SPACES = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "legal-jp": "https://w3id.org/dpv/legal/jp#",
}


def said(tmp_path: Path, text: str) -> str:
    (tmp_path / "dpv.yaml").write_text(text, "utf-8")
    with pytest.raises(TermsError) as refused:
        load_terms(tmp_path / "dpv.yaml")
    return str(refused.value)


def test_every_purpose_field_and_category_has_its_terms() -> None:
    own = {each.key for each in CATALOGUE.purposes.values() if each.owner}
    assert set(TERMS.purposes) == set(CATALOGUE.purposes) - own
    assert set(TERMS.fields) == set(CATALOGUE.fields)
    labels = {each.key for each in CATALOGUE.categories.values() if each.parent is None}
    assert set(TERMS.sources) >= labels - {"payment_identity"}
    assert {each.value for each in Requirement} <= set(TERMS.contexts)


def test_every_term_is_one_that_was_looked_up() -> None:
    written = set(re.findall(r"\b(dpv|pd|legal-jp):([A-Za-z][A-Za-z-]*)", TEXT))
    terms = {SPACES[prefix] + name for prefix, name in written}
    assert len(terms) > 90
    assert terms <= LOOKED_UP


def test_an_own_purpose_is_called_as_its_family_is() -> None:
    called = TERMS.of_purpose(CATALOGUE.purposes["own:card:marketing"])
    assert called == TERMS.purposes["ads_marketing"]


def test_what_the_file_does_not_know_has_the_general_term(tmp_path: Path) -> None:
    file = tmp_path / "dpv.yaml"
    lines = TEXT.splitlines(keepends=True)
    gone = ("  fullName:", "  id_login:", "  order_fulfil:")
    file.write_text("".join(each for each in lines if not each.startswith(gone)), "utf-8")
    terms = load_terms(file)
    assert terms.of_field("fullName") == ("dpv:PersonalData",)
    assert terms.of_purpose(CATALOGUE.purposes["id_login"]).terms == ("dpv:Purpose",)
    parent = terms.of_purpose(CATALOGUE.purposes["order_fulfil"])
    assert parent == TERMS.purposes["service_provision"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[pd:Username]", "[Username]", "a term with its prefix"),
        ("[pd:Username]", "[]", "at least 1 must stand here"),
        ("  WITHDRAWN:", "  WITHDREW:", "is no ConsentState"),
        ("  OWN: {", "  OWNED: {", "OWN is missing"),
        ("  DEEMED: {terms", "  NOTICE: {terms", "DEEMED is missing"),
        ("law: {", "laws: {", "the key 'law' is missing"),
        ("trace: [Q11]", "trace: [nowhere]", "a row of the sources"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TEXT
    message = said(tmp_path, TEXT.replace(old, new, 1))
    assert told in message
    assert re.match(r"dpv\.yaml:\d+: ", message)


def test_sensitive_data_have_a_source_like_the_rest() -> None:
    kinds = {CATALOGUE.categories[key].kind for key in TERMS.sources}
    assert CategoryClass.SENSITIVE in kinds


def test_the_vocabulary_is_asked_for_each_term_by_its_full_name(tmp_path: Path) -> None:
    for space, file in FILES.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        names = sorted(each for each in LOOKED_UP if each.rpartition("#")[0] + "#" == space)
        (tmp_path / file).write_text("\n".join(["iri", *names]), "utf-8")
    assert list(missing(tmp_path)) == []
    (tmp_path / FILES[SPACES["legal-jp"]]).write_text("iri\n", "utf-8")
    assert list(missing(tmp_path)) == ["https://w3id.org/dpv/legal/jp#law-APPI"]
