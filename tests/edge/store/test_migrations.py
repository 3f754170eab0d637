"""Databases as released versions left them open in this one, with every row. One fixture per released schema."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlite_utils
from sqlite_utils import Migrations

from edge.api.queries import open_reader
from edge.store import migrations
from edge.store.journal import Journal
from edge.store.ledger import Ledger
from edge.telephony import CallId, LegId
from tests.edge.store.strategies import charge

DATABASES = Path(__file__).parent / "databases"


@pytest.fixture
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for file in (DATABASES / request.param).iterdir():
        shutil.copy(file, tmp_path / file.name)
    return tmp_path


@pytest.mark.parametrize(
    ("released", "parts"),
    [("v1", None), ("v2", 1)],  # the first did not count them
    indirect=["released"],
)
def test_a_released_store_opens_with_all_its_rows(released: Path, parts: int | None) -> None:
    with Ledger(released / "box.db", "box-7", "boot-new") as ledger, Journal(released / "journal.db") as journal:
        assert migrations.box.pending(ledger.database) == []
        assert [row.call for row in ledger.interrupt_open_cdrs()] == ["c2"]
        assert ledger.current_charge(LegId("c1.2")) == charge("c1.2", 450)
        assert ledger.next_counters().call == 3
        assert len(journal.reader.entries_for(CallId("c1"))) == 1
        with open_reader(released) as reader:
            assert [row["call"] for row in reader.cdrs()] == ["c1", "c2"]
            assert [row["key"] for row in reader.outbox()] == ["box-7:c1:1"]
            assert [row["revision"] for row in reader.settings_history()] == [1]
            assert reader.settings_document(1)["menu"] == {"tries": 4}
            assert reader.settings_document(2) is None
            assert [(row["message"], row["parts"], row["rating"]) for row in reader.messages()] == [("m1", parts, None)]
        assert ledger.messages_awaiting_rating() == [], "it was never sent"


@pytest.mark.parametrize("released", ["v1", "v2"], indirect=True)
def test_an_old_database_and_a_new_one_have_the_same_schema(
    released: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fresh = tmp_path_factory.mktemp("fresh")
    for folder in (released, fresh):
        Ledger(folder / "box.db", "box-7", "boot").close()
        Journal(folder / "journal.db").close()
    for name in ("box.db", "journal.db"):
        assert schema_of(released / name) == schema_of(fresh / name)


def schema_of(path: Path) -> dict[str, str]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE '%sqlite%'").fetchall()
    connection.close()
    return dict(rows)


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "box.db"
    Ledger(path, "box", "boot").close()
    before = schema_of(path)
    later = Migrations("box")

    @later()
    def box_0002_breaks(database: sqlite_utils.Database) -> None:
        database.conn.execute("CREATE TABLE half (x INTEGER) STRICT")
        raise RuntimeError("the power went")

    database = sqlite_utils.Database(sqlite3.connect(path, isolation_level=None))
    with pytest.raises(RuntimeError):
        later.apply(database)
    database.close()
    assert schema_of(path) == before
