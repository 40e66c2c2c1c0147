"""what companies' systems are trusted to ask."""

from alembic.operations import Operations

from migrations.columns import INSTANT, TEXT, always, key, table

revision = "0003"
down_revision = "0002"


def upgrade(op: Operations) -> None:
    """Make the table, which is empty at first."""
    scope = key(TEXT, "company", "on_behalf_of", "purpose", "id")
    table(
        op, "trusted_document", scope, always(TEXT, "sha256", "text"), always(INSTANT, "added_at")
    )
