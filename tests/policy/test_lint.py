import pytest

from policy.vocabulary import SYSTEM_PURPOSES
from tests.flaws import Flaw, findings, nodes, places, spoilt

TIE = "    ties: [{tie: PARENT, from: 2019-08-01}]\n"
LIVE = "    id_status: [{status: LIVE, from: 2019-08-01}]\n"

ENTRIES = {
    "a purpose above itself": Flaw(
        "purposes.yaml",
        "  - {key: order_fulfil, parent: service_provision",
        "▶  - {key: order_fulfil, parent: order_fulfil",
        "'order_fulfil' lies above itself: order_fulfil > order_fulfil",
    ),
    "a purpose three levels deep": Flaw(
        "purposes.yaml",
        "  - {key: incentive, parent: service_provision",
        "▶  - {key: incentive, parent: order_fulfil",
        "'incentive' lies more than two levels deep: incentive > order_fulfil > service_provision",
    ),
    "a category above itself": Flaw(
        "categories.yaml",
        "  - {key: login, kind",
        "▶  - {key: login, parent: login, kind",
        "'login' lies above itself: login > login",
    ),
    "custody that comes back": Flaw(
        "companies.yaml",
        "successions: []",
        "successions:\n"
        "  - {predecessor: ichiba, successor: new_commerce, effective_at: 2026-04-01,"
        " trace: [S26]}\n"
        "▶  - {predecessor: new_commerce, successor: ichiba, effective_at: 2027-04-01,"
        " trace: [S26]}",
        "custody would come back to 'new_commerce'",
    ),
    "custody handed over twice": Flaw(
        "companies.yaml",
        "successions: []",
        "successions:\n"
        "  - {predecessor: ichiba, successor: new_commerce, effective_at: 2026-04-01,"
        " trace: [S26]}\n"
        "▶  - {predecessor: ichiba, successor: travel, effective_at: 2027-04-01, trace: [S26]}",
        "'ichiba' has a successor already",
    ),
    "two ties at a time": Flaw(
        "companies.yaml",
        TIE,
        "    ties:\n"
        "      - {tie: PARENT, from: 2019-08-01, to: 2021-01-01}\n"
        "      - {tie: AFFILIATE, from: 2021-01-01, to: 2022-01-01}\n"
        "▶      - {tie: PARENT, from: 2020-12-31}\n",
        "this interval overlaps an earlier one",
    ),
    "two ID statuses at a time": Flaw(
        "companies.yaml",
        LIVE,
        "    id_status:\n"
        "      - {status: LIVE, from: 2019-08-01}\n"
        "▶      - {status: PLANNED, from: 2019-01-01}\n",
        "this interval overlaps an earlier one",
    ),
    "two memberships of the insurance group at a time": Flaw(
        "companies.yaml",
        "    insurance_group: [{from: 2019-08-01}]\n",
        "    insurance_group:\n      - {from: 2019-08-01}\n▶      - {from: 2020-08-01}\n",
        "this interval overlaps an earlier one",
    ),
    "two adoptions at a time": Flaw(
        "companies.yaml",
        "    adopts: {DOC_A: [{from: 2019-08-01}]}\n",
        "    adopts:\n      DOC_A:\n        - {from: 2019-08-01}\n▶        - {from: 2020-08-01}\n",
        "this interval overlaps an earlier one",
    ),
    "a version before the one it follows": Flaw(
        "documents.yaml",
        "        published_at: 2022-03-31\n",
        "▶        published_at: 2019-07-31\n",
        "version '2022-03-31' does not follow '2019-08-01' in time",
    ),
    "a version id given twice": Flaw(
        "documents.yaml",
        "      - key: 2022-03-31\n",
        "▶      - key: 2019-08-01\n",
        "there is a version '2019-08-01' already",
    ),
    "a service in a document of the group": Flaw(
        "documents.yaml",
        "    scope: GROUP\n",
        "▶    scope: GROUP\n    service: points\n",
        "`service` and the scope SERVICE go together",
    ),
    "a document of one service without it": Flaw(
        "documents.yaml",
        "    scope: GROUP\n    consent: NOTICE\n",
        "▶    scope: SERVICE\n    consent: NOTICE\n",
        "`service` and the scope SERVICE go together",
    ),
    "a document of somebody else's service": Flaw(
        "documents.yaml",
        "    service: global_market\n",
        "▶    service: card_service\n",
        "service 'card_service' belongs to 'card'",
    ),
    "a notice that asks": Flaw(
        "documents.yaml",
        "    consent: NOTICE\n    publisher: rakuten_group\n",
        "    consent: NOTICE\n    publisher: rakuten_group\n"
        "▶    items:\n"
        "      - {key: T, name: {ja: 規約, en: Terms}, version_bits: {2022-03-31: 50},\n"
        "         explicit_bit: 51, reach_bits: {USE_ONLY: 52, HOME: 53, WIDE: 54}, trace: [S5]}\n",
        "a NOTICE document asks nothing, but has items",
    ),
    "a bit for a version of another document": Flaw(
        "documents.yaml",
        "        version_bits: {2024-04-01: 16}\n",
        "▶        version_bits: {2024-04-01: 16, 2019-08-01: 50}\n",
        "the versions of DOC_B are 2024-04-01",
    ),
    "a reach without a bit": Flaw(
        "documents.yaml",
        "        reach_bits: {USE_ONLY: 3, HOME: 4, WIDE: 5}\n",
        "▶        reach_bits: {USE_ONLY: 3, HOME: 4}\n",
        "the reaches are USE_ONLY, HOME, WIDE",
    ),
    "a restriction by a category the field has not": Flaw(
        "fields.yaml",
        "  - {path: ekycStatus, categories: [identity_doc],",
        "▶  - {path: ekycStatus, categories: [identity_doc], restricted: [payment],",
        "'payment' restricts 'ekycStatus', but is none of its categories",
    ),
    "a sensitive field that nothing restricts": Flaw(
        "fields.yaml",
        "  - {path: ekycStatus, categories: [identity_doc],",
        "▶  - {path: ekycStatus, categories: [identity_doc, sensitive],",
        "'ekycStatus' is sensitive, but that does not restrict it",
    ),
    "a kind that no row carries": Flaw(
        "fields.yaml",
        "  - {path: claims.kind, categories: [insurance_contract],",
        "▶  - {path: claims.kind, categories: [insurance_contract], by_kind: true,",
        "rows of 'claims' carry no 'kind'",
    ),
    "a screening that no row carries": Flaw(
        "fields.yaml",
        "  - {path: claims.kind, categories: [insurance_contract],",
        "▶  - {path: claims.kind, categories: [insurance_contract], until_screened: true,",
        "rows of 'claims' carry no 'screened'",
    ),
    "an own purpose among those of the group": Flaw(
        "purposes.yaml",
        "  - {key: complaint,",
        "▶  - {key: own:bank:complaint,",
        "'own:bank:complaint' names itself an own purpose",
    ),
    "an own purpose under another's name": Flaw(
        "purposes.yaml",
        '  - {key: "own:card:analysis"',
        '▶  - {key: "own:bank:analysis"',
        "'own:bank:analysis' does not say whose it is",
    ),
    "an own purpose for another's service": Flaw(
        "purposes.yaml",
        '  - {key: "own:card:analysis", owner: card, service: card_service',
        '▶  - {key: "own:card:analysis", owner: card, service: bank_service',
        "service 'bank_service' belongs to 'bank'",
    ),
    "a family that is no top purpose": Flaw(
        "purposes.yaml",
        'service: bank_service, version: "1", family: service_provision',
        'service: bank_service, version: "1",\n▶     family: complaint',
        "'complaint' is no top purpose",
    ),
    "a contract of somebody who is no processor": Flaw(
        "processors.yaml",
        "  - processor: callcenter\n",
        "▶  - processor: travel\n",
        "'travel' is no processor",
    ),
    "a contract with another processor": Flaw(
        "processors.yaml",
        "  - processor: callcenter\n    controller: ichiba\n",
        "  - processor: callcenter\n▶    controller: courier\n",
        "'courier' is a processor itself",
    ),
}

