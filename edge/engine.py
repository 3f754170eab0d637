"""The asyncio shell of the core: one inbox → `switchboard.handle(event, now)` → perform the actions → next deadline.

Invariants: the engine owns all call state, on one thread. Whoever has something to say posts it on the loop. An event
is written to the journal together with the actions it caused. Nothing here decides: what a busy line or a lost modem
means is decided by `edge.lines` and `edge.calls`. The path from a modem's bytes to the answering command runs without
a turn of the loop in between, so that the box answers at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from edge.calls import actions as do
from edge.calls import events as ev
from edge.calls.switchboard import Switchboard
from edge.lines.line import Line, LineTimePassed
from edge.telephony import CallId, Clock, LegId, LineId, Moment
from hal.interfaces import AudioPort, Modem, ModemCommand, ModemEvent

log = logging.getLogger("tongdai.engine")

FAULT_PAUSE_S = 1.0
"""After a fault of ours the next deadline is not looked at sooner: one that always fails must not spin."""
LAG_ALARM_S = 0.1
"""An event that waited longer than this before it was handled is counted: the loop is stalling."""


class Media(Protocol):
    """What the engine needs of `edge.media`."""

    def perform(self, action: do.MediaAction) -> None: ...
    def leg_added(self, leg: LegId, line: LineId, port: AudioPort) -> None: ...
    def leg_audio_open(self, leg: LegId) -> None: ...
    def leg_audio_closed(self, leg: LegId) -> None: ...
    def leg_removed(self, leg: LegId) -> None: ...


class Records(Protocol):
    """What the engine needs of the store: performed in order, off the loop."""

    def perform(self, action: do.RecordAction | do.SendMessage, now: Moment) -> None: ...
    def journal(
        self, now: Moment, event: ev.Event, actions: tuple[do.Action, ...], calls: tuple[CallId, ...]
    ) -> None: ...
    def checkpoint(self, board: Switchboard, now: Moment) -> None: ...


class Cashier(Protocol):
    """What the engine needs of spending control."""

    def perform(self, action: do.SpendingAction, now: Moment) -> None:
        """Answers by posting events into the engine, `AuthoriseLeg` in the same turn."""
        ...


class OpenPurse:
    """The cashier of a company without limits: every leg may be dialled, nothing is counted."""

    def __init__(self, post: Callable[[ev.Event], None]) -> None:
        self._post = post

    def perform(self, action: do.SpendingAction, now: Moment) -> None:
        del now  # it counts nothing
        if isinstance(action, do.AuthoriseLeg):
            self._post(ev.LegAuthorised(action.leg))


@dataclass(slots=True)
class Trunk:
    """One line with its modem and its voice path."""

    line: Line
    modem: Modem
    audio: AudioPort | None
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Health:
    """Counters that are zero in a healthy box, apart from `events` and `worst_lag_s`."""

    events: int = 0
    late_events: int = 0
    worst_lag_s: float = 0.0
    faults: int = 0
    """Events that a fault of ours kept from being handled; the log has the trace."""
    failed_actions: Counter[str] = field(default_factory=Counter)


class Engine:
    """Feeds the pure machines and performs what they answer.

    `changed` is called after each event with it and its calls (the live page); `observe` sees every modem event first
    (signal and operator for the page). `cashier`: spending control; None: whoever wants to call may.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        board: Switchboard,
        media: Media,
        records: Records,
        changed: Callable[[ev.Event, tuple[CallId, ...]], None] = lambda _event, _calls: None,
        observe: Callable[[LineId, ModemEvent], None] = lambda _line, _event: None,
        *,
        cashier: Cashier | None = None,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._board = board
        self._media = media
        self._records = records
        self._changed = changed
        self._observe = observe
        self._cashier: Cashier = OpenPurse(self.post) if cashier is None else cashier
        self._trunks: dict[LineId, Trunk] = {}
        self._inbox: deque[tuple[ev.Event, float]] = deque()
        self._draining = False
        self._timer: asyncio.TimerHandle | None = None
        self._last_actions: tuple[do.Action, ...] = ()
        self.health = Health()

    @property
    def board(self) -> Switchboard:
        return self._board

    @property
    def trunks(self) -> Mapping[LineId, Trunk]:
        return self._trunks

    def add_trunk(self, line_id: LineId, trunk: Trunk) -> None:
        self._trunks[line_id] = trunk

    # --- in -------------------------------------------------------------------------------------------------------

    def post(self, event: ev.Event) -> None:
        """Puts an event into the inbox; handled before this returns unless one is being handled now."""
        self._inbox.append((event, self._clock.now().mono))
        if not self._draining:
            self._drain()

    def ask(self, event: ev.Event) -> tuple[do.Action, ...]:
        """Like `post`, for a request from outside: returns what the switchboard answered to it."""
        assert not self._draining, "a request comes from a task of its own, never out of an event"
        faults = self.health.faults
        self.post(event)
        if self.health.faults > faults:
            raise RuntimeError(f"{type(event).__name__} could not be handled; the log of the box says why")
        return self._last_actions

    def modem_reported(self, line: LineId, event: ModemEvent) -> None:
        """The sink of every modem driver; never raises into it."""
        try:
            self._observe(line, event)
            self._feed_line(line, event)
        except Exception:
            self.health.faults += 1
            log.exception("a fault of ours: %s of %s could not be handled", type(event).__name__, line)

    # --- the loop -------------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        """Handles the inbox until it is empty; `_last_actions` are those of the event that began it.

        A fault of ours in one event costs that event: who posted it (a driver between two lines, the audio clock) and
        the events behind it go on.
        """
        self._draining = True
        faults, first = self.health.faults, None
        while self._inbox:
            event, posted = self._inbox.popleft()
            actions: tuple[do.Action, ...] = ()
            try:
                actions = self._handle(event, posted)
            except Exception:
                self.health.faults += 1
                log.exception("a fault of ours: %s could not be handled", type(event).__name__)
            first = actions if first is None else first
        self._last_actions = first or ()
        self._draining = False
        self._arm(FAULT_PAUSE_S if self.health.faults > faults else 0.0)

    def _handle(self, event: ev.Event, posted: float) -> tuple[do.Action, ...]:
        now = self._clock.now()
        self._note_lag(now.mono - posted)
        self._before(event)
        actions = tuple(self._board.handle(event, now))
        calls = _calls_of(event, actions)
        for action in actions:
            self._try(action, now)
        self._after(event)
        self._records.journal(now, event, actions, calls)
        self._records.checkpoint(self._board, now)
        self._changed(event, calls)
        return actions

    def _note_lag(self, lag_s: float) -> None:
        self.health.events += 1
        self.health.worst_lag_s = max(self.health.worst_lag_s, lag_s)
        if lag_s > LAG_ALARM_S:
            self.health.late_events += 1
            log.warning("an event waited %.0f ms in the inbox", 1000 * lag_s)

    def _before(self, event: ev.Event) -> None:
        if isinstance(event, ev.LegAudioOpened):
            self._media.leg_audio_open(event.leg)

    def _after(self, event: ev.Event) -> None:
        if isinstance(event, ev.LegEnded | ev.DialRefused):
            self._media.leg_removed(event.leg)

    # --- out ------------------------------------------------------------------------------------------------------

    def _try(self, action: do.Action, now: Moment) -> None:
        """One action that fails must not keep the others, a hang-up among them, from being done."""
        try:
            self._perform(action, now)
        except Exception:
            self.health.failed_actions[type(action).__name__] += 1
            log.exception("%s could not be done", type(action).__name__)

    def _perform(self, action: do.Action, now: Moment) -> None:
        if isinstance(action, do.LineAction):
            if isinstance(action, do.SendMessage):
                self._records.perform(action, now)
            self._give_to_line(action)
        elif isinstance(action, do.MediaAction):
            self._media.perform(action)
        elif isinstance(action, do.SpendingAction):
            self._cashier.perform(action, now)
        else:
            self._records.perform(action, now)

    def _give_to_line(self, action: do.LineAction) -> None:
        trunk = self._trunks[action.line]
        if isinstance(action, do.ClaimLeg | do.DialLeg) and trunk.audio is not None:
            self._media.leg_added(action.leg, action.line, trunk.audio)
        self._feed_line(action.line, action)

    def _feed_line(self, line_id: LineId, event: ModemEvent | do.LineAction | LineTimePassed) -> None:
        trunk = self._trunks[line_id]
        for out in trunk.line.handle(event, self._clock.now()):
            if isinstance(out, ModemCommand):
                trunk.modem.perform(out)
            else:
                self.post(out)
        self._arm_line(line_id, trunk)

    # --- time -----------------------------------------------------------------------------------------------------

    def _arm(self, at_least_s: float = 0.0) -> None:
        self._timer = self._rearm(self._timer, self._board.next_deadline, self._time_passed, at_least_s)

    def _arm_line(self, line_id: LineId, trunk: Trunk) -> None:
        trunk.timer = self._rearm(trunk.timer, trunk.line.next_deadline, lambda: self._line_time_passed(line_id))

    def _rearm(
        self,
        timer: asyncio.TimerHandle | None,
        deadline: float | None,
        callback: Callable[[], None],
        at_least_s: float = 0.0,
    ) -> asyncio.TimerHandle | None:
        if timer is not None:
            timer.cancel()
        if deadline is None:
            return None
        return self._loop.call_later(max(at_least_s, deadline - self._clock.now().mono), callback)

    def _time_passed(self) -> None:
        self._timer = None
        self.post(ev.TimePassed())

    def _line_time_passed(self, line_id: LineId) -> None:
        self._trunks[line_id].timer = None
        self._feed_line(line_id, LineTimePassed())

    def close(self) -> None:
        """Disarms every timer; nothing is handled afterwards."""
        for timer in (self._timer, *(trunk.timer for trunk in self._trunks.values())):
            if timer is not None:
                timer.cancel()


def call_of_leg(leg: LegId) -> CallId:
    """`c17.2` → `c17`."""
    return CallId(leg.partition(".")[0])


def _calls_of(event: ev.Event, actions: tuple[do.Action, ...]) -> tuple[CallId, ...]:
    """Which calls an event concerned, in order of mention: the index of the journal."""
    found: dict[CallId, None] = {}
    for item in (event, *actions):
        match item:
            case ev.CallEndRequested(call=call):
                found[call] = None
            case do.CloseCdr(cdr=cdr) | do.RefreshOpenCdr(cdr=cdr):
                found[cdr.call] = None
            case do.SetHearing(listener=leg):
                found[call_of_leg(leg)] = None
            case ev.RecordingFinished(recording=name) | ev.RecordingFailed(recording=name):
                found[CallId(name.partition(".")[0])] = None
            case do.StopRecording(recording=name):
                found[CallId(name.partition(".")[0])] = None
            case (
                ev.LegAuthorised(leg=leg)
                | ev.LegBarred(leg=leg)
                | ev.BudgetRunningOut(leg=leg)
                | ev.BudgetSpent(leg=leg)
                | do.AuthoriseLeg(leg=leg)
                | do.MeterLeg(leg=leg)
                | do.ReleaseLeg(leg=leg)
                | ev.LegAlerting(leg=leg)
                | ev.LegAnswered(leg=leg)
                | ev.LegEnded(leg=leg)
                | ev.DialRefused(leg=leg)
                | ev.LegAudioOpened(leg=leg)
                | ev.LegAudioFailed(leg=leg)
                | ev.KeyPressed(leg=leg)
                | ev.PromptFinished(leg=leg)
                | do.ClaimLeg(leg=leg)
                | do.AnswerLeg(leg=leg)
                | do.DialLeg(leg=leg)
                | do.HangUpLeg(leg=leg)
                | do.PressKeys(leg=leg)
                | do.PlayPrompts(leg=leg)
                | do.PlayTone(leg=leg)
                | do.StopPlaying(leg=leg)
            ):
                found[call_of_leg(leg)] = None
            case do.SendMessage(about=call) if call is not None:
                found[call] = None
            case _:
                pass
    return tuple(found)
