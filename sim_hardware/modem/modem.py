"""An emulated modem: AT bytes in, bytes out, by family profile. Sans-io.

    modem = EmulatedModem(SIM7600, SimCard(number="0901234567"), Random(1))
    modem.handle(HostWrote(b"AT\\r"), now_s=0.0)     # [WriteHost(b"AT\\r"), WriteHost(b"\\r\\nOK\\r\\n")]

Invariants: `handle` never raises for what a host writes; what is planned is done in order of time, so the same events
at the same times with the same seed give the same outputs; nothing is planned that `next_deadline` does not tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sim_hardware.modem import events as e
from sim_hardware.modem.basics import Basics
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.call_lines import CallWording
from sim_hardware.modem.call_table import Stat
from sim_hardware.modem.calling import Calling
from sim_hardware.modem.dispatcher import Dispatcher
from sim_hardware.modem.faults import FaultMenu
from sim_hardware.modem.holding import Holding
from sim_hardware.modem.line import AtLine
from sim_hardware.modem.messaging import Messaging
from sim_hardware.modem.power import Power, PowerHooks, PowerState
from sim_hardware.modem.profiles import ModemProfile
from sim_hardware.modem.radio import Radio
from sim_hardware.modem.replies import Refusal, Reply
from sim_hardware.modem.security import Security
from sim_hardware.modem.sim_card import SimCard
from sim_hardware.modem.ussd import Ussd
from sim_hardware.modem.voice import Voice
from sim_hardware.modem.wall_clock import WallClock


@dataclass(frozen=True, slots=True)
class CallView:
    id: int
    ref: str
    incoming: bool
    number: str
    stat: Stat
    multiparty: bool


@dataclass(frozen=True, slots=True)
class ModemState:
    """What stands on the modem's lamps, and a little more."""

    power: PowerState
    registration: e.Registration
    operator: str
    signal_rssi: int
    sim_ready: bool
    call_waiting: bool
    """AT+CCWA=…,1: a second caller is not sent away."""
    calls: tuple[CallView, ...]
    audio_open: bool