TERMS = "      - key: 2022-03-31\n        published_at: 2022-03-31\n        material: true\n"
ENTRIES["a version id given twice"] = Flaw(
    "documents.yaml",
    f"{TERMS}        text:\n          ja: 会員規約の見本文。\n",
    f"{TERMS}        text: {{ja: 旧, en: Old}}\n▶{TERMS.replace('at: 2022', 'at: 2023')}"
    "        text:\n          ja: 会員規約の見本文。\n",
    "there is a version '2022-03-31' already",
)

PROVISIONS = {
    "a group that only receives": Flaw(
        "provisions.yaml",
        "    providers: {group: ADOPTERS, kinds: [COMMERCE]}",
        "▶    providers: {group: MERCHANTS}",
        "MERCHANTS says who receives, not who provides",
    ),
    "companies under another group": Flaw(
        "provisions.yaml",
        "    recipients: {group: MERCHANTS}",
        "▶    recipients: {group: MERCHANTS, companies: [shop_tea]}",
        "`companies` and the group COMPANIES go together",
    ),
    "no companies under COMPANIES": Flaw(
        "provisions.yaml",
        "    recipients: {group: MERCHANTS}",
        "▶    recipients: {group: COMPANIES}",
        "`companies` and the group COMPANIES go together",
    ),
    "a field of another category": Flaw(
        "provisions.yaml",
        "      payment: [paymentMethods.cardBrand,",
        "▶      payment: [orders.amount,",
        "'orders.amount' is not of category 'payment'",
    ),
    "a sensitive field in an ordinary provision": Flaw(
        "provisions.yaml",
        "    categories: {login: all}\n    purposes: {exact: [id_login]}\n",
        "▶    categories: {login: all, sensitive: all}\n"
        "    purposes: {exact: [underwriting_ops]}\n",
        "a sensitive field in an ordinary provision",
    ),
    "sensitive fields by notice alone": Flaw(
        "provisions.yaml",
        "    categories: {sensitive: all}\n    sensitive_lists: [HEALTH, CLAIMS]\n"
        "    purposes: {exact: [underwriting_ops]}\n    min_consent: NOTICE\n"
        "    requires: [ACQUISITION_CONSENT]\n",
        "▶    categories: {sensitive: all}\n    sensitive_lists: [HEALTH, CLAIMS]\n"
        "    purposes: {exact: [underwriting_ops]}\n    min_consent: NOTICE\n",
        "a sensitive field in an ordinary provision",
    ),
    "sensitive fields of no list": Flaw(
        "provisions.yaml",
        "    categories: {sensitive: all}\n    sensitive_lists: [HEALTH]\n",
        "▶    categories: {sensitive: all}\n",
        "a sensitive field in an ordinary provision",
    ),
    "a sensitive list in an ordinary provision": Flaw(
        "provisions.yaml",
        "    categories: {linkage: all}\n",
        "    categories: {linkage: all}\n▶    sensitive_lists: [HEALTH]\n",
        "a sensitive list, but no category 'sensitive'",
    ),
    "an order that no row it covers belongs to": Flaw(
        "provisions.yaml",
        "    categories: {preference: all}\n",
        "    categories: {preference: all}\n▶    requires: [ORDERED]\n",
        "ORDERED is false everywhere: no row it covers carries 'merchant'",
    ),
    "a contract that no row it covers belongs to": Flaw(
        "provisions.yaml",
        "    categories: {login: all}\n",
        "    categories: {login: all}\n▶    requires: [CONTRACT_ENDED]\n",
        "CONTRACT_ENDED is false everywhere: no row it covers carries 'contract'",
    ),
    "an acquisition consent that no row it covers has": Flaw(
        "provisions.yaml",
        "    categories: {login: all}\n",
        "    categories: {login: all}\n▶    requires: [ACQUISITION_CONSENT]\n",
        "ACQUISITION_CONSENT is false everywhere: no row it covers carries 'acquisition_consent'",
    ),
    "a recipient that no row it covers names": Flaw(
        "provisions.yaml",
        "    recipients: {group: OTHERS_A}\n    categories: {login: all}\n",
        "▶    recipients: {group: ROW_COMPANY}\n    categories: {login: all}\n",
        "ROW_COMPANY is false everywhere: no row it covers carries 'row_company'",
    ),
    "a service that no row it covers belongs to": Flaw(
        "provisions.yaml",
        "    documents: [DOC_GM]\n    versions: [2022-03-31]\n"
        "    providers: {group: COMPANIES, companies: [rakuten_group]}\n"
        "    recipients: {group: ITSELF}\n    categories: {profile: all, service_usage: all}\n",
        "▶    documents: [DOC_GM]\n    versions: [2022-03-31]\n"
        "    providers: {group: COMPANIES, companies: [rakuten_group]}\n"
        "    recipients: {group: ITSELF}\n    categories: {login: all}\n",
        "SERVICE is false everywhere: no row it covers carries 'service'",
    ),
    "an explicit consent to nothing": Flaw(
        "provisions.yaml",
        "    min_consent: EXPLICIT\n    items: [A]\n",
        "▶    min_consent: EXPLICIT\n",
        "EXPLICIT does not go with no item",
    ),
    "a notice that rests on an item": Flaw(
        "provisions.yaml",
        "    min_consent: NONE\n",
        "▶    min_consent: NONE\n    items: [A]\n",
        "NONE does not go with A",
    ),
    "an item of another document": Flaw(
        "provisions.yaml",
        "    items: [GX]\n",
        "▶    items: [GM]\n",
        "item 'GM' is one of DOC_GM",
    ),
    "deemed consent to what is never deemed": Flaw(
        "provisions.yaml",
        "    min_consent: EXPLICIT\n    items: [B.use]\n",
        "▶    min_consent: DEEMED\n    items: [B.use]\n",
        "DOC_B is never deemed consented to",
    ),
    "a sensitive consent by an ordinary item first": Flaw(
        "provisions.yaml",
        "    items: [B.sensitive, B.ins_group]\n",
        "▶    items: [B.ins_group, B.sensitive]\n",
        "item 'B.ins_group' does not reach EXPLICIT_SENSITIVE",
    ),
    "no purpose at all": Flaw(
        "provisions.yaml",
        "    purposes: {with_children: [merchant_own]}\n",
        "▶    purposes: {}\n",
        "it lists no purpose",
    ),
    "a purpose of the system": Flaw(
        "provisions.yaml",
        "    purposes: {with_children: [merchant_own]}\n",
        "▶    purposes: {with_children: [merchant_own], exact: [audit]}\n",
        "'audit' is no purpose a provision opens",
    ),
    "own purposes without their act": Flaw(
        "provisions.yaml",
        "    purposes: {with_children: [merchant_own]}\n",
        "▶    purposes: {with_children: [merchant_own], own: true}\n",
        "own purposes, but no act before which they must be published",
    ),
    "an act without own purposes": Flaw(
        "provisions.yaml",
        "    purposes: {with_children: [merchant_own]}\n",
        "    purposes: {with_children: [merchant_own]}\n▶    own_purpose: LINK\n",
        "an opening act, but no own purposes",
    ),
    "own purposes that wait for a consent nobody asks": Flaw(
        "provisions.yaml",
        "    own_purpose: PUBLICATION\n",
        "▶    own_purpose: CONSENT\n",
        "own purposes open by a consent, but there is no item",
    ),
    "the same provision twice in one version": Flaw(
        "provisions.yaml",
        "  - key: A-PEER\n    number: 2\n    documents: [DOC_A]\n"
        "    versions: [2019-08-01, 2022-03-31]\n",
        "  - key: A-USE\n    number: 1\n    documents: [DOC_A]\n▶    versions: [2022-03-31]\n",
        "'A-USE' stands in DOC_A 2022-03-31 already",
    ),
}


