"""The writer thread: order, group commit, failures that are heard, an end that is reached."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge.calls.events import KeyPressed
from edge.store.errors import LedgerMisuse, StoreOverloaded, StoreStuck
from edge.store.journal import Journal
from edge.store.ledger import Ledger
from edge.store.settings_history import SettingsHistory
from edge.store.writer import Stores, Writer
from edge.telephony import CallId, LegId
from tests.edge.store.strategies import cdr, moment

PRESSED = KeyPressed(LegId("c1.1"), "5")


def opener(folder: Path) -> Callable[[], Stores]:
    def open_stores() -> Stores:
        ledger = Ledger(folder / "box.db", "box", "boot")
        return Stores(ledger, Journal(folder / "journal.db"), SettingsHistory(ledger, lambda _: None))

    return open_stores


def never(error: Exception) -> None:
    raise AssertionError(error)


class Failures(list[Exception]):
    """What the writer told the box."""

    def __init__(self) -> None:
        super().__init__()
        self.told = asyncio.Event()

    def tell(self, error: Exception) -> None:
        self.append(error)
        self.told.set()

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self) < count:
                self.told.clear()
                await self.told.wait()


def write_entry(writer: Writer, seq: int) -> None:
    writer.journal(seq, moment(), PRESSED, (), (CallId("c1"),))


def test_work_is_done_in_order_and_its_outcome_comes_back_in_the_loop(tmp_path: Path) -> None:
    async def story() -> None:
        loop_thread = threading.get_ident()
        seen: list[tuple[int, bool]] = []
        with Writer(asyncio.get_running_loop(), opener(tmp_path), never) as writer:
            for number in range(1, 6):
                write_entry(writer, number)
                writer.submit(
                    lambda stores, number=number: (number, len(stores.journal.reader.entries_for(CallId("c1")))),
                    on_done=lambda done: seen.append((done.result()[0], threading.get_ident() == loop_thread)),
                )
            assert await writer.ask(lambda stores: stores.journal.next_seq()) == 6
            assert seen == [(number, True) for number in range(1, 6)]
            keys = await writer.ask(lambda stores: stores.ledger.close_cdr(cdr(1), [], moment()))
            assert keys == ["box:c1:1"]

    asyncio.run(story())


def test_a_failure_reaches_who_asked_and_the_thread_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        with Writer(asyncio.get_running_loop(), opener(tmp_path), never) as writer:
            await writer.ask(lambda stores: stores.ledger.close_cdr(cdr(1), [], moment()))
            with pytest.raises(LedgerMisuse):
                await writer.ask(lambda stores: stores.ledger.close_cdr(cdr(1), [], moment()))
            assert await writer.ask(lambda stores: stores.journal.next_seq()) == 1

    asyncio.run(story())


def test_failures_of_the_database_are_always_heard(tmp_path: Path) -> None:
    """By whoever asked, and by the box, which must stop taking calls."""

    def break_disk(stores: Stores) -> None:
        stores.ledger.database.conn.execute("PRAGMA query_only = ON")
        stores.journal._connection.execute("PRAGMA query_only = ON")

    async def story() -> None:
        failures = Failures()
        outcomes: list[Future[list[str]]] = []
        with Writer(asyncio.get_running_loop(), opener(tmp_path), failures.tell) as writer:
            await writer.ask(break_disk)
            write_entry(writer, 1)
            await failures.reach(1)
            writer.submit(lambda stores: stores.ledger.close_cdr(cdr(1), [], moment()), on_done=outcomes.append)
            await failures.reach(2)
            writer.submit(lambda stores: stores.ledger.close_cdr(cdr(2), [], moment()))
            await failures.reach(3)
            await writer.ask(lambda stores: stores.journal._connection.execute("PRAGMA query_only = OFF") and None)
        assert all(isinstance(failure, sqlite3.OperationalError) for failure in failures)
        assert isinstance(outcomes[0].exception(), sqlite3.OperationalError)
        # What the journal could not write was kept and written at the end.
        with Journal(tmp_path / "journal.db") as journal:
            assert journal.next_seq() == 2

    asyncio.run(story())


def test_vital_work_that_fails_by_a_fault_of_ours_stops_the_box(tmp_path: Path) -> None:
    async def story() -> None:
        failures = Failures()
        outcomes: list[Future[list[str]]] = []
        with Writer(asyncio.get_running_loop(), opener(tmp_path), failures.tell) as writer:
            await writer.ask(lambda stores: stores.ledger.close_cdr(cdr(1), [], moment()))
            writer.submit(
                lambda stores: stores.ledger.close_cdr(cdr(1), [], moment()), "a row", outcomes.append, vital=True
            )
            await failures.reach(1)
            await writer.ask(lambda _stores: None)  # the outcome is told after the failure, and before this one's
        assert isinstance(failures[0], LedgerMisuse)
        assert isinstance(outcomes[0].exception(), LedgerMisuse)

    asyncio.run(story())


def test_a_full_queue_is_told_and_closing_does_what_waits(tmp_path: Path) -> None:
    async def story() -> None:
        gate, reached = threading.Event(), threading.Event()

        def block(_: Stores) -> None:
            reached.set()
            gate.wait()

        failures = Failures()
        writer = Writer(asyncio.get_running_loop(), opener(tmp_path), failures.tell, queue_limit=3).start()
        writer.submit(block, "a slow disk")
        await asyncio.to_thread(reached.wait)
        for seq in (1, 2, 3):
            write_entry(writer, seq)
        for _ in range(2):
            with pytest.raises(StoreOverloaded, match="a slow disk"):
                write_entry(writer, 4)
        assert [type(each) for each in failures] == [StoreOverloaded], "the box is told, and once"
        with pytest.raises(StoreStuck, match="a slow disk"):
            writer.close(timeout_s=0.01)
        gate.set()
        writer.close()
        writer.close()
        with pytest.raises(RuntimeError, match="closing"):
            write_entry(writer, 4)
        with Journal(tmp_path / "journal.db") as journal:
            assert journal.next_seq() == 4

    asyncio.run(story())


def test_a_store_that_cannot_be_opened_is_told_at_start(tmp_path: Path) -> None:
    (tmp_path / "box.db").write_text("this is no database, and longer than a header " * 50)

    async def story() -> None:
        with pytest.raises(sqlite3.DatabaseError):
            Writer(asyncio.get_running_loop(), opener(tmp_path), never).start()

    asyncio.run(story())
