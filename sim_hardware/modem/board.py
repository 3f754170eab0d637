"""What the units of one modem share: the time, the plans, the way out, the settings. No behaviour of its own."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from sim_hardware.modem.agenda import Agenda, Timer
from sim_hardware.modem.at_syntax import Command
from sim_hardware.modem.events import Output
from sim_hardware.modem.profiles import VENDOR_COMMANDS, ModemProfile
from sim_hardware.modem.registers import PARAMETERS, Registers
from sim_hardware.modem.replies import Later, Reply
from sim_hardware.modem.traits import Traits
from sim_hardware.modem.wire import Wire


@dataclass(frozen=True, slots=True)
class Prompt:
    """The command waits for text up to Ctrl-Z after `> ` (27.005 §3.5.1)."""

    take: Callable[[str], Reply | Later]


Answer = Reply | Later | Prompt
Handler = Callable[[Command], Answer]


class Board:
    def __init__(self, profile: ModemProfile, rng: random.Random) -> None:
        self.profile = profile
        self.rng = rng
        self.now_s = 0.0
        self.agenda = Agenda()
        self.traits = Traits()
        self.outputs: list[Output] = []
        self.wire = Wire(self.traits, self.outputs.append, self.later)
        installed = frozenset(p.name for p in PARAMETERS if self.has(p.name))
        self.registers = Registers(installed, {"+CMEE": str(profile.cmee_at_boot), **profile.defaults})

    def has(self, command: str) -> bool:
        """Whether this family knows the command at all."""
        return command not in VENDOR_COMMANDS or command in self.profile.commands

    def emit(self, *outputs: Output) -> None:
        self.wire.flush()
        self.outputs.extend(outputs)

    def later(self, delay_s: float, action: Callable[[], None]) -> Timer:
        return self.agenda.add(self.now_s + delay_s, action)

    def soon(self, action: Callable[[], None]) -> Timer:
        """Once the answer under way is out, still within this event."""
        return self.agenda.add(self.now_s, action)

    def urc(self, *lines: str) -> None:
        self.wire.urc(*lines)

    def jitter(self, seconds: float) -> float:
        """`seconds` give or take a tenth, as a real network or boot is never exact."""
        return seconds * self.rng.uniform(0.9, 1.1)

    def take_outputs(self) -> list[Output]:
        self.wire.flush()
        taken = list(self.outputs)
        self.outputs.clear()
        return taken
