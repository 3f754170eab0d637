"""Numbered steps from an old database to the newest one; each is atomic and recorded in the database itself.

A released step is never edited: a change of the schema is a new step, and a database as the old release left it becomes
a fixture in `tests/edge/store/databases/`.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from edge.store import schema

box = Migrations("box")
journal = Migrations("journal")
sync = Migrations("sync")


@box()
def box_0001_first_tables(database: Database) -> None:
    schema.run_statements(database, schema.BOX_V1)


@box()
def box_0002_tables_messages_and_statements(database: Database) -> None:
    schema.run_statements(database, schema.BOX_V2)


@box()
def box_0003_fraud_guard(database: Database) -> None:
    schema.run_statements(database, schema.BOX_V3)


@journal()
def journal_0001_first_tables(database: Database) -> None:
    schema.run_statements(database, schema.JOURNAL_V1)


@sync()
def sync_0001_first_table(database: Database) -> None:
    schema.run_statements(database, schema.SYNC_V1)
