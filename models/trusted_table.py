"""The documents that companies' systems are trusted to ask, as their developers filed them."""

from datetime import datetime

from sqlmodel import SQLModel

from models.columns import not_personal
from models.types import TEXT, Instant

ASKED = "what a company's programs ask for, not whom they ask about"


class TrustedDocumentRow(SQLModel, table=True):
    """A document of one company and purpose; "" is no controller, and no purpose."""

    __tablename__ = "trusted_document"

    company: str = not_personal(ASKED, TEXT, key=True)
    on_behalf_of: str = not_personal(ASKED, TEXT, key=True)
    purpose: str = not_personal(ASKED, TEXT, key=True)
    id: str = not_personal(ASKED, TEXT, key=True)
    sha256: str = not_personal(ASKED, TEXT)
    text: str = not_personal(ASKED, TEXT)
    added_at: datetime = not_personal(ASKED, Instant)
