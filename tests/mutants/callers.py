"""Who asks: companies of every kind, for purposes of every kind; members; privacy officers."""

from dataclasses import dataclass

from tests.door import Door


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for what, as whom the door knows it."""

    company: str | None
    purpose: str | None
    controller: str | None = None
    role: str = "service"
    account: str = ""
    """An account id that the caller knows."""
    subject: str = "a-caller"

    def __str__(self) -> str:
        acting = f" on behalf of {self.controller}" if self.controller else ""
        return f"{self.role} {self.company or self.subject}{acting} for {self.purpose}"

    @property
    def audience(self) -> str:
        if self.role == "member":
            return f"member:{self.subject}"
        if self.role == "officer":
            return f"officer:{self.company}"
        if self.controller:
            return f"processor:{self.company}:{self.controller}"
        return f"company:{self.company}"

    def token(self, door: Door) -> str:
        return door.issuer.token(
            sub=self.subject,
            company=self.company,
            role=self.role,
            purposes=[self.purpose] if self.purpose else None,
            on_behalf_of=self.controller,
        )


CALLERS = (
    Caller("card", "own:card:service", account="card-m1"),
    Caller("card", "own:card:marketing", account="n05"),
    Caller("bank", "fraud_detect", account="n13"),
    Caller("bank", "id_login"),
    Caller("life", "service_provision"),
    Caller("life", "ins_product_rnd"),
    Caller("ssi", "service_provision", account="n22"),
    Caller("ssi", "retention_dispute"),
    Caller("ssi", "underwriting_ops"),
    Caller("ssi", "own:ssi:service"),
    Caller("rakuten_group", "direct_mail"),
    Caller("rakuten_group", "external_matching_ads"),
    Caller("rakuten_group", "service_provision"),
    Caller("shop_tea", "merchant_fulfil", account="n03"),
    Caller("courier", "order_fulfil", "ichiba"),
    Caller("courier", "inquiry_response", "ichiba"),
    Caller("callcenter", "inquiry_response", "ichiba"),
    Caller("asia_sg", "own:asia_sg:service"),
    Caller("bank", "own:card:service"),
    Caller("card", "subject_request", subject="m1"),
    Caller(None, None, role="member", subject="m2"),
    Caller("ssi", None, role="officer"),
)

LISTERS = tuple(
    caller
    for caller in CALLERS
    if (caller.company, caller.purpose)
    in {
        ("card", "own:card:service"),
        ("bank", "fraud_detect"),
        ("ssi", "service_provision"),
        ("rakuten_group", "service_provision"),
        ("shop_tea", "merchant_fulfil"),
    }
)
"""Those who see some of the members and of their rows, and ask for lists in every way."""