LIMITS = {
    "third-party data for own purposes": Flaw(
        "provisions.yaml",
        "    recipients: {group: OTHERS_A, but: [ssi]}\n"
        "    categories: {login: all, profile: all, service_usage: all, device_cookie: all}\n",
        "    recipients: {group: OTHERS_A, but: [ssi]}\n    categories:\n"
        "      login: all\n▶      third_party: all\n",
        "'third_party' is never open to own purposes, and 'A-4-1-2' lists them",
    ),
    "narrowed third-party data for own purposes beside others": Flaw(
        "provisions.yaml",
        "    categories: {linkage: all}\n",
        "▶    categories: {linkage: all, third_party: [creditChecks.grade]}\n",
        "'third_party' is never open to own purposes, and 'A-LINK' lists them",
    ),
    "sensitive data for own purposes": Flaw(
        "provisions.yaml",
        "    categories: {sensitive: all}\n    sensitive_lists: [HEALTH]\n"
        "    purposes: {exact: [ins_product_rnd, ins_service_rnd]}\n"
        "    min_consent: EXPLICIT_SENSITIVE\n    items: [B.sensitive]\n",
        "▶    categories: {sensitive: all}\n    sensitive_lists: [HEALTH]\n"
        "    purposes: {exact: [ins_product_rnd], own: true}\n    own_purpose: CONSENT\n"
        "    min_consent: EXPLICIT_SENSITIVE\n    items: [B.sensitive]\n",
        "'sensitive' is never open to own purposes, and 'B-SENS-0' lists them",
    ),
    "sensitive data for another purpose": Flaw(
        "provisions.yaml",
        "    purposes: {exact: [ins_product_rnd, ins_service_rnd]}\n",
        "▶    purposes: {exact: [ins_product_rnd, ins_service_rnd, direct_mail]}\n",
        "'direct_mail' is no purpose that opens sensitive data",
    ),
    "a password": Flaw(
        "fields.yaml",
        "  - {path: ekycStatus, categories",
        "▶  - {path: password, categories: [login], trace: [S36]}\n"
        "  - {path: ekycStatus, categories",
        "'password' is named by `never`: it is no field for anybody",
    ),
    "a card's number on a row, spelled otherwise": Flaw(
        "fields.yaml",
        "  - {path: paymentMethods.cardBrand,",
        "▶  - {path: paymentMethods.card_Token, categories: [payment], trace: [S53]}\n"
        "  - {path: paymentMethods.cardBrand,",
        "'paymentMethods.card_Token' is named by `never`: it is no field for anybody",
    ),
}


