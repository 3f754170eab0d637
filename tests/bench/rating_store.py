"""Usage records per second from JSON Lines to rows on disk, beside SQLite's own inserts of the very same rows."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from edge.billing.shipped import shipped_tariffs
from edge.rating.charge import Charge
from edge.rating.command import load_tables
from edge.rating.explain import explain
from edge.rating.month import Book
from edge.rating.usage_lines import LineReader
from tests.bench.child import in_child
from tests.bench.figures import Report
from tests.bench.rating import PLAN, usage_text

BATCH = 1_000
STORED_AIM_US = 83.0  # 12 000 records a second
TABLE = """CREATE TABLE charge (
    leg TEXT NOT NULL, revision INTEGER NOT NULL, amount_vnd INTEGER, detail TEXT NOT NULL, PRIMARY KEY (leg, revision)
) STRICT, WITHOUT ROWID"""
Row = tuple[str, int, int | None, str]


def measure(small: bool) -> Report:
    records = 2_000 if small else 100_000
    report = Report(
        f"one process; a usage file read line by line, rated through Book.add_all, charges and later revisions stored "
        f"in batches of {BATCH}, WAL, synchronous=FULL; `sqlite`: the same rows inserted in the same batches, no more"
    )
    found = in_child(rate_and_store, records)
    report.add("rating_stored_records_per_s", records / found["took_s"])
    report.add("rating_stored_us_per_record", found["took_s"] / records * 1e6, STORED_AIM_US)
    report.add("rating_sqlite_alone_us_per_record", found["sqlite_s"] / records * 1e6)
    report.add("rating_stored_peak_mb", found["peak_mb"])
    ratio = round(found["took_s"] / found["sqlite_s"], 2)
    report.notes = {"records": records, "rows": found["rows"], "times_as_long_as_sqlite_alone": ratio}
    return report


def rate_and_store(records: int) -> dict[str, float]:
    lines = usage_text(records).splitlines()
    book = Book(load_tables(PLAN, shipped_tariffs()).finder)
    read = LineReader().read
    revisions: Counter[str] = Counter()
    batches: list[Sequence[Row]] = []
    with tempfile.TemporaryDirectory(prefix="tongdai-bench-") as folder:
        with closing(opened(Path(folder) / "rated.db")) as database:
            began = time.perf_counter()
            for at in range(0, records, BATCH):
                changed = book.add_all(map(read, lines[at : at + BATCH]))
                batches.append([as_row(charge, revisions) for charge in changed])
                store(database, batches[-1])
            took_s = time.perf_counter() - began
        with closing(opened(Path(folder) / "alone.db")) as database:
            began = time.perf_counter()
            for rows in batches:
                store(database, rows)
            sqlite_s = time.perf_counter() - began
    if len(revisions) != records:
        raise AssertionError(f"{records} records, {len(revisions)} charges")
    return {"took_s": took_s, "sqlite_s": sqlite_s, "rows": revisions.total()}


def as_row(charge: Charge, revisions: Counter[str]) -> Row:
    revisions[charge.id] += 1
    return charge.id, revisions[charge.id], charge.amount_vnd, charge.to_text(explain(charge))


def opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(TABLE)
    return database


def store(database: sqlite3.Connection, rows: Sequence[Row]) -> None:
    database.execute("BEGIN IMMEDIATE")
    database.executemany("INSERT INTO charge VALUES (?, ?, ?, ?)", rows)
    database.execute("COMMIT")
