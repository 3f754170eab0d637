"""The calls a modem holds, from its indications and its call list. Pure.

Invariants: a call is reported when it appears and when its state changes, and ends exactly once; a call whose end the
modem did not announce is believed gone only after two good lists without it; an index may be used again at once, the
former call's end is then reported first. Call lists are asked for while a call lives, never while none does; what an
indication told after a list was asked for is never undone by that list. A call that is over by the module's own word
and still listed (stuck), or listed though nobody has one (stale), is hung up; where that does not help it is given up.
"""

from __future__ import annotations

from dataclasses import dataclass

from hal.at.values import CallEntry
from hal.interfaces import CallReported, CallState, Cause, Moment, RawNumber
from hal.modem.call_events import (
    AskCause,
    CallsRead,
    CauseTold,
    ChangeHinted,
    ClearCall,
    DialAccepted,
    EndHinted,
    EntrySeen,
    GiveUpCall,
    ReadCalls,
    ReadFailed,
    ReportCall,
    RingCame,
    TimePassed,
    TrackerAction,
    TrackerEvent,
    WaitingCame,
)

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
STUCK_AFTER_S = 2.0
"""A call may be listed this long after the word of its end."""
STUCK_LISTS = 2
"""And must be in so many lists since, before it is hung up."""
CLEAR_AGAIN_S = 4.0
CLEAR_TRIES = 2
COMPANY_S = 5.0
"""The word of an end names no call. This long after another call was there it may have been that one's."""
CAUSE_PATIENCE_S = 2.0
"""An end is reported without its cause rather than later."""
NEVER_LISTED_INDEX = 0
"""Names a dialled call that ended before the modem ever listed it."""

_SETUP_STATES = (CallState.DIALING, CallState.ALERTING)
_UP_STATES = (CallState.ACTIVE, CallState.HELD)
_RING_STATES = (CallState.INCOMING, CallState.WAITING)


@dataclass(slots=True)
class _Over:
    """The call is over by all we know, and the modem lists it."""

    since: float
    clear_at: float
    listed: int = 0
    tries: int = 0


