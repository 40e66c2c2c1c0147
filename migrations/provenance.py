"""Words in which revisions say what rows below a member hold beside their values.

INVARIANT: as in columns.py, none changes once it was released.
"""

from alembic.operations import Operations

from migrations.columns import INSTANT, TEXT, YES_OR_NO, Part, always, key, table, word


def rows(op: Operations, name: str, *parts: Part) -> None:
    """A table of rows below the members, each with whose it is and how it was acquired."""
    table(
        op,
        name,
        key(TEXT, "row_key"),
        always(TEXT, "member_key", "acquired_by", "source", "channel"),
        always(INSTANT, "acquired_at"),
        *parts,
    )
    op.create_index(f"ix_{name}_member", name, ["member_key", "row_key"])


def kept() -> Part:
    """A row that is kept for so long."""
    return always(INSTANT, "retention_until")


def of_service() -> Part:
    """A row that a service may have acquired."""
    return [*kept(), *always(TEXT, "service")]


def of_contract() -> Part:
    """A row that may belong to a contract."""
    return [*of_service(), *always(TEXT, "contract_no")]


def of_consent() -> Part:
    """A row of what could be sensitive, with the consent to its being acquired."""
    return [*of_contract(), *always(INSTANT, "acquisition_consent_at")]


def linkable() -> Part:
    """A row that is linked to the member, or not yet."""
    linked = word("link_state", "ANONYMOUS", "LINKED")
    return [*of_service(), *always(TEXT, "link_state"), linked]


def screened(provenance: Part) -> Part:
    """A row that was screened for what could be sensitive, or not yet."""
    return [*provenance, *always(YES_OR_NO, "screened")]
