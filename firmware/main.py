"""The program: four tasks around the pure supervisor. Started by `flash/main.py` from folder `a` or `b`."""

import asyncio
import gc
import os

from firmware import (
    actions,
    civil,
    host,
    link,
    liveness,
    log,
    messages,
    settings,
    slots,
    storage,
    supervisor,
    update,
    version,
)
from firmware.board import MAX_SLOTS, Board, started_by
from firmware.commands import Commands
from firmware.compat import TYPE_CHECKING, const, ticks_ms

if TYPE_CHECKING:
    from typing import Any

TICK_MS = const(20)
TALK_MS = const(5)
FEED_MS = const(500)
CLOCK_EVERY = const(2)
"""Feeds between two looks at the clock chip."""
CRASHES_CLEARED_TURNS = const(120)
"""Feeds (one minute) after which this start counts as a good one."""

TICKING = const(0)
TALKING = const(1)
UPDATING = const(2)
TASKS = ("ticking", "talking", "updating")

STATE_FILE = "state.json"
BOARD_FILE = "board.json"
KEY_FILE = "update.key"

ALL_SLOTS = const(255)
POWER_ON = const(1)
SOFT = const(4)
FEATURE_CLOCK = const(1)
FEATURE_SUPERCAP = const(2)
FEATURE_HALTED = const(4)
FEATURE_UPDATES = const(8)

_LOG_STARTED = messages.LOG_CODES.index("supervisor started")
_LOG_UPDATED = messages.LOG_CODES.index("supervisor updated")
_LOG_FELL_BACK = messages.LOG_CODES.index("supervisor fell back")
_LOG_UPDATE_FAILED = messages.LOG_CODES.index("update failed")
_LOG_HUNG = messages.LOG_CODES.index("task hung")


async def pause(ms: int) -> None:
    await asyncio.sleep(ms / 1000)


