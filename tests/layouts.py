"""What a database is made of, as its engine tells it: tables, columns, checks, indexes, views."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

IN_SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"
"""SQLite keeps the words with which each was made."""

IN_POSTGRESQL = """
SELECT 'column', format('%s.%s', c.relname, a.attnum), a.attname,
  concat_ws(' ', format_type(a.atttypid, a.atttypmod), l.collname,
    CASE WHEN a.attnotnull THEN 'NOT NULL' END, pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
UNION ALL
SELECT 'relation', c.relname, c.relkind::text,
  concat_ws(' ', c.reloptions::text, c.relpersistence::text, pg_get_partkeydef(c.oid),
    pg_get_expr(c.relpartbound, c.oid))
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'constraint', o.conname, o.conrelid::regclass::text, pg_get_constraintdef(o.oid)
FROM pg_constraint o WHERE o.connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', i.indexrelid::regclass::text, i.indrelid::regclass::text,
  pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'view', v.viewname, '', pg_get_viewdef(v.viewname::regclass)
FROM pg_views v WHERE v.schemaname = 'public'
"""

Layout = frozenset[tuple[str, ...]]


async def layout_of(connection: AsyncConnection, *but: str) -> Layout:
    """All but what belongs to these tables; blanks count for nothing."""
    asked = IN_SQLITE if connection.dialect.name == "sqlite" else IN_POSTGRESQL
    found = [tuple(_plain(each) for each in row) for row in await connection.execute(text(asked))]
    return frozenset(row for row in found if not _is_of(row, but))


def _plain(said: str | None) -> str:
    return "".join((said or "").split())


def _is_of(row: Sequence[str], tables: Sequence[str]) -> bool:
    return any(part.startswith(table) for part in row[1:3] for table in tables)
