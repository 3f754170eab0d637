"""The HAT with its RP2040: starts the real firmware, gives it pins, ADCs, UART and watchdog, and shows what it does.

Invariants: the firmware runs unmodified, from the flash folder; one that does not feed its watchdog is killed and
started again with that reset cause; while it is down its outputs float to where their pull-ups draw them, and what the
host sends is lost. Times are real. `vm` says which interpreter stands in for the chip.
"""

from __future__ import annotations

import asyncio
import calendar
import contextlib
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim_hardware.board import events as e
from sim_hardware.board import flash as flash_folder
from sim_hardware.board import pins
from sim_hardware.board.virtual_machine import PWRON_RESET, WDT_RESET, VirtualMachine, available
from sim_hardware.ptys import PtyPort

WATCH_S = 0.05
STARTS_KEPT = 20
Bytes = Callable[[bytes], bytes]


class Board:
    """Call `start` on the loop, `close` at the end. `key`: modulus that updates must be signed for."""

    def __init__(
        self,
        flash: Path,
        uart: Path,
        *,
        slots: int = pins.SLOTS,
        vm: str = "auto",
        sink: e.BoardSink | None = None,
        clock_offset_s: int | None = 0,
        settings: dict[str, int] | None = None,
        key: bytes | None = None,
    ) -> None:
        self.vm = available() if vm == "auto" else vm
        self.slots = slots
        self.leds: tuple[tuple[int, int, int], ...] = ()
        self.starts: deque[tuple[float, str]] = deque(maxlen=STARTS_KEPT)
        """When (wall) and why the firmware was started."""
        self.on_noise_to_firmware: Bytes | None = None
        """What the wire does to bytes on their way; None: nothing."""
        self.on_noise_to_host: Bytes | None = None
        self._flash = flash
        self._link = uart
        self._sink = sink or (lambda _: None)
        self._clock_offset_s = clock_offset_s
        self._levels = dict.fromkeys(pins.STATUS[:slots], 0) | {pins.BUTTON: 1, pins.HOST_HALTED: 0}
        self._analog: dict[int, int] = {}
        self._outputs: dict[int, int] = {}
        self._keys = pins.ShiftRegister()
        self._machine = VirtualMachine(flash, self.vm, self._gone)
        self._server: asyncio.Server | None = None
        self._pty: PtyPort | None = None
        self._to_board: asyncio.StreamWriter | None = None
        self._to_uart: asyncio.StreamWriter | None = None
        self._timeout_s: float | None = None
        self._fed_at = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._restarting: asyncio.Task[None] | None = None
        self._one_start = asyncio.Lock()
        self._settings, self._key = settings, key
        self.supply_mv, self.supercap_mv, self.temperature_c = 5000, 5000, 41.0

    # --- life

    async def start(self) -> None:
        """Flash it where that was not done, and power on. Raises `WorldError` when pty or virtual machine cannot be
        had.
        """
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._flash_it)  # a fresh one compiles for a moment: the modems start meanwhile
        self._pty = PtyPort(loop, self._link, self._from_host)
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._drive_analog()
        await self._boot(PWRON_RESET, "power on")
        self._watch = asyncio.create_task(self._watch_feeding())

    def _flash_it(self) -> None:
        target = flash_folder.COMPILED_TARGET if self.vm == "micropython" else flash_folder.SOURCE_TARGET
        flash_folder.prepare(self._flash, slots=self.slots, target=target, key=self._key)
        if self._settings:
            flash_folder.put_settings(self._flash, self._settings)

    async def close(self) -> None:
        for task in (self._watch, self._restarting):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self._machine.stop()
        self._drop_connections()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        if self._pty is not None:
            self._pty.close()

    async def power_cycle(self) -> None:
        """The whole board loses its supply and gets it back."""
        await self._start_anew(PWRON_RESET, "power on")

    async def kill(self) -> None:
        """The supervisor alone is reset at this very moment, whatever it was doing."""
        await self._start_anew(WDT_RESET, "watchdog")

    def hang(self) -> None:
        """The firmware stops doing anything; its watchdog resets it."""
        self._machine.hang()

    @property
    def uart(self) -> Path:
        """What the host opens."""
        return self._link

    @property
    def pid(self) -> int | None:
        return self._machine.pid

    # --- the world drives

    def set_status(self, slot: int, running: bool) -> None:
        """The module's STATUS pin."""
        self._drive(pins.STATUS[slot], int(running))

    def set_button(self, pressed: bool) -> None:
        self._drive(pins.BUTTON, int(not pressed))

    def set_halted(self, halted: bool) -> None:
        """The host's system is down."""
        self._drive(pins.HOST_HALTED, int(halted))

    def set_supply(self, supply_mv: int, supercap_mv: int | None = None) -> None:
        self.supply_mv = supply_mv
        self.supercap_mv = self.supercap_mv if supercap_mv is None else supercap_mv
        self._drive_analog()

    def set_temperature(self, celsius: float) -> None:
        self.temperature_c = celsius
        self._drive_analog()

    # --- the world looks

    def rail(self, slot: int) -> bool:
        return self._output(pins.RAILS[slot])

    def key(self, slot: int) -> bool:
        return bool(self._keys.outputs >> slot & 1)

    @property
    def host_powered(self) -> bool:
        return self._output(pins.HOST_RAIL)

    def state(self) -> dict[str, Any]:
        """All there is to see, as one JSON object."""
        return {
            "vm": self.vm,
            "uart": str(self._link),
            "pid": self.pid,
            "supply_mv": self.supply_mv,
            "supercap_mv": self.supercap_mv,
            "temperature_c": self.temperature_c,
            "button": not self._levels[pins.BUTTON],
            "host": {"rail": self.host_powered, "button": self._output(pins.HOST_BUTTON)},
            "slots": [
                {"rail": self.rail(slot), "key": self.key(slot), "status": bool(self._levels[pins.STATUS[slot]])}
                for slot in range(self.slots)
            ],
            "leds": [list(colour) for colour in self.leds],
            "starts": [{"at": at, "cause": cause} for at, cause in self.starts],
        }

    # --- the chip

    async def _boot(self, cause: int, name: str) -> None:
        self._drop_connections()
        assert self._server is not None
        self._timeout_s = None
        self.starts.append((time.time(), name))
        await self._machine.start(self._server.sockets[0].getsockname()[1], cause)
        self._sink(e.SupervisorStarted(name, len(self.starts)))

    def _gone(self) -> None:
        """The process ended by itself: on the chip nothing ends, so this is a reset."""
        self._reset("ended")

    def _reset(self, name: str) -> None:
        if self._restarting is None or self._restarting.done():
            self._restarting = asyncio.create_task(self._start_anew(WDT_RESET, name))

    async def _start_anew(self, cause: int, name: str) -> None:
        """One at a time: the watchdog may bite in the middle of a power cycle."""
        async with self._one_start:
            self._timeout_s = None
            await self._machine.stop()
            self._float()
            await self._boot(cause, name)

    async def _watch_feeding(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            if self._timeout_s is not None and time.monotonic() - self._fed_at > self._timeout_s:
                self._timeout_s = None
                self._reset("watchdog")

    def _float(self) -> None:
        """Nobody drives the outputs."""
        self._drop_connections()
        for pin in (*pins.RAILS[: self.slots], pins.HOST_RAIL, pins.HOST_BUTTON):
            self._switched(pin, int(pin in pins.PULLED_UP))

    # --- connections of the virtual machine

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            kind = await reader.readline()
            if kind == b"uart\n":
                self._to_uart = writer
                await self._pump_uart(reader, writer)
            elif kind == b"board\n":
                self._to_board = writer
                self._greet()
                await self._read_lines(reader, writer)
        writer.close()

    def _greet(self) -> None:
        for pin, level in self._levels.items():
            self._tell(f"pin {pin} {level}")
        for number, raw in self._analog.items():
            self._tell(f"adc {number} {raw}")
        offset = "none" if self._clock_offset_s is None else str(self._clock_offset_s)
        self._tell(f"clock {offset}")
        self._tell("begin")

    async def _read_lines(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if writer is not self._to_board:
                return
            self._line(line.decode().split())

    def _line(self, words: list[str]) -> None:
        match words:
            case ["feed"]:
                self._fed_at = time.monotonic()
            case ["pin", pin, level]:
                self._pin(int(pin), int(level))
            case ["wdt", timeout_ms]:
                self._fed_at = time.monotonic()
                self._timeout_s = int(timeout_ms) / 1000
            case ["lights", colours]:
                raw = bytes.fromhex(colours)
                self.leds = tuple((raw[at], raw[at + 1], raw[at + 2]) for at in range(0, len(raw), 3))
                self._sink(e.LightsChanged(self.leds))
            case ["clock", registers]:
                self._set_clock(registers)
            case ["reset"]:
                self._reset("restart")
            case _:
                raise AssertionError(f"the fake machine said {words}")

    def _set_clock(self, registers: str) -> None:
        """The chip's registers are two decimal digits a byte: second, minute, hour, weekday, day, month, year."""
        second, minute, hour, _, day, month, year = (int(registers[at : at + 2]) for at in range(0, 14, 2))
        moment = (2000 + year, month, day, hour, minute, second, 0, 0, 0)
        self._clock_offset_s = int(calendar.timegm(moment) - time.time())
        self._tell(f"clock {self._clock_offset_s}")

    async def _pump_uart(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(4096):
            if writer is self._to_uart and self._pty is not None:
                noise = self.on_noise_to_host
                self._pty.write(data if noise is None else noise(data))

    def _from_host(self, data: bytes) -> None:
        noise = self.on_noise_to_firmware
        data = data if noise is None else noise(data)
        if self._to_uart is not None and not self._to_uart.is_closing() and data:
            self._to_uart.write(data)

    def _drop_connections(self) -> None:
        for writer in (self._to_board, self._to_uart):
            if writer is not None:
                writer.close()
        self._to_board = self._to_uart = None

    # --- pins

    def _drive(self, pin: int, level: int) -> None:
        self._levels[pin] = level
        self._tell(f"pin {pin} {level}")

    def _drive_analog(self) -> None:
        self._analog = {
            pins.ADC_SUPPLY: pins.supply_raw(self.supply_mv),
            pins.ADC_SUPERCAP: pins.supply_raw(self.supercap_mv),
            pins.ADC_SENSOR: pins.sensor_raw(self.temperature_c),
        }
        for number, raw in self._analog.items():
            self._tell(f"adc {number} {raw}")

    def _tell(self, line: str) -> None:
        if self._to_board is not None and not self._to_board.is_closing():
            self._to_board.write(line.encode() + b"\n")

    def _pin(self, pin: int, level: int) -> None:
        if pin in (pins.KEY_DATA, pins.KEY_SHIFT, pins.KEY_LATCH):
            before = self._keys.outputs
            if self._keys.drive(pin, level):
                for slot in range(self.slots):
                    if (before ^ self._keys.outputs) >> slot & 1:
                        self._sink(e.KeySwitched(slot, self.key(slot)))
            return
        self._switched(pin, level)

    def _output(self, pin: int) -> bool:
        return bool(self._outputs.get(pin, int(pin in pins.PULLED_UP)))

    def _switched(self, pin: int, level: int) -> None:
        before = self._output(pin)
        self._outputs[pin] = level
        if before == bool(level):
            return
        if pin in pins.RAILS:
            self._sink(e.RailSwitched(pins.RAILS.index(pin), bool(level)))
        elif pin == pins.HOST_RAIL:
            self._sink(e.HostRailSwitched(bool(level)))
        elif pin == pins.HOST_BUTTON:
            self._sink(e.HostButtonSwitched(bool(level)))