class EmulatedModem:
    def __init__(
        self,
        profile: ModemProfile,
        sim: SimCard | None,
        rng: Random,
        *,
        warm: bool = True,
        boot_scale: float = 1.0,
    ) -> None:
        """`warm`: registered already, no boot lines; else power comes at second 0 and `next_deadline` says when to come
        back. `boot_scale` 0.1 boots ten times as fast. Without a card, `sim` is None.
        """
        self._board = board = Board(profile, rng)
        self._security = Security(board, sim, self._sim_unlocked)
        self._radio = Radio(board, self._security)
        self._clock = WallClock(board)
        wording = CallWording(board, self._clock)
        self._calling = Calling(
            board, self._security, self._radio, wording, finish=self._finish, changed=self._calls_changed
        )
        self._voice = Voice(board, self._calling.table)
        self._messaging = Messaging(board, self._security, self._radio, self._clock, self._finish)
        self._basics = Basics(board, self._security)
        self._ussd = Ussd(board, self._security, self._radio)
        hooks = PowerHooks(self._forget, self._calling.end_all, self._messaging.deliver_waiting)
        self._power = Power(board, self._security, self._radio, hooks, boot_scale)
        self._faults = FaultMenu(board, self._security, self._radio, self._messaging, self._power)
        self._dispatcher = Dispatcher(board, self._installed())
        self._line = AtLine(board.wire, self._dispatcher, self._calling.abort_dialing, self._settle)
        if warm:
            self._power.start_warm()
        else:
            self._power.boot()

    @property
    def profile(self) -> ModemProfile:
        return self._board.profile

    @property
    def next_deadline(self) -> float | None:
        """Second of the modem's clock at which `TimePassed` is due; None: nothing is planned."""
        return self._board.agenda.next_deadline

    @property
    def state(self) -> ModemState:
        calls = tuple(CallView(c.id, c.ref, c.incoming, c.number, c.stat, c.multiparty) for c in self._calling.table)
        return ModemState(
            power=self._power.state,
            registration=self._radio.registration,
            operator=self._radio.operator,
            signal_rssi=self._radio.rssi,
            sim_ready=self._security.ready,
            call_waiting=self._calling.waiting_on,
            calls=calls,
            audio_open=self._voice.open,
        )

    def handle(self, event: e.Event, now_s: float) -> list[e.Output]:
        """First what was due by `now_s`, then `event`. `now_s` never goes back.

        Raises ValueError for a fault that is not on the menu.
        """
        self._run_due(now_s)
        self._board.now_s = max(now_s, self._board.now_s)
        match event:
            case e.HostWrote(data):
                if self._power.listening:
                    self._line.receive(data)
            case e.TimePassed():
                pass
            case e.FaultInjected():
                self._faults.inject(event)
            case _:
                self._hear_network(event)
        self._run_due(self._board.now_s)
        return self._board.take_outputs()

    def _hear_network(self, event: e.Event) -> None:
        match event:
            case e.CallArrived():
                self._call_arrived(event)
            case e.CallAlerted(ref):
                self._calling.alerted(ref)
            case e.CallConnected(ref):
                self._calling.connected(ref)
            case e.CallReleased(ref, cause):
                self._calling.released(ref, cause)
            case e.KeyHeard(ref, key):
                self._voice.heard(ref, key)
            case e.MessageArrived():
                self._messaging.arrived(event)
            case e.MessageAccepted():
                self._messaging.accepted(event)
            case e.MessageRefused():
                self._messaging.refused(event)
            case e.RegistrationChanged():
                self._registration_changed(event)
            case e.ClockTold(wall_s):
                self._clock.told(wall_s)

    def _call_arrived(self, event: e.CallArrived) -> None:
        """A modem that is off or not registered cannot be paged; the network is told at once."""
        if self._power.state is PowerState.OFF or not self._radio.registered:
            self._board.emit(e.ReleaseCall(event.ref, 20))  # Q.850: subscriber absent
        else:
            self._calling.arrived(event)

    def _registration_changed(self, event: e.RegistrationChanged) -> None:
        if not self._power.attached:  # the network speaks to a modem that is not listening
            return
        self._radio.change(event)
        self._messaging.deliver_waiting()

    def _run_due(self, now_s: float) -> None:
        while (timer := self._board.agenda.take_due(now_s)) is not None:
            self._board.now_s = max(self._board.now_s, timer.due_s)
            timer.action()
            self._line.resume()

    def _settle(self) -> None:
        self._run_due(self._board.now_s)

    # --- how the units meet ---------------------------------------------------------------------------------------

    def _installed(self) -> dict[str, Handler]:
        """Every unit's commands, less those of other vendors."""
        units = (
            self._basics,
            self._security,
            self._radio,
            self._clock,
            self._calling,
            Holding(self._board, self._security, self._calling),
            self._voice,
            self._messaging,
            self._ussd,
            self._power,
        )
        handlers: dict[str, Handler] = {}
        for unit in units:
            handlers.update(unit.commands())
        return {name: handler for name, handler in handlers.items() if self._board.has(name)}

    def _finish(self, answer: Reply | Refusal) -> None:
        self._dispatcher.finish(answer)

    def _calls_changed(self) -> None:
        self._voice.calls_changed()

    def _sim_unlocked(self) -> None:
        self._power.sim_unlocked()

    def _forget(self) -> None:
        """Power lost: everything volatile."""
        self._calling.forget_all()
        self._dispatcher.reset()
        self._line.reset()
        self._faults.healed_by_restart()
        for unit in (
            self._basics,
            self._security,
            self._radio,
            self._clock,
            self._calling,
            self._voice,
            self._messaging,
            self._ussd,
        ):
            unit.power_up()
