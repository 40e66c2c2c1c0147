"""people of a region and an age are found by an index."""

from alembic.operations import Operations

revision = "0002"
down_revision = "0001"


def upgrade(op: Operations) -> None:
    """Add the index; on a large database it takes some seconds, in which accounts only read."""
    together = ["prefecture", "birth_date", "member_key"]
    op.create_index("ix_account_prefecture_birth_date", "account", together)
