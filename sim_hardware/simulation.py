"""The running world: lines, people, network and voice paths in one event loop.

Everything that happens goes through one queue, handled in order, each to its end before the next; so a modem's answer
never overtakes the outputs before it. One timer serves network and people; modems have their own clocks and timers.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import Random

from sim_hardware import faults
from sim_hardware import signals as s
from sim_hardware.emulated_line import EmulatedLine, LineSettings, ModemMachine
from sim_hardware.errors import RequestError
from sim_hardware.exchange import Exchange
from sim_hardware.modem import events as m
from sim_hardware.network import End, Network
from sim_hardware.numbering import Operator, national, operator_of
from sim_hardware.people import People, PersonRun, Profile
from sim_hardware.person import Behaviour
from sim_hardware.ptys import OpenPort, PtyPort

TICK_S = 0.020
REGISTRATION_S = 1.0
"""From radio on to registered, when the world is already up."""


class Simulation:
    """All that is outside the box. `complain` takes words for people (standard error)."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        numbers: list[str],
        complain: Callable[[str], None],
        *,
        open_port: OpenPort = PtyPort,
    ) -> None:
        self.network = Network()
        self.exchange = Exchange(numbers)
        self.people = People(loop, self.exchange, self.say, complain)
        self._loop = loop
        self._open_port = open_port
        self._lines: dict[str, EmulatedLine] = {}
        self._by_name: dict[str, EmulatedLine] = {}
        self._queue: deque[Callable[[], None]] = deque()
        self._working = False
        self._warm = True
        self._timer: asyncio.TimerHandle | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._tick_due_s = 0.0
        self._tokens = 0
        self._post: dict[str, list[dict[str, str | None]]] = {}

    # --- what the owner and the requests do ---

    def add_line(self, settings: LineSettings, modem: ModemMachine, rng: Random) -> EmulatedLine:
        """Make the ports of a warm modem: its radio is on, later changes it tells itself."""
        number = settings.number
        voice = partial(self._voice, number)
        line = EmulatedLine(self._loop, settings, modem, self._modem_said, voice, rng, open_port=self._open_port)
        self._lines[number] = line
        self._by_name[settings.line] = line
        self.say(s.SubscriberDeclared(number, operator_of(number), switched_on=False, waiting=True))
        self.say(s.TerminalAttached(number))
        return line

    def started(self) -> None:
        """All lines stand: from now on registration takes its time."""
        self._warm = False

    @property
    def lines(self) -> list[EmulatedLine]:
        return list(self._by_name.values())

    def line_of(self, number: str) -> EmulatedLine | None:
        return self._lines.get(number)

    def say(self, event: s.Event) -> None:
        """Tell the network."""
        self._enqueue(partial(self._network_event, event))

    def describe(self, number: str, profile: Profile, operator: Operator | None) -> None:
        """A person, from his next call on. Raises `RequestError` for a line's number."""
        self._refuse_line(number, "subscriber")
        behaviour = profile.script.behaviour
        self.people.describe(number, profile)
        self.say(
            s.SubscriberDeclared(
                number,
                operator or operator_of(number),
                switched_on=behaviour is not Behaviour.OFF,
                engaged=behaviour is Behaviour.BUSY,
            )
        )

    def place_call(self, caller: str, dialled: str, profile: Profile, *, withheld: bool = False) -> PersonRun:
        """A person dials. Raises `RequestError` when he cannot: he is a line, or talks already."""
        self._refuse_line(caller, "caller")
        if self.network.in_call(caller):
            raise RequestError(f"caller: {caller} is in a call already")
        return self.people.place_call(caller, dialled, profile, withheld=withheld)

    def send_message(self, sender: str, recipient: str, text: str) -> None:
        """A person sends an SMS."""
        self._refuse_line(sender, "sender")
        self._tokens += 1
        self.say(s.MessageSubmitted(sender, self._tokens, recipient, text))

    def messages(self, number: str) -> list[dict[str, str | None]]:
        """What that person received, oldest first; `received` is null for what waits until his phone is on again."""
        waiting = self.network.waiting_messages(number)
        kept = [{"sender": each.sender, "text": each.text, "received": None} for each in waiting]
        return [*self._post.get(number, []), *kept]

    def inject(self, line_name: str, fault: str, parameters: dict[str, object]) -> None:
        """Raises `RequestError` for an unknown line, fault or parameter."""
        line = self._by_name.get(line_name)
        if line is None:
            raise RequestError(f"fault: no line {line_name!r}; there are {', '.join(self._by_name)}")
        line.tell(faults.parse(line_name, fault, parameters))

    async def stop(self) -> None:
        """Calls end, ports and links go."""
        for timer in (self._timer, self._ticker):
            if timer is not None:
                timer.cancel()
        for line in self.lines:
            line.close()
        await self.people.stop()

    # --- the queue ---

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
        due = min((d for d in (self.network.next_deadline, self.people.next_deadline) if d is not None), default=None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._timer = self._loop.call_at(due, self._time_passed)
        if not self.exchange.idle and self._ticker is None:
            self._tick_due_s = self._loop.time() + TICK_S
            self._ticker = self._loop.call_at(self._tick_due_s, self._tick)

    def _time_passed(self) -> None:
        self._timer = None
        self._enqueue(self.people.time_passed)
        self.say(s.DeadlineReached())

    def _tick(self) -> None:
        self._ticker = None
        if self.exchange.idle:
            return
        self._tick_due_s += TICK_S
        self._ticker = self._loop.call_at(self._tick_due_s, self._tick)
        self.exchange.tick(self._loop.time())

    def _voice(self, number: str, uplink: bytes) -> bytes:
        return self.exchange.line_tick(number, uplink, self._loop.time())

    # --- network to terminals ---

    def _network_event(self, event: s.Event) -> None:
        actions = self.network.handle(event, self._loop.time())
        for action in actions:
            self._perform(action)
        self.exchange.rewire(self.network.links)

    def _perform(self, action: s.Action) -> None:
        line = self._lines.get(action.terminal)
        if line is None:
            self._perform_person(action)
        else:
            self._perform_line(line, action)

    def _perform_person(self, action: s.Action) -> None:
        match action:
            case s.OfferCall(terminal, ref):
                self.people.offered(End(terminal, ref))
            case s.AlertCaller(terminal, ref):
                self.people.rang(End(terminal, ref))
            case s.ConnectLeg(terminal, ref):
                self.people.connected(End(terminal, ref))
            case s.ReleaseLeg(terminal, ref, cause, ended_by):
                self.people.released(End(terminal, ref), cause, ended_by)
            case s.DeliverMessage(terminal, sender, text):
                received = datetime.now(UTC).isoformat(timespec="milliseconds")
                self._post.setdefault(terminal, []).append({"sender": sender, "text": text, "received": received})
            case _:
                pass  # a person's phone shows keys and receipts to nobody

    def _perform_line(self, line: EmulatedLine, action: s.Action) -> None:
        match action:
            case s.OfferCall(_, ref, caller, withheld):
                presentation = m.Presentation.WITHHELD if withheld else m.Presentation.ALLOWED
                line.tell(m.CallArrived(ref, "" if withheld else national(caller), presentation))
            case s.AlertCaller(_, ref):
                line.tell(m.CallAlerted(ref))
            case s.ConnectLeg(_, ref):
                line.tell(m.CallConnected(ref))
            case s.ReleaseLeg(_, ref, cause, _, own):
                if not own:
                    line.tell(m.CallReleased(ref, cause))
                if cause == 17:
                    self.exchange.play_busy(line.number)
            case s.RelayKey(_, ref, key):
                line.tell(m.KeyHeard(ref, key))
            case s.DeliverMessage(_, sender, text):
                line.tell(m.MessageArrived(sender, text, time.time()))
            case s.AcceptMessage(_, token):
                line.tell(m.MessageAccepted(token))
            case s.RefuseMessage(_, token, cause):
                line.tell(m.MessageRefused(token, cause))
            case s.GrantService(_, operator):
                self._register(line, operator)

    def _register(self, line: EmulatedLine, operator: Operator) -> None:
        if self._warm:
            self._registered(line, operator)
        else:
            self._loop.call_later(REGISTRATION_S, self._registered, line, operator)

    def _registered(self, line: EmulatedLine, operator: Operator) -> None:
        if self.network.switched_on(line.number):
            line.tell(m.RegistrationChanged(m.Registration.HOME, operator.name, operator.plmn))
            line.tell(m.ClockTold(time.time()))

    # --- modems to the network ---

    def _modem_said(self, line: EmulatedLine, outputs: list[m.Output]) -> None:
        for output in outputs:
            self._enqueue(partial(self._modem_output, line, output))

    def _modem_output(self, line: EmulatedLine, output: m.Output) -> None:
        number = line.number
        match output:
            case m.PlaceCall(ref, called):
                self.say(s.CallPlaced(number, ref, called))
            case m.AcceptCall(ref):
                self.say(s.CallAccepted(number, ref))
            case m.ReleaseCall(ref, cause):
                self.say(s.CallCleared(number, ref, cause))
            case m.HoldCall(ref):
                self.say(s.CallHeld(number, ref))
            case m.ResumeCall(ref):
                self.say(s.CallResumed(number, ref))
            case m.PressKey(ref, key, duration_ms):
                self.exchange.press_key(number, key, duration_ms)
                self.say(s.KeyPressed(number, ref, key))
            case m.SubmitMessage(token, called, text):
                self.say(s.MessageSubmitted(number, token, called, text))
            case m.Attached():
                self.say(s.TerminalAttached(number))
            case m.Detached():
                self.say(s.TerminalDetached(number))
            case m.AudioOpened() | m.AudioClosed() | m.AudioImpaired() | m.PortVanished():
                self._voice_path(line)
            case m.WriteHost():
                pass  # the line wrote it

    def _voice_path(self, line: EmulatedLine) -> None:
        self.exchange.impair(line.number, line.impaired)
        if line.pacer.is_open:
            self.exchange.line_opens(line.number, line.pacer.frame_bytes * 25)
        else:
            self.exchange.line_closes(line.number)
        self.exchange.rewire(self.network.links)

    def _refuse_line(self, number: str, what: str) -> None:
        if number in self._lines:
            line = self._lines[number].settings.line
            raise RequestError(f"{what}: {number} is the box's own line {line}; name a person's number")
