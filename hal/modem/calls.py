"""The calls a modem holds, from its indications and its call list. Pure.

Invariants: a call is reported when it appears and when its state changes, and ends exactly once; a call whose end the
modem did not announce is believed gone only after two good lists without it; an index may be used again at once, the
former call's end is then reported first. Call lists are asked for while a call lives, never while none does.
"""

from __future__ import annotations

from dataclasses import dataclass

from hal.at.values import CallEntry
from hal.interfaces import CallReported, CallState, Cause, Moment, RawNumber

POLL_SETUP_S = 1.0
POLL_TALK_S = 2.0
POLL_CONFIRM_S = 0.6
"""Faster than 0.5 s slows the URCs of some modules."""
RING_POLL_AFTER_S = 1.5
"""Half-way between two RINGs: where a list disturbs no decision."""
RING_FORGOTTEN_S = 8.0
"""Two ring intervals and 2 s: then a RING without a listed call is over."""
SUSPICION_S = 2.0
"""After a word that some call ended, one list without it is proof."""
NEVER_LISTED_INDEX = 0
"""Names a dialled call that ended before the modem ever listed it."""

_SETUP_STATES = (CallState.DIALING, CallState.ALERTING)


# --- events


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """A +CLCC URC."""

    entry: CallEntry


@dataclass(frozen=True, slots=True)
class CallsRead:
    """A complete, good answer to AT+CLCC."""

    entries: tuple[CallEntry, ...]


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """AT+CLCC got no good answer."""


@dataclass(frozen=True, slots=True)
class RingCame:
    pass


@dataclass(frozen=True, slots=True)
class ChangeHinted:
    """VOICE CALL: BEGIN, an accepted ATA: the list tells what changed."""


@dataclass(frozen=True, slots=True)
class EndHinted:
    """VOICE CALL: END, NO CARRIER, a hang-up of ours: some call is over."""

    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class DialAccepted:
    """OK to ATD."""

    number: RawNumber


@dataclass(frozen=True, slots=True)
class CauseTold:
    """The answer to `AskCause`."""

    index: int
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class TimePassed:
    pass


TrackerEvent = (
    EntrySeen | CallsRead | ReadFailed | RingCame | ChangeHinted | EndHinted | DialAccepted | CauseTold | TimePassed
)

# --- actions


@dataclass(frozen=True, slots=True)
class ReportCall:
    report: CallReported


@dataclass(frozen=True, slots=True)
class ReadCalls:
    """Ask AT+CLCC, answer with `CallsRead` or `ReadFailed`."""

    urgent: bool


@dataclass(frozen=True, slots=True)
class AskCause:
    """Ask AT+CEER, answer with `CauseTold`."""

    index: int


TrackerAction = ReportCall | ReadCalls | AskCause


@dataclass(slots=True)
class _Call:
    index: int
    outgoing: bool
    state: CallState
    number: RawNumber | None
    misses: int = 0

    def report(self, state: CallState, cause: Cause | None = None) -> CallReported:
        return CallReported(self.index, self.outgoing, state, self.number, cause)


