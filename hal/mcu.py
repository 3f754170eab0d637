"""The supervisor microcontroller on the HAT, as the box sees it (`hal.interfaces.Supervisor`).

Invariants: nothing here blocks; lamps and module families are told anew after every restart of the supervisor, because
it forgets them; a critical request is armed and sent as one piece. What it means that the supervisor asks us to go
down, or that a modem's rail broke down, is decided elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any

from firmware import link
from hal.errors import SupervisorError
from hal.interfaces import (
    BoardEvent,
    BoardReadings,
    BoardSink,
    BoxLamp,
    ButtonGesture,
    ButtonPressed,
    ByteStream,
    Clock,
    HeartbeatLate,
    HostState,
    LineLamp,
    LogRecord,
    ShutdownAsked,
    SlotChanged,
    StopReason,
    SupervisorLost,
    SupervisorReady,
    SupplyChanged,
    TemperatureChanged,
)
from hal.mcu_link import McuLink, Values
from hal.mcu_update import install

log = logging.getLogger(__name__)

m = link.messages

ANSWER_WITHIN_S = 10.0
"""Of a supervisor that is there, over any wire; of one that is not, nobody waits for longer."""
READ_EVERY_S = 5.0
"""Supply, temperature and watchdog for the page."""
_FAMILY = "generic"
_DETAILS: Mapping[str, Sequence[str]] = {
    "supervisor started": m.RESET_CAUSES,
    "host cut": m.STOP_REASONS,
    "host stopped": m.STOP_REASONS,
    "host started": m.STOP_REASONS,
    "slot off": m.SLOT_REASONS,
    "slot fault": m.SLOT_REASONS,
    "button": m.BUTTON_GESTURES,
    "update failed": m.UPDATE_ERRORS,
}
"""What the value of a log record stands for."""


class McuSupervisor:
    """`families`: the module family in each slot, where known. `version`: of the box, for the supervisor's log.
    `settings`: of the supervisor (`firmware/settings.py`), such as `{"dead_ms": 30000}`.
    """

    def __init__(
        self,
        stream: ByteStream,
        clock: Clock,
        sink: BoardSink,
        boot_id: int,
        families: Sequence[str | None] = (),
        version: tuple[int, int, int] = (0, 0, 0),
        settings: Mapping[str, int] | None = None,
    ) -> None:
        self._sink = sink
        self._link = McuLink(stream, clock, self, boot_id, version)
        self._families = dict(enumerate(families))
        self._settings = dict(settings or {})
        self._lines: dict[int, LineLamp] = {}
        self._box: BoxLamp | None = None
        self._slots = 0
        self._ready: SupervisorReady | None = None
        self._readings: BoardReadings | None = None
        self._beat: asyncio.Future[Values] | None = None
        self._asked_down = False
        self._state = HostState.BOOTING
        self._levels = ("good", "normal")
        """Of supply and temperature, as last told."""
        self._within_s = 0
        """What the last event granted us."""
        self._armed = asyncio.Lock()
        self._hellos: list[asyncio.Future[Values]] = []
        self._jobs: set[asyncio.Task[None]] = set()

    # --- Board ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._link.start()
        self._job(self._read_now_and_then())

    async def close(self) -> None:
        for job in tuple(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        self._link.close()

    @property
    def slots(self) -> int:
        """0 until the supervisor has answered."""
        return self._slots

    @property
    def readings(self) -> BoardReadings | None:
        return self._readings

    def switch_on(self, slot: int) -> None:
        self._power(slot, "on")

    def switch_off(self, slot: int) -> None:
        self._power(slot, "off")

    def cycle(self, slot: int) -> None:
        self._power(slot, "cycle")

    def show_line(self, slot: int, lamp: LineLamp) -> None:
        if self._lines.get(slot) is not lamp:
            self._lines[slot] = lamp
            self._light_line(slot)

    def show_box(self, lamp: BoxLamp) -> None:
        if self._box is not lamp:
            self._box = lamp
            self._light_box()

    def set_family(self, slot: int, family: str) -> None:
        """The modem in the slot told what it is: its own pulse lengths hold from now on."""
        if self._families.get(slot) != family:
            self._families[slot] = family
            self._tell_family(slot)

    # --- the watchdog ---------------------------------------------------------------------------------------------

    def beat(self, state: HostState) -> None:
        """One at a time: a supervisor that does not answer gets no queue of old heartbeats."""
        self._state = state
        if self._beat is None or self._beat.done():
            self._send_beat()

    def _send_beat(self) -> None:
        if self._link.up:
            self._beat = self._link.send(m.HEARTBEAT, {"state": m.HOST_STATES.index(self._state.value)})
            self._beat.add_done_callback(self._beat_answered)

    def _beat_answered(self, done: asyncio.Future[Values]) -> None:
        """The answer says whether we are to stop now. The event alone may be an old one: it waited in the supervisor
        for a box that did not answer any more, and has had its reset since.
        """
        if done.cancelled() or done.exception() is not None:
            return
        reason = StopReason(_word(m.STOP_REASONS, done.result()["stop_reason"]))
        if reason is StopReason.NONE:
            self._asked_down = False
        elif not self._asked_down:
            self._asked_down = True
            self._sink(ShutdownAsked(reason, self._within_s))

    # --- firmware and log -----------------------------------------------------------------------------------------

    async def read_log(self) -> tuple[LogRecord, ...]:
        found: list[LogRecord] = []
        number = 0
        while True:
            answer = await self.ask(m.LOG_READ, {"number": number})
            records = m.unpack_log(answer["records"])
            found += [_record(*record) for record in records]
            if not records or answer["next_number"] <= number:
                return tuple(found)
            number = answer["next_number"]

    async def update(self, image: bytes, progress: Callable[[int, int], None]) -> None:
        if self._ready is not None and self._ready.on_trial:
            words = f"firmware {self._ready.version} is still on trial; unconfirmed it falls back in some minutes"
            raise SupervisorError(f"{words}: try again then")
        await install(self, image, progress)
        if self._ready is not None:
            self._ready = replace(self._ready, on_trial=False)
            self._sink(self._ready)

    async def ask(self, kind: int, values: Values | None = None) -> Values:
        """One request. Raises `SupervisorError`."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._link.send(kind, values)
        except TimeoutError as error:
            raise SupervisorError(f"{m.MESSAGES[kind][0]}: no answer within {ANSWER_WITHIN_S:.0f} s") from error

    async def ask_armed(self, kind: int, values: Values, argument: int = 0) -> Values:
        """A critical request: armed, then sent with the code that was given for it. Raises `SupervisorError`."""
        async with self._armed:
            armed = await self.ask(m.ARM, {"kind": kind, "argument": argument})
            return await self.ask(kind, {"code": armed["code"]} | values)

    async def next_hello(self) -> Values:
        """The next greeting, after a restart of the supervisor."""
        future: asyncio.Future[Values] = asyncio.get_running_loop().create_future()
        self._hellos.append(future)
        return await future

    # --- LinkOwner ------------------------------------------------------------------------------------------------

    def greeted(self, hello: Values, *, compatible: bool) -> None:
        self._slots = int(hello["slots"])
        if compatible:
            for name, value in self._settings.items():
                self._job(self._set(name, value))
            for slot in self._families:
                self._tell_family(slot)
            for slot in self._lines:
                self._light_line(slot)
            self._light_box()
            for slot in range(self._slots):
                self._job(self._look_at(slot))
        hellos, self._hellos = self._hellos, []
        for future in hellos:
            if not future.done():
                future.set_result(hello)
        self._ready = _ready(hello, compatible=compatible)
        self._sink(self._ready)

    def lost(self, reason: str) -> None:
        self._readings = None
        self._sink(SupervisorLost(reason))

    def reported(self, kind: int, values: Values) -> None:
        event = _event(kind, values)
        if isinstance(event, ShutdownAsked):
            self._within_s = event.within_s
            self._send_beat()
        elif event is not None:
            self._note_level(event)
            self._sink(event)

    def _note_level(self, event: BoardEvent) -> None:
        match event:
            case SupplyChanged(level):
                self._levels = (level, self._levels[1])
            case TemperatureChanged(level):
                self._levels = (self._levels[0], level)

    def _read(self, readings: BoardReadings) -> None:
        """A level that changed before this start of the box was told to the last one: the next reading tells it."""
        self._readings = readings
        supply, temperature = self._levels
        self._levels = (readings.supply, readings.temperature)
        if readings.supply != supply:
            self._sink(SupplyChanged(readings.supply, readings.supply_mv, readings.supercap_mv))
        if readings.temperature != temperature:
            self._sink(TemperatureChanged(readings.temperature, readings.temperature_c))

    # --- jobs -----------------------------------------------------------------------------------------------------

    def _power(self, slot: int, action: str) -> None:
        self._job(self._switch(slot, action))

    async def _switch(self, slot: int, action: str) -> None:
        """Now or not at all: nobody wants a modem to lose its power when the supervisor is back, an hour later."""
        if not self._link.up:
            self._not_switched(slot, action, "the supervisor does not answer")
            return
        try:
            values = {"slot": slot, "action": m.SLOT_ACTIONS.index(action)}
            await self.ask_armed(m.SLOT_POWER, values, argument=slot)
        except SupervisorError as error:
            self._not_switched(slot, action, str(error))

    def _not_switched(self, slot: int, action: str, reason: str) -> None:
        log.error("slot %d could not be switched %s: %s", slot, action, reason)
        self._sink(SlotChanged(slot, "fault", reason))

    async def _set(self, name: str, value: int) -> None:
        """Only what is different is written: it stands on flash, and in the log."""
        try:
            if (await self.ask(m.SETTING_GET, {"name": name.encode()}))["value"] != value:
                await self.ask(m.SETTING_SET, {"value": value, "name": name.encode()})
        except SupervisorError as error:
            log.error("setting %s = %d was not taken: %s", name, value, error)

    async def _look_at(self, slot: int) -> None:
        try:
            self._sink(_slot_changed(await self.ask(m.SLOT_STATE, {"slot": slot}) | {"reason": 0}))
        except SupervisorError as error:
            log.warning("slot %d: %s", slot, error)

    async def _read_now_and_then(self) -> None:
        while True:
            if self._link.up:
                try:
                    self._read(_readings(await self.ask(m.STATUS)))
                except SupervisorError as error:
                    log.debug("readings: %s", error)
            await asyncio.sleep(READ_EVERY_S)

    def _tell_family(self, slot: int) -> None:
        """A family that the supervisor does not know keeps the pulses that fit all."""
        family = self._families.get(slot)
        known = {each.name: number for number, each in enumerate(link.families.FAMILIES)}
        if self._link.up and family is not None:
            self._job(self._set(f"family_{slot}", known.get(family, known[_FAMILY])))

    def _light_line(self, slot: int) -> None:
        if self._link.up:
            self._link.send(m.LINE_LED, {"slot": slot, "pattern": m.LINE_LEDS.index(self._lines[slot].value)})

    def _light_box(self) -> None:
        if self._link.up and self._box is not None:
            self._link.send(m.BOX_LED, {"pattern": m.BOX_LEDS.index(self._box.value)})

    def _job(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.get_running_loop().create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)


