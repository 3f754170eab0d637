"""The fault menu as this modem plays it. Every fault stands here; the units only read `Traits`.

A switch (`number` 0 or absent-or-1) stays until switched off; a count runs out; the rest happen once.
"""

from __future__ import annotations

from sim_hardware.modem.board import Board
from sim_hardware.modem.events import AudioImpaired, FaultInjected
from sim_hardware.modem.messaging import Messaging
from sim_hardware.modem.power import Power
from sim_hardware.modem.radio import Radio
from sim_hardware.modem.security import Security

_BROWN_OUT_S = 0.6
_FLAP_S = 5.0


class FaultMenu:
    def __init__(self, board: Board, security: Security, radio: Radio, messaging: Messaging, power: Power) -> None:
        self._board = board
        self._security = security
        self._radio = radio
        self._messaging = messaging
        self._power = power

    def inject(self, fault: FaultInjected) -> None:
        """Raises ValueError for a name that is not on the menu."""
        if not (self._power_fault(fault) or self._wire_fault(fault) or self._call_fault(fault)):
            raise ValueError(f"fault {fault.name!r}: this modem has no such fault")

    def healed_by_restart(self) -> None:
        """Power-up cures the audio endpoint."""
        self._board.traits.heal_by_restart()
        self._tell_impairment()

    def _power_fault(self, fault: FaultInjected) -> bool:
        match fault.name:
            case "restart":
                self._power.restart()
            case "unplug":
                self._power.cut()
            case "replug":
                self._power.restart(fault.text)
            case "brown-out":
                self._board.urc(self._board.profile.under_voltage_line)
                self._board.later(_BROWN_OUT_S, self._power.restart)
            case "sim-out":
                self._power.sim_out()
            case "sim-in":
                self._power.sim_in()
            case "cme14":
                self._security.busy_until_s = self._board.now_s + (fault.number or 0.0)
                self._board.later(fault.number or 0.0, self._messaging.deliver_waiting)
            case "creg-flap":
                self._radio.flap(_FLAP_S if fault.number is None else fault.number)
            case "sms-full":
                self._messaging.fill_store()
            case _:
                return False
        return True

    def _wire_fault(self, fault: FaultInjected) -> bool:
        traits = self._board.traits
        match fault.name:
            case "at-late":
                traits.answer_late_s = (fault.number or 0.0) / 1000
            case "at-lost":
                traits.answers_to_lose = _count(fault)
            case "double-cr":
                traits.double_cr = _on(fault)
            case "split":
                traits.split_bytes = int(fault.number or 0)
            case "urc-inside":
                traits.urc_inside = _on(fault)
            case "echo-on":
                self._board.wire.settings.echo = _on(fault)
            case _:
                return False
        return True

    def _call_fault(self, fault: FaultInjected) -> bool:
        traits = self._board.traits
        match fault.name:
            case "pcm-refuse":
                traits.pcm_refusals = _count(fault)
            case "pcm-stuck":
                traits.pcm_stuck = _on(fault)
                self._tell_impairment()
            case "one-way":
                traits.one_way = fault.text or "none"
                self._tell_impairment()
            case "no-clip":
                traits.clip_from_ring = None if _on(fault) else 1
            case "late-clip":
                traits.clip_from_ring = 2 if _on(fault) else 1
            case "early-active":
                traits.early_active = _on(fault)
            case "silent-end":
                traits.silent_ends = _count(fault)
            case "stuck-call":
                traits.stuck_calls = _count(fault)
            case _:
                return False
        return True

    def _tell_impairment(self) -> None:
        traits = self._board.traits
        direction = "up" if traits.pcm_stuck else traits.one_way
        if direction != traits.impairment_told:
            traits.impairment_told = direction
            self._board.emit(AudioImpaired(direction))


def _on(fault: FaultInjected) -> bool:
    return fault.number is None or fault.number != 0


def _count(fault: FaultInjected) -> int:
    return 1 if fault.number is None else int(fault.number)
