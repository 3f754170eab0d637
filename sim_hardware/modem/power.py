"""Power, boot and reset: what is lost, what the modem says while it comes up, when its ports are away."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial

from sim_hardware.modem.at_syntax import Command, Op
from sim_hardware.modem.board import Board, Handler
from sim_hardware.modem.events import Attached, Detached, PortVanished, Registration
from sim_hardware.modem.profiles import BootLine, Need
from sim_hardware.modem.radio import Radio
from sim_hardware.modem.replies import DONE, CmeError, Refusal, Reply, info
from sim_hardware.modem.security import Security

_OUT_OF_ORDER = 27
_RESET_DELAY_S = 0.3
"""From the OK of a reset command to the module going dark."""
_SIM_NOTICED_S = 1.0
_REPLUG_S = 0.5


class PowerState(Enum):
    ON = "on"
    BOOTING = "booting"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class PowerHooks:
    """What the other units do when power comes and goes."""

    forget: Callable[[], None]
    """Everything volatile is lost."""
    end_calls: Callable[[int], None]
    """The network lets go of all calls, with this cause."""
    messages_ready: Callable[[], None]


class Power:
    def __init__(self, board: Board, security: Security, radio: Radio, hooks: PowerHooks, boot_scale: float) -> None:
        """`boot_scale` stretches or shortens every time of the boot."""
        self._board = board
        self._security = security
        self._radio = radio
        self._hooks = hooks
        self._scale = boot_scale
        self._deaf_until_s = 0.0
        self._functionality = 1
        self.state = PowerState.OFF
        self.attached = False
        """The network may know us: the radio is on and the card open."""

    @property
    def listening(self) -> bool:
        """False: bytes of the host are swallowed."""
        return self.state is not PowerState.OFF and self._board.wire.present and self._board.now_s >= self._deaf_until_s

    # --- coming up ------------------------------------------------------------------------------------------------

    def start_warm(self) -> None:
        """As if it had been on for hours: registered at home, no boot lines."""
        self.state = PowerState.ON
        sim = self._security.sim
        if sim is not None and self._security.ready:
            self.attached = True
            self._radio.registration, self._radio.rssi = Registration.HOME, 20
            self._radio.operator, self._radio.plmn = sim.operator, sim.plmn

    def boot(self, *, port_gone_s: float = 0.0) -> None:
        """Power has just come; forgets whatever was before."""
        self._board.agenda.clear()
        self._hooks.forget()
        self.state, self.attached = PowerState.BOOTING, False
        self._functionality = 1
        self._deaf_until_s = self._board.now_s + self._scale * self._board.profile.deaf_s
        self._security.messages_from_s = math.inf
        self._board.wire.present = port_gone_s == 0.0
        if port_gone_s:
            self._board.later(port_gone_s, self._port_is_back)
        shift_s = self._scale * self._board.rng.uniform(0.0, 0.5)
        for line in self._board.profile.boot:
            self._board.later(self._scale * line.at_s + shift_s, partial(self._boot_line, line))
        if all(line.need is not Need.SIM_STATE for line in self._board.profile.boot):
            first_s = min(line.at_s for line in self._board.profile.boot if line.need is Need.SIM_READY)
            self._board.later(self._scale * first_s + shift_s, self._card_is_read)

    def _port_is_back(self) -> None:
        self._board.wire.present = True

    def _card_is_read(self) -> None:
        self._security.read = True
        self._attach()

    def _boot_line(self, line: BootLine) -> None:
        if line.need is Need.SIM_READY and not self._security.ready:
            self._boot_over(line)
            return
        if line.need is Need.SIM_STATE:
            self._security.read = True
        if line.need is not Need.SIM_STATE or self._security.sim is not None or self._board.profile.no_sim_answer:
            self._board.urc(line.text.format(sim=self._security.state_text))
        if line.need is Need.SIM_STATE:
            self._card_is_read()
        self._boot_over(line)

    def _boot_over(self, line: BootLine) -> None:
        """After the last line the modem is up; messages work from its "SMS" line on."""
        last = line is self._board.profile.boot[-1]
        if last:
            self.state = PowerState.ON
        if self._security.ready and ("SMS" in line.text or last):
            self._security.messages_from_s = 0.0
            self._hooks.messages_ready()

    def _attach(self) -> None:
        if self._security.ready and self._functionality == 1:
            self.attached = True
            self._radio.lose(Registration.SEARCHING)
            self._board.emit(Attached())

    def _detach(self) -> None:
        self.attached = False
        self._radio.lose()
        self._board.emit(Detached())

    # --- the card -------------------------------------------------------------------------------------------------

    def sim_unlocked(self) -> None:
        """PIN given: the lines that waited for the card follow."""
        self._board.later(_SIM_NOTICED_S / 2, self._card_is_up)

    def sim_out(self) -> None:
        if not self._security.inserted:
            return
        self._hooks.end_calls(_OUT_OF_ORDER)
        self._security.inserted = False
        self._board.urc(self._board.profile.sim_removed_line)
        self._detach()

    def sim_in(self) -> None:
        if self._security.inserted or self._security.card is None:
            return
        self._security.inserted = True
        self._security.card.unlocked = False
        self._board.later(_SIM_NOTICED_S, self._card_is_up)

    def _card_is_up(self) -> None:
        if any(line.need is Need.SIM_STATE for line in self._board.profile.boot):
            self._board.urc(f"+CPIN: {self._security.state_text}")
        if not self._security.ready:
            return
        self._attach()
        for delay_s, line in enumerate((b for b in self._board.profile.boot if b.need is Need.SIM_READY), start=1):
            self._board.later(float(delay_s), partial(self._boot_line, line))

    # --- going down -----------------------------------------------------------------------------------------------

    def restart(self, new_name: str | None = None) -> None:
        """The module resets: its USB port leaves the bus and comes back while it boots."""
        gone_s = self._board.profile.port_gone_s
        was_off = self.state is PowerState.OFF
        self._go_dark()
        if was_off:
            gone_s = _REPLUG_S
        if gone_s is None and new_name is None:
            self.boot()
            return
        gone_s = self._scale * gone_s if gone_s is not None else _REPLUG_S
        self._board.emit(PortVanished(gone_s, new_name))
        self.boot(port_gone_s=gone_s)

    def cut(self) -> None:
        """No power, no port."""
        self._go_dark()
        self._board.emit(PortVanished(None))
        self._board.agenda.clear()
        self._hooks.forget()
        self._board.wire.present = False
        self.state, self.attached = PowerState.OFF, False

    def _go_dark(self) -> None:
        if self.state is not PowerState.OFF:
            self._hooks.forget()
            self._board.emit(Detached())

    # --- commands -------------------------------------------------------------------------------------------------

    def commands(self) -> Mapping[str, Handler]:
        return {
            "+CFUN": self._cfun,
            "+CRESET": self._reset,
            "^RESET": self._reset,
            "+CPOF": self._power_off,
            "+QPOWD": self._power_off,
            "+CPOWD": self._power_off,
        }

    def _cfun(self, command: Command) -> Reply:
        match command.op:
            case Op.TEST:
                return info("+CFUN: (0,1,4),(0,1)")
            case Op.READ:
                return info(f"+CFUN: {self._functionality}")
            case Op.EXECUTE:
                raise Refusal
        wanted = command.argument(0)
        if wanted not in ("0", "1", "4") or command.argument(1) not in ("", "0", "1"):
            raise CmeError(50)
        if command.argument(1) == "1":
            self._board.later(_RESET_DELAY_S, self.restart)
            return DONE
        self._set_functionality(int(wanted))
        return DONE

    def _set_functionality(self, wanted: int) -> None:
        """27.007 §8.2: 0 minimum, 4 radio off, 1 full."""
        before, self._functionality = self._functionality, wanted
        if before == 1 and wanted != 1:
            self._hooks.end_calls(_OUT_OF_ORDER)
            self._detach()
        elif before != 1 and wanted == 1:
            self._board.soon(self._attach)

    def _reset(self, command: Command) -> Reply:
        if command.op is not Op.TEST:
            self._board.later(_RESET_DELAY_S, self.restart)
        return DONE

    def _power_off(self, command: Command) -> Reply:
        if command.op is not Op.TEST:
            self._board.later(_RESET_DELAY_S, self._off_with_notice)
        return DONE

    def _off_with_notice(self) -> None:
        if self._board.profile.power_off_line:
            self._board.urc(self._board.profile.power_off_line)
        self.cut()
