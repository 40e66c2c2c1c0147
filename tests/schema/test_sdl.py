"""The schema that is committed is the schema that is served, and it can be read."""

import re
from collections.abc import Iterator

from graphql import build_schema as read_sdl
from graphql import is_introspection_type, is_specified_scalar_type

from schema.build import build_schema, print_sdl
from tests.real import CATALOGUE, ROOT

SCHEMA = build_schema(CATALOGUE)
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
    types = {kind["name"] for kind in SCHEMA.introspect()["__schema"]["types"]}
    assert {"Member", "MemberConnection", "Company", "Viewer"} <= types


def test_every_type_field_argument_and_value_is_described() -> None:
    assert [name for name, description in described() if not description] == []


def test_every_scalar_of_our_own_says_what_specifies_it() -> None:
    scalars = re.findall(r"^scalar (\w+)(.*)$", SDL, re.MULTILINE)
    assert {name for name, _ in scalars} == {"Date", "DateTime", "EmailAddress"}
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


def test_a_member_has_the_fields_of_the_contract() -> None:
    member = SCHEMA.core.type_map["Member"]
    fields = {name: str(field.type) for name, field in getattr(member, "fields", {}).items()}
    assert fields == {
        "id": "ID!",
        "loginName": "String",
        "loginEmail": "EmailAddress",
        "lastLoginAt": "DateTime",
        "fullName": "String",
        "fullNameKana": "String",
        "birthDate": "Date",
        "postalCode": "String",
        "prefecture": "String",
        "city": "String",
        "addressLine": "String",
        "phone": "String",
        "occupation": "String",
        "gender": "Gender",
        "pointBalance": "Int",
        "interestSegments": "[String!]",
        "ekycStatus": "EkycStatus",
        "orders": "OrderConnection",
        "customerRecords": "CustomerRecordConnection",
        "insurancePolicies": "InsurancePolicyConnection",
        "healthRecords": "HealthRecordConnection",
    }


def test_passwords_and_the_like_are_no_fields() -> None:
    """S36: what must never be a field is none."""
    names = {name.rpartition(".")[2].lower() for name, _ in described()}
    assert not names & {"password", "secretanswer", "pin", "pan", "cardtoken", "rakutenuserid"}
