"""The voice side of a line: what the modem reports of its calls becomes the life of one leg.

Invariants, whatever the modem does (modem-facts §8, §9, §18):

* One `CallOffered` per incoming call, however many RINGs, caller ids and state reports there are.
* Every claimed or dialled leg ends by exactly one `LegEnded` or `DialRefused`.
* The line is busy as long as the modem may hold a call, also when the switchboard has been told of its end already.
* A call is taken for lost only after two lists in a row without it; our own hang-up is confirmed by one.
"""

from __future__ import annotations

from collections import deque

from edge.calls.actions import AnswerLeg, ClaimLeg, DialLeg, HangUpLeg, PressKeys
from edge.calls.events import (
    CallOffered,
    DialRefusal,
    DialRefused,
    Event,
    LegAlerting,
    LegAnswered,
    LegAudioFailed,
    LegAudioOpened,
    LegEnded,
)
from edge.dialplan.numbers import national
from edge.lines.line_call import UNCLAIMED, LegEvent, LineCall, Phase, named
from edge.lines.numbers import identify
from edge.lines.offer import Offer
from edge.lines.tokens import Errand, Purpose, Tokens
from edge.telephony import CallState, Cause, EndedBy, LegId, LineId, Moment, RawNumber
from hal.interfaces import Answer, CallReported, Dial, HangUp, ListCalls, ModemCommand, SendKeys

Output = ModemCommand | Event

RECONCILE_S = 10.0
"""How often the module is asked what calls it has, while it has one."""
RECHECK_S = 1.0
"""Pause before a surprising list is believed; asking below 500 ms slows the reports of some modules."""
ANSWER_CHECK_S = 2.0
"""An accepted answer whose effect has not been reported by then is looked up."""
HANG_UP_CHECK_S = 3.0
HANG_UP_LIMIT_S = 10.0
"""After that the leg counts as ended, and the line stays busy until the modem agrees."""
STUCK_CHECK_S = 5.0
GLARE_PATIENCE_S = 1.0
"""A dialling that loses against an incoming call ends first and rings then."""
LISTS_TO_BELIEVE = 2
NOT_YET = float("inf")
"""While a call rings, its offer says when the module is asked."""
_BY_FAR_END = (Cause.UNKNOWN, Cause.NORMAL_CLEARING, Cause.USER_BUSY, Cause.CALL_REJECTED, Cause.NORMAL_UNSPECIFIED)


