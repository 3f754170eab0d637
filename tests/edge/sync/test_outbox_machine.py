"""The outbox machine in a world of lost brokers, refusals, absent cores and kills; then some stories by hand."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.sync.outbox_machine import (
    ACK_TIMEOUT_S,
    Action,
    Backoff,
    BrokerConnected,
    BrokerLost,
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
    RowAcknowledged,
    RowRefused,
    RowsRead,
    Say,
    TimePassed,
)


def row(seq: int) -> OutboxRow:
    return OutboxRow(seq, f"box:c{seq}:1", f"tongdai/box/cdr/c{seq}", "{}")


class SyncWorld(RuleBasedStateMachine):
    """The core's outbox, the broker's memory and `sync.db` around one machine, which may be killed at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.outbox: dict[int, OutboxRow] = {}
        self.written = 0
        self.recorded: list[str] = []
        self.delivered: list[str] = []
        self.acknowledged: set[str] = set()
        self.core_is_up = True
        self.tries: list[str] = []
        self.boot()

    def boot(self) -> None:
        self.machine = OutboxMachine(list(self.recorded))
        self.in_flight: OutboxRow | None = None
        self.connecting = self.connected = False
        self.feed(TimePassed())

    def feed(self, event: Event) -> None:
        events = [event]
        for _ in range(200):
            if not events:
                return
            for action in self.machine.handle(events.pop(0), self.now):
                events += self.perform(action)
        raise AssertionError("it spins")

    def perform(self, action: Action) -> list[Event]:
        match action:
            case ConnectBroker():
                assert not self.connected
                assert not self.connecting
                self.connecting = True
            case DropBroker():
                self.connected = False
                self.in_flight = None
            case PublishRow(published):
                assert self.connected, "nobody to send to"
                assert self.in_flight is None, "one at a time"
                assert published.key not in self.recorded, "acknowledged rows are not sent again"
                self.in_flight = published
            case RecordAcknowledged(key):
                self.recorded.append(key)
            case ForgetKeys(keys):
                self.recorded = [key for key in self.recorded if key not in keys]
            case ReadRows(after, limit):
                assert self.connected
                rows = [found for seq, found in sorted(self.outbox.items()) if seq > after]
                return [RowsRead(tuple(rows[:limit]))]
            case ReportToCore(struck, tried):
                assert struck or tried
                if not self.core_is_up:
                    return [CoreAbsent("gone")]
                assert set(struck) <= self.acknowledged, "only what the broker has is struck off"
                self.outbox = {seq: found for seq, found in self.outbox.items() if found.key not in struck}
                self.tries += tried
                return [CoreStruck(struck)]
            case Say():
                pass
        return []

    @rule(count=st.integers(1, 5))
    def calls_end(self, count: int) -> None:
        for _ in range(count):
            self.written += 1
            self.outbox[self.written] = row(self.written)

    @precondition(lambda self: self.connecting)
    @rule(lets_us_in=st.booleans())
    def attempt_ends(self, lets_us_in: bool) -> None:
        self.connecting, self.connected = False, lets_us_in
        self.feed(BrokerConnected() if lets_us_in else BrokerLost("refused"))

    @precondition(lambda self: self.in_flight is not None)
    @rule()
    def broker_acknowledges(self) -> None:
        assert self.in_flight is not None
        key, self.in_flight = self.in_flight.key, None
        self.delivered.append(key)
        self.acknowledged.add(key)
        self.feed(RowAcknowledged(key))

    @precondition(lambda self: self.in_flight is not None)
    @rule()
    def broker_refuses(self) -> None:
        assert self.in_flight is not None
        key, self.in_flight = self.in_flight.key, None
        self.feed(RowRefused(key, "0x87"))
        assert self.in_flight is None, "a refused row has its pause"

    @precondition(lambda self: self.connected)
    @rule(arrived=st.booleans())
    def broker_is_lost(self, arrived: bool) -> None:
        if arrived and self.in_flight is not None:
            self.delivered.append(self.in_flight.key)
        self.connected, self.in_flight = False, None
        self.feed(BrokerLost("reset"))

    @rule()
    def core_comes_or_goes(self) -> None:
        self.core_is_up = not self.core_is_up

    @rule()
    def killed(self) -> None:
        self.boot()

    @rule(later=st.floats(0.01, 70))
    def time_passes(self, later: float) -> None:
        end = self.now + later
        for _ in range(1000):
            deadline = self.machine.next_deadline
            if deadline is None or deadline > end:
                break
            self.now = max(self.now, deadline)
            self.feed(TimePassed())
        else:
            raise AssertionError("it spins")
        self.now = end
        self.feed(TimePassed())

    @invariant()
    def the_cloud_sees_the_outbox_in_order_and_whole(self) -> None:
        firsts = list(dict.fromkeys(self.delivered))
        assert firsts == [row(seq).key for seq in range(1, len(firsts) + 1)]

    @invariant()
    def nothing_is_lost(self) -> None:
        kept = {found.key for found in self.outbox.values()}
        assert {row(seq).key for seq in range(1, self.written + 1)} == kept | (self.acknowledged - kept)

    def teardown(self) -> None:
        """Everything works again: within minutes all is delivered, struck and forgotten, and then it is quiet."""
        self.core_is_up = True
        for _ in range(40 + 10 * self.written):
            if self.connecting:
                self.attempt_ends(True)
            while self.in_flight is not None:
                self.broker_acknowledges()
            self.time_passes(10.0)
            if not self.outbox and not self.recorded:
                break
        assert not self.outbox
        assert not self.recorded
        assert len(set(self.delivered)) == self.written


