"""What the sync process does next: pure, told what happened and when.

Invariants
- One row is on its way at a time, and the next one only after the broker has acknowledged it: a row that is refused or
  lost is never overtaken, so the cloud sees the outbox in its order. (A window of more would let later rows pass a
  refused one.) At a round trip of 100 ms a backlog of a week, 14 000 calls, is through in 25 minutes.
- An acknowledged row is first recorded by us (`RecordAcknowledged`), then reported to the core, then forgotten; a kill
  between two of these repeats a step and loses none. A row recorded is never published again.
- Nothing spins: a refusal, a lost broker and an absent core each have their own growing pause.

Times are monotonic seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

READ_LIMIT = 100
"""Rows read ahead: bounds memory, and a read costs a millisecond."""
POLL_S = 0.25
"""How often an empty outbox is looked at: a CDR is sent well within a second after its call."""
REPORT_LIMIT = 50
"""Keys reported to the core at once: one transaction of the ledger strikes them all."""
ACK_TIMEOUT_S = 20.0
"""A broker that says nothing for so long is dropped; the row goes again over a new connection."""
STABLE_S = 10.0
"""A connection that held so long was a good one: the next pause starts small again."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    seq: int
    key: str
    topic: str
    payload: str


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BrokerConnected:
    pass


@dataclass(frozen=True, slots=True)
class BrokerLost:
    """Also: it could not be reached, or did not let us in."""

    reason: str


@dataclass(frozen=True, slots=True)
class RowsRead:
    rows: tuple[OutboxRow, ...]


@dataclass(frozen=True, slots=True)
class RowAcknowledged:
    key: str


@dataclass(frozen=True, slots=True)
class RowRefused:
    """PUBACK with a reason of 0x80 or more (MQTT 5 §3.4.2.1): no acknowledgement."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class CoreStruck:
    """The core has struck these keys off."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoreAbsent:
    """The core did not take our report."""

    reason: str


@dataclass(frozen=True, slots=True)
class TimePassed:
    pass


Event = BrokerConnected | BrokerLost | RowsRead | RowAcknowledged | RowRefused | CoreStruck | CoreAbsent | TimePassed

# --- actions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConnectBroker:
    pass


@dataclass(frozen=True, slots=True)
class DropBroker:
    """Give the connection up; no `BrokerLost` follows."""


@dataclass(frozen=True, slots=True)
class ReadRows:
    """`RowsRead` follows, empty when there is nothing."""

    after_seq: int
    limit: int


@dataclass(frozen=True, slots=True)
class PublishRow:
    """`RowAcknowledged`, `RowRefused` or `BrokerLost` follows."""

    row: OutboxRow


@dataclass(frozen=True, slots=True)
class RecordAcknowledged:
    """Must be durable before the next action is done."""

    key: str


@dataclass(frozen=True, slots=True)
class ReportToCore:
    """`CoreStruck` or `CoreAbsent` follows. `tried` names a key once for each try that came to nothing."""

    struck: tuple[str, ...]
    tried: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForgetKeys:
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Say:
    """Once when something breaks, once when it works again."""

    text: str


Action = ConnectBroker | DropBroker | ReadRows | PublishRow | RecordAcknowledged | ReportToCore | ForgetKeys | Say


class Backoff:
    """A pause that doubles with each failure."""

    def __init__(self, first_s: float, longest_s: float) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self.failures = 0

    def next_pause(self) -> float:
        pause = self._first_s * 2.0 ** min(self.failures, 30)
        self.failures += 1
        return min(pause, self._longest_s)

    def reset(self) -> None:
        self.failures = 0


