"""The mobile network: who exists, who rings, who talks with whom. Pure and deterministic.

Any possible number exists (`numbering`) and rings unless declared otherwise; nothing here knows whether a terminal is a
modem or a person. Invariants: every leg that ever was gets exactly one `ReleaseLeg`; a terminal is in two unheld calls
only when it joined them itself (`CallResumed`: multiparty); a released call arms nothing. The network fakes no caller
id: the number presented is the caller's own, or withheld. Two calls are bridged nowhere here: that is the box's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from hal.interfaces import Cause
from sim_hardware import signals as s
from sim_hardware.numbering import Operator, emergency, normalise, operator_of, reached
from sim_hardware.signals import EndedBy

SETUP_S = 0.3
"""From dialling to the called phone: short beside a real network's 2–5 s, long enough for a glare."""
PAGING_S = 0.05
"""A terminal that refuses within this time was busy: its caller has heard no ringing."""
RINGING_S = 60.0
"""The network gives up ringing (24.008 T301 is at least 3 min; operators forward or stop at 60 s)."""
EMERGENCY_ANSWER_S = 1.0


class Stage(Enum):
    SETUP = auto()
    PAGING = auto()
    RINGING = auto()
    ACTIVE = auto()


@dataclass(frozen=True, slots=True)
class End:
    """One end of a call, as seen from outside."""

    terminal: str
    ref: str


@dataclass(frozen=True, slots=True)
class Link:
    """A call in progress. `called` is None before it was found and for 112–115, which the network answers."""

    caller: End
    called: End | None
    stage: Stage
    caller_holds: bool
    called_holds: bool

    @property
    def talking(self) -> bool:
        return self.stage is Stage.ACTIVE and not (self.caller_holds or self.called_holds)


@dataclass(slots=True)
class _Leg:
    terminal: str
    ref: str
    holds: bool = False


@dataclass(slots=True)
class _Call:
    caller: _Leg
    dialled: str
    withheld: bool
    stage: Stage
    due_s: float | None
    called: _Leg | None = None

    def legs(self) -> Iterator[_Leg]:
        yield self.caller
        if self.called is not None:
            yield self.called


@dataclass(slots=True)
class _Subscriber:
    operator: Operator
    switched_on: bool = True
    engaged: bool = False
    waiting: bool = False
    post: list[s.DeliverMessage] = field(default_factory=list)
    """Messages the centre keeps until the terminal is there again."""


