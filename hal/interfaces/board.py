"""The board around the modems: their power, lamps, the button, the watchdog of the box.

A HAT with a microcontroller offers all of it (`Supervisor`); one without may offer a power key and lamps on GPIO pins
(`PowerSwitch`, `Indicator`); a bare one nothing. A slot is the place of one modem on the board, counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias


class LineLamp(Enum):
    """What the lamp of a line says."""

    OFF = "off"
    SEARCHING = "searching"
    REGISTERED = "registered"
    IN_CALL = "in call"
    FAULT = "fault"


class BoxLamp(Enum):
    """What the lamp of the box says."""

    BOOTING = "booting"
    READY = "ready"
    UPDATING = "updating"
    ATTENTION = "attention"


class HostState(Enum):
    """What the box tells the watchdog with each heartbeat."""

    BOOTING = "booting"
    RUNNING = "running"
    UPDATING = "updating"
    """A longer leash holds."""
    STOPPING = "stopping"
    """Going down: power may be cut once it is off."""


class StopReason(Enum):
    """Why the box was, or is to be, switched off or reset."""

    NONE = "none"
    WATCHDOG = "watchdog"
    BUTTON = "button"
    SUPPLY = "supply"
    TEMPERATURE = "temperature"
    ASKED = "asked"


class ButtonGesture(Enum):
    SHORT = "short"
    LONG = "long"
    """Safe shutdown."""
    FACTORY_RESET = "factory reset"


# --- events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SupervisorReady:
    """The supervisor answers. Comes again when it, or the link to it, has restarted."""

    version: str
    slots: int
    features: frozenset[str]
    """clock, supercap, host halted pin, updates."""
    compatible: bool
    """False: the versions of the protocol do not fit; only heartbeats and a firmware update work."""
    folder: str
    """Which of its two directories it runs from: a or b."""
    on_trial: bool
    """Runs newly installed firmware that nobody has confirmed yet."""
    fell_back: bool
    """Newly installed firmware failed; this is the one before."""
    reset_cause: str
    """Why the supervisor itself started."""
    host_stop_reason: StopReason
    """Why the box was stopped or reset last."""
    host_resets: int
    """How often it has reset the box since it has power."""


@dataclass(frozen=True, slots=True)
class SupervisorLost:
    """No supervisor answers, or the port is gone; it is tried again."""

    reason: str


@dataclass(frozen=True, slots=True)
class SlotChanged:
    slot: int
    state: str
    """off, waiting, settling, key, starting, on, off-key, stopping, discharging, fault."""
    reason: str
    """asked, brown-out, vanished, no status, supply, adopted, host off."""
    brown_outs: int = 0
    vanished: int = 0


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    gesture: ButtonGesture


@dataclass(frozen=True, slots=True)
class ShutdownAsked:
    """Go down now; power is cut after so many seconds."""

    reason: StopReason
    within_s: int


@dataclass(frozen=True, slots=True)
class SupplyChanged:
    level: str
    """good, failing, low."""
    supply_mv: int
    supercap_mv: int


@dataclass(frozen=True, slots=True)
class TemperatureChanged:
    level: str
    """normal, warm, critical."""
    temperature_c: float


@dataclass(frozen=True, slots=True)
class HeartbeatLate:
    """The supervisor missed our heartbeats, or hears them again."""

    late: bool
    silent_s: float


BoardEvent = (
    SupervisorReady
    | SupervisorLost
    | SlotChanged
    | ButtonPressed
    | ShutdownAsked
    | SupplyChanged
    | TemperatureChanged
    | HeartbeatLate
)
BoardSink: TypeAlias = Callable[[BoardEvent], None]


@dataclass(frozen=True, slots=True)
class BoardReadings:
    """What the supervisor measured last."""

    supply_mv: int
    supercap_mv: int
    temperature_c: float
    watchdog: str
    """off, booting, good, late, stopping, cut, given up."""
    uptime_s: int
    """Of the supervisor."""
    resets_this_hour: int
    brown_outs: int
    heap_free: int
    """Bytes."""
    supply: str = "good"
    """As `SupplyChanged.level`."""
    temperature: str = "normal"
    """As `TemperatureChanged.level`."""


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One entry of the event log that survives a reset of the supervisor."""

    number: int
    uptime_s: int
    code: str
    slot: int
    value: int
    detail: str = ""
    """What `value` stands for where it stands for a word: a reason, a cause, a gesture."""


# --- protocols ----------------------------------------------------------------------------------------------------


class PowerSwitch(Protocol):
    """Switches modems on and off. Nothing blocks; what came of it is told as `SlotChanged`."""

    @property
    def slots(self) -> int: ...

    def switch_on(self, slot: int) -> None: ...

    def switch_off(self, slot: int) -> None:
        """Lets the module sign off from its network first."""
        ...

    def cycle(self, slot: int) -> None:
        """Off and on again: the last resort for a module that does not answer."""
        ...


class Indicator(Protocol):
    """Lamps. Nothing blocks, and a board without a lamp ignores it."""

    def show_line(self, slot: int, lamp: LineLamp) -> None: ...

    def show_box(self, lamp: BoxLamp) -> None: ...


class Board(PowerSwitch, Indicator, Protocol):
    """Any board, with or without a microcontroller; reports to the sink given at construction."""

    def start(self) -> None: ...

    async def close(self) -> None: ...


class Supervisor(Board, Protocol):
    """A board with a microcontroller that guards the box."""

    def set_family(self, slot: int, family: str) -> None:
        """The modem in the slot said what it is: its own pulse lengths hold from now on."""
        ...

    def beat(self, state: HostState) -> None:
        """One heartbeat. Sent from the engine's own loop, so that a stuck engine is noticed."""
        ...

    @property
    def readings(self) -> BoardReadings | None:
        """None until the first were read."""
        ...

    async def read_log(self) -> tuple[LogRecord, ...]:
        """Everything that the log holds, oldest first. Raises `SupervisorError`."""
        ...

    async def update(self, image: bytes, progress: Callable[[int, int], None]) -> None:
        """Sends new firmware and lets the supervisor try it; `progress(bytes sent, bytes in all)`.

        Returns when the new firmware runs and was confirmed. Raises `SupervisorError` saying why it was refused or
        fell back; the old firmware runs then.
        """
        ...
