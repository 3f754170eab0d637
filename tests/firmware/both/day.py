"""A day in the life of the supervisor, compressed into ticks: every message goes through the codec, both ways.

Runs under CPython and MicroPython: `play(ticks)` returns what was done. Calls come, modules crash, the supply dips, the
button is pressed, the host hangs once; heartbeats come every two seconds of the day.
"""

import gc

from firmware import actions, link, log, messages, settings, supervisor
from firmware.commands import Commands
from firmware.compat import ticks_add

DAY_MS = 86400000
START = 1000000
SLOTS = 4
CALL_EVERY_MS = 60000
CRASH_EVERY_MS = 7200000
DIP_EVERY_MS = 10800000
PRESS_EVERY_MS = 14400000
HANG_MS = 43200000
HANG_FOR_MS = 60000
TIDY_TICKS = 50


class NoUpdater:
    def describe(self):
        return {"state": 0, "error": 0, "next_offset": 0, "size": 0}


class Day:
    def __init__(self, ticks):
        self.step_ms = DAY_MS // ticks
        identity = supervisor.Identity(1, SLOTS)
        self.supervisor = supervisor.Supervisor(identity, settings.Settings())
        self.readings = supervisor.Readings()
        self.log = log.EventLog()
        self.commands = Commands(self.supervisor, self.readings, self.log, NoUpdater())
        self.host, self.mcu = link.Peer(10), link.Peer(20)
        self.counts = {"requests": 0, "events": 0, "actions": 0, "host_resets": 0, "heap_free_least": 1 << 30}
        self.running = [True] * SLOTS
        self.starting = {}
        self.at_ms = 0
        self.supervisor.begin(START, self.readings, True)

    def play(self, ticks):
        self.ask(messages.HELLO, {"protocol": 1, "protocol_min": 1, "boot_id": 10, "major": 0, "minor": 0, "patch": 0})
        for turn in range(ticks):
            self.at_ms += self.step_ms
            self.world()
            now = ticks_add(START, self.at_ms)
            self.supervisor.tick(now, self.readings)
            self.perform(now)
            self.talk(now)
            if turn % TIDY_TICKS == 0:
                self.tidy()
        return self.counts

    def every(self, period_ms, length_ms=0):
        """True in the first tick of each period, or for as long as `length_ms`."""
        return self.at_ms % period_ms < (length_ms or self.step_ms)

    def world(self):
        hangs = HANG_MS <= self.at_ms < HANG_MS + HANG_FOR_MS
        if self.every(2000) and not hangs:
            self.ask(messages.HEARTBEAT, {"state": 1})
        if self.every(CALL_EVERY_MS):
            self.ask(messages.LINE_LED, {"slot": self.at_ms // CALL_EVERY_MS % SLOTS, "pattern": 3})
            self.ask(messages.STATUS, {})
        if self.every(CRASH_EVERY_MS):
            self.running[self.at_ms // CRASH_EVERY_MS % SLOTS] = False
        self.readings.supply_mv = 4300 if self.every(DIP_EVERY_MS, 1500) else 5000
        self.readings.button = self.every(PRESS_EVERY_MS, 400)
        self.readings.temperature_dc = 400 + self.at_ms // 3600000 * 10
        for slot in list(self.starting):
            if self.at_ms >= self.starting[slot]:
                self.running[slot] = True
                del self.starting[slot]
        self.readings.status = sum([1 << slot for slot in range(SLOTS) if self.running[slot]])

    def ask(self, kind, values):
        if len(self.host._queue) < 8:
            self.host.send(kind, messages.pack_message(kind, values))

    def perform(self, now):
        wanted = self.supervisor.actions
        while wanted:
            code, first, second = wanted.pop(0)
            self.counts["actions"] += 1
            if code == actions.EVENT:
                self.mcu.send(first, second)
            elif code == actions.LOG:
                self.log.append(first, second[0], second[1], self.supervisor.uptime_s)
            elif code == actions.KEY and not second and not self.running[first]:
                self.starting[first] = self.at_ms + 5000
            elif code == actions.HOST_RAIL and not first:
                self.counts["host_resets"] += 1

    def talk(self, now):
        for sender, receiver in ((self.host, self.mcu), (self.mcu, self.host)):
            sender.poll(now)
            for inbound in receiver.receive(sender.take_output(), now):
                if inbound.what != link.RECEIVED:
                    continue
                if receiver is self.host:
                    self.counts["events"] += 1
                    receiver.answer(inbound.token, link.OK)
                else:
                    self.counts["requests"] += 1
                    receiver.answer(inbound.token, *self.commands.handle(inbound.kind, inbound.payload, 1, now))
        self.host.receive(self.mcu.take_output(), now)

    def tidy(self):
        """As main.py does every second."""
        gc.collect()
        if hasattr(gc, "mem_free"):
            self.counts["heap_free_least"] = min(self.counts["heap_free_least"], gc.mem_free())


def play(ticks):
    """Also says what the heap had free before and after."""
    day = Day(ticks)
    gc.collect()
    before = gc.mem_free() if hasattr(gc, "mem_free") else 0
    counts = day.play(ticks)
    gc.collect()
    counts["heap_free_before"] = before
    counts["heap_free_after"] = gc.mem_free() if hasattr(gc, "mem_free") else 0
    counts["ticks"] = ticks
    return counts
