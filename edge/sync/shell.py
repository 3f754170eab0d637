"""The sync process's one loop: what happened → `OutboxMachine` → do it. One thread; paho posts into its inbox.

The core is asked synchronously with a short patience: it answers in milliseconds or is away.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import time
from collections import deque
from pathlib import Path

from edge.api.client import BoxClient, BoxError
from edge.api.messages import CountOutboxTry, StrikeOutbox
from edge.api.queries import Reader, StoreAbsent, open_reader
from edge.sync.acknowledged import AcknowledgedKeys
from edge.sync.broker import Broker, BrokerConfig, BrokerSaid
from edge.sync.outbox_machine import (
    Action,
    ConnectBroker,
    CoreAbsent,
    CoreStruck,
    DropBroker,
    Event,
    ForgetKeys,
    OutboxMachine,
    OutboxRow,
    PublishRow,
    ReadRows,
    RecordAcknowledged,
    ReportToCore,
    RowsRead,
    Say,
    TimePassed,
)

log = logging.getLogger("tongdai.sync")

CORE_PATIENCE_S = 0.8
"""Short enough that SIGTERM ends the process within 2 s even while a hung core is being asked."""


class SyncShell:
    """Owns every resource of the process. `stop` may be called from a signal handler."""

    def __init__(self, data: Path, api: Path, config: BrokerConfig, acknowledged: AcknowledgedKeys) -> None:
        self._data = data
        self._core = BoxClient(api, CORE_PATIENCE_S)
        self._acknowledged = acknowledged
        self._inbox: queue.SimpleQueue[BrokerSaid | None] = queue.SimpleQueue()
        self._broker = Broker(config, self._inbox.put)
        self._machine = OutboxMachine(acknowledged.all())
        self._reader: Reader | None = None
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self._inbox.put(None)

    def run(self) -> None:
        """Until `stop`."""
        try:
            self._feed(TimePassed())
            while not self._stopping:
                self._wait()
        finally:
            self._broker.say_goodbye()
            if self._reader is not None:
                self._reader.close()

    def _wait(self) -> None:
        deadline = self._machine.next_deadline
        patience = None if deadline is None else max(0.0, deadline - time.monotonic())
        try:
            said = self._inbox.get(timeout=patience)
        except queue.Empty:
            self._feed(TimePassed())
            return
        event = None if said is None else self._broker.translate(said)
        if event is not None:
            self._feed(event)

    def _feed(self, event: Event) -> None:
        """Handles an event and those that its actions cause, in order."""
        waiting = deque([event])
        while waiting and not self._stopping:
            for action in self._machine.handle(waiting.popleft(), time.monotonic()):
                outcome = self._perform(action)
                if outcome is not None:
                    waiting.append(outcome)

    def _perform(self, action: Action) -> Event | None:
        match action:
            case ConnectBroker():
                self._broker.connect()
            case DropBroker():
                self._broker.drop()
            case PublishRow(row):
                self._broker.publish(row)
            case ReadRows(after_seq, limit):
                return self._read(after_seq, limit)
            case RecordAcknowledged(key):
                self._acknowledged.record(key)
            case ForgetKeys(keys):
                self._acknowledged.forget(keys)
            case ReportToCore(struck, tried):
                return self._report(struck, tried)
            case Say(text):
                log.warning("%s", text)
        return None

    def _read(self, after_seq: int, limit: int) -> RowsRead:
        """No rows while there is no store yet (a box that has never run), or while it is being made."""
        try:
            if self._reader is None:
                self._reader = open_reader(self._data)
            found = self._reader.outbox_payloads(limit, after_seq)
        except (StoreAbsent, sqlite3.OperationalError) as error:
            log.debug("the outbox cannot be read now: %s", error)
            return RowsRead(())
        return RowsRead(tuple(OutboxRow(row["seq"], row["key"], row["topic"], row["payload"]) for row in found))

    def _report(self, struck: tuple[str, ...], tried: tuple[str, ...]) -> CoreStruck | CoreAbsent:
        try:
            if tried:
                self._core.ask(CountOutboxTry(keys=list(tried)))
            if struck:
                self._core.ask(StrikeOutbox(keys=list(struck)))
        except BoxError as error:
            return CoreAbsent(str(error))
        return CoreStruck(struck)