@pytest.mark.parametrize("flaw", ENTRIES.values(), ids=ENTRIES)
def test_entries_that_contradict_each_other_stop_the_start(flaw: Flaw) -> None:
    files, wanted = spoilt(flaw)
    assert places(findings(files)) == wanted


@pytest.mark.parametrize("flaw", PROVISIONS.values(), ids=PROVISIONS)
def test_a_provision_that_cannot_hold_stops_the_start(flaw: Flaw) -> None:
    files, wanted = spoilt(flaw)
    assert places(findings(files)) == wanted


@pytest.mark.parametrize("flaw", LIMITS.values(), ids=LIMITS)
def test_a_limit_holds_under_every_document(flaw: Flaw) -> None:
    files, wanted = spoilt(flaw)
    assert places(findings(files)) == wanted


def test_sensitive_data_is_not_opened_for_a_child_of_what_is_listed() -> None:
    complaint = "  - {key: complaint, parent: "
    moved = Flaw("purposes.yaml", f"{complaint}inquiry_response", f"{complaint}underwriting_ops")
    listed = Flaw(
        "provisions.yaml",
        "    purposes: {exact: [underwriting_ops]}\n",
        "▶    purposes: {with_children: [underwriting_ops]}\n",
        "'complaint' is no purpose that opens sensitive data",
    )
    files, wanted = spoilt(moved, listed)
    assert places(findings(files)) == wanted


