"""Power of the modem slots: rail, PWRKEY pulses, status pin; one module starts at a time.

Invariants: a rail that went off stays off for the family's discharge time; a key is only pressed while its rail is on;
between the rail of one module and that of the next lie its key pulse and `stagger_ms`, so that inrush and first bursts
(2 A each) never coincide; a module that vanishes is started again, at most `slot_restarts_per_hour` times, then its
slot is a fault until somebody asks again. At start a module whose status pin is high is adopted as it is.
"""

from firmware import actions, families, messages
from firmware.budget import Budget
from firmware.compat import TYPE_CHECKING, const, reached, ticks_add

if TYPE_CHECKING:
    from firmware.actions import Out
    from firmware.settings import Settings

OFF = const(0)
WAITING = const(1)
SETTLING = const(2)
ON_KEY = const(3)
STARTING = const(4)
ON = const(5)
OFF_KEY = const(6)
STOPPING = const(7)
DISCHARGING = const(8)
FAULT = const(9)

ASKED = const(0)
BROWN_OUT = const(1)
VANISHED = const(2)
NO_STATUS = const(3)
SUPPLY = const(4)
ADOPTED = const(5)
HOST_OFF = const(6)

START_TRIES = const(3)
GLITCH_MS = const(100)
"""A status pin that is low for less is noise."""

_LOG_ON = messages.LOG_CODES.index("slot on")
_LOG_OFF = messages.LOG_CODES.index("slot off")
_LOG_BROWN_OUT = messages.LOG_CODES.index("slot brown-out")
_LOG_VANISHED = messages.LOG_CODES.index("slot vanished")
_LOG_FAULT = messages.LOG_CODES.index("slot fault")


