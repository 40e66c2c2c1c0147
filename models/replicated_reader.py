"""Reads on PostgreSQL and its replicas."""

from collections.abc import Sequence

from sqlalchemy import URL

from models.postgresql_reader import PostgresReader
from models.query import Binds
from models.reader import Read, Row
from models.replicas import Replicas


class ReplicatedReader(PostgresReader):
    """Reads at a replica that shows all that was acknowledged before, or else at the primary."""

    def __init__(self, url: URL, connections: int, replicas: Replicas) -> None:
        super().__init__(url, connections)
        self._replicas = replicas

    async def fetch(self, read: Read, binds: Binds, size: int | None) -> Sequence[Row]:
        async with self._replicas.driver() as found:
            if found is not None:
                replica, connection = found
                try:
                    return await self.sent(connection, read.alone, binds)
                except Exception:  # noqa: BLE001 (whatever stops it there, the primary is asked)
                    if connection.is_closed():
                        self._replicas.rest(replica)
        return await super().fetch(read, binds, size)