class CallTracker:
    """`handle` gives actions; `next_deadline` says when `TimePassed` is due."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self._ending: dict[int, _Call] = {}
        """Over, waiting for the cause."""
        self._expected: RawNumber | None = None
        """Dialled and accepted, not listed yet."""
        self._expected_misses = 0
        self._ring_at: float | None = None
        self._suspect_until = float("-inf")
        self._hinted_cause: Cause | None = None
        self._reading = False
        self._read_again = False
        self._poll_at: float | None = None
        self._actions: list[TrackerAction] = []

    # --- read-only state

    @property
    def calls(self) -> tuple[CallReported, ...]:
        """The living calls."""
        return tuple(call.report(call.state) for call in self._calls.values())

    @property
    def talking(self) -> bool:
        """A call is up, active or held."""
        return any(call.state in (CallState.ACTIVE, CallState.HELD) for call in self._calls.values())

    @property
    def setting_up(self) -> bool:
        """A call of ours is on its way."""
        return self._expected is not None or any(call.state in _SETUP_STATES for call in self._calls.values())

    @property
    def ringing(self) -> bool:
        """Somebody calls: by RING or by the list."""
        return self._ring_at is not None or any(
            call.state in (CallState.INCOMING, CallState.WAITING) for call in self._calls.values()
        )

    @property
    def idle(self) -> bool:
        return not self._calls and self._expected is None and self._ring_at is None

    @property
    def next_deadline(self) -> float | None:
        return self._poll_at

    # --- events

    def handle(self, event: TrackerEvent, now: Moment) -> list[TrackerAction]:
        self._actions = []
        match event:
            case EntrySeen(entry):
                self._see(entry)
                self._plan(now.mono)
            case CallsRead(entries):
                self._read(entries, now.mono)
            case ReadFailed():
                self._reading = False
                self._plan(now.mono)
            case RingCame():
                for index in tuple(self._ending):  # what ended before the ring is told before it
                    self._finish(index, None)
                self._ring_at = now.mono
                self._plan(now.mono)
            case ChangeHinted():
                self._ask_list(urgent=True)
            case EndHinted(cause):
                self._hint_end(cause, now.mono)
            case DialAccepted(number):
                self._expect(number, now.mono)
            case CauseTold(index, cause):
                self._finish(index, cause)
            case TimePassed():
                self._check_time(now.mono)
        return self._actions

    def _expect(self, number: RawNumber, now: float) -> None:
        if not any(call.outgoing for call in self._calls.values()):  # the URC may come before the OK
            self._expected, self._expected_misses = number, 0
        self._plan(now)

    def _hint_end(self, cause: Cause | None, now: float) -> None:
        self._hinted_cause = cause or self._hinted_cause
        self._ring_at = None
        if self._calls or self._expected is not None:
            self._suspect_until = now + SUSPICION_S
            self._ask_list(urgent=True)

    def _check_time(self, now: float) -> None:
        if self._poll_at is None or now < self._poll_at:
            return
        if self._ring_at is not None and now - self._ring_at > RING_FORGOTTEN_S:
            self._ring_at = None
        self._poll_at = None
        if self.idle:
            return
        self._ask_list(urgent=False)

    def _ask_list(self, *, urgent: bool) -> None:
        if self._reading:
            self._read_again = self._read_again or urgent  # the list under way may be older than the hint
            return
        self._reading = True
        self._poll_at = None
        self._actions.append(ReadCalls(urgent))

    # --- calls appear, change, vanish

    def _see(self, entry: CallEntry) -> None:
        if not entry.is_voice:
            return
        call = self._calls.get(entry.index)
        if entry.state is CallState.ENDED:
            if call is not None:
                self._end(call)
            elif entry.outgoing and self._expected is not None:
                self._end_expected()
            return
        if call is not None and call.outgoing == entry.outgoing:
            self._update(call, entry)
            return
        if call is not None:
            self._end(call)  # the index has a new owner
        self._finish(entry.index, self._hinted_cause)
        self._appear(entry)

    def _appear(self, entry: CallEntry) -> None:
        if entry.outgoing:
            self._expected = None
        call = _Call(entry.index, entry.outgoing, entry.state, entry.number)
        self._calls[entry.index] = call
        self._hinted_cause = None
        self._actions.append(ReportCall(call.report(call.state)))

    def _update(self, call: _Call, entry: CallEntry) -> None:
        call.misses = 0
        number = entry.number or call.number
        if entry.state is call.state and number == call.number:
            return
        call.number = number
        call.state = entry.state
        if call.state is not CallState.INCOMING:
            self._ring_at = None
        self._actions.append(ReportCall(call.report(call.state)))

    def _read(self, entries: tuple[CallEntry, ...], now: float) -> None:
        self._reading = False
        voice = {entry.index: entry for entry in entries if entry.is_voice}
        for entry in voice.values():
            self._see(entry)
        proven = 1 if now <= self._suspect_until else 2
        for call in [call for call in self._calls.values() if call.index not in voice]:
            call.misses += 1
            if call.misses >= proven:
                self._end(call)
        if self._expected is not None:
            self._expected_misses += 1
            if self._expected_misses >= proven:
                self._end_expected()
        if self._read_again:
            self._read_again = False
            self._ask_list(urgent=True)
        self._plan(now)

    def _end(self, call: _Call) -> None:
        del self._calls[call.index]
        self._finish(call.index, None)
        self._ending[call.index] = call
        if not call.outgoing:
            self._ring_at = None
        self._actions.append(AskCause(call.index))

    def _end_expected(self) -> None:
        number, self._expected = self._expected, None
        call = _Call(NEVER_LISTED_INDEX, outgoing=True, state=CallState.DIALING, number=number)
        self._ending[NEVER_LISTED_INDEX] = call
        self._actions.append(AskCause(NEVER_LISTED_INDEX))

    def _finish(self, index: int, cause: Cause | None) -> None:
        call = self._ending.pop(index, None)
        if call is not None:
            self._actions.append(ReportCall(call.report(CallState.ENDED, cause or self._hinted_cause)))
            self._hinted_cause = None

    # --- when to ask for the list

    def _plan(self, now: float) -> None:
        if self._reading:
            return
        self._poll_at = self._next_poll(now)

    def _next_poll(self, now: float) -> float | None:
        doubtful = self._expected_misses if self._expected is not None else 0
        if doubtful or any(call.misses for call in self._calls.values()) or (self._calls and now < self._suspect_until):
            return now + POLL_CONFIRM_S
        if self.setting_up:
            return now + POLL_SETUP_S
        if self._ring_at is not None:
            return max(self._ring_at + RING_POLL_AFTER_S, now + POLL_SETUP_S)
        if self._calls:
            return now + POLL_TALK_S
        return None


def as_report(entry: CallEntry) -> CallReported:
    """A list line as the contract shows it."""
    return CallReported(entry.index, entry.outgoing, entry.state, entry.number)