class OutboxMachine:
    """`recorded`: keys acknowledged in an earlier life that the core may not have struck off yet."""

    def __init__(self, recorded: Collection[str]) -> None:
        self._waiting: deque[OutboxRow] = deque()
        self._on_its_way: OutboxRow | None = None
        self._unreported: dict[str, None] = dict.fromkeys(recorded)
        self._tried: list[str] = []
        self._tries_reported = 0
        self._reporting = False
        self._seen_seq = 0
        self._reading = False
        self._connected_at: float | None = None
        self._connecting = False
        self._broker_pause = Backoff(0.5, 60.0)
        self._refusal_pause = Backoff(1.0, 60.0)
        self._core_pause = Backoff(0.5, 10.0)
        self._connect_at: float | None = 0.0
        self._publish_at = 0.0
        self._read_at = 0.0
        self._report_at = 0.0
        self._give_up_at: float | None = None

    @property
    def connected(self) -> bool:
        return self._connected_at is not None

    @property
    def unreported(self) -> tuple[str, ...]:
        return tuple(self._unreported)

    @property
    def next_deadline(self) -> float | None:
        """When `TimePassed` is due; None while only the outside can move something."""
        deadlines = [self._give_up_at] if self._on_its_way is not None else []
        if not self.connected and not self._connecting:
            deadlines.append(self._connect_at)
        if self._may_report():
            deadlines.append(self._report_at)
        if self.connected and self._on_its_way is None:
            deadlines.append(self._publish_at if self._waiting else None if self._reading else self._read_at)
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def handle(self, event: Event, now: float) -> list[Action]:
        """What is to be done, in this order."""
        return [*self._take(event, now), *self._continue(now)]

    # --- what happened --------------------------------------------------------------------------------------------

    def _take(self, event: Event, now: float) -> list[Action]:
        match event:
            case BrokerConnected():
                return self._broker_connected(now)
            case BrokerLost(reason):
                return self._broker_lost(reason, now)
            case RowsRead(rows):
                self._rows_read(rows, now)
            case RowAcknowledged(key):
                return self._acknowledged(key)
            case RowRefused(key, reason):
                return self._refused(key, reason, now)
            case CoreStruck(keys):
                return self._core_struck(keys, now)
            case CoreAbsent(reason):
                return self._core_absent(reason, now)
            case TimePassed():
                pass
        return []

    def _broker_connected(self, now: float) -> list[Action]:
        told = self._broker_pause.failures > 0
        self._connected_at, self._connecting, self._publish_at, self._read_at = now, False, now, now
        return [Say("the broker is back")] if told else []

    def _broker_lost(self, reason: str, now: float) -> list[Action]:
        if not self.connected and not self._connecting:
            return []
        if self._connected_at is not None and now - self._connected_at >= STABLE_S:
            self._broker_pause.reset()
        first = self._broker_pause.failures == 0
        self._connected_at, self._connecting = None, False
        self._connect_at = now + self._broker_pause.next_pause()
        self._take_back()
        return [Say(f"no broker: {reason}; the rows are kept, trying again")] if first else []

    def _take_back(self) -> None:
        """The row on its way may or may not have arrived: it goes again, with the same key."""
        if self._on_its_way is not None:
            self._tried.append(self._on_its_way.key)
            self._waiting.appendleft(self._on_its_way)
            self._on_its_way = None

    def _rows_read(self, rows: tuple[OutboxRow, ...], now: float) -> None:
        self._reading = False
        self._read_at = now if rows else now + POLL_S
        for row in rows:
            if row.seq > self._seen_seq:
                self._seen_seq = row.seq
                if row.key not in self._unreported:
                    self._waiting.append(row)

    def _acknowledged(self, key: str) -> list[Action]:
        if self._on_its_way is None or self._on_its_way.key != key:
            return []
        told = self._refusal_pause.failures > 0
        self._on_its_way = None
        self._refusal_pause.reset()
        self._broker_pause.reset()
        self._unreported[key] = None
        return [RecordAcknowledged(key), *([Say("the broker takes rows again")] if told else [])]

    def _refused(self, key: str, reason: str, now: float) -> list[Action]:
        if self._on_its_way is None or self._on_its_way.key != key:
            return []
        first = self._refusal_pause.failures == 0
        self._take_back()
        self._publish_at = now + self._refusal_pause.next_pause()
        return [Say(f"the broker refuses {key}: {reason}; it and all after it are kept")] if first else []

    def _core_struck(self, keys: tuple[str, ...], now: float) -> list[Action]:
        told = self._core_pause.failures > 0
        self._core_pause.reset()
        self._reporting, self._report_at = False, now
        for key in keys:
            self._unreported.pop(key, None)
        del self._tried[: self._tries_reported]
        forget: list[Action] = [ForgetKeys(keys)] if keys else []
        return [*forget, *([Say("the core takes reports again")] if told else [])]

    def _core_absent(self, reason: str, now: float) -> list[Action]:
        first = self._core_pause.failures == 0
        self._reporting = False
        self._report_at = now + self._core_pause.next_pause()
        return [Say(f"the core is away: {reason}; sending goes on, it is told later")] if first else []

    # --- what is next ---------------------------------------------------------------------------------------------

    def _continue(self, now: float) -> list[Action]:
        actions: list[Action] = []
        if self._on_its_way is not None and self._give_up_at is not None and now >= self._give_up_at:
            actions.append(DropBroker())
            actions += self._broker_lost(f"no acknowledgement in {ACK_TIMEOUT_S:.0f} s", now)
        if not self.connected and not self._connecting and self._connect_at is not None and now >= self._connect_at:
            self._connecting, self._connect_at = True, None
            actions.append(ConnectBroker())
        if self.connected and self._on_its_way is None:
            actions += self._send_or_read(now)
        if self._may_report() and now >= self._report_at:
            self._reporting, self._tries_reported = True, len(self._tried)
            actions.append(ReportToCore(tuple(self._unreported)[:REPORT_LIMIT], tuple(self._tried)))
        return actions

    def _send_or_read(self, now: float) -> list[Action]:
        if self._waiting:
            if now < self._publish_at:
                return []
            self._on_its_way = self._waiting.popleft()
            self._give_up_at = now + ACK_TIMEOUT_S
            return [PublishRow(self._on_its_way)]
        if self._reading or now < self._read_at:
            return []
        self._reading = True
        return [ReadRows(self._seen_seq, READ_LIMIT)]

    def _may_report(self) -> bool:
        """Worth a transaction of the core: a batch is full, or nothing else is to be sent just now."""
        if self._reporting or not (self._unreported or self._tried):
            return False
        busy = self.connected and self._on_its_way is not None
        return not busy or len(self._unreported) >= REPORT_LIMIT