class Voice:
    def __init__(self, line: LineId, tokens: Tokens) -> None:
        self._line = line
        self._tokens = tokens
        self._call: LineCall | None = None
        self._ended_unclaimed: deque[list[LegEvent]] = deque()
        self._out: list[Output] = []
        self.drift = 0
        """How often a list of calls knew better than the reports before it."""

    @property
    def busy(self) -> bool:
        return self._call is not None

    @property
    def leg(self) -> LegId | None:
        return self._call.leg if self._call is not None and not self._call.end_reported else None

    @property
    def index(self) -> int | None:
        """The module's number of the call, as far as it has told."""
        return self._call.index if self._call is not None else None

    @property
    def next_deadline(self) -> float | None:
        call = self._call
        if call is None:
            return None
        waits = [call.check_at]
        if call.phase is Phase.RINGING and call.offer is not None:
            waits += [each for each in (call.offer.ask_at, call.offer.offer_at) if each is not None]
        return min(waits)

    def take_output(self) -> list[Output]:
        out, self._out = self._out, []
        return out

    # --- what the switchboard wants -------------------------------------------------------------------------------

    def claim(self, action: ClaimLeg) -> None:
        """Names the oldest call that has been offered and not claimed, and tells what became of it meanwhile."""
        call = self._call
        if self._ended_unclaimed:
            self._out += named(self._ended_unclaimed.popleft(), action.leg)
        elif call is not None and call.waits_for_claim:
            call.leg = action.leg
            self._out += named(call.unclaimed, action.leg)
            call.unclaimed.clear()
        else:
            self._out.append(LegEnded(action.leg, Cause.TEMPORARY_FAILURE, EndedBy.NETWORK))

    def answer(self, action: AnswerLeg, now: Moment) -> None:
        call = self._find(action.leg)
        if call is not None and call.phase is Phase.RINGING:
            call.phase = Phase.ANSWERING
            self._give_answer(call, now)

    def dial(self, action: DialLeg, now: Moment) -> None:
        call = self._call
        if call is not None:
            incoming = call.offer is not None and call.leg is None
            self.refuse_dial(action, DialRefusal.GLARE if incoming else DialRefusal.LINE_BUSY)
            return
        self._call = LineCall(Phase.DIALLING, now.mono + RECONCILE_S, leg=action.leg)
        token = self._tokens.issue(Errand(Purpose.DIAL, action.leg))
        self._out.append(Dial(token, action.dial_string or national(action.called)))

    def refuse_dial(self, action: DialLeg, reason: DialRefusal) -> None:
        self._out.append(DialRefused(action.leg, reason))

    def hang_up(self, action: HangUpLeg, now: Moment) -> None:
        call = self._find(action.leg)
        if call is not None and call.phase is Phase.FAILING:
            self._end(call, Cause.NORMAL_CLEARING, EndedBy.US)
        elif call is not None and call.phase is not Phase.HANGING_UP:
            call.phase = Phase.HANGING_UP
            call.hang_up_since = now.mono
            self._give_hang_up(call, now)

    def press_keys(self, action: PressKeys) -> None:
        if (call := self._find(action.leg)) is not None and call.phase is Phase.UP:
            self._out.append(SendKeys(self._tokens.issue(Errand(Purpose.KEYS, action.leg)), action.keys))

    def _find(self, leg: LegId) -> LineCall | None:
        """The call with that leg; the leg may have ended before the action came."""
        return self._call if self.leg == leg else None

    def _give_answer(self, call: LineCall, now: Moment) -> None:
        call.check_at = now.mono + RECONCILE_S
        self._out.append(Answer(self._tokens.issue(Errand(Purpose.ANSWER, call.leg))))

    def _give_hang_up(self, call: LineCall, now: Moment) -> None:
        call.hang_ups += 1
        call.check_at = now.mono + (STUCK_CHECK_S if call.end_reported else HANG_UP_CHECK_S)
        self._out.append(HangUp(self._tokens.issue(Errand(Purpose.HANG_UP, call.leg))))

    # --- an incoming call rings -----------------------------------------------------------------------------------

    def ring_heard(self, now: Moment, number: RawNumber | None = None) -> None:
        """A RING, or a state report that means the same. After the answer it says nothing new."""
        call = self._call
        if call is not None and call.phase in (Phase.DIALLING, Phase.FAILING):
            self._glare(call)
            call = None
        if call is None:
            offer = Offer(now.mono, now.mono)
            call = self._call = LineCall(Phase.RINGING, NOT_YET, offer=offer)
        elif call.phase is Phase.RINGING and call.offer is not None:
            call.offer.ring(now.mono)
            call.empty_lists = 0
        if number is not None and number.digits:
            self.caller_named(number, now)

    def caller_named(self, number: RawNumber, now: Moment) -> None:
        """A caller id. It completes the offer; late ones, and those of calls long answered, are harmless."""
        if self._call is None:
            self.ring_heard(now)
        call = self._call
        if call is not None and call.phase is Phase.RINGING and call.offer is not None:
            call.offer.name(*identify(number))
            self._offer(call)

    def _offer(self, call: LineCall) -> None:
        if call.offer is not None and not call.offer.offered:
            call.offer.offered = True
            call.offer.asked_at = None
            self._out.append(CallOffered(self._line, call.offer.caller, call.offer.caller_id))

    def _glare(self, call: LineCall) -> None:
        """Somebody calls while we dial: his call wins, ours never was."""
        if call.leg is not None and not call.end_reported:
            self._out.append(DialRefused(call.leg, DialRefusal.GLARE))
        self._call = None

    # --- what the modem reports -----------------------------------------------------------------------------------

    def reported(self, report: CallReported, now: Moment) -> None:
        """A call entered a state; waiting ones are somebody else's business."""
        call = self._call
        if report.state is CallState.INCOMING:
            self.ring_heard(now, report.number)
            self._remember_index(report)
        elif call is None:
            if report.state is CallState.ACTIVE:
                self._meet_stray_call(now)
        elif not call.may_be(report.outgoing):
            return
        elif report.state is CallState.ENDED:
            self._ended_by_report(call, report.cause, now)
        else:
            self._remember_index(report)
            call.empty_lists = 0
            self._entered(call, report.state, now)

    def _remember_index(self, report: CallReported) -> None:
        if self._call is not None and self._call.may_be(report.outgoing):
            self._call.index = report.index

    def _entered(self, call: LineCall, state: CallState, now: Moment) -> None:
        if state is CallState.ALERTING and call.phase is Phase.DIALLING:
            call.phase = Phase.ALERTING
            self._tell(call, LegAlerting(call.leg or UNCLAIMED))
        elif state is CallState.ACTIVE and not call.answered:
            call.answered = True
            call.check_at = min(call.check_at, now.mono + RECONCILE_S)
            self._offer(call)
            if call.phase is not Phase.HANGING_UP:
                call.phase = Phase.UP
            self._tell(call, LegAnswered(call.leg or UNCLAIMED))

    def _ended_by_report(self, call: LineCall, cause: Cause | None, now: Moment) -> None:
        if call.phase is Phase.HANGING_UP:
            self._end(call, Cause.NORMAL_CLEARING, EndedBy.US)
        elif call.phase in (Phase.DIALLING, Phase.FAILING):
            self._dialling_failed(call, cause, now)
        else:
            if cause is None or cause is Cause.UNKNOWN:
                cause = Cause.NORMAL_UNSPECIFIED if call.phase is Phase.ALERTING else Cause.NORMAL_CLEARING
            self._end(call, cause, EndedBy.FAR_END if cause in _BY_FAR_END else EndedBy.NETWORK)

    def _dialling_failed(self, call: LineCall, cause: Cause | None, now: Moment) -> None:
        """With a reason it is over; without one it may be glare, which the next moment tells."""
        if cause is not None and cause is not Cause.UNKNOWN:
            self._end(call, cause, EndedBy.FAR_END if cause in _BY_FAR_END else EndedBy.NETWORK)
        elif call.phase is Phase.DIALLING:
            call.phase = Phase.FAILING
            call.check_at = now.mono + GLARE_PATIENCE_S

    def audio_opened(self) -> None:
        if self._call is not None:
            self._tell(self._call, LegAudioOpened(self._call.leg or UNCLAIMED))

    def audio_failed(self, reason: str) -> None:
        if self._call is not None:
            self._tell(self._call, LegAudioFailed(self._call.leg or UNCLAIMED, reason))

    def modem_lost(self) -> None:
        """Every call of the modem is gone."""
        if self._call is not None:
            self._end(self._call, Cause.TEMPORARY_FAILURE, EndedBy.NETWORK)

    def _tell(self, call: LineCall, event: LegEvent) -> None:
        """To the switchboard, or kept until it has named the leg."""
        if call.leg is None:
            call.unclaimed.append(event)
        elif not call.end_reported:
            self._out.append(event)

    def _end(self, call: LineCall, cause: Cause, ended_by: EndedBy) -> None:
        """The modem no longer has it. What rang too briefly to be offered never was a call."""
        self._tell(call, LegEnded(call.leg or UNCLAIMED, cause, ended_by))
        if call.waits_for_claim:
            self._ended_unclaimed.append(call.unclaimed)
        self._call = None

    # --- outcomes of commands -------------------------------------------------------------------------------------

    def command_over(self, errand: Errand, now: Moment, *, failed: bool, cause: Cause | None = None) -> None:
        """A command has been done or refused; late outcomes of earlier calls change nothing."""
        call = self._call
        if call is None or errand.leg != call.leg:
            return
        match errand.purpose:
            case Purpose.DIAL if failed and call.phase in (Phase.DIALLING, Phase.FAILING):
                self._dialling_failed(call, cause, now)
            case Purpose.DIAL if failed and call.phase is Phase.HANGING_UP:
                self._end(call, Cause.NORMAL_CLEARING, EndedBy.US)
            case Purpose.ANSWER if call.phase is Phase.ANSWERING:
                call.check_at = now.mono + (RECHECK_S if failed else ANSWER_CHECK_S)
            case Purpose.HANG_UP if call.phase is Phase.HANGING_UP and not call.end_reported:
                call.check_at = min(call.check_at, now.mono + RECHECK_S)
            case _:
                return

    # --- the module's own list ------------------------------------------------------------------------------------

    def time_passed(self, now: Moment) -> None:
        call = self._call
        if call is None:
            return
        if call.phase is Phase.RINGING and call.offer is not None:
            if call.offer.offer_at is not None and call.offer.offer_at <= now.mono:
                self._offer(call)
            if call.offer.ask_at is not None and call.offer.ask_at <= now.mono:
                call.offer.asked_at = call.check_at = now.mono
        if call.check_at > now.mono:
            return
        if call.phase is Phase.FAILING:
            self._end(call, Cause.NORMAL_UNSPECIFIED, EndedBy.NETWORK)
        else:
            self._check(call, now)

    def _check(self, call: LineCall, now: Moment) -> None:
        if call.phase is Phase.HANGING_UP and now.mono - call.hang_up_since >= HANG_UP_LIMIT_S:
            self._tell(call, LegEnded(call.leg or UNCLAIMED, Cause.NORMAL_CLEARING, EndedBy.US))
            call.end_reported = True
        call.check_at = now.mono + (HANG_UP_CHECK_S if call.phase is Phase.HANGING_UP else RECONCILE_S)
        if not self._tokens.under_way(Purpose.LIST):
            self._out.append(ListCalls(self._tokens.issue(Errand(Purpose.LIST))))

    def listed(self, calls: tuple[CallReported, ...], now: Moment) -> None:
        """The module's list of calls against what its reports made us believe."""
        there = [each for each in calls if each.state not in (CallState.ENDED, CallState.WAITING)]
        call = self._call
        mine = [each for each in there if call is not None and call.may_be(each.outgoing)]
        if call is None:
            if there and there[0].state is CallState.INCOMING:
                self.reported(there[0], now)
            elif there:
                self._meet_stray_call(now)
        elif mine:
            self._still_there(call, mine[0], now)
        else:
            self._missing(call, now)

    def _still_there(self, call: LineCall, listed: CallReported, now: Moment) -> None:
        call.empty_lists = 0
        believed = (call.phase, call.answered)
        if call.phase is Phase.HANGING_UP:
            self._entered(call, listed.state, now)
            self._give_hang_up(call, now)
        elif call.phase is Phase.RINGING and listed.state is CallState.INCOMING and call.offer is not None:
            call.offer.listed(now.mono)
            if listed.number is not None and listed.number.digits:
                self.caller_named(listed.number, now)
            self._offer(call)
        elif call.phase is Phase.ANSWERING and listed.state is CallState.INCOMING:
            if not self._tokens.under_way(Purpose.ANSWER):
                self._give_answer(call, now)
        else:
            self._entered(call, listed.state, now)
            self.drift += believed != (call.phase, call.answered)

    def _missing(self, call: LineCall, now: Moment) -> None:
        call.empty_lists += 1
        if call.phase is Phase.HANGING_UP:
            if not self._tokens.under_way(Purpose.HANG_UP):
                self._end(call, Cause.NORMAL_CLEARING, EndedBy.US)
        elif call.empty_lists < LISTS_TO_BELIEVE:
            call.check_at = now.mono + RECHECK_S
        elif call.phase is Phase.RINGING:
            self._end(call, Cause.NORMAL_CLEARING, EndedBy.FAR_END)
        else:
            self.drift += 1
            self._end(call, Cause.NORMAL_UNSPECIFIED, EndedBy.NETWORK)

    def _meet_stray_call(self, now: Moment) -> None:
        """The modem holds a call that nobody knows, which would block the line and cost money.

        A second look comes first: the report may have crossed the end of a call.
        """
        self.drift += 1
        since = now.mono + RECHECK_S
        self._call = LineCall(Phase.HANGING_UP, since, end_reported=True, hang_up_since=since)