@dataclass(slots=True)
class _Call:
    index: int
    outgoing: bool
    state: CallState
    number: RawNumber | None
    misses: int = 0
    over: _Over | None = None
    stale: bool = False
    """Nobody was told of it, nor will be."""
    report_by: float = 0.0
    """It has ended: when that is reported, also without a cause."""

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
        self._invited = False
        """An unknown call in the next list is welcome."""
        self._touched: dict[int, float] = {}
        """When an indication last told of this index."""
        self._company_at = float("-inf")
        """When there was last another call than the one there is."""
        self._poll_at: float | None = None
        self._now = float("-inf")
        self._actions: list[TrackerAction] = []

    # --- read-only state

    @property
    def calls(self) -> tuple[CallReported, ...]:
        """The living calls."""
        return tuple(call.report(call.state) for call in self._reported)

    @property
    def talking(self) -> bool:
        """A call is up, active or held."""
        return any(call.state in _UP_STATES for call in self._reported)

    @property
    def setting_up(self) -> bool:
        """A call of ours is on its way."""
        return self._expected is not None or any(call.state in _SETUP_STATES for call in self._reported)

    @property
    def ringing(self) -> bool:
        """Somebody calls: by RING or by the list."""
        return self._ring_at is not None or any(call.state in _RING_STATES for call in self._reported)

    @property
    def idle(self) -> bool:
        """No call, not even a stale one."""
        return not self._calls and self._expected is None and self._ring_at is None

    @property
    def next_deadline(self) -> float | None:
        deadlines = [call.report_by for call in self._ending.values()]
        if self._poll_at is not None:
            deadlines.append(self._poll_at)
        return min(deadlines, default=None)

    @property
    def _reported(self) -> list[_Call]:
        return [call for call in self._calls.values() if not call.stale]

    # --- events

    def handle(self, event: TrackerEvent, now: Moment) -> list[TrackerAction]:
        self._actions = []
        self._now = now.mono
        match event:
            case EntrySeen(entry):
                self._touched[entry.index] = self._now
                self._see(entry)
                self._plan()
            case CallsRead():
                self._read(event)
            case ReadFailed():
                self._reading = False
                self._plan()
            case RingCame():
                self._ring()
            case WaitingCame():
                self._company_at = self._now
                self._ask_list(urgent=True)
            case ChangeHinted():
                self._invited = True
                self._ask_list(urgent=True)
            case EndHinted(cause, told):
                self._hint_end(cause, told)
            case DialAccepted(number):
                self._expect(number)
            case CauseTold(index, cause):
                self._finish(index, cause)
            case TimePassed():
                self._check_time()
        if len(self._calls) > 1:
            self._company_at = self._now
        return self._actions

    def _ring(self) -> None:
        for index in tuple(self._ending):  # what ended before the ring is told before it
            self._finish(index, None)
        for call in self._calls.values():
            if call.state in _UP_STATES:
                self._company_at = self._now
            elif not call.stale:
                call.over = None
        self._ring_at = self._now
        self._plan()

    def _expect(self, number: RawNumber) -> None:
        if not any(call.outgoing for call in self._calls.values()):  # the URC may come before the OK
            self._expected, self._expected_misses = number, 0
        self._plan()

    def _hint_end(self, cause: Cause | None, told: bool) -> None:
        self._hinted_cause = cause or self._hinted_cause
        self._ring_at = None
        if self._calls or self._expected is not None:
            self._suspect_until = self._now + SUSPICION_S
            if told:
                self._doubt_only_call()
            self._ask_list(urgent=True)

    def _doubt_only_call(self) -> None:
        """The end that was told can only be that of the one call there is."""
        if len(self._calls) != 1 or self._expected is not None or self._now - self._company_at < COMPANY_S:
            return
        (call,) = self._calls.values()
        if call.over is None:
            call.over = _Over(self._now, self._now + STUCK_AFTER_S)

    def _check_time(self) -> None:
        for call in [call for call in self._ending.values() if call.report_by <= self._now]:
            self._finish(call.index, None)
        if self._poll_at is None or self._now < self._poll_at:
            return
        if self._ring_at is not None and self._now - self._ring_at > RING_FORGOTTEN_S:
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
        if call is not None and not _is_another(call, entry):
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
        if entry.state is not call.state and not call.stale:
            call.over = None  # it lives
        call.number = number
        call.state = entry.state
        if call.stale:
            return
        if call.state is not CallState.INCOMING:
            self._ring_at = None
        self._actions.append(ReportCall(call.report(call.state)))

    def _read(self, event: CallsRead) -> None:
        self._reading = False
        voice = {entry.index: entry for entry in event.entries if entry.is_voice}
        newer = {index for index, told_at in self._touched.items() if told_at > event.asked_at}
        uninvited = self.idle and not (event.invited or self._invited)
        for entry in voice.values():
            if entry.index in newer:
                continue
            if uninvited and entry.state in _UP_STATES + _SETUP_STATES:
                self._meet_stale(entry)
            else:
                self._see(entry)
        self._count_misses(set(voice) | newer)
        self._clear_stuck(set(voice) - newer, event.asked_at)
        if self._read_again or newer:
            self._read_again = False
            self._ask_list(urgent=True)
        else:
            self._invited = False
        self._plan()

    def _count_misses(self, present: set[int]) -> None:
        proven = 1 if self._now <= self._suspect_until else 2
        for call in [call for call in self._calls.values() if call.index not in present]:
            call.misses += 1
            if call.misses >= proven:
                self._end(call)
        if self._expected is not None:
            self._expected_misses += 1
            if self._expected_misses >= proven:
                self._end_expected()

    def _meet_stale(self, entry: CallEntry) -> None:
        """A call that nobody made or answered: of a former life, or believed to be over."""
        over = _Over(self._now, self._now)
        self._calls[entry.index] = _Call(
            entry.index, entry.outgoing, entry.state, entry.number, over=over, stale=True
        )  # fmt: skip

    def _clear_stuck(self, present: set[int], asked_at: float) -> None:
        for call in self._calls.values():
            over = call.over
            if over is None or call.index not in present or asked_at < over.since:
                continue
            over.listed += 1
            if over.listed < STUCK_LISTS or self._now < over.clear_at:
                continue
            over.tries += 1
            over.clear_at = self._now + CLEAR_AGAIN_S
            if over.tries <= CLEAR_TRIES:
                alone = len(self._calls) == 1 and self._ring_at is None
                self._actions.append(ClearCall(call.index, alone))
            else:
                self._actions.append(GiveUpCall(call.index))

    def _end(self, call: _Call) -> None:
        del self._calls[call.index]
        self._company_at = self._now
        if call.stale:
            return
        self._finish(call.index, None)
        call.report_by = self._now + CAUSE_PATIENCE_S
        self._ending[call.index] = call
        if not call.outgoing:
            self._ring_at = None
        self._actions.append(AskCause(call.index))

    def _end_expected(self) -> None:
        number, self._expected = self._expected, None
        call = _Call(NEVER_LISTED_INDEX, outgoing=True, state=CallState.DIALING, number=number)
        call.report_by = self._now + CAUSE_PATIENCE_S
        self._ending[NEVER_LISTED_INDEX] = call
        self._actions.append(AskCause(NEVER_LISTED_INDEX))

    def _finish(self, index: int, cause: Cause | None) -> None:
        call = self._ending.pop(index, None)
        if call is not None:
            self._actions.append(ReportCall(call.report(CallState.ENDED, cause or self._hinted_cause)))
            self._hinted_cause = None

    # --- when to ask for the list

    def _plan(self) -> None:
        if not self._reading:
            self._poll_at = self._next_poll()

    def _next_poll(self) -> float | None:
        calls = self._calls.values()
        doubtful = self._expected_misses if self._expected is not None else 0
        if doubtful or any(call.misses or call.over for call in calls) or (calls and self._now < self._suspect_until):
            return self._now + POLL_CONFIRM_S
        if self.setting_up:
            return self._now + POLL_SETUP_S
        if self._ring_at is not None:
            return max(self._ring_at + RING_POLL_AFTER_S, self._now + POLL_SETUP_S)
        if self._calls:
            return self._now + POLL_TALK_S
        return None


def _is_another(call: _Call, entry: CallEntry) -> bool:
    """The index has a new owner: no call goes back to ringing."""
    again = not call.outgoing and call.state in _UP_STATES and entry.state in _RING_STATES
    return again or call.outgoing != entry.outgoing


def as_report(entry: CallEntry) -> CallReported:
    """A list line as the contract shows it."""
    return CallReported(entry.index, entry.outgoing, entry.state, entry.number)
