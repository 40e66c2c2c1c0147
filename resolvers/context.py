"""What a request carries through the resolvers, fixed before the first of them runs."""

from dataclasses import dataclass, field
from datetime import datetime

from models.ledger import Disclosure
from policy.catalogue import Catalogue
from policy.grant import Grants
from policy.requester import Requester
from resolvers.places import Places
from resolvers.seal import Seal
from resolvers.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, for what, when, and what it is answered from.

    `purpose` is None where the caller named none (catalogue, `viewer`); `refuse_operands` is set
    for GET, where operands would land in proxy logs; `places` where `Sekisho-Explain` asks where in
    the answer something is withheld. `disclosures` collects what the personal
    entries of this operation let out, for the ledger and `extensions.privacy`.
    """

    requester: Requester
    purpose: str | None
    asked_at: datetime
    decision_id: str
    catalogue: Catalogue
    grants: Grants
    snapshot: Snapshot
    seal: Seal
    reference: str | None = None
    refuse_operands: bool = False
    places: Places | None = None
    disclosures: list[Disclosure] = field(default_factory=list)
