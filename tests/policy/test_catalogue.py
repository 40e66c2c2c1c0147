import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from policy.companies import Company
from policy.parse import parse
from policy.source import Node
from policy.vocabulary import (
    FOREVER,
    SENSITIVE,
    CategoryClass,
    CompanyKind,
    ConsentLevel,
    GroupTie,
    IdStatus,
    Label,
    Reach,
    Veto,
)
from tests.flaws import Flaw, nodes, spoilt
from tests.real import CATALOGUE

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SOURCE_ROW = re.compile(r"S([1-9]|[1-7]\d|8[0-4])")
NAMED = ("companies", "services", "categories", "purposes", "own_purposes", "documents")
TRACED = (*NAMED, "fields", "lists", "provisions", "contracts")


def entries(section: str) -> Iterator[Node]:
    for root in nodes().values():
        yield from root.search(section, "*")


def group_companies() -> list[Company]:
    return [each for each in CATALOGUE.companies.values() if each.tie(NOW) is not GroupTie.NONE]


@pytest.mark.parametrize("section", TRACED)
def test_every_entry_is_traced_to_its_sources(section: str) -> None:
    for entry in entries(section):
        trace = [str(row.plain()) for row in entry.search("trace", "*")]
        assert trace, f"{entry.file}:{entry.line} says not where it comes from"
        named = [row for row in trace if row.startswith("S")]
        assert all(SOURCE_ROW.fullmatch(row) for row in named), f"{entry.file}:{entry.line}"


@pytest.mark.parametrize("section", NAMED)
def test_every_entry_is_named_in_both_languages(section: str) -> None:
    for entry in entries(section):
        names = [entry.at("name"), *entry.search("items", "*", "name")]
        names += [*entry.search("versions", "*", "text"), *entry.search("disadvantages", "*")]
        for name in names:
            plain = name.plain()
            assert isinstance(plain, dict)
            assert all(plain[language] for language in ("ja", "en")), f"{name.file}:{name.line}"


def test_the_group_is_that_of_the_sources() -> None:
    adopters = {each.key for each in group_companies() if each.adopted("DOC_A", NOW)}
    assert adopters == {"rakuten_group", "ichiba", "travel"}
    insurers = {each.key for each in group_companies() if each.insures(NOW)}
    assert insurers == {"ins_holding", "ssi", "life", "general", "ins_planning"}
    affiliates = [each.key for each in group_companies() if each.tie(NOW) is GroupTie.AFFILIATE]
    assert affiliates == ["media_affiliate"]
    planned = [each.key for each in group_companies() if each.id_at(NOW) is IdStatus.PLANNED]
    assert planned == ["new_service"]


def test_nothing_is_a_tie_an_adoption_or_a_status_before_its_date() -> None:
    before = datetime(2019, 7, 31, tzinfo=UTC)
    for company in CATALOGUE.companies.values():
        assert company.tie(before) is GroupTie.NONE
        assert company.id_at(before) is IdStatus.NONE
        assert not company.adopted("DOC_A", before)
        assert not company.insures(before)
        assert before not in company.listed


def test_a_version_is_in_force_until_the_next() -> None:
    document = CATALOGUE.documents["DOC_A"]
    revised = datetime(2022, 3, 31, tzinfo=UTC)
    for at, key in ((revised - timedelta(microseconds=1), "2019-08-01"), (revised, "2022-03-31")):
        version = document.version_at(at)
        assert version
        assert version.key == key
    assert document.version("2022-03-31").in_force.end == FOREVER
    assert document.version_at(datetime(2019, 7, 31, tzinfo=UTC)) is None


def test_what_was_not_written_yet_stands_only_in_the_version_that_added_it() -> None:
    first, second = (
        {row.key for row in CATALOGUE.provisions_of("DOC_A", version)}
        for version in ("2019-08-01", "2022-03-31")
    )
    assert second - first == {"A-4-1-3"}
    assert "A-4-1-4" not in first | second, "its text is unknown, so it opens nothing"


def test_joint_use_opens_nothing() -> None:
    assert CATALOGUE.provisions_of("DOC_J", "2022-03-31") == ()


def test_a_parent_grants_the_children_registered_by_then() -> None:
    later = {"ad_targeting", "external_matching_ads"}
    revised = datetime(2022, 3, 31, tzinfo=UTC)
    assert CATALOGUE.children("ads_marketing", revised) == later | {"ads_marketing", "direct_mail"}
    assert not later & CATALOGUE.children("ads_marketing", revised - timedelta(microseconds=1))


def test_own_purposes_heed_the_vetoes_of_their_family() -> None:
    marketing = CATALOGUE.purposes["own:card:marketing"]
    assert marketing.vetoes == {Veto.MAIL_REFUSED, Veto.ADS_OPT_OUT}
    assert CATALOGUE.purposes["own:card:analysis"].vetoes == frozenset()


def test_every_live_company_outside_the_adopters_publishes_its_own_service() -> None:
    live = {
        each.key
        for each in group_companies()
        if each.id_at(NOW) is IdStatus.LIVE and not each.adopted("DOC_A", NOW)
    }
    own = {each.owner for each in CATALOGUE.purposes.values() if each.key.endswith(":service")}
    assert own == live
    published = {key.removeprefix("DOC_") for key in CATALOGUE.documents} & live
    assert published == live


def test_the_insurer_uses_what_it_acquired_under_its_own_guideline_alone() -> None:
    publishers = {
        CATALOGUE.documents[row.document].publisher
        for row in CATALOGUE.provisions
        if row.key == "C-OWN"
    }
    assert "ssi" not in publishers
    assert len(publishers) == 10
    assert {row.number for row in CATALOGUE.provisions if row.key == "C-OWN"} == {11}


