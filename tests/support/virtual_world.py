"""Emulated modems, the mobile network and its people in one loop, in memory: the world of a box in virtual time.

As `sim_hardware.simulation`, less ptys and voices. Each `VirtualModem` is the `ByteStream` of its AT port, so that the
drivers of `hal.modem` talk to it as to a serial port. Everything that happens goes through one queue and is handled to
its end before the next, in the order in which it happened.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from random import Random

from hal.interfaces import Clock
from sim_hardware import person as p
from sim_hardware import signals as s
from sim_hardware.modem import PROFILES, EmulatedModem, SimCard
from sim_hardware.modem import events as m
from sim_hardware.network import End, Network
from sim_hardware.numbering import national, operator_of, require

WIRE_S = 0.0005
"""From the modem to the host: a USB transfer."""

STRANGER = p.Script(p.Behaviour.NO_ANSWER)


class VirtualModem:
    """A warm modem without a pty; it is `hal.interfaces.ByteStream` itself. Its clock is the loop's."""

    def __init__(
        self, number: str, seed: int, heard: Callable[[VirtualModem, list[m.Output]], None], family: str = "sim7600"
    ) -> None:
        operator = operator_of(number)
        card = SimCard(number=national(number), operator=operator.name, plmn=operator.plmn)
        self.number = number
        self.host_bytes = 0
        """Written by the host so far."""
        self._modem = EmulatedModem(PROFILES[family], card, Random(seed))
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._base_s = self._loop.time()
        self._on_data: Callable[[bytes], None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    # --- ByteStream

    def open(self, on_data: Callable[[bytes], None], on_lost: Callable[[str], None]) -> None:
        self._on_data = on_data

    def write(self, data: bytes) -> int:
        self.host_bytes += len(data)
        self.tell(m.HostWrote(data))
        return len(data)

    def close(self) -> None:
        self._on_data = None

    # --- the world's side

    def tell(self, event: m.Event) -> None:
        outputs = self._modem.handle(event, self._loop.time() - self._base_s)
        for output in outputs:
            if isinstance(output, m.WriteHost):
                self._loop.call_later(WIRE_S, self._deliver, output.data)
        self._arm()
        if outputs:
            self._heard(self, outputs)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _deliver(self, data: bytes) -> None:
        if self._on_data is not None:
            self._on_data(data)

    def _arm(self) -> None:
        due_s = self._modem.next_deadline
        if self._timer is not None:
            if due_s is not None and self._timer.when() == self._base_s + due_s:
                return
            self._timer.cancel()
            self._timer = None
        if due_s is not None:
            self._timer = self._loop.call_at(self._base_s + due_s, self._time_passed)

    def _time_passed(self) -> None:
        self._timer = None
        self.tell(m.TimePassed())


class VirtualWorld:
    """`add_modem`, `describe` a person, `place_call`; look at `busy`, `finished`, `messages`."""

    def __init__(self, clock: Clock) -> None:
        self.network = Network()
        self.finished: list[p.PersonCall] = []
        """Calls that people placed, in the order in which they ended."""
        self.messages: dict[str, list[str]] = {}
        """By recipient: the texts, oldest first."""
        self.offered_to_lines = 0
        """Calls that the network brought to a modem."""
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._modems: dict[str, VirtualModem] = {}
        self._scripts: dict[str, p.Script] = {}
        self._people: dict[End, p.PersonCall] = {}
        self._queue: deque[Callable[[], None]] = deque()
        self._working = False
        self._timer: asyncio.TimerHandle | None = None
        self._calls_placed = 0

    @property
    def busy(self) -> bool:
        """Somebody is in a call, or calls."""
        return bool(self.network.links or self._people)

    def add_modem(self, number: str, seed: int) -> VirtualModem:
        """Registered with its operator at once. `number` in any usual spelling."""
        e164 = require(number, "line")
        modem = self._modems[e164] = VirtualModem(e164, seed, self._modem_said)
        self.say(s.SubscriberDeclared(e164, operator_of(e164), switched_on=False, waiting=True))
        self.say(s.TerminalAttached(e164))
        return modem

    def describe(self, number: str, script: p.Script) -> None:
        """What this person does when called, from the next call on."""
        off, engaged = (script.behaviour is kind for kind in (p.Behaviour.OFF, p.Behaviour.BUSY))
        self._scripts[number] = script
        self.say(s.SubscriberDeclared(number, operator_of(number), switched_on=not off, engaged=engaged))

    def place_call(self, caller: str, dialled: str, script: p.Script) -> bool:
        """False: this person is in a call already."""
        if self.network.in_call(caller):
            return False
        self._calls_placed += 1
        end = End(caller, f"p{self._calls_placed}")
        self._people[end] = p.PersonCall(script, calling=True, started_s=self._loop.time())
        self.say(s.CallPlaced(caller, end.ref, dialled))
        return True

    def stop(self) -> None:
        for modem in self._modems.values():
            modem.stop()
        if self._timer is not None:
            self._timer.cancel()

    def say(self, event: s.Event) -> None:
        """Tell the network."""
        self._enqueue(partial(self._network_event, event))

    # --- the queue

    def _enqueue(self, work: Callable[[], None]) -> None:
        self._queue.append(work)
        if self._working:
            return
        self._working = True
        try:
            while self._queue:
                self._queue.popleft()()
        finally:
            self._working = False
        self._arm()

    def _arm(self) -> None:
        deadlines = [self.network.next_deadline, *(call.next_deadline for call in self._people.values())]
        due_s = min((each for each in deadlines if each is not None), default=None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due_s is not None:
            self._timer = self._loop.call_at(due_s, self._time_passed)

    def _time_passed(self) -> None:
        self._timer = None
        now = self._loop.time()
        for end, call in tuple(self._people.items()):
            if call.next_deadline is not None and call.next_deadline <= now:
                self._give(end, p.TimePassed())
        self.say(s.DeadlineReached())

    # --- the network speaks

    def _network_event(self, event: s.Event) -> None:
        for action in self.network.handle(event, self._loop.time()):
            modem = self._modems.get(action.terminal)
            if modem is None:
                self._to_person(action)
            else:
                self._to_modem(modem, action)

    def _to_modem(self, modem: VirtualModem, action: s.Action) -> None:
        match action:
            case s.OfferCall(_, ref, caller, withheld):
                self.offered_to_lines += 1
                shown = m.Presentation.WITHHELD if withheld else m.Presentation.ALLOWED
                modem.tell(m.CallArrived(ref, "" if withheld else national(caller), shown))
            case s.AlertCaller(_, ref):
                modem.tell(m.CallAlerted(ref))
            case s.ConnectLeg(_, ref):
                modem.tell(m.CallConnected(ref))
            case s.ReleaseLeg(_, ref, cause, _, own) if not own:
                modem.tell(m.CallReleased(ref, cause))
            case s.RelayKey(_, ref, key):
                modem.tell(m.KeyHeard(ref, key))
            case s.DeliverMessage(_, sender, text):
                modem.tell(m.MessageArrived(sender, text, self._clock.now().wall))
            case s.AcceptMessage(_, token):
                modem.tell(m.MessageAccepted(token))
            case s.RefuseMessage(_, token, cause):
                modem.tell(m.MessageRefused(token, cause))
            case s.GrantService(_, operator):
                modem.tell(m.RegistrationChanged(m.Registration.HOME, operator.name, operator.plmn))
                modem.tell(m.ClockTold(self._clock.now().wall))
            case _:
                pass  # the end of a call that this modem ended itself

    def _to_person(self, action: s.Action) -> None:
        match action:
            case s.OfferCall(terminal, ref):
                script = self._scripts.get(terminal, STRANGER)
                end = End(terminal, ref)
                self._people[end] = p.PersonCall(script, calling=False, started_s=self._loop.time())
                self._give(end, p.Rang())
            case s.AlertCaller(terminal, ref):
                self._give(End(terminal, ref), p.Rang())
            case s.ConnectLeg(terminal, ref):
                self._give(End(terminal, ref), p.Connected())
            case s.ReleaseLeg(terminal, ref, cause, ended_by):
                self._give(End(terminal, ref), p.Released(cause, ended_by))
                call = self._people.pop(End(terminal, ref), None)
                if call is not None and call.calling:
                    self.finished.append(call)
            case s.DeliverMessage(terminal, _, text):
                self.messages.setdefault(terminal, []).append(text)
            case _:
                pass

    def _give(self, end: End, event: p.Event) -> None:
        call = self._people.get(end)
        for action in call.handle(event, self._loop.time()) if call is not None else ():
            match action:
                case p.Accept():
                    self.say(s.CallAccepted(end.terminal, end.ref))
                case p.HangUp(cause):
                    self.say(s.CallCleared(end.terminal, end.ref, cause))
                case p.PressKey(key):
                    self.say(s.KeyPressed(end.terminal, end.ref, key))

    # --- modems speak

    def _modem_said(self, modem: VirtualModem, outputs: list[m.Output]) -> None:
        for output in outputs:
            event = _as_signal(modem.number, output)
            if event is not None:
                self.say(event)


def _as_signal(number: str, output: m.Output) -> s.Event | None:
    """What of a modem's doings the network hears."""
    match output:
        case m.PlaceCall(ref, called):
            return s.CallPlaced(number, ref, called)
        case m.AcceptCall(ref):
            return s.CallAccepted(number, ref)
        case m.ReleaseCall(ref, cause):
            return s.CallCleared(number, ref, cause)
        case m.HoldCall(ref):
            return s.CallHeld(number, ref)
        case m.ResumeCall(ref):
            return s.CallResumed(number, ref)
        case m.PressKey(ref, key):
            return s.KeyPressed(number, ref, key)
        case m.SubmitMessage(token, called, text):
            return s.MessageSubmitted(number, token, called, text)
        case m.Attached():
            return s.TerminalAttached(number)
        case m.Detached():
            return s.TerminalDetached(number)
        case _:
            return None