class Slot:
    """One module's place: what is wanted, what is, and until when."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.state = OFF
        self.wanted = False
        self.reason = ASKED
        self.deadline: int | None = None
        self.status = False
        self.tries = 0
        self.starts = 0
        self.brown_outs = 0
        self.vanished = 0
        self.restarts = Budget()


class SlotPower:
    """All slots. `tick(now, status_mask, supply_dipped)`; what it wants done is appended to `out`."""

    def __init__(self, count: int, settings: "Settings", out: "Out") -> None:
        self.slots = [Slot(index) for index in range(count)]
        self._settings = settings
        self._out = out
        self._clear_at: int | None = None  # when the next module may start
        self._dipped = False
        self._steps = {
            WAITING: self._waiting,
            SETTLING: self._settled,
            ON_KEY: self._released,
            STARTING: self._starting,
            ON: self._on,
            OFF_KEY: self._off_released,
            STOPPING: self._stopping,
            DISCHARGING: self._discharged,
        }

    def family(self, slot: Slot) -> families.Family:
        return families.FAMILIES[self._settings[f"family_{slot.index}"]]

    def begin(self, now: int, status_mask: int, warm: bool, off: int = 0) -> None:
        """After a start of the supervisor: adopt what runs, switch off what does not, start what should.

        `warm`: only the supervisor restarted; pull-ups kept the rails on meanwhile. `off`: slots, bit by bit, that
        somebody had switched off; one of them that runs all the same signs off.
        """
        for slot in self.slots:
            slot.status = bool(status_mask >> slot.index & 1)
            stays_off = bool(off >> slot.index & 1)
            slot.wanted = bool(self._settings["autostart"] >> slot.index & 1) and not stays_off
            if slot.status or (warm and slot.wanted and not self.family(slot).status_pin):
                slot.wanted = not stays_off
                self._out.append((actions.RAIL, slot.index, 1))
                self._enter(slot, ON, None, ADOPTED)
            else:
                self._drop(slot, now, ASKED)

    def switch(self, index: int, on: bool, now: int, reason: int = ASKED) -> None:
        """Wanted from now on; a slot in fault tries again."""
        slot = self.slots[index]
        slot.wanted = on
        slot.reason = reason
        slot.tries = 0
        if on and slot.state == FAULT:
            self._drop(slot, now, reason)
        elif on and slot.state == OFF:
            self._enter(slot, WAITING, None, reason)
        elif not on and slot.state in (WAITING, FAULT):
            self._enter(slot, OFF, None, reason)

    def cycle(self, index: int, now: int) -> None:
        """Off in order, and on again."""
        slot = self.slots[index]
        if slot.state == ON:
            self._sign_off(slot, now, ASKED)
        self.switch(index, on=True, now=now)

    def cut(self, index: int, now: int, reason: int = ASKED) -> None:
        """The rail drops at once; the module may lose its last seconds."""
        slot = self.slots[index]
        slot.wanted = False
        if slot.state in (OFF, WAITING):
            self._enter(slot, OFF, None, reason)
        elif slot.state != DISCHARGING:
            self._drop(slot, now, reason)

    def tick(self, now: int, status_mask: int, dipped: bool) -> None:
        """`dipped`: the supply was below its limit within the last second."""
        self._dipped = dipped
        if reached(now, self._clear_at):
            self._clear_at = None
        for slot in self.slots:
            slot.status = bool(status_mask >> slot.index & 1)
            slot.restarts.tick(now)
            step = self._steps.get(slot.state)
            if step is not None:
                step(slot, now)

    @property
    def busy(self) -> bool:
        """A slot is on its way somewhere."""
        return any(slot.state not in (OFF, ON, FAULT) for slot in self.slots)

    @property
    def faulty(self) -> bool:
        return any(slot.state == FAULT for slot in self.slots)

    def _waiting(self, slot: Slot, now: int) -> None:
        if self._clear_at is not None or any(other.state in (SETTLING, ON_KEY) for other in self.slots):
            return
        slot.starts += 1
        self._out.append((actions.RAIL, slot.index, 1))
        self._enter(slot, SETTLING, ticks_add(now, self.family(slot).settle_ms), slot.reason)

    def _settled(self, slot: Slot, now: int) -> None:
        if not slot.wanted:
            self._drop(slot, now, slot.reason)
        elif reached(now, slot.deadline):
            pulse_ms = self.family(slot).on_pulse_ms
            if pulse_ms:
                self._out.append((actions.KEY, slot.index, 1))
                self._enter(slot, ON_KEY, ticks_add(now, pulse_ms), slot.reason)
            else:
                self._key_done(slot, now)

    def _released(self, slot: Slot, now: int) -> None:
        if reached(now, slot.deadline):
            self._out.append((actions.KEY, slot.index, 0))
            self._key_done(slot, now)

    def _key_done(self, slot: Slot, now: int) -> None:
        self._clear_at = ticks_add(now, self._settings["stagger_ms"])
        self._enter(slot, STARTING, ticks_add(now, self.family(slot).start_timeout_ms), slot.reason)

    def _starting(self, slot: Slot, now: int) -> None:
        if slot.status or not self.family(slot).status_pin:
            slot.tries = 0
            self._log(_LOG_ON, slot)
            self._enter(slot, ON, None, slot.reason)
        elif reached(now, slot.deadline):
            slot.tries += 1
            if slot.tries >= START_TRIES:
                self._fail(slot, now, NO_STATUS)
            else:
                self._drop(slot, now, NO_STATUS)

    def _on(self, slot: Slot, now: int) -> None:
        if not slot.wanted:
            self._sign_off(slot, now, slot.reason)
        elif slot.status or not self.family(slot).status_pin:
            slot.deadline = None
        elif slot.deadline is None:
            slot.deadline = ticks_add(now, GLITCH_MS)
        elif reached(now, slot.deadline):
            self._lose(slot, now)

    def _lose(self, slot: Slot, now: int) -> None:
        """The module went away by itself: with the supply (brown-out) or without."""
        if self._dipped:
            slot.brown_outs += 1
        else:
            slot.vanished += 1
        reason = BROWN_OUT if self._dipped else VANISHED
        self._log(_LOG_BROWN_OUT if self._dipped else _LOG_VANISHED, slot)
        if slot.restarts.spend(now, self._settings["slot_restarts_per_hour"]):
            self._drop(slot, now, reason)
        else:
            self._fail(slot, now, reason)

    def _sign_off(self, slot: Slot, now: int, reason: int) -> None:
        pulse_ms = self.family(slot).off_pulse_ms
        if not pulse_ms:
            self._drop(slot, now, reason)
            return
        self._out.append((actions.KEY, slot.index, 1))
        self._enter(slot, OFF_KEY, ticks_add(now, pulse_ms), reason)

    def _off_released(self, slot: Slot, now: int) -> None:
        if reached(now, slot.deadline):
            self._out.append((actions.KEY, slot.index, 0))
            self._enter(slot, STOPPING, ticks_add(now, self.family(slot).stop_timeout_ms), slot.reason)

    def _stopping(self, slot: Slot, now: int) -> None:
        if not slot.status or reached(now, slot.deadline):
            self._drop(slot, now, slot.reason)

    def _discharged(self, slot: Slot, now: int) -> None:
        if reached(now, slot.deadline):
            self._enter(slot, WAITING if slot.wanted else OFF, None, slot.reason)

    def _drop(self, slot: Slot, now: int, reason: int) -> None:
        if slot.state in (ON_KEY, OFF_KEY):
            self._out.append((actions.KEY, slot.index, 0))
        self._out.append((actions.RAIL, slot.index, 0))
        self._log(_LOG_OFF, slot, reason)
        self._enter(slot, DISCHARGING, ticks_add(now, self.family(slot).discharge_ms), reason)

    def _fail(self, slot: Slot, now: int, reason: int) -> None:
        slot.wanted = False
        self._out.append((actions.RAIL, slot.index, 0))
        self._log(_LOG_FAULT, slot, reason)
        self._enter(slot, FAULT, None, reason)

    def _enter(self, slot: Slot, state: int, deadline: int | None, reason: int) -> None:
        slot.state = state
        slot.deadline = deadline
        slot.reason = reason
        values = self.describe(slot)
        values["reason"] = reason
        self._out.append((actions.EVENT, messages.SLOT_CHANGED, messages.pack_message(messages.SLOT_CHANGED, values)))

    def describe(self, slot: Slot) -> "dict[str, int]":
        return {
            "slot": slot.index,
            "state": slot.state,
            "family": self._settings[f"family_{slot.index}"],
            "status_pin": int(slot.status),
            "brown_outs": slot.brown_outs & 0xFFFF,
            "vanished": slot.vanished & 0xFFFF,
            "starts": slot.starts & 0xFFFF,
        }

    def _log(self, code: int, slot: Slot, value: int = 0) -> None:
        self._out.append((actions.LOG, code, (slot.index, value)))
