"""What hangs on the simulated board: the emulated modems by rail, PWRKEY and STATUS, and the box's own computer.

Invariants: a modem has a port only while its module runs; cutting a rail takes it away at once, a key press of the
family's length brings it back when STATUS rises. The host's rail and power button are only told (`tell_host`): whoever
started the box's processes ends and starts them. The world starts warm: modules run, and the supervisor adopts them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import firmware
from sim_hardware.board import events as e
from sim_hardware.board.board import Board
from sim_hardware.board.module import SIM7600, STICK, PoweredModule, PowerTimes
from sim_hardware.emulated_line import EmulatedLine
from sim_hardware.errors import WorldError
from sim_hardware.modem.events import FaultInjected

LOOK_S = 0.05
"""How late a STATUS pin may follow its module."""
SETTLED_AFTER_S = 60.0
"""No module still changes so long after the last edge of its rail or key."""
HOST_RISE_S = 1.5
"""The load switch of the computer comes on so slowly (docs/firmware.md): the rail that floats high while the supervisor
restarts does not start a computer that was off."""
SHORT_PRESS_S = 0.15
BETWEEN_PRESSES_S = 0.2
FACTORY_PRESSES = 3
FACTORY_HOLD_S = 5.5

TIMES: Mapping[str, PowerTimes] = {
    "sim7600": SIM7600,
    "a76xx": PowerTimes(0.05, 2.5, 8.0, 2.0),
    "ec25": PowerTimes(0.5, 0.65, 10.0, 5.0),
    "sim800": PowerTimes(1.0, 1.0, 3.0, 2.0),
    "huawei": STICK,
}
"""From the hardware manuals, typical values; a USB stick has no key."""

TEST_KEY = Path(firmware.__file__).parents[1] / "build" / "firmware" / "flash" / "update.key"
"""The board on a laptop trusts what `make firmware` of this checkout signs."""


def chosen_vm() -> str:
    """`TONGDAI_BOARD_VM`: micropython, cpython or auto. Raises `WorldError` for anything else."""
    wanted = os.environ.get("TONGDAI_BOARD_VM", "auto")
    if wanted not in ("auto", "micropython", "cpython"):
        raise WorldError(f"TONGDAI_BOARD_VM={wanted}: it is auto, micropython or cpython")
    return wanted


class BoardWiring:
    """One slot per line, in their order. `tell_host`: what the box's computer notices, as one JSON object."""

    def __init__(
        self,
        lines: Sequence[EmulatedLine],
        directory: Path,
        tell_host: Callable[[dict[str, bool]], None],
        *,
        vm: str = "auto",
        key: Path = TEST_KEY,
    ) -> None:
        self._lines = list(lines)
        self._tell_host = tell_host
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._look_until = 0.0
        self._rising: asyncio.TimerHandle | None = None
        self._pressing = asyncio.Lock()
        self._modules = [PoweredModule(TIMES[line.settings.family], running=True) for line in self._lines]
        self._running = [True] * len(self._lines)
        self._uart = directory / "supervisor"
        self.board = Board(
            directory / "board",
            self._uart,
            slots=len(self._lines),
            vm=vm,
            sink=self._happened,
            key=key.read_bytes() if key.exists() else None,
        )
        for slot, module in enumerate(self._modules):
            module.rail(on=True, now=-SETTLED_AFTER_S)  # it runs for long
            self.board.set_status(slot, running=True)

    async def start(self) -> None:
        """The supervisor boots beside everything else. Raises `WorldError`."""
        await self.board.start()

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._let_rise(on=False)
        await self.board.close()

    def ready(self) -> dict[str, str]:
        """For the world's READY line."""
        return {"vm": self.board.vm, "port": str(self._uart)}

    def state(self) -> dict[str, Any]:
        state = self.board.state()
        for slot, line in zip(state["slots"], self._lines, strict=True):
            slot["line"] = line.settings.line
        return state

    # --- what a person or the box does ----------------------------------------------------------------------------

    async def press(self, seconds: float) -> None:
        async with self._pressing:
            await self._press(seconds)

    async def ask_factory_reset(self) -> None:
        """The gesture: three short presses, then a long one."""
        async with self._pressing:
            for _ in range(FACTORY_PRESSES):
                await self._press(SHORT_PRESS_S)
                await asyncio.sleep(BETWEEN_PRESSES_S)
            await self._press(FACTORY_HOLD_S)

    async def _press(self, seconds: float) -> None:
        self.board.set_button(pressed=True)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.board.set_button(pressed=False)

    async def power_cycle(self) -> None:
        """The plug is pulled and put in again: supervisor, modems and the box's computer lose their supply."""
        self._tell_host({"on": False})
        self.board.set_halted(halted=False)
        for module in self._modules:
            module.rail(on=False, now=self._loop.time())
        self._look()
        await self.board.power_cycle()
        self._tell_host({"on": True})

    # --- what the board does --------------------------------------------------------------------------------------

    def _happened(self, event: e.BoardEvent) -> None:
        now = self._loop.time()
        match event:
            case e.RailSwitched(slot, on):
                self._modules[slot].rail(on, now)
                self._watch(now)
            case e.KeySwitched(slot, pressed):
                self._modules[slot].key(pressed, now)
                self._watch(now)
            case e.HostRailSwitched(on):
                self._let_rise(on=on)
                if not on:
                    self.board.set_halted(halted=False)  # a pin of a computer without power
                    self._tell_host({"on": False})
            case e.HostButtonSwitched(True):
                self._tell_host({"button": True})
            case _:
                pass

    def _let_rise(self, *, on: bool) -> None:
        if self._rising is not None:
            self._rising.cancel()
        told = {"on": True}
        self._rising = self._loop.call_later(HOST_RISE_S, self._tell_host, told) if on else None

    def _watch(self, now: float) -> None:
        self._look_until = now + SETTLED_AFTER_S
        if self._timer is not None:
            self._timer.cancel()
        self._look()

    def _look(self) -> None:
        """STATUS follows each module, and its modem with it."""
        now = self._loop.time()
        for slot, module in enumerate(self._modules):
            running = module.status(now)
            if running != self._running[slot]:
                self._running[slot] = running
                self.board.set_status(slot, running)
                self._lines[slot].tell(FaultInjected("replug" if running else "unplug"))
        self._timer = self._loop.call_later(LOOK_S, self._look) if now < self._look_until else None
