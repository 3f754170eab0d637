"""Makes the fixture of a released schema: `python -m tests.edge.store.make_database v2`, run once at a release.

The databases are committed and never made again: they stand for what is on boxes in the field.
"""

from __future__ import annotations

import sys
from pathlib import Path

from edge.calls.events import KeyPressed
from edge.dialplan.settings import Menu, Settings
from edge.store.journal import Journal
from edge.store.ledger import Ledger
from edge.store.messages import MessageUsage
from edge.store.settings_history import SettingsHistory
from edge.telephony import CallId, ClockSource, LegId, LineId, MessageId
from tests.edge.store.strategies import EMPLOYEE, HOTLINE, cdr, charge, moment


def make(folder: Path) -> None:
    """A closed and an open call, an outbox row, a message, a settings revision, a journal entry."""
    folder.mkdir(parents=True)
    with Ledger(folder / "box.db", "box-7", "boot-a") as ledger:
        ledger.close_cdr(cdr(1), [charge("c1.1", 0), charge("c1.2", 450)], moment())
        ledger.save_open_cdr(cdr(2), moment())
        ledger.messages.add_sending(
            MessageId("m1"),
            LineId("gsm-1"),
            EMPLOYEE,
            "x",
            "system",
            None,
            moment(),
            ClockSource.NTP,
            MessageUsage(HOTLINE, 1),
        )
        SettingsHistory(ledger, lambda _: None).save(Settings(menu=Menu(tries=4)), "lan", "page", 1.0)
    with Journal(folder / "journal.db") as journal:
        journal.checkpoint(1, moment(), "0.1.0", 1, {"next_call": 1})
        journal.append(1, moment(), KeyPressed(LegId("c1.1"), "5"), (), (CallId("c1"),))


if __name__ == "__main__":
    make(Path(__file__).parent / "databases" / sys.argv[1])