TestSyncWorld = SyncWorld.TestCase
TestSyncWorld.settings = settings(max_examples=60, stateful_step_count=30)


def connected(recorded: tuple[str, ...] = ()) -> OutboxMachine:
    machine = OutboxMachine(recorded)
    machine.handle(TimePassed(), 0.0)
    machine.handle(BrokerConnected(), 0.0)
    return machine


def only(actions: list[Action], kind: type[Action]) -> list[Action]:
    return [action for action in actions if isinstance(action, kind)]


def test_one_row_goes_its_way() -> None:
    machine = connected()
    assert machine.handle(RowsRead((row(1), row(2))), 0.0) == [PublishRow(row(1))]
    assert machine.handle(RowAcknowledged(row(1).key), 0.1) == [RecordAcknowledged(row(1).key), PublishRow(row(2))]
    actions = machine.handle(RowAcknowledged(row(2).key), 0.2)
    assert actions[0] == RecordAcknowledged(row(2).key)
    assert actions[-1] == ReportToCore((row(1).key, row(2).key), ())
    assert machine.handle(CoreStruck((row(1).key, row(2).key)), 0.3)[0] == ForgetKeys((row(1).key, row(2).key))


def test_what_was_acknowledged_in_an_earlier_life_is_reported_and_not_sent() -> None:
    machine = OutboxMachine([row(1).key])
    assert ReportToCore((row(1).key,), ()) in machine.handle(TimePassed(), 0.0)
    machine.handle(CoreAbsent("not up yet"), 0.0)
    machine.handle(BrokerConnected(), 0.0)
    assert only(machine.handle(RowsRead((row(1), row(2))), 0.0), PublishRow) == [PublishRow(row(2))]


def test_a_refused_row_keeps_its_place_and_its_tries_are_told() -> None:
    machine = connected()
    machine.handle(RowsRead((row(1), row(2))), 0.0)
    refused = machine.handle(RowRefused(row(1).key, "0x97 quota"), 1.0)
    assert ReportToCore((), (row(1).key,)) in refused
    assert only(refused, PublishRow) == []
    machine.handle(CoreStruck(()), 1.0)
    assert machine.next_deadline == 2.0
    assert machine.handle(TimePassed(), 2.0) == [PublishRow(row(1))]


def test_a_broker_that_says_nothing_is_dropped() -> None:
    machine = connected()
    machine.handle(RowsRead((row(1),)), 0.0)
    assert machine.next_deadline == ACK_TIMEOUT_S
    assert machine.handle(TimePassed(), ACK_TIMEOUT_S)[0] == DropBroker()
    assert not machine.connected


def test_it_is_said_once_when_it_breaks_and_once_when_it_works_again() -> None:
    machine = connected()
    said: list[str] = []
    now = 0.0
    for event in [BrokerLost("reset"), *[TimePassed(), BrokerLost("refused")] * 4, TimePassed(), BrokerConnected()]:
        now += 100
        said += [action.text for action in machine.handle(event, now) if isinstance(action, Say)]
    assert said == ["no broker: reset; the rows are kept, trying again", "the broker is back"]


def test_pauses_double_up_to_the_longest() -> None:
    pause = Backoff(0.5, 4.0)
    assert [pause.next_pause() for _ in range(5)] == [0.5, 1.0, 2.0, 4.0, 4.0]
    pause.reset()
    assert pause.next_pause() == 0.5
