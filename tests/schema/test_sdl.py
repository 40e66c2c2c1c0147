"""The schema that is committed is the schema that is served, and it can be read."""

import re
from collections.abc import Iterator

import pytest
from graphql import build_schema as read_sdl
from graphql import (
    introspection_from_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

from schema.build import print_sdl
from tests.marks import SCHEMA
from tests.real import ROOT

SDL = print_sdl(SCHEMA)
COMMITTED = ROOT / "schema" / "schema.graphql"


def described() -> Iterator[tuple[str, str | None]]:
    """Everything that can carry a description, with it."""
    for kind in SCHEMA.core.type_map.values():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        yield kind.name, kind.description
        for part in ("fields", "values"):
            for name, element in getattr(kind, part, {}).items():
                yield f"{kind.name}.{name}", element.description
                for argument, given in getattr(element, "args", {}).items():
                    yield f"{kind.name}.{name}({argument}:)", given.description


def test_the_committed_schema_is_what_the_code_says() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == SDL, "Run make sdl."


def test_other_tools_can_read_it() -> None:
    read = read_sdl(SDL)
    assert set(read.type_map) == set(SCHEMA.core.type_map)


def test_it_can_be_introspected() -> None:
    types = {kind["name"] for kind in introspection_from_schema(SCHEMA.core)["__schema"]["types"]}
    assert {"Member", "MemberConnection", "Company", "Viewer"} <= types


def test_every_type_field_argument_and_value_is_described() -> None:
    assert [name for name, description in described() if not description] == []


def test_every_scalar_of_our_own_says_what_specifies_it() -> None:
    scalars = re.findall(r"^scalar (\w+)(.*)$", SDL, re.MULTILINE)
    assert {name for name, _ in scalars} == {
        *("Date", "DateTime", "EmailAddress", "GeoPoint", "JsonLd")
    }
    assert all("@specifiedBy(url:" in rest for _, rest in scalars)


def test_nothing_defaults_to_null() -> None:
    assert "= null" not in SDL


def test_both_directives_stand_where_they_may() -> None:
    assert (
        "directive @personal(categories: [ID!]!, restricted: [ID!]) on FIELD_DEFINITION | "
        "ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE\n"
    ) in SDL
    assert (
        "directive @notPersonal(reason: String!) on OBJECT | INTERFACE | FIELD_DEFINITION | "
        "ARGUMENT_DEFINITION | INPUT_OBJECT | INPUT_FIELD_DEFINITION | ENUM | ENUM_VALUE\n"
    ) in SDL


def fields_of(name: str) -> dict[str, str]:
    fields = getattr(SCHEMA.core.type_map[name], "fields", {})
    return {field: str(each.type) for field, each in fields.items()}


def test_a_member_has_the_fields_of_the_contract() -> None:
    assert (
        fields_of("Member").items()
        >= {
            "id": "ID!",
            "loginName": "String",
            "loginEmail": "EmailAddress",
            "lastLoginAt": "DateTime",
            "mfaEnabled": "Boolean",
            "fullName": "String",
            "fullNameKana": "String",
            "birthDate": "Date",
            "ageBand": "AgeBand",
            "gender": "Gender",
            "postalCode": "String",
            "prefecture": "String",
            "city": "String",
            "addressLine": "String",
            "phone": "String",
            "mobilePhone": "String",
            "occupation": "String",
            "employer": "String",
            "pointBalance": "Int",
            "interestSegments": "[String!]",
            "ekycStatus": "EkycStatus",
            "loginHistory": "LoginEventConnection",
            "orders": "OrderConnection",
            "reservations": "ReservationConnection",
            "coupons": "CouponConnection",
            "cashbacks": "CashbackConnection",
            "pointHistory": "PointEntryConnection",
            "shippingAddresses": "ShippingAddressConnection",
            "customerRecords": "CustomerRecordConnection",
            "paymentMethods": "PaymentMethodConnection",
            "payments": "PaymentConnection",
            "identityDocuments": "IdentityDocumentConnection",
            "devices": "DeviceConnection",
            "adContacts": "AdContactConnection",
            "creditChecks": "CreditCheckConnection",
            "fraudSignals": "FraudSignalConnection",
            "receivedFromThirdParty": "ThirdPartyReceiptConnection",
            "insurancePolicies": "InsurancePolicyConnection",
            "premiums": "PremiumConnection",
            "beneficiaries": "BeneficiaryConnection",
            "claims": "ClaimConnection",
            "healthRecords": "HealthRecordConnection",
            "inquiries": "InquiryConnection",
            "reviews": "ReviewConnection",
            "surveyAnswers": "SurveyAnswerConnection",
            "linkedCompanies": "[AccountLink!]",
            "mailPreferences": "[MailPreference!]",
            "contactPreferences": "[ContactPreference!]",
        }.items()
    )


def test_a_list_can_be_narrowed_ordered_and_paged_both_ways() -> None:
    page = ["filter", "orderBy", "first", "after", "last", "before"]
    for kind, field in (("Query", "members"), ("Member", "orders"), ("Member", "healthRecords")):
        assert list(getattr(SCHEMA.core.type_map[kind], "fields", {})[field].args) == page
    assert fields_of("OrderOrder") == {"field": "OrderOrderField!", "direction": "OrderDirection!"}
    assert "direction: OrderDirection! = ASC" in SDL
    assert fields_of("OrderListFilter") == {"some": "OrderFilter", "none": "OrderFilter"}
    assert (
        fields_of("OrderFilter").items()
        >= {
            "and": "[OrderFilter!]",
            "or": "[OrderFilter!]",
            "not": "OrderFilter",
            "merchant": "CompanyKeyFilter",
            "amount": "IntFilter",
            "relayEmail": "EmailAddressFilter",
        }.items()
    )
    assert fields_of("MemberFilter")["orders"] == "OrderListFilter"
    assert fields_of("MemberFilter")["linkedCompanies"] == "AccountLinkListFilter"
    assert fields_of("OrderConnection")["totalCount"] == "Int!"


@pytest.mark.parametrize(
    ("kind", "operators"),
    [
        ("String", "eq ne in notIn isNull contains startsWith"),
        ("EmailAddress", "eq ne in notIn isNull contains startsWith"),
        ("Int", "eq ne in notIn isNull lt lte gt gte"),
        ("Date", "eq ne in notIn isNull lt lte gt gte"),
        ("DateTime", "eq ne in notIn isNull lt lte gt gte"),
        ("Boolean", "eq ne isNull"),
        ("CompanyKey", "eq ne in notIn isNull"),
        ("Gender", "eq ne in notIn isNull"),
        ("GeoPoint", "eq ne in notIn isNull"),
    ],
)
def test_each_kind_of_value_has_its_operators(kind: str, operators: str) -> None:
    assert list(fields_of(f"{kind}Filter")) == operators.split()


@pytest.mark.parametrize("name", ["items", "viewedUrls", "searchTerms", "interestSegments"])
def test_a_list_of_texts_is_neither_filtered_nor_ordered_by(name: str) -> None:
    for kind in ("Member", "Order", "Device"):
        assert name not in fields_of(f"{kind}Filter")
    assert f"{name.upper()} @personal" not in SDL


def test_each_row_says_where_it_comes_from() -> None:
    rows = {kind.removesuffix("Edge") for kind in SCHEMA.core.type_map if kind.endswith("Edge")}
    recorded = {"Member", "Disclosure", "ProvisionRecord", "ReceiptRecord"}
    for row in rows - recorded | {"AccountLink", "MailPreference", "ContactPreference"}:
        assert (
            fields_of(row).items()
            >= {
                "id": "ID!",
                "acquiredBy": "Company!",
                "source": "String!",
                "channel": "String!",
                "acquiredAt": "DateTime!",
            }.items()
        )


def test_passwords_and_the_like_are_no_fields() -> None:
    """S36: what must never be a field is none."""
    names = {name.rpartition(".")[2].lower() for name, _ in described()}
    assert not names & {"password", "secretanswer", "pin", "pan", "cardtoken", "rakutenuserid"}
