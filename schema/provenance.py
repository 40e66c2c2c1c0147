"""What every row of a member carries, whatever it is about."""

from datetime import datetime

import strawberry

from schema.company import Company
from schema.directives import OPEN_ROW, not_personal


@strawberry.type
class Provenance:
    """A row is open iff at least one of its personal fields is."""

    id: strawberry.ID = not_personal("Opaque, made for one audience.", OPEN_ROW)
    acquired_by: Company = not_personal("The responsible manager, who answers for it.", OPEN_ROW)
    source: str = not_personal("Where the value came from.", OPEN_ROW)
    channel: str = not_personal("On which way.", OPEN_ROW)
    acquired_at: datetime = not_personal("When it was acquired.", OPEN_ROW)
