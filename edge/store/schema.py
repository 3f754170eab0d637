"""The tables of `box.db`, `journal.db` and `sync.db`, as the newest migration leaves them, and how one is opened.

`box.db` is money and records: WAL with `synchronous=FULL`, so that a committed call survives a power cut. `journal.db`
is the flight recorder: WAL with `synchronous=NORMAL`, a power cut may cost its last entries but never its consistency.

Instants are POSIX seconds (UTC). A row made without any clock keeps `boot` and `wall_minus_mono` (the false wall clock
minus the monotonic one), so that its instants can be put right later; until then `stamped` is 0 and it is neither rated
nor sent. `cdr` is kept narrow, and what is shown of a call is a document in `cdr_row`, so that a search over 100 000
calls reads a few megabytes only. `charge.leg` names a leg (`c17.2`) or a sent message (`m5`): both are usage that is
rated. `rate_table` keeps every table that was imported, the newest of a kind and name counts; `statement_charge` says
which revision of a charge a closed month was drawn up with. `fraud_guard` is one row: a bar and what led to alarms.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Literal

import sqlite_utils

LEDGER_FILE = "box.db"
JOURNAL_FILE = "journal.db"
SYNC_FILE = "sync.db"

JOURNAL_SIZE_LIMIT_BYTES = 4 * 1024 * 1024
"""A WAL that grew over a burst is cut back to this after its checkpoint."""

BOX_V1 = """
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cdr (
    id INTEGER PRIMARY KEY,
    call TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    revision INTEGER NOT NULL DEFAULT 0,
    caller TEXT,
    hotline TEXT,
    called TEXT,
    extension TEXT,
    started REAL NOT NULL,
    hotline_answered REAL,
    answered REAL,
    ended REAL NOT NULL,
    duration_s REAL NOT NULL,
    billable_s REAL NOT NULL,
    disposition TEXT NOT NULL,
    cause INTEGER NOT NULL,
    clock TEXT NOT NULL,
    boot TEXT NOT NULL,
    wall_minus_mono REAL NOT NULL,
    stamped INTEGER NOT NULL,
    charge_vnd INTEGER,
    has_recording INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX cdr_unfinished ON cdr (id) WHERE state = 'open' OR revision = 0;
CREATE INDEX cdr_search ON cdr
    (started, id, state, caller, called, extension, disposition, has_recording, hotline, call);
CREATE INDEX cdr_extension ON cdr (extension, started);
CREATE INDEX cdr_disposition ON cdr (disposition, started);
CREATE INDEX cdr_recorded ON cdr (started) WHERE has_recording = 1;

CREATE TABLE cdr_row (
    id INTEGER PRIMARY KEY REFERENCES cdr (id) ON DELETE CASCADE,
    row TEXT NOT NULL
) STRICT;

CREATE TABLE leg (
    leg TEXT PRIMARY KEY,
    call TEXT NOT NULL REFERENCES cdr (call) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    line TEXT NOT NULL,
    hotline TEXT,
    direction TEXT NOT NULL,
    number TEXT,
    service TEXT NOT NULL,
    started REAL NOT NULL,
    alerting REAL,
    answered REAL,
    ended REAL NOT NULL,
    duration_s REAL NOT NULL,
    cause INTEGER NOT NULL,
    ended_by TEXT NOT NULL,
    calling_extension TEXT,
    called_extension TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX leg_call ON leg (call, position);
CREATE INDEX leg_hotline ON leg (hotline, answered) WHERE answered IS NOT NULL;

CREATE TABLE charge (
    leg TEXT NOT NULL,
    revision INTEGER NOT NULL,
    amount_vnd INTEGER,
    detail TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (leg, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    created REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE recording (
    recording TEXT PRIMARY KEY,
    call TEXT NOT NULL,
    path TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'finished', 'failed')),
    started REAL NOT NULL,
    duration_s REAL,
    bytes INTEGER,
    boot TEXT NOT NULL,
    wall_minus_mono REAL NOT NULL,
    stamped INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX recording_call ON recording (call);
CREATE INDEX recording_started ON recording (started);

CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    message TEXT NOT NULL UNIQUE,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    line TEXT,
    number TEXT NOT NULL,
    text TEXT NOT NULL,
    at REAL NOT NULL,
    sent_at REAL,
    state TEXT NOT NULL CHECK (state IN ('received', 'queued', 'sent', 'failed')),
    reason TEXT,
    about TEXT,
    by TEXT NOT NULL,
    boot TEXT NOT NULL,
    wall_minus_mono REAL NOT NULL,
    stamped INTEGER NOT NULL
) STRICT;
CREATE INDEX message_at ON message (at);

CREATE TABLE settings_revision (
    revision INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    origin TEXT NOT NULL,
    summary TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;
"""

BOX_V2 = """
ALTER TABLE message ADD COLUMN hotline TEXT;
ALTER TABLE message ADD COLUMN parts INTEGER;
ALTER TABLE message ADD COLUMN extension TEXT;
ALTER TABLE message ADD COLUMN charge_vnd INTEGER;
CREATE INDEX message_sent ON message (hotline, sent_at) WHERE state = 'sent';

CREATE TABLE rate_table (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('plan', 'operators', 'ported', 'idd', 'destinations')),
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    at REAL NOT NULL,
    by TEXT NOT NULL
) STRICT;

CREATE TABLE statement (
    id INTEGER PRIMARY KEY,
    statement TEXT NOT NULL UNIQUE,
    period TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('month', 'cancellation')),
    plan TEXT NOT NULL,
    drawn REAL NOT NULL,
    total_vnd INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX statement_period ON statement (period);

CREATE TABLE statement_charge (
    statement INTEGER NOT NULL REFERENCES statement (id) ON DELETE CASCADE,
    item TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (statement, item)
) STRICT, WITHOUT ROWID;
"""

BOX_V3 = """
CREATE TABLE fraud_guard (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    state TEXT NOT NULL
) STRICT;
"""

JOURNAL_V1 = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY,
    mono REAL NOT NULL,
    wall REAL NOT NULL,
    event TEXT NOT NULL,
    actions TEXT NOT NULL
) STRICT;

CREATE TABLE entry_call (
    call TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (call, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_call_seq ON entry_call (seq);

CREATE TABLE checkpoint (
    seq INTEGER PRIMARY KEY,
    mono REAL NOT NULL,
    wall REAL NOT NULL,
    code_version TEXT NOT NULL,
    settings_revision INTEGER NOT NULL,
    state TEXT NOT NULL
) STRICT;
"""

SYNC_V1 = """
CREATE TABLE acknowledged (
    key TEXT PRIMARY KEY,
    at REAL NOT NULL
) STRICT, WITHOUT ROWID;
"""


def connect(path: Path, *, synchronous: Literal["FULL", "NORMAL"]) -> sqlite_utils.Database:
    """Opens for writing, in the thread that will use it (sqlite3 refuses any other one).

    Raises `sqlite3.Error` when the file cannot be opened or is no database.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 5000")
    connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT_BYTES}")
    return sqlite_utils.Database(connection)


def run_statements(database: sqlite_utils.Database, script: str) -> None:
    """Runs the statements inside the transaction that is open (`executescript` would commit it)."""
    for statement in script.split(";"):
        if statement.strip():
            database.conn.execute(statement)
