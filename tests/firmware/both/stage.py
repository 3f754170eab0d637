"""A stage for the pure machines that both CPython and MicroPython can play on: no pytest, no typing, virtual time."""

import gc
import sys

from firmware import actions, messages, settings, supervisor
from firmware.compat import ticks_add

STEP_MS = 20
TIDY = sys.implementation.name == "micropython"
TIDY_STEPS = 100
DONE_KEPT = 200
"""Beyond this many actions, blinking lights are not noted: the heap is small."""
START = (1 << 30) - 30000
"""Near the end of the RP2040's tick period: whatever runs longer than half a minute meets the wrap."""


class Module:
    """Status rises `start_ms` after a long enough key press, falls `stop_ms` after another or with the rail."""

    def __init__(self, start_ms=3000, stop_ms=2000, dead=False):
        self.rail = False
        self.running = False
        self.dead = dead
        self.start_ms, self.stop_ms = start_ms, stop_ms
        self.due_ms = None
        self.pressed_ms = None
        self.presses = []
        self.rail_offs = []
        self.rail_ons = []

    def switch_rail(self, on, at_ms):
        if on and not self.rail:
            self.rail_ons.append(at_ms)
        if not on and self.rail:
            self.rail_offs.append(at_ms)
        self.rail = bool(on)
        if not on:
            self.running = False
            self.due_ms = None

    def switch_key(self, pressed, at_ms):
        assert self.rail, "a key is pressed without a rail"
        if pressed:
            self.pressed_ms = at_ms
            return
        self.presses.append(at_ms - self.pressed_ms)
        self.due_ms = at_ms + (self.stop_ms if self.running else self.start_ms)

    def look(self, at_ms):
        if self.due_ms is not None and at_ms >= self.due_ms and not self.dead:
            self.due_ms = None
            self.running = not self.running
        return self.running


class Stage:
    """`run(ms)` lets time pass; `done` is every action with its time, `at_ms` the time since the start."""

    def __init__(self, slots=2, changes=None, running=(), warm=False, on_trial=False, kept=None):
        self.settings = settings.Settings()
        for name in changes or {}:
            assert self.settings.put(name, changes[name]), name
        identity = supervisor.Identity(7, slots)
        identity.on_trial = on_trial
        self.supervisor = supervisor.Supervisor(identity, self.settings)
        self.readings = supervisor.Readings()
        self.modules = [Module() for _ in range(slots)]
        self.at_ms = 0
        self.now = START
        self.steps = 0
        self.done = []
        for slot in running:
            self.modules[slot].rail = self.modules[slot].running = True
        self._look()
        if kept is None:
            self.supervisor.begin(self.now, self.readings, warm)
        else:
            self.supervisor.host.stop_reason, self.supervisor.off_slots = kept[1], kept[2]
            self.supervisor.begin(self.now, self.readings, True, kept[0])
        self._perform()

    @property
    def kept(self):
        """What the flash holds: for `Stage(kept=…)`, the next start of the supervisor alone."""
        return self.supervisor.host.kept, self.supervisor.host.stop_reason, self.supervisor.off_slots

    def run(self, ms, beat=None, step_ms=STEP_MS):
        """`beat`: the host's state, said every second. Long waits take longer steps."""
        for _ in range(ms // step_ms):
            self.at_ms += step_ms
            self.now = ticks_add(self.now, step_ms)
            self.steps += 1
            if TIDY and self.steps % TIDY_STEPS == 0:
                gc.collect()  # as main.py does: what is kept must not lie scattered over the whole heap
            if beat is not None and self.at_ms % 1000 == 0:
                self.supervisor.heartbeat(self.now, messages.HOST_STATES.index(beat))
            self._look()
            self.supervisor.tick(self.now, self.readings)
            self._perform()
        return self

    def until(self, condition, within_ms=300000, beat=None):
        end_ms = self.at_ms + within_ms
        while not condition():
            assert self.at_ms < end_ms, "it never came"
            self.run(STEP_MS, beat)
        return self

    def press(self, ms):
        self.readings.button = True
        self.run(ms)
        self.readings.button = False
        return self.run(100)

    def events(self, kind):
        return [
            messages.unpack_message(kind, payload)
            for _, code, first, payload in self.done
            if code == actions.EVENT and first == kind
        ]

    def of(self, code):
        """(at_ms, first, second) of each such action."""
        return [(at_ms, first, second) for at_ms, found, first, second in self.done if found == code]

    def logged(self):
        return [messages.LOG_CODES[first] for _, first, _ in self.of(actions.LOG)]

    def states(self):
        return [messages.SLOT_STATES[slot.state] for slot in self.supervisor.power.slots]

    def _look(self):
        mask = 0
        for slot, module in enumerate(self.modules):
            mask |= int(module.look(self.at_ms)) << slot
        self.readings.status = mask

    def _perform(self):
        wanted = self.supervisor.actions
        while wanted:
            code, first, second = wanted.pop(0)
            self.done.append((self.at_ms, code, first, second))
            if code == actions.LED and len(self.done) > DONE_KEPT:
                self.done.pop()
            if code == actions.RAIL:
                self.modules[first].switch_rail(second, self.at_ms)
            elif code == actions.KEY:
                self.modules[first].switch_key(second, self.at_ms)