def _word(words: Sequence[str], index: int) -> str:
    """A newer supervisor may know more words than we do."""
    return words[index] if index < len(words) else words[0]


def _ready(hello: Values, *, compatible: bool) -> SupervisorReady:
    features = frozenset(name for bit, name in enumerate(m.FEATURES) if hello["features"] >> bit & 1)
    return SupervisorReady(
        version=f"{hello['major']}.{hello['minor']}.{hello['patch']}",
        slots=hello["slots"],
        features=features,
        compatible=compatible,
        folder=hello["folder"].decode("ascii", "replace"),
        on_trial=bool(hello["on_trial"]),
        fell_back=bool(hello["fell_back"]),
        reset_cause=_word(m.RESET_CAUSES, hello["reset_cause"]),
        host_stop_reason=StopReason(_word(m.STOP_REASONS, hello["host_stop_reason"])),
        host_resets=hello["host_resets"],
    )


def _readings(values: Values) -> BoardReadings:
    return BoardReadings(
        supply_mv=values["supply_mv"],
        supercap_mv=values["supercap_mv"],
        temperature_c=values["temperature_dc"] / 10,
        watchdog=_word(m.WATCHDOG_STATES, values["watchdog"]),
        uptime_s=values["uptime_s"],
        resets_this_hour=values["resets_this_hour"],
        brown_outs=values["brown_outs"],
        heap_free=values["heap_free"],
        supply=_word(m.SUPPLY_LEVELS, values["supply"]),
        temperature=_word(m.TEMPERATURE_LEVELS, values["temperature"]),
    )


