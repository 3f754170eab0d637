"""The ledger's laws under any order of opening, closing, revising, striking and crashing.

A crash is a copy of the files as they lie between two transactions, opened again as the next boot would.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.store.ledger import Ledger
from edge.telephony import CallId, ClockSource, Disposition, LegId
from tests.edge.store.strategies import cdr, charge, moment

BOX = "box"


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-"))
        self.boots = 0
        self.ledger = Ledger(self.folder / "box.db", BOX, "boot-0")
        self.next_call = 1
        self.open: set[int] = set()
        self.owed: set[int] = set()
        """Interrupted, not yet rated."""
        self.revisions: dict[int, int] = {}
        self.amounts: dict[str, int] = {}
        self.unstruck: set[str] = set()
        self.ever: list[str] = []

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.folder)

    @rule()
    def open_call(self) -> None:
        self.ledger.save_open_cdr(cdr(self.next_call), moment())
        self.open.add(self.next_call)
        self.next_call += 1

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def refresh(self, data: st.DataObject) -> None:
        self.ledger.save_open_cdr(cdr(data.draw(st.sampled_from(sorted(self.open)))), moment())

    @rule(data=st.data(), amount=st.integers(0, 3))
    def close_call(self, data: st.DataObject, amount: int) -> None:
        """An open one, or one that was never open (busy, abandoned); perhaps another call's charge changes with it."""
        number = data.draw(st.sampled_from([*sorted(self.open), self.next_call]))
        self.next_call = max(self.next_call, number + 1)
        self.open.discard(number)
        self._close(number, amount, data.draw(st.sampled_from([None, *sorted(self.revisions)])), data)

    @precondition(lambda self: self.owed)
    @rule(amount=st.integers(0, 3))
    def rate_what_is_owed(self, amount: int) -> None:
        for found in self.ledger.awaiting_rating():
            number = int(found.call[1:])
            assert found.disposition is Disposition.INTERRUPTED
            self.owed.remove(number)
            charges = [charge(f"c{number}.2", amount)]
            self._note(self.ledger.close_cdr(found, charges, moment()), [number])
            self.amounts[f"c{number}.2"] = amount
        assert not self.owed

    @precondition(lambda self: self.revisions)
    @rule(data=st.data(), amount=st.integers(0, 3))
    def revise(self, data: st.DataObject, amount: int) -> None:
        other = data.draw(st.sampled_from(sorted(self.revisions)))
        changes = self.amounts.get(f"c{other}.2") != amount
        keys = self.ledger.revise_charges([charge(f"c{other}.2", amount)], moment())
        self._note(keys, [other] if changes else [])
        self.amounts[f"c{other}.2"] = amount

    @rule(data=st.data())
    def strike(self, data: st.DataObject) -> None:
        keys = data.draw(st.lists(st.sampled_from(self.ever), max_size=4)) if self.ever else []
        assert self.ledger.strike_outbox(keys) == len(self.unstruck & set(keys))
        self.unstruck -= set(keys)

    @rule()
    def crash_and_boot(self) -> None:
        self.boots += 1
        after = self.folder / str(self.boots)
        after.mkdir()
        source = Path(self.ledger.database.conn.execute("PRAGMA database_list").fetchone()["file"]).parent
        for file in source.glob("box.db*"):
            shutil.copy(file, after / file.name)
        self.ledger.close()
        self.ledger = Ledger(after / "box.db", BOX, f"boot-{self.boots}")
        interrupted = {int(found.call[1:]) for found in self.ledger.interrupt_open_cdrs()}
        # A crash between interrupting and rating leaves them owed; they are named by `awaiting_rating`.
        assert interrupted == self.open
        self.owed |= self.open
        self.open.clear()

    def _close(self, number: int, amount: int, other: int | None, data: st.DataObject) -> None:
        charges, expected = [charge(f"c{number}.2", amount)], [number]
        if other is not None:
            changed = data.draw(st.integers(0, 3))
            charges.append(charge(f"c{other}.2", changed))
            if self.amounts.get(f"c{other}.2") != changed:
                expected.append(other)
            self.amounts[f"c{other}.2"] = changed
        self.amounts[f"c{number}.2"] = amount
        self._note(self.ledger.close_cdr(cdr(number), charges, moment()), expected)

    def _note(self, keys: list[str], calls: list[int]) -> None:
        for number in calls:
            self.revisions[number] = self.revisions.get(number, 0) + 1
        assert keys == [f"{BOX}:c{number}:{self.revisions[number]}" for number in calls]
        self.ever += keys
        self.unstruck |= set(keys)

    @invariant()
    def one_outbox_row_per_revision(self) -> None:
        found = Counter(row["key"] for row in self.ledger.database.conn.execute("SELECT key FROM outbox"))
        assert found == Counter(self.unstruck)
        assert len(set(self.ever)) == len(self.ever)

    @invariant()
    def states_and_charges_are_those_of_the_model(self) -> None:
        rows = self.ledger.database.conn.execute("SELECT call, state, revision FROM cdr").fetchall()
        found = {int(row["call"][1:]): (row["state"], row["revision"]) for row in rows}
        expected = dict.fromkeys(self.open, ("open", 0)) | dict.fromkeys(self.owed, ("closed", 0))
        assert found == expected | {number: ("closed", revision) for number, revision in self.revisions.items()}
        assert {CallId(f"c{number}") for number in self.owed} == {row.call for row in self.ledger.awaiting_rating()}
        for leg, amount in self.amounts.items():
            current = self.ledger.current_charge(LegId(leg))
            assert current is not None
            assert current["amount_vnd"] == amount

    @invariant()
    def ids_never_come_again(self) -> None:
        assert self.ledger.next_counters().call >= self.next_call


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=15, stateful_step_count=25)
assert ClockSource.NTP is cdr(1).clock  # the machine's calls are all stamped; unstamped ones have their own tests
