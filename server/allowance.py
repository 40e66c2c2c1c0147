"""What one caller, and one client, may take of a server, so that none stalls another: settings."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Allowance(BaseSettings):
    """Each number holds in each worker for itself; workers know nothing of each other."""

    model_config = SettingsConfigDict(env_prefix="SEKISHO_")

    time_limit: float = Field(
        default=30,
        gt=0,
        description=(
            "Seconds that an operation, or one event of a subscription, may take with its record; "
            "then its statement is stopped."
        ),
    )
    overdue_per_minute: float = Field(
        default=10,
        ge=1,
        description="Operations of one subject that may run into the time limit in a minute.",
    )
    company_rate: float = Field(
        default=1000, ge=1, description="Operations of one company in a second."
    )
    subject_rate: float = Field(
        default=500, ge=1, description="Operations of one subject in a second."
    )
    company_effort: float = Field(
        default=45,
        gt=0,
        description=(
            "Seconds of processor time in a minute for what a company asks for the first time."
        ),
    )
    subject_effort: float = Field(default=30, gt=0, description="The same of one subject.")
    company_operations: int = Field(
        default=64, ge=1, description="Operations of one company under way at once."
    )
    subject_operations: int = Field(
        default=32, ge=1, description="Operations of one subject under way at once."
    )
    company_turns: int = Field(
        default=4,
        ge=1,
        description=(
            "Of a company's operations under way, those that work at once; the others wait."
        ),
    )
    operations: int = Field(
        default=256, ge=1, description="Operations of everybody under way at once."
    )
    subject_sockets: int = Field(
        default=16, ge=1, description="WebSockets of one subject open at once."
    )
    connections: int = Field(
        default=800, ge=1, description="Connections of everybody open at once."
    )
    arrival_time: float = Field(
        default=10, gt=0, description="Seconds for a request to arrive whole, head and body."
    )
    unread_time: float = Field(
        default=10,
        gt=0,
        description="Seconds for a client to take at least some of what waits for it.",
    )
    stop_time: float = Field(
        default=20,
        gt=0,
        description="Seconds for what runs to be finished once the server is asked to stop.",
    )
