"""The one thread that writes: it owns ledger, journal and settings history, and the event loop never waits for it.

The loop hands over work with `submit` and `journal`; outcomes return to the loop through `_deliver`, the only place
where this thread touches it. Work is done in the order given. Journal entries of one burst, up to
the next piece of work, share a transaction; each piece of ledger work commits by itself, because its caller is told
that it is safe.

A failure of work reaches who submitted it. A database error, what is vital, and what fails with nobody waiting (the
journal, work without `on_done`) reaches `on_failure` too: nothing is swallowed. The queue is bounded: a disk that
cannot follow is told loudly (`StoreOverloaded`, which reaches `on_failure` once as well).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from edge.calls.actions import Action
from edge.calls.events import Event
from edge.store.errors import StoreOverloaded, StoreStuck
from edge.store.journal import Journal
from edge.store.ledger import Ledger
from edge.store.settings_history import SettingsHistory
from edge.telephony import CallId, Moment

log = logging.getLogger("tongdai.store")

QUEUE_LIMIT = 20_000
"""Minutes of the heaviest traffic of eight lines; past it the disk has failed."""
FLUSH_AFTER_S = 0.25
"""So long entries of the journal may wait for more: each transaction costs the card a dozen kilobytes, and a kill loses
at most this much of the flight recorder (never a record)."""
BURST_LIMIT = 500
"""Journal entries that share a transaction at most."""
CLOSE_TIMEOUT_S = 3.0
"""The box promises to be down within 5 s of SIGTERM."""

T = TypeVar("T")


@dataclass(slots=True)
class Stores:
    """What the thread owns; work gets it as its argument and must not keep it."""

    ledger: Ledger
    journal: Journal
    settings: SettingsHistory

    def close(self) -> None:
        with contextlib.ExitStack() as stack:
            stack.callback(self.ledger.close)
            stack.callback(self.journal.close)


@dataclass(frozen=True, slots=True)
class _Work:
    name: str
    run: Callable[[Stores], Any]
    future: Future[Any]
    on_done: Callable[[Future[Any]], None] | None
    vital: bool


@dataclass(frozen=True, slots=True)
class _Pause:
    """Nothing came for so long that the journal is written."""


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    moment: Moment
    event: Event
    actions: tuple[Action, ...]
    calls: tuple[CallId, ...]


class Writer(AbstractContextManager["Writer"]):
    """`open_stores` is called in the thread; `on_failure` in the loop, with what broke the journal."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        open_stores: Callable[[], Stores],
        on_failure: Callable[[Exception], None],
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        self._loop = loop
        self._open_stores = open_stores
        self._on_failure = on_failure
        self._inbox: queue.Queue[_Work | _Entry | None] = queue.Queue(queue_limit)
        self._thread = threading.Thread(target=self._run, name="tongdai-store", daemon=True)
        self._opened: Future[None] = Future()
        self._doing = "opening"
        self._closing = False
        self._overloaded = False

    def start(self) -> Self:
        """Opens the databases; at start-up it is waited for. Raises what opening raised."""
        self._thread.start()
        self._opened.result()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- called in the loop ---------------------------------------------------------------------------------------

    def submit(
        self,
        run: Callable[[Stores], T],
        name: str = "work",
        on_done: Callable[[Future[T]], None] | None = None,
        *,
        vital: bool = False,
    ) -> Future[T]:
        """Hands over work and returns at once. `on_done` is called in the loop with the finished future.

        `vital`: whatever it fails with reaches `on_failure` too.
        Raises `StoreOverloaded` when the queue is full and `RuntimeError` after `close`.
        """
        future: Future[T] = Future()
        self._put(_Work(name, run, future, on_done, vital))
        return future

    async def ask(self, run: Callable[[Stores], T], name: str = "work") -> T:
        """The same for a coroutine: waits without blocking the loop."""
        done = self._loop.create_future()
        self.submit(run, name, lambda future: None if done.done() else _copy(future, done))
        result: T = await done
        return result

    def journal(
        self, seq: int, moment: Moment, event: Event, actions: tuple[Action, ...], calls: tuple[CallId, ...]
    ) -> None:
        """Hands over one entry; nobody waits for it. Raises like `submit`."""
        self._put(_Entry(seq, moment, event, actions, calls))

    def _put(self, item: _Work | _Entry) -> None:
        if self._closing:
            raise RuntimeError("the store is closing; nothing can be written any more")
        try:
            self._inbox.put_nowait(item)
        except queue.Full:
            error = StoreOverloaded(
                f"{self._inbox.maxsize} writes wait for the disk (now: {self._doing}); look at the storage"
            )
            if not self._overloaded:
                # Who hands over cannot wait and has nowhere to go with it: the box has to know, once.
                self._overloaded = True
                self._on_failure(error)
            raise error from None

    @property
    def backlog(self) -> int:
        """Pieces that wait."""
        return self._inbox.qsize()

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Does what waits, closes the databases and joins. Idempotent. Raises `StoreStuck` naming what hangs."""
        if not self._closing:
            self._closing = True
            with contextlib.suppress(queue.Full):
                self._inbox.put_nowait(None)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise StoreStuck(
                    f"thread {self._thread.name} did not end in {timeout_s:.0f} s: {self._doing},"
                    f" {self.backlog} pieces waiting"
                )

    # --- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            stores = self._open_stores()
        except BaseException as error:  # noqa: BLE001 - told to who waits in start()
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        try:
            self._serve(stores)
        finally:
            self._doing = "closing the databases"
            self._guard(stores.close)

    def _serve(self, stores: Stores) -> None:
        unwritten, flush_at = 0, None
        while True:
            item = self._next(flush_at)
            if isinstance(item, _Entry):
                self._doing = "writing the journal"
                self._guard(partial(_append, stores.journal, item))
                unwritten += 1
                flush_at = flush_at or time.monotonic() + FLUSH_AFTER_S
            if unwritten and (not isinstance(item, _Entry) or unwritten >= BURST_LIMIT):
                self._guard(stores.journal.flush)
                unwritten, flush_at = 0, None
            if isinstance(item, _Work):
                self._do(item, stores)
            elif item is None:
                return

    def _next(self, flush_at: float | None) -> _Work | _Entry | _Pause | None:
        """`_Pause`: the journal is due. None: closing, and all is done (a full queue may have kept the mark out)."""
        self._doing = "waiting"
        patience = None if flush_at is None else max(0.0, flush_at - time.monotonic())
        try:
            return self._inbox.get(timeout=0.5 if self._closing else patience)
        except queue.Empty:
            return None if self._closing else _Pause()

    def _do(self, work: _Work, stores: Stores) -> None:
        self._doing = work.name
        try:
            work.future.set_result(work.run(stores))
        except Exception as error:  # noqa: BLE001 - it belongs to who submitted the work
            work.future.set_exception(error)
            if work.on_done is None or work.vital or isinstance(error, sqlite3.Error):
                self._deliver(self._report_unheard, work)
        if work.on_done is not None:
            self._deliver(work.on_done, work.future)

    def _guard(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - told in the loop, where the box decides to stop
            self._deliver(self._on_failure, error)

    def _deliver(self, callback: Callable[[T], None], value: T) -> None:
        """The only way from this thread into the loop."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self._loop.call_soon_threadsafe(callback, value)

    def _report_unheard(self, work: _Work) -> None:
        """Work that failed and that nobody asked about: the future may be dropped, the failure must not be."""
        error = work.future.exception()
        assert isinstance(error, Exception)
        log.error("store: %s failed: %s", work.name, error)
        self._on_failure(error)


def _append(journal: Journal, entry: _Entry) -> None:
    journal.append(entry.seq, entry.moment, entry.event, entry.actions, entry.calls)


def _copy(finished: Future[T], waiting: asyncio.Future[T]) -> None:
    error = finished.exception()
    if error is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(finished.result())