@pytest.mark.parametrize("key", sorted(SYSTEM_PURPOSES))
def test_a_purpose_that_the_program_knows_cannot_be_renamed(key: str) -> None:
    files, _ = spoilt(Flaw("purposes.yaml", f"{{key: {key},", "{key: renamed,"))
    line = nodes()["purposes.yaml"].at("purposes").line
    assert places(findings(files)) == [("purposes.yaml", line, f"the purpose {key!r} is missing")]


@pytest.mark.parametrize(
    ("owner", "message"),
    [
        ("shop_tea", "'shop_tea' is of kind MERCHANT and has no purposes of its own"),
        ("courier", "'courier' is of kind PROCESSOR and has no purposes of its own"),
        ("new_service", "'new_service' is only planned when this is published"),
    ],
)
def test_who_is_no_recipient_yet_or_ever_publishes_no_purpose(owner: str, message: str) -> None:
    service = Flaw(
        "services.yaml", "{key: points, owner: rakuten_group", f"{{key: points, owner: {owner}"
    )
    purpose = Flaw(
        "purposes.yaml",
        "own_purposes:\n",
        "own_purposes:\n"
        f"▶  - {{key: own:{owner}:mail, owner: {owner}, service: points, version: 1,\n"
        "     family: ads_marketing, published_at: 2022-03-31, name: {ja: 案内, en: Mail},\n"
        "     trace: [S25]}\n",
        message,
    )
    files, wanted = spoilt(service, purpose)
    assert places(findings(files)) == wanted