class Network:
    """`handle(event, now_s) -> actions`; `next_deadline` says when `DeadlineReached` is due."""

    def __init__(self) -> None:
        self._subscribers: dict[str, _Subscriber] = {}
        self._calls: list[_Call] = []
        self._refs = 0

    @property
    def next_deadline(self) -> float | None:
        return min((c.due_s for c in self._calls if c.due_s is not None), default=None)

    @property
    def links(self) -> tuple[Link, ...]:
        """Every call in progress, oldest first."""
        return tuple(
            Link(
                caller=End(c.caller.terminal, c.caller.ref),
                called=None if c.called is None else End(c.called.terminal, c.called.ref),
                stage=c.stage,
                caller_holds=c.caller.holds,
                called_holds=c.called is not None and c.called.holds,
            )
            for c in self._calls
        )

    def in_call(self, number: str) -> bool:
        return any(leg.terminal == number for call in self._calls for leg in call.legs())

    def operator(self, number: str) -> Operator:
        """As declared (ported), else by prefix."""
        subscriber = self._subscribers.get(number)
        return operator_of(number) if subscriber is None else subscriber.operator

    def switched_on(self, number: str) -> bool:
        subscriber = self._subscribers.get(number)
        return subscriber is None or subscriber.switched_on

    def handle(self, event: s.Event, now: float) -> list[s.Action]:
        """Unknown legs are harmless: both ends may hang up at the same instant."""
        match event:
            case s.DeadlineReached():
                return self._deadline(now)
            case s.CallPlaced():
                return self._place(event, now)
            case s.CallAccepted(terminal, ref):
                return self._accept(terminal, ref)
            case s.CallCleared(terminal, ref, cause):
                return self._clear(terminal, ref, cause)
            case s.CallHeld(terminal, ref):
                return self._set_hold(terminal, ref, holds=True)
            case s.CallResumed(terminal, ref):
                return self._set_hold(terminal, ref, holds=False)
            case s.KeyPressed(terminal, ref, key):
                return self._relay_key(terminal, ref, key)
            case s.MessageSubmitted():
                return self._submit(event)
            case s.SubscriberDeclared():
                return self._declare(event)
            case s.TerminalAttached(number):
                return self._attach(number)
            case s.TerminalDetached(number):
                return self._detach(number)

    # --- subscribers ---

    def _declare(self, event: s.SubscriberDeclared) -> list[s.Action]:
        known = self._subscriber(event.number)
        known.operator, known.engaged, known.waiting = event.operator, event.engaged, event.waiting
        known.switched_on = event.switched_on
        return self._hand_out_post(known)

    def _attach(self, number: str) -> list[s.Action]:
        known = self._subscriber(number)
        known.switched_on = True
        return [s.GrantService(number, known.operator), *self._hand_out_post(known)]

    def _detach(self, number: str) -> list[s.Action]:
        self._subscriber(number).switched_on = False
        actions: list[s.Action] = []
        for call in [c for c in self._calls if any(leg.terminal == number for leg in c.legs())]:
            found = call.stage is Stage.ACTIVE
            cause = Cause.NORMAL_UNSPECIFIED if found else Cause.DESTINATION_OUT_OF_ORDER
            actions += self._release(call, cause, EndedBy.NETWORK, away=number)
        return actions

    def _subscriber(self, number: str) -> _Subscriber:
        return self._subscribers.setdefault(number, _Subscriber(operator_of(number)))

    def _hand_out_post(self, subscriber: _Subscriber) -> list[s.Action]:
        if not subscriber.switched_on:
            return []
        post, subscriber.post = subscriber.post, []
        return list(post)

    # --- calls ---

    def _place(self, event: s.CallPlaced, now: float) -> list[s.Action]:
        for call, leg in self._legs_of(event.terminal):
            leg.holds = call.stage is Stage.ACTIVE  # one active call per terminal: the second holds the first (24.083)
        call = _Call(_Leg(event.terminal, event.ref), event.dialled, event.withheld, Stage.SETUP, now + SETUP_S)
        self._calls.append(call)
        if any(other is not call and other.stage is not Stage.ACTIVE for other, _ in self._legs_of(event.terminal)):
            # one call in the making per terminal; when that one comes in (glare), it wins
            return self._release(call, Cause.TEMPORARY_FAILURE, EndedBy.NETWORK)
        return []

    def _deadline(self, now: float) -> list[s.Action]:
        actions: list[s.Action] = []
        for call in [c for c in self._calls if c.due_s is not None and c.due_s <= now]:
            if call not in self._calls:
                continue  # a glare met earlier in this round ended it
            match call.stage:
                case Stage.SETUP:
                    actions += self._page(call, now)
                case Stage.PAGING:
                    actions += self._ring(call, now)
                case Stage.RINGING if call.called is None:
                    actions += self._connect(call)
                case Stage.RINGING | Stage.ACTIVE:
                    actions += self._release(call, Cause.NO_ANSWER, EndedBy.NETWORK)
        return actions

    def _page(self, call: _Call, now: float) -> list[s.Action]:
        """Find the called terminal, or say why not."""
        if emergency(call.dialled) is not None:
            call.stage, call.due_s = Stage.RINGING, now + EMERGENCY_ANSWER_S
            return [s.AlertCaller(call.caller.terminal, call.caller.ref)]
        number = reached(call.dialled)
        if number is None:
            return self._release(call, Cause.UNASSIGNED_NUMBER, EndedBy.NETWORK)
        subscriber = self._subscriber(number)
        if not subscriber.switched_on:
            return self._release(call, Cause.SUBSCRIBER_ABSENT, EndedBy.NETWORK)
        actions = self._glare(number, call)
        if subscriber.engaged or not self._free_for_call(number, waiting=subscriber.waiting):
            return [*actions, *self._release(call, Cause.USER_BUSY, EndedBy.NETWORK)]
        self._refs += 1
        call.called = _Leg(number, f"n{self._refs}")
        call.stage, call.due_s = Stage.PAGING, now + PAGING_S
        return [*actions, s.OfferCall(number, call.called.ref, call.caller.terminal, call.withheld)]

    def _glare(self, number: str, incoming: _Call) -> list[s.Action]:
        """A page meets the called terminal's own call in set-up: the incoming call wins."""
        actions: list[s.Action] = []
        for call, leg in self._legs_of(number):
            if call is not incoming and leg is call.caller and call.stage is Stage.SETUP:
                actions += self._release(call, Cause.TEMPORARY_FAILURE, EndedBy.NETWORK)
        return actions

    def _free_for_call(self, number: str, *, waiting: bool) -> bool:
        calls = [call for call, _ in self._legs_of(number)]
        return not calls or (waiting and all(call.stage is Stage.ACTIVE for call in calls))

    def _ring(self, call: _Call, now: float) -> list[s.Action]:
        call.stage, call.due_s = Stage.RINGING, now + RINGING_S
        return [s.AlertCaller(call.caller.terminal, call.caller.ref)]

    def _accept(self, terminal: str, ref: str) -> list[s.Action]:
        call = self._find(terminal, ref)
        if call is None or call.called is None or call.stage not in (Stage.PAGING, Stage.RINGING):
            return []
        if (call.called.terminal, call.called.ref) != (terminal, ref):
            return []
        alert = [s.AlertCaller(call.caller.terminal, call.caller.ref)] if call.stage is Stage.PAGING else []
        return [*alert, *self._connect(call)]

    def _connect(self, call: _Call) -> list[s.Action]:
        call.stage, call.due_s = Stage.ACTIVE, None
        for leg in call.legs():
            for other, own in self._legs_of(leg.terminal):
                own.holds = own.holds or other is not call
        return [s.ConnectLeg(leg.terminal, leg.ref) for leg in call.legs()]

    def _clear(self, terminal: str, ref: str, cause: int) -> list[s.Action]:
        call = self._find(terminal, ref)
        if call is None:
            return []
        by_caller = (call.caller.terminal, call.caller.ref) == (terminal, ref)
        ended_by = EndedBy.CALLER if by_caller else EndedBy.CALLED
        if call.stage is Stage.PAGING and not by_caller and cause != Cause.CALL_REJECTED:
            ended_by = EndedBy.NETWORK  # nobody heard it ring: busy without call waiting, or out of coverage
        return self._release(call, cause, ended_by)

    def _release(self, call: _Call, cause: int, ended_by: EndedBy, away: str | None = None) -> list[s.Action]:
        self._calls.remove(call)
        ends = {EndedBy.CALLER: call.caller, EndedBy.CALLED: call.called}
        return [
            s.ReleaseLeg(leg.terminal, leg.ref, int(cause), ended_by, leg is ends.get(ended_by) or leg.terminal == away)
            for leg in call.legs()
        ]

    def _set_hold(self, terminal: str, ref: str, *, holds: bool) -> list[s.Action]:
        for call, leg in self._legs_of(terminal):
            if leg.ref == ref and call.stage is Stage.ACTIVE:
                leg.holds = holds
        return []

    def _relay_key(self, terminal: str, ref: str, key: str) -> list[s.Action]:
        call = self._find(terminal, ref)
        if call is None or call.stage is not Stage.ACTIVE:
            return []
        far = [leg for leg in call.legs() if (leg.terminal, leg.ref) != (terminal, ref)]
        return [s.RelayKey(leg.terminal, leg.ref, key) for leg in far if not (call.caller.holds or leg.holds)]

    def _legs_of(self, terminal: str) -> list[tuple[_Call, _Leg]]:
        return [(call, leg) for call in self._calls for leg in call.legs() if leg.terminal == terminal]

    def _find(self, terminal: str, ref: str) -> _Call | None:
        return next((call for call, leg in self._legs_of(terminal) if leg.ref == ref), None)

    # --- messages ---

    def waiting_messages(self, number: str) -> tuple[s.DeliverMessage, ...]:
        """What the centre keeps for a terminal that is off, oldest first."""
        subscriber = self._subscribers.get(number)
        return () if subscriber is None else tuple(subscriber.post)

    def _submit(self, event: s.MessageSubmitted) -> list[s.Action]:
        number = normalise(event.called)
        if number is None:
            return [s.RefuseMessage(event.terminal, event.token, int(Cause.UNASSIGNED_NUMBER))]
        subscriber = self._subscriber(number)
        subscriber.post.append(s.DeliverMessage(number, event.terminal, event.text))
        return [s.AcceptMessage(event.terminal, event.token), *self._hand_out_post(subscriber)]