def _record(number: int, uptime_s: int, code: int, slot: int, value: int) -> LogRecord:
    name = _word(m.LOG_CODES, code)
    words = _DETAILS.get(name, ())
    return LogRecord(number, uptime_s, name, slot, value, _word(words, value) if words else "")


def _slot_changed(values: Values) -> SlotChanged:
    state, reason = _word(m.SLOT_STATES, values["state"]), _word(m.SLOT_REASONS, values["reason"])
    return SlotChanged(values["slot"], state, reason, values["brown_outs"], values["vanished"])


def _event(kind: int, values: Values) -> BoardEvent | None:
    match kind:
        case m.SLOT_CHANGED:
            return _slot_changed(values)
        case m.BUTTON:
            return ButtonPressed(ButtonGesture(_word(m.BUTTON_GESTURES, values["gesture"])))
        case m.SHUTDOWN_ASKED:
            return ShutdownAsked(StopReason(_word(m.STOP_REASONS, values["reason"])), values["within_s"])
        case m.SUPPLY_CHANGED:
            level = _word(m.SUPPLY_LEVELS, values["level"])
            return SupplyChanged(level, values["supply_mv"], values["supercap_mv"])
        case m.TEMPERATURE_CHANGED:
            return TemperatureChanged(_word(m.TEMPERATURE_LEVELS, values["level"]), values["temperature_dc"] / 10)
        case m.HOST_LATE:
            return HeartbeatLate(bool(values["late"]), values["silent_ms"] / 1000)
        case _:
            return None
