"""The call commands of a modem and what its calls report: dial, answer, hang up, keys.

Invariants: each token gets exactly one `CommandDone` or `CommandFailed`; `Answer` is written at once when the port is
idle, and no poll starts while a ring is fresh; where RING meets our ATD the incoming call wins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from hal.at.commands import AtCommand, AtResult, Priority, Status
from hal.at.values import (
    CallCleared,
    CallEntry,
    CallerShown,
    CallMissed,
    CallWaits,
    KeyPressed,
    Rang,
    Urc,
    VoiceBegan,
    VoiceEnded,
)
from hal.interfaces import (
    Answer,
    CallerIdReported,
    CallsListed,
    CallState,
    Cause,
    Clock,
    CommandDone,
    CommandFailed,
    Dial,
    HangUp,
    KeyReported,
    ListCalls,
    ModemSink,
    RawNumber,
    RefuseWaiting,
    RingHeard,
    SendKeys,
    WaitingCallReported,
)
from hal.modem.at_port import AtPort, delay_until
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
    TrackerEvent,
    WaitingCame,
)
from hal.modem.call_queries import CallList, CallQueries
from hal.modem.calls import CallTracker, as_report
from hal.modem.causes import END_WORD_CAUSES, cause_of_result
from hal.modem.profile import ModemProfile
from hal.modem.voice_path import Phase, VoicePath

FRESH_RING_S = 1.0
_KEYS = frozenset("0123456789*#ABCD")


class Calling:
    """One per modem and connection: `close` ends it with the connection."""

    def __init__(self, at: AtPort, clock: Clock, profile: ModemProfile, voice: VoicePath, sink: ModemSink) -> None:
        self.on_stuck: Callable[[], None] = lambda: None
        """A call cannot be cleared: only a reset of the module helps."""
        self._queries = CallQueries(at, clock, profile.timeouts)
        self._at = at
        self._clock = clock
        self._profile = profile
        self._voice = voice
        self._sink = sink
        self._tracker = CallTracker()
        self._timer: asyncio.TimerHandle | None = None
        self._key_timers: dict[int, asyncio.TimerHandle] = {}
        self._pending: set[int] = set()
        self._dialling: int | None = None
        """The token of an ATD not answered yet."""
        self._hanging_up = False
        """The voice path stays closed, whatever the list still shows."""
        self._abandoned = False
        """An ATD lost against an incoming call; what the modem makes of it is not reported."""

    @property
    def calm(self) -> bool:
        """No call is being decided about: slow commands may be sent."""
        return not (self._tracker.ringing or self._tracker.setting_up or self._dialling is not None)

    @property
    def idle(self) -> bool:
        """No call at all."""
        return self._tracker.idle and self._dialling is None

    def close(self, reason: str) -> None:
        """The modem is gone: what was asked for fails, calls are lost without a report (`ModemLost` says it)."""
        for timer in (self._timer, *self._key_timers.values()):
            if timer is not None:
                timer.cancel()
        for token in sorted(self._pending):
            self._settle(token, CommandFailed(token, reason, Cause.TEMPORARY_FAILURE))
        self._voice.forget()

    def look(self) -> None:
        """Nobody has a call here: does the module know that? A stale one is hung up."""
        if self.idle:
            self._queries.read_calls(Priority.POLL, self._calls_read)

    # --- commands

    def perform(self, command: Dial | Answer | HangUp | RefuseWaiting | SendKeys | ListCalls) -> None:
        self._pending.add(command.token)
        match command:
            case Dial(token, number):
                self._dial(token, number)
            case Answer(token):
                text = AtCommand("ATA", self._profile.timeouts.answer_s, priority=Priority.CALL, call_command=True)
                self._at.submit(text, partial(self._answered, token))
            case HangUp(token):
                self._hanging_up = True
                self._voice.release(partial(self._hang_up, token))
            case RefuseWaiting(token):
                text = AtCommand("AT+CHLD=0", self._profile.timeouts.supplementary_s, priority=Priority.CALL)
                self._at.submit(text, partial(self._finished, token))
            case SendKeys(token, keys):
                self._send_keys(token, keys.upper())
            case ListCalls(token):
                self._queries.read_calls(Priority.FOLLOW_UP, partial(self._listed, token))

    def _dial(self, token: int, number: str) -> None:
        digits = number.removeprefix("+")
        if not digits or not set(digits) <= set("0123456789*#"):
            self._fail(token, f"{number!r} cannot be dialled: digits are needed", Cause.INVALID_NUMBER)
        elif self._tracker.ringing:
            self._fail(token, "glare", Cause.CHANNEL_UNAVAILABLE)
        elif not self.idle:
            self._fail(token, "the line holds a call already", Cause.CHANNEL_UNAVAILABLE)
        else:
            self._dialling = token
            text = AtCommand(f"ATD{number};", self._profile.timeouts.dial_s, priority=Priority.CALL, call_command=True)
            self._at.submit(text, partial(self._dialled, token, number))

    def _dialled(self, token: int, number: str, result: AtResult) -> None:
        self._dialling = None
        if token not in self._pending:  # the incoming call won
            if result.ok or result.status is Status.TIMEOUT:
                self._abandoned = True
                self._queries.read_calls(Priority.FOLLOW_UP, self._drop_abandoned)
            return
        raw = RawNumber(number, 145 if number.startswith("+") else 129)
        if result.ok:
            self._settle(token, CommandDone(token))
            self._track(DialAccepted(raw))
            return
        match result.status:
            case Status.TIMEOUT:
                self._queries.read_calls(Priority.FOLLOW_UP, partial(self._dial_proven, token, raw))
            case Status.NO_CARRIER:
                self._queries.ask_cause(lambda cause: self._fail(token, result.describe(), cause))
            case _:
                self._fail(token, result.describe(), cause_of_result(result))

    def _dial_proven(self, token: int, number: RawNumber, listed: CallList | None) -> None:
        """No answer to ATD: the list tells whether it was taken."""
        if listed is not None and any(entry.outgoing for entry in listed.entries):
            self._settle(token, CommandDone(token))
            self._track(DialAccepted(number))
            self._track(CallsRead(listed.entries, listed.asked_at, invited=True))
        else:
            self._fail(token, "no answer to ATD and no call in the list", Cause.TEMPORARY_FAILURE)

    def _drop_abandoned(self, listed: CallList | None) -> None:
        """End our call alone where the modem made one beside the incoming."""
        for entry in listed.entries if listed is not None else ():
            if entry.outgoing and entry.is_voice:
                self._at.submit(self._release_one(entry.index), _ignore)
        self._track(ChangeHinted())

    def _answered(self, token: int, result: AtResult) -> None:
        if result.status is Status.TIMEOUT:
            self._queries.read_calls(Priority.FOLLOW_UP, partial(self._answer_proven, token))
            return
        if not result.ok:
            self._fail(token, f"nothing to answer: {result.describe()}", cause_of_result(result))
            self._track(EndHinted())
            return
        self._settle(token, CommandDone(token))
        self._voice.follow(Phase.UP)
        self._track(ChangeHinted())

    def _answer_proven(self, token: int, listed: CallList | None) -> None:
        answered = listed is not None and any(
            entry.state is CallState.ACTIVE and not entry.outgoing for entry in listed.entries
        )
        if answered:
            self._settle(token, CommandDone(token))
        else:
            self._fail(token, "no answer to ATA", Cause.TEMPORARY_FAILURE)
        if listed is not None:
            self._track(CallsRead(listed.entries, listed.asked_at, invited=True))

    def _hang_up(self, token: int) -> None:
        text = AtCommand("AT+CHUP", self._profile.timeouts.hang_up_s, priority=Priority.CALL)
        self._at.submit(text, partial(self._hung_up, token))

    def _hung_up(self, token: int, result: AtResult) -> None:
        if result.status is Status.TIMEOUT:
            self._queries.read_calls(Priority.FOLLOW_UP, partial(self._hang_up_proven, token))
            return
        self._hanging_up = result.ok and self._tracker.talking
        self._finished(token, result)
        self._track(EndHinted(told=result.ok))

    def _hang_up_proven(self, token: int, listed: CallList | None) -> None:
        if listed is None or any(entry.is_voice for entry in listed.entries):
            self._hanging_up = False
            self._fail(token, "no answer to AT+CHUP and the call lives", Cause.TEMPORARY_FAILURE)
        else:
            self._settle(token, CommandDone(token))
            self._track(EndHinted())

    def _send_keys(self, token: int, keys: str) -> None:
        if not keys or not set(keys) <= _KEYS:
            self._fail(token, f"{keys!r} cannot be sent as keys: 0-9 * # A-D are", None)
            return
        text = self._profile.key.format(key=keys[0])
        command = AtCommand(text, self._profile.timeouts.query_s, priority=Priority.CALL)
        self._at.submit(command, partial(self._key_sent, token, keys[1:]))

    def _key_sent(self, token: int, rest: str, result: AtResult) -> None:
        if not result.ok or not rest:
            self._finished(token, result)
            return

        def go_on() -> None:
            self._key_timers.pop(token, None)
            self._send_keys(token, rest)

        self._key_timers[token] = asyncio.get_running_loop().call_later(self._profile.key_gap_s, go_on)

    def _listed(self, token: int, listed: CallList | None) -> None:
        if listed is None:
            self._fail(token, "the list of calls cannot be read", None)
            return
        self._sink(CallsListed(tuple(as_report(entry) for entry in listed.entries if entry.is_voice)))
        self._settle(token, CommandDone(token))
        self._calls_read(listed)

    # --- outcomes

    def _finished(self, token: int, result: AtResult) -> None:
        if result.ok:
            self._settle(token, CommandDone(token))
        else:
            self._fail(token, result.describe(), cause_of_result(result))

    def _fail(self, token: int, reason: str, cause: Cause | None) -> None:
        self._settle(token, CommandFailed(token, reason, cause))

    def _settle(self, token: int, outcome: CommandDone | CommandFailed) -> None:
        if token in self._pending:
            self._pending.discard(token)
            self._sink(outcome)

    # --- what the modem says

    def on_urc(self, urc: Urc) -> None:
        match urc:
            case Rang():
                self._rang()
            case CallerShown(number):
                self._at.keep_polls_away(FRESH_RING_S)
                self._sink(CallerIdReported(number))
            case CallWaits(number):
                self._track(WaitingCame())
                self._sink(WaitingCallReported(number))
            case CallEntry():
                self._entry_seen(urc)
            case VoiceBegan():
                self._track(ChangeHinted())
            case CallMissed():
                self._track(EndHinted())
            case VoiceEnded():
                self._track(EndHinted(told=True))
            case CallCleared(word):
                self._track(EndHinted(END_WORD_CAUSES[word], told=True))
            case KeyPressed(key):
                self._sink(KeyReported(key))
            case _:
                pass

    def _rang(self) -> None:
        self._at.keep_polls_away(FRESH_RING_S)
        if self._dialling is not None:
            self._fail(self._dialling, "glare", Cause.CHANNEL_UNAVAILABLE)
        self._track(RingCame())
        self._sink(RingHeard())

    def _entry_seen(self, entry: CallEntry) -> None:
        if entry.state is CallState.INCOMING:
            self._at.keep_polls_away(FRESH_RING_S)
            if self._dialling is not None:
                self._fail(self._dialling, "glare", Cause.CHANNEL_UNAVAILABLE)
        if not (self._abandoned and entry.outgoing):
            self._track(EntrySeen(entry))

    # --- the tracker

    def _track(self, event: TrackerEvent) -> None:
        if isinstance(event, CallsRead):
            event = replace(event, entries=self._without_abandoned(event.entries))
        for action in self._tracker.handle(event, self._clock.now()):
            match action:
                case ReportCall(report):
                    self._sink(report)
                case ReadCalls(urgent):
                    self._queries.read_calls(Priority.FOLLOW_UP if urgent else Priority.POLL, self._calls_read)
                case AskCause(index):
                    self._queries.ask_cause(partial(self._cause_told, index))
                case ClearCall(index, alone):
                    self._clear(index, alone)
                case GiveUpCall():
                    self.on_stuck()
        self._follow_calls()
        self._arm()

    def _without_abandoned(self, entries: tuple[CallEntry, ...]) -> tuple[CallEntry, ...]:
        if not self._abandoned:
            return entries
        kept = tuple(entry for entry in entries if not entry.outgoing)
        self._abandoned = len(kept) < len(entries)
        return kept

    def _calls_read(self, listed: CallList | None) -> None:
        if listed is None:
            self._track(ReadFailed())
        else:
            self._track(CallsRead(listed.entries, listed.asked_at, invited=self._dialling is not None))

    def _clear(self, index: int, alone: bool) -> None:
        """The call is over for everybody but the module."""
        if not alone:
            self._at.submit(self._release_one(index), self._cleared)
            return
        self._hanging_up = True
        hang_up = AtCommand("AT+CHUP", self._profile.timeouts.hang_up_s, priority=Priority.CALL)
        self._voice.release(partial(self._at.submit, hang_up, self._cleared), in_any_case=True)

    def _cleared(self, result: AtResult) -> None:
        if result.status is not Status.DROPPED:
            self._track(EndHinted())

    def _release_one(self, index: int) -> AtCommand:
        """22.030 §6.5.5.1: release call x."""
        return AtCommand(f"AT+CHLD=1{index}", self._profile.timeouts.supplementary_s, priority=Priority.CALL)

    def _cause_told(self, index: int, cause: Cause | None) -> None:
        self._track(CauseTold(index, cause))

    def _follow_calls(self) -> None:
        """The voice path follows what the calls are now."""
        if self._hanging_up:
            self._hanging_up = self._tracker.talking
        elif self._tracker.talking:
            self._voice.follow(Phase.UP)
        elif self._tracker.setting_up:
            self._voice.follow(Phase.SETUP)
        elif not self._tracker.ringing:
            self._voice.follow(Phase.NO_CALL)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._tracker.next_deadline
        if deadline is not None and self._at.is_open:
            delay_s = delay_until(deadline, self._clock.now())
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._track, TimePassed())


def _ignore(_result: AtResult) -> None:
    pass
