"""Where words lie: every table of the present database that holds them, whoever's it is and in whatever column."""

import psycopg
from psycopg import sql

from services.kernel import config

TABLES = """SELECT schemaname, tablename FROM pg_tables
            WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"""


def places_with(*words: str) -> set[str]:
    """The tables, as schema.table, that hold any of these texts: as text, in JSON, or as bytes."""
    signs = [sign for word in words for sign in (word.encode(), word.encode().hex().encode())]
    found = set()
    with psycopg.connect(config.admin_database_url()) as connection:
        for schema, table in connection.execute(TABLES).fetchall():
            statement = sql.SQL("COPY {}.{} TO STDOUT").format(sql.Identifier(schema), sql.Identifier(table))
            with connection.cursor().copy(statement) as rows:
                content = b"".join(bytes(row) for row in rows)
            if any(sign in content for sign in signs):
                found.add(f"{schema}.{table}")
    return found