class Program:
    def __init__(self, folder: str, on_trial: bool) -> None:
        self.storage = storage.Storage()
        self.known = self.storage.read_json(BOARD_FILE)
        self.saved = self.storage.read_json(STATE_FILE)
        count = min(self.known.get("slots", MAX_SLOTS), MAX_SLOTS)
        cause = started_by()
        self.warm = cause != POWER_ON
        self.kept = self.saved.get("host", host.KEPT_ON) if self.warm else host.KEPT_ON
        off_slots = self.saved.get("off_slots", 0) if self.warm else 0
        host_on = self.kept != host.KEPT_OFF
        self.board = Board(count, off_slots if host_on else ALL_SLOTS, host_on)
        self.settings = settings.Settings()
        self.settings.load(self.saved.get("settings", {}))
        self.log_files = storage.LogFiles(self.storage, messages.LOG_RECORD_BYTES, log.CAPACITY)
        self.log = log.EventLog()
        self.log.restore(self.log_files.read())
        self.readings = supervisor.Readings()
        self.updater = update.Updater(self.storage, self._read_key(), self.known.get("target", "rp2040-mpy6.3"))
        self.supervisor = supervisor.Supervisor(self._identity(folder, on_trial, count, cause), self.settings)
        self.supervisor.off_slots = off_slots
        self.supervisor.host.stop_reason = self.saved.get("stop_reason", 0)
        self.supervisor.host.resets = self.saved.get("resets", 0)
        self.commands = Commands(self.supervisor, self.readings, self.log, self.updater)
        self.peer = link.Peer(self.supervisor.identity.boot_id)
        self.liveness = liveness.Liveness(TASKS, ticks_ms())
        self._done: dict[int, Any] = {
            actions.RAIL: self.board.rail,
            actions.KEY: self.board.key,
            actions.HOST_RAIL: lambda on, _: self.board.host_rail(on),
            actions.HOST_BUTTON: lambda pressed, _: self.board.host_button(pressed),
            actions.LED: self.board.light,
            actions.LOG: self._write_log,
            actions.EVENT: self.peer.send,
            actions.SAVE: lambda _, __: self._save(),
            actions.RESTART: lambda _, __: self._restart(),
            actions.CONFIRM: lambda _, __: self._confirm(),
            actions.CLOCK: self._set_clock,
        }

    def _identity(self, folder: str, on_trial: bool, count: int, cause: int) -> supervisor.Identity:
        identity = supervisor.Identity(int.from_bytes(os.urandom(4), "little"), count)
        identity.folder = folder
        identity.on_trial = on_trial
        identity.fell_back = bool(slots.load()["fell_back"])
        identity.reset_cause = SOFT if self.warm and self.saved.get("restarting") else cause
        identity.features = FEATURE_HALTED | FEATURE_UPDATES
        if self.board.clock_fitted:
            identity.features |= FEATURE_CLOCK
        if self.settings["supercap_low_mv"]:
            identity.features |= FEATURE_SUPERCAP
        return identity

    def _read_key(self) -> bytes:
        if self.storage.size(KEY_FILE) < 0:
            return b""
        with self.storage.open(KEY_FILE, "rb") as file:
            return file.read()

    async def run(self) -> None:
        self._begin()
        await asyncio.gather(self._ticking(), self._talking(), self._updating(), self._feeding())

    def _begin(self) -> None:
        identity = self.supervisor.identity
        self._write_log(_LOG_STARTED, (0, identity.reset_cause))
        if identity.fell_back and not self.saved.get("fell_back"):
            self._write_log(_LOG_FELL_BACK, (0, 0))
        self.board.read(self.readings)
        self._look_at_clock()
        self.supervisor.begin(ticks_ms(), self.readings, self.warm, self.kept)
        self._save()
        self._perform()

    async def _ticking(self) -> None:
        while True:
            now = ticks_ms()
            self.board.read(self.readings)
            self.supervisor.tick(now, self.readings)
            self._perform()
            self.liveness.alive(TICKING, now)
            await pause(TICK_MS)

    async def _talking(self) -> None:
        while True:
            now = ticks_ms()
            data = self.board.uart_read()
            self._answer(self.peer.receive(data, now), now)
            self._answer(self.peer.poll(now), now)
            self.commands.tick(now)
            self._perform()
            output = self.peer.take_output()
            if output:
                self.board.uart_write(output)
            self.liveness.alive(TALKING, now)
            await pause(TALK_MS)

    async def _updating(self) -> None:
        while True:
            self.updater.step()
            if self.updater.changed:
                self.updater.changed = False
                self._update_changed()
            self.liveness.alive(UPDATING, ticks_ms())
            await pause(0 if self.updater.working else TICK_MS)

    async def _feeding(self) -> None:
        """Feeds the hardware watchdog only while every other task is alive; tidies up once in a while."""
        turns = 0
        while True:
            hung = self.liveness.hung(ticks_ms())
            if hung is not None:
                self._write_log(_LOG_HUNG, (0, TASKS.index(hung)))
                raise RuntimeError(f"task {hung} hangs")
            self.board.feed()
            turns += 1
            if turns == CRASHES_CLEARED_TURNS:
                self._clear_crashes()
            if turns % CLOCK_EVERY == 0:
                self._look_at_clock()
                gc.collect()
                self.readings.heap_free = gc.mem_free() if hasattr(gc, "mem_free") else 0
            await pause(FEED_MS)

    def _answer(self, found: "list[link.Inbound]", now: int) -> None:
        for inbound in found:
            if inbound.what == link.RECEIVED:
                status, payload = self.commands.handle(inbound.kind, inbound.payload, self.peer.protocol, now)
                self.peer.answer(inbound.token, status, payload)

    def _perform(self) -> None:
        wanted = self.supervisor.actions
        while wanted:
            code, first, second = wanted.pop(0)
            self._done[code](first, second)
        self.board.show_lights()

    def _write_log(self, code: int, where: "tuple[int, int]") -> None:
        record = self.log.append(code, where[0], where[1], self.supervisor.uptime_s)
        try:
            self.log_files.append(record)
        except OSError:
            return  # a full or broken flash: the log in memory goes on, and so does everything else

    def _save(self, restarting: bool = False) -> None:
        state = {
            "settings": self.settings.changes,
            "stop_reason": self.supervisor.host.stop_reason,
            "resets": self.supervisor.host.resets,
            "fell_back": self.supervisor.identity.fell_back,
            "restarting": restarting,
            "host": self.supervisor.host.kept,
            "off_slots": self.supervisor.off_slots,
        }
        try:
            self.storage.write_json(STATE_FILE, state)
        except OSError:
            return

    def _restart(self) -> None:
        self.board.uart_write(self.peer.take_output())
        self._save(restarting=True)
        self.board.restart()

    def _confirm(self) -> None:
        record = slots.load()
        slots.confirm(record, list(version.MINIMUM))
        slots.save(record)
        self._write_log(_LOG_UPDATED, (0, version.VERSION[0] * 100 + version.VERSION[1]))

    def _clear_crashes(self) -> None:
        record = slots.load()
        if record["crashes"]:
            record["crashes"] = 0
            slots.save(record)

    def _update_changed(self) -> None:
        updater = self.updater
        self.supervisor.updating = updater.state in (update.RECEIVING, update.VERIFYING, update.INSTALLING)
        if updater.state == update.FAILED:
            self._write_log(_LOG_UPDATE_FAILED, (0, updater.error))
        self.peer.send(messages.UPDATE_CHANGED, messages.pack_message(messages.UPDATE_CHANGED, updater.describe()))

    def _look_at_clock(self) -> None:
        moment = self.board.read_clock()
        self.readings.clock_fitted = self.board.clock_fitted
        self.readings.clock_s = 0 if moment is None else civil.to_unix_s(moment)

    def _set_clock(self, seconds: int, _: object) -> None:
        self.board.set_clock(civil.from_unix_s(seconds))
        self._look_at_clock()


def run(folder: str, on_trial: bool) -> None:
    asyncio.run(Program(folder, on_trial).run())
