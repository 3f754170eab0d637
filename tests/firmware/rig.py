"""A board with modules on it and a plain host at its UART, in real time; everything that happens is written down."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sim_hardware.board import events as e
from sim_hardware.board.board import Board
from sim_hardware.board.module import BRISK, PoweredModule
from tests.firmware.client import Client

LOOK_S = 0.02

QUICK = {"stagger_ms": 300, "host_off_ms": 300, "supply_hold_ms": 300, "supply_return_ms": 300, "autostart": 0}
"""Waiting that proves nothing is short; the order is real."""


class Rig:
    def __init__(self, folder: Path, slots: int, vm: str, settings: dict[str, int], key: bytes | None) -> None:
        self.happened: list[tuple[float, e.BoardEvent]] = []
        self.modules = [PoweredModule(BRISK) for _ in range(slots)]
        self.board = Board(
            folder / "flash",
            folder / "uart",
            slots=slots,
            vm=vm,
            sink=self._happened,
            settings=QUICK | settings,
            key=key,
        )
        self.client: Client

    async def until(self, condition: Any, within_s: float = 15.0) -> Any:
        return await self.client.until(condition, within_s)

    def of(self, kind: type) -> list[Any]:
        return [event for _, event in self.happened if isinstance(event, kind)]

    def starts(self) -> list[str]:
        return [event.cause for event in self.of(e.SupervisorStarted)]

    async def reconnect(self) -> None:
        """Another process of the host: a new start of its side of the wire."""
        await self.client.close()
        self.client = Client(self.board.uart)

    def _happened(self, event: e.BoardEvent) -> None:
        now = time.monotonic()
        self.happened.append((now, event))
        if isinstance(event, e.RailSwitched):
            self.modules[event.slot].rail(event.on, now)
        elif isinstance(event, e.KeySwitched):
            self.modules[event.slot].key(event.pressed, now)

    async def drive_modules(self) -> None:
        shown = [False] * len(self.modules)
        while True:
            for slot, module in enumerate(self.modules):
                status = module.status(time.monotonic())
                if status != shown[slot]:
                    shown[slot] = status
                    self.board.set_status(slot, status)
            await asyncio.sleep(LOOK_S)


@contextlib.asynccontextmanager
async def rig(
    folder: Path, *, slots: int = 2, vm: str = "auto", settings: dict[str, int] | None = None, key: bytes | None = None
) -> AsyncIterator[Rig]:
    """Started, greeted, and closed at the end."""
    made = Rig(folder, slots, vm, settings or {}, key)
    driver = asyncio.create_task(made.drive_modules())
    await made.board.start()
    try:
        made.client = Client(made.board.uart)
        await made.client.hello()
        yield made
    finally:
        driver.cancel()
        await asyncio.gather(driver, return_exceptions=True)
        if hasattr(made, "client"):
            await made.client.close()
        await made.board.close()