def test_the_holdings_purpose_is_the_holdings() -> None:
    reserved = [each for each in CATALOGUE.purposes.values() if each.reserved_for]
    assert [each.key for each in reserved] == ["ins_group_management"]
    assert reserved[0].reserved_for is CompanyKind.INSURANCE_HOLDING


def test_matching_ads_need_an_explicit_consent_wherever_they_are_listed() -> None:
    level = CATALOGUE.purposes["external_matching_ads"].min_consent
    assert level is ConsentLevel.EXPLICIT


def test_sensitive_fields_are_restricted_and_operational_ones_too() -> None:
    for field in CATALOGUE.fields.values():
        closed = {
            key
            for key in field.categories
            if CATALOGUE.categories[key].kind
            in (CategoryClass.SENSITIVE, CategoryClass.OPERATIONAL)
        }
        assert closed <= field.restricted, field.path
    sensitive = {path for path, each in CATALOGUE.fields.items() if SENSITIVE in each.categories}
    assert sensitive == {"claims.diagnosis", "healthRecords.kind", "healthRecords.value"}


def test_only_insurance_purposes_touch_sensitive_data_and_none_of_ones_own() -> None:
    marked = {key for key, each in CATALOGUE.purposes.items() if each.sensitive}
    assert marked == {"ins_product_rnd", "ins_service_rnd", "underwriting_ops"}
    closed = {key for key, each in CATALOGUE.categories.items() if not each.own_purposes}
    assert closed == {SENSITIVE, "third_party"}


def test_free_text_is_closed_until_it_is_screened() -> None:
    screened = {path for path, each in CATALOGUE.fields.items() if each.until_screened}
    assert screened == {"inquiries.body", "reviews.body", "surveyAnswers.answer"}


def test_secrets_and_join_keys_are_no_fields() -> None:
    never = {str(each.plain()) for each in entries("never")}
    assert {"password", "secretAnswer", "pin", "cardToken", "pan"} <= never
    names = {field.name for field in CATALOGUE.fields.values()}
    assert not names & (never | {"rakutenUserId"})


def test_the_account_its_links_and_its_mail_wishes_belong_to_one_company() -> None:
    alone = {name: each.acquirers for name, each in CATALOGUE.relations.items() if each.acquirers}
    assert set(alone) == {"", "linkedCompanies", "mailPreferences"}
    assert set(alone.values()) == {frozenset({"rakuten_group"})}


def test_the_bits_of_all_items_are_different() -> None:
    bits = [
        bit
        for item in CATALOGUE.items.values()
        for bit in (*item.version_bits.values(), item.explicit_bit, *item.reach_bits.values())
    ]
    assert len(bits) == len(set(bits))
    assert all(set(item.reach_bits) == set(Reach) for item in CATALOGUE.items.values())


def test_designated_countries_are_those_of_the_law() -> None:
    assert {"FR", "NO", "GB"} <= CATALOGUE.designated_countries
    assert not {"SG", "PH", "US"} & CATALOGUE.designated_countries
    assert len(CATALOGUE.designated_countries) == 31


def test_custody_follows_each_succession_from_its_date() -> None:
    moves = (
        "successions:\n"
        "  - {predecessor: new_commerce, successor: bank, effective_at: 2027-04-01, trace: [S26]}\n"
        "  - {predecessor: ichiba, successor: new_commerce, effective_at: 2026-04-01, trace: [S26]}"
    )
    files, _ = spoilt(Flaw("companies.yaml", "successions: []", moves))
    catalogue = parse(files)
    holders = [
        catalogue.custodian("ichiba", datetime(year, 4, 1, tzinfo=UTC))
        for year in (2025, 2026, 2027)
    ]
    assert holders == ["ichiba", "new_commerce", "bank"]
    assert datetime(2027, 4, 1, tzinfo=UTC) in catalogue.epochs


def test_measures_hold_until_a_year_after_the_review_or_until_suspended() -> None:
    measures = "    measures: {{basis: contract, reviewed_at: 2026-01-01{}}}\n    country: SG\n"
    for suspended, days in (("", 365), (", suspended_at: 2026-01-11", 9)):
        put = measures.format(suspended)
        files, _ = spoilt(Flaw("companies.yaml", "    country: SG\n", put))
        held = parse(files).companies["asia_sg"].measures
        assert held
        last = held.reviewed_at + timedelta(days=days)
        assert last in held.interval
        assert last + timedelta(days=1) not in held.interval
        assert held.interval.end in parse(files).epochs


def test_everything_dated_is_an_epoch() -> None:
    dates = ["2019-08-01", "2022-01-01", "2022-03-31", "2024-04-01", "2026-06-01"]
    assert [str(at.date()) for at in CATALOGUE.epochs] == [*dates, "9999-12-31"]


def test_a_provision_covers_the_fields_it_is_narrowed_to() -> None:
    row = next(each for each in CATALOGUE.provisions if each.key == "A-MERCH")
    assert row.covers("profile", "orders.phone")
    assert not row.covers("profile", "phone")
    assert not row.covers("login", "loginName")
    assert CATALOGUE.provision_keys[row.number] == "A-MERCH"


def test_a_country_that_is_unknown_is_kept_unknown() -> None:
    files, _ = spoilt(Flaw("companies.yaml", "    country: SG\n", "    country:\n"))
    assert parse(files).companies["asia_sg"].country == ""


def test_labels_are_read_in_both_languages() -> None:
    assert CATALOGUE.categories["login"].name == Label("ログイン情報", "Login")
