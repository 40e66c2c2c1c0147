"""One purpose an operation, known to the catalogue and allowed by the token."""

from datetime import timedelta

import pytest

from policy.catalogue import Catalogue, Purpose
from policy.errors import ErrorCode, PrivacyError
from policy.requester import Requester, Role
from policy.vocabulary import ConsentLevel, Label
from server.purposes import purpose_of
from tests.clock import START


def purpose(key: str, parent: str | None = None, *, later: bool = False) -> Purpose:
    owner = key.split(":")[1] if key.startswith("own:") else None
    return Purpose(
        key=key,
        name=Label(key, key),
        parent=parent,
        registered_at=START + timedelta(days=1 if later else -1),
        min_consent=ConsentLevel.NONE,
        limited=False,
        reserved_for=None,
        vetoes=frozenset(),
        owner=owner,
        service=None,
        version=None,
        family=None,
        trace=(),
    )


CATALOGUE = Catalogue(
    version="test",
    companies={},
    services={},
    categories={},
    relations={},
    fields={},
    sensitive_lists={},
    purposes={
        p.key: p
        for p in (
            purpose("ads"),
            purpose("mail", "ads"),
            purpose("login"),
            purpose("late", later=True),
            purpose("own:card:service"),
            purpose("own:card:later", later=True),
            purpose("own:bank:service"),
            purpose("subject_request"),
            purpose("audit"),
        )
    },
    documents={},
    items={},
    provisions=(),
)


def asked(headers: list[str], allow: tuple[str, ...] = (), role: Role = Role.SERVICE) -> str | None:
    company = None if role is Role.MEMBER else "card"
    requester = Requester(role, "x", company, None, allow, START + timedelta(hours=1))
    return purpose_of(headers, requester, CATALOGUE, START)


def refusal(headers: list[str], allow: tuple[str, ...] = (), role: Role = Role.SERVICE) -> str:
    with pytest.raises(PrivacyError) as refused:
        asked(headers, allow, role)
    assert not any(header.strip() and header in refused.value.message for header in headers)
    return refused.value.code


@pytest.mark.parametrize(
    ("header", "allow"),
    [
        ("ads", ("ads",)),
        ("ads", ("ads*",)),
        ("mail", ("ads*",)),
        ("mail", ("login", "mail")),
        (" login ", ("login",)),
        ("own:card:service", ("own:card:*",)),
    ],
)
def test_an_allowed_purpose_is_taken(header: str, allow: tuple[str, ...]) -> None:
    assert asked([header], allow) == header.strip()


def test_a_company_that_names_none_has_none() -> None:
    assert asked([], ("ads",)) is None


@pytest.mark.parametrize(
    "headers",
    [["ads", "login"], ["ads", "ads"], ["ads,login"], ["ads, login"], ["ads,"], [""], [" "]],
)
@pytest.mark.parametrize("role", list(Role))
def test_other_than_one_purpose_is_purpose_required(headers: list[str], role: Role) -> None:
    assert refusal(headers, ("ads*", "login"), role) == ErrorCode.PURPOSE_REQUIRED


@pytest.mark.parametrize("header", ["profiling_for_sale", "ads*", "*", "own:card:*", "ADS", "関所"])
def test_what_the_catalogue_does_not_list_is_unknown(header: str) -> None:
    assert refusal([header], ("ads*", "own:card:*", "*")) == ErrorCode.PURPOSE_UNKNOWN


def test_a_purpose_is_unknown_before_it_is_registered() -> None:
    assert refusal(["late"], ("late",)) == ErrorCode.PURPOSE_UNKNOWN
    assert refusal(["own:card:later"], ("own:card:*",)) == ErrorCode.PURPOSE_UNKNOWN


def test_unknown_is_tested_before_not_allowed() -> None:
    assert refusal(["nonsense"], ()) == ErrorCode.PURPOSE_UNKNOWN


@pytest.mark.parametrize(
    ("header", "allow"),
    [
        ("ads", ()),
        ("ads", ("mail",)),
        ("mail", ("ads",)),
        ("ads", ("*",)),
        ("own:bank:service", ("own:card:*",)),
        ("own:bank:service", ("own:*",)),
        ("audit", ("ads*",)),
    ],
)
def test_what_the_list_does_not_name_is_not_allowed(header: str, allow: tuple[str, ...]) -> None:
    assert refusal([header], allow) == ErrorCode.PURPOSE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("role", "implied"), [(Role.MEMBER, "subject_request"), (Role.OFFICER, "audit")]
)
def test_members_and_officers_have_their_one_purpose(role: Role, implied: str) -> None:
    assert asked([], role=role) == implied
    assert asked([implied], role=role) == implied
    assert refusal(["ads"], ("ads",), role) == ErrorCode.PURPOSE_NOT_ALLOWED
    assert refusal(["nonsense"], (), role) == ErrorCode.PURPOSE_UNKNOWN
