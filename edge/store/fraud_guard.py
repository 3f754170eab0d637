"""What the guard against fraud must not forget: the bar that is in force, and when barred numbers were dialled.

One row, replaced as a whole; part of the ledger: same file, same thread, and as safe. It is some tens of bytes for
each try of the last hour, and written only when a call was barred or cut for fraud or a barred number was dialled.
"""

from __future__ import annotations

import logging

import msgspec
from sqlite_utils import Database

from edge.spending.fraud import FraudState

log = logging.getLogger("tongdai.store")


def keep_fraud_state(database: Database, state: FraudState) -> None:
    """In place of what was kept before; safe when this returns."""
    with database.atomic():
        database.conn.execute(
            "INSERT INTO fraud_guard (one, state) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET state = excluded.state",
            (msgspec.json.encode(state).decode(),),
        )


def kept_fraud_state(database: Database) -> FraudState:
    """What was kept last; nothing of it when the row is damaged: the box must come up, and the caps hold without it."""
    row = database.conn.execute("SELECT state FROM fraud_guard").fetchone()
    if row is None:
        return FraudState()
    try:
        return msgspec.json.decode(row["state"], type=FraudState)
    except msgspec.DecodeError as error:
        log.error("the kept state of the fraud guard cannot be read, it begins anew: %s", error)
        return FraudState()
