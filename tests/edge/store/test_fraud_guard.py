"""The state of the guard against fraud in the ledger's file."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from edge.spending.fraud import FraudState
from edge.store.fraud_guard import keep_fraud_state, kept_fraud_state
from edge.store.ledger import Ledger

STATE = FraudState(1_795_323_600.125, 1_795_320_000, (1_795_323_500.5, 1_795_323_501.0), refused_told=True)


def test_the_newest_state_is_there_after_a_restart(tmp_path: Path) -> None:
    with Ledger(tmp_path / "box.db", "box", "boot-1") as ledger:
        assert kept_fraud_state(ledger.database) == FraudState()
        keep_fraud_state(ledger.database, FraudState())
        keep_fraud_state(ledger.database, STATE)
    with Ledger(tmp_path / "box.db", "box", "boot-2") as ledger:
        assert kept_fraud_state(ledger.database) == STATE


def test_a_damaged_row_is_reported_and_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        ledger.database.conn.execute('INSERT INTO fraud_guard (one, state) VALUES (1, \'{"refused": ["x"]}\')')
        with caplog.at_level(logging.ERROR, "tongdai.store"):
            assert kept_fraud_state(ledger.database) == FraudState()
        assert len(caplog.records) == 1
        keep_fraud_state(ledger.database, STATE)
        assert kept_fraud_state(ledger.database) == STATE
