"""The terms of DPV 2.3 that receipts may use: each looked up in the vocabulary, by its full name.

Looked up on 2026-11-22 in the CSV files of the folder 2.3 of w3c/dpv at f01a55c3 (dpv/dpv.csv,
pd/pd.csv, legal/jp/legal-jp.csv; W3C Software and Document licence). The files themselves are not
kept here. To look a new term up, or all of them in another version, with that folder at hand:

    python -m tests.dpv FOLDER
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

FILES = {
    "https://w3id.org/dpv#": "dpv/dpv.csv",
    "https://w3id.org/dpv/pd#": "pd/pd.csv",
    "https://w3id.org/dpv/legal/jp#": "legal/jp/legal-jp.csv",
}
NAMES = {
    "https://w3id.org/dpv#": """
        AccountManagement Acquire Collect CommercialResearch CommunicationForCustomerCare
        ConsentExpired ConsentGiven ConsentInvalidated ConsentNotice ConsentReceipt ConsentRecord
        ConsentRefused ConsentRequestDeferred ConsentRequested ConsentRevoked ConsentUnknown
        ConsentWithdrawn Context CounterMoneyLaundering Country CustomerCare
        CustomerClaimsManagement CustomerOrderManagement DataController DataProcessor DataSubject
        DataSubjectDataSource DataSubjectRight DeliveryOfGoods DirectMarketing Disclose
        DisputeManagement ExplicitlyExpressedConsent ExpressedConsent FraudPreventionAndDetection
        FulfilmentOfContractualObligation GuardianOfDataSubject IdentityAuthentication
        ImpliedConsent ImproveExistingProductsAndServices Infer LegalCompliance Marketing Match
        Obligation Observe Optional Organisation OrganisationGovernance OrganisationRiskManagement
        PaymentManagement PersonalData PersonalisedAdvertising PersonalisedBenefits PrivacyNotice
        Process Profiling Purpose Recipient RenewedConsentGiven ResearchAndDevelopment
        RightsFulfilment SensitivePersonalData ServiceProvision ServiceUsageAnalytics Share
        SpecialCategoryPersonalData StorageDuration StorageLocation Store TargetedAdvertising
        ThirdParty ThirdPartyDataSource Transfer UntilEventDuration UntilTimeDuration Use
        WithdrawConsent hasAddress hasApplicableLaw hasConsentControl hasConsentStatus hasContact
        hasContext hasDataController hasDataProcessor hasDataSource hasDataSubject hasDuration
        hasEntity hasIndicationMethod hasJurisdiction hasLegalBasis hasLocation hasName hasNecessity
        hasNotice hasPersonalData hasProcess hasProcessing hasPurpose hasRecipient
        hasResponsibleEntity hasRight hasRule hasService hasStatus hasStorageCondition isExercisedAt
        isIndicatedAtTime isIndicatedBy
    """,
    "https://w3id.org/dpv/pd#": """
        AccountIdentifier AgeRange Authenticating AuthenticationHistory BankAccount BirthDate
        BrowsingBehaviour BrowsingReferral Communication CreditRecord CurrentEmployment DeviceBased
        DeviceOperatingSystem Disability EmailAddress GPSCoordinate Gender HealthHistory
        HealthRecord IPAddress Insurance Interest Job MedicalHealth Name OfficialID Opinion
        PaymentCard PaymentCardExpiry PaymentCardNumber PhysicalAddress PostalCode PrivacyPreference
        Profile Purchase PurchasesAndSpendingHabit Relationship Reliability
        ServiceConsumptionBehaviour TelephoneNumber Transactional UID UserAgent Username
    """,
    "https://w3id.org/dpv/legal/jp#": """
        law-APPI
    """,
}
LOOKED_UP = frozenset(space + name for space, names in NAMES.items() for name in names.split())


def missing(folder: Path) -> Iterator[str]:
    """Give the terms that this copy of the vocabulary does not have."""
    for space, file in FILES.items():
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            known = {row["iri"] for row in csv.DictReader(lines)}
        yield from sorted(
            each
            for each in LOOKED_UP
            if each.rpartition("#")[0] + "#" == space and each not in known
        )


def main() -> None:
    """Say of every term whether it is there; exit 1 if one is not."""
    found = list(missing(Path(sys.argv[1])))
    sys.stdout.write(
        f"{len(LOOKED_UP)} terms, {len(found)} missing: {', '.join(found) or 'none'}\n"
    )
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
