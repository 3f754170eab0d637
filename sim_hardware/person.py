"""A person with a phone: what he does in one call, as a pure script.

All seconds count from *his* connection; only `after_s` (how long he lets it ring before he behaves) counts from the
ringing and `patience_s` (how long he waits to be answered) from the dialling. Without `hang_up_after_s` he stays until
the other side ends. Invariant: once released he does nothing more and `next_deadline` is None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from hal.interfaces import Cause
from sim_hardware.errors import RequestError
from sim_hardware.signals import EndedBy
from sim_hardware.sounds import KEYS

KEY_ON_S = 0.120
KEY_PAUSE_S = 0.120
DEFAULT_AFTER_S = 2.0
DEFAULT_PATIENCE_S = 90.0


class Behaviour(Enum):
    ANSWER = "answer"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    REJECT = "reject"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class KeyPress:
    at_s: float
    key: str


@dataclass(frozen=True, slots=True)
class Script:
    """What a person does when called (`behaviour`, `after_s`) or calling (`patience_s`), and in the call."""

    behaviour: Behaviour = Behaviour.NO_ANSWER
    after_s: float = DEFAULT_AFTER_S
    keys: tuple[KeyPress, ...] = ()
    hang_up_after_s: float | None = None
    patience_s: float = DEFAULT_PATIENCE_S


def parse_keys(text: str) -> tuple[KeyPress, ...]:
    """`"3:512,9:#"` → one press per key, 240 ms apart, never before the last one is over. Raises `RequestError`."""
    presses: list[KeyPress] = []
    free_s = 0.0
    for part in filter(None, (p.strip() for p in text.split(","))):
        when, _, keys = part.partition(":")
        try:
            at_s = float(when)
        except ValueError:
            at_s = -1.0
        keys = keys.strip().upper()
        if not 0 <= at_s < 86_400 or not keys or not set(keys) <= KEYS:
            raise RequestError(f'keys: {part!r} is not SECONDS:KEYS, such as "3:512,9:#" (keys 0–9, *, #, A–D)')
        for key in keys:
            at_s = max(at_s, free_s)
            presses.append(KeyPress(round(at_s, 3), key))
            at_s = free_s = at_s + KEY_ON_S + KEY_PAUSE_S
    return tuple(presses)


# --- events and actions of one call -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rang:
    """His phone rings, or he hears that the other one does."""


@dataclass(frozen=True, slots=True)
class Connected:
    pass


@dataclass(frozen=True, slots=True)
class Released:
    cause: int
    ended_by: EndedBy


@dataclass(frozen=True, slots=True)
class TimePassed:
    pass


@dataclass(frozen=True, slots=True)
class Accept:
    pass


@dataclass(frozen=True, slots=True)
class HangUp:
    cause: int


@dataclass(frozen=True, slots=True)
class PressKey:
    key: str


Event = Rang | Connected | Released | TimePassed
Action = Accept | HangUp | PressKey


class Stage(Enum):
    WAITING = "waiting"
    RINGING = "ringing"
    CONNECTED = "connected"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the report of `sim call`."""

    ms: int
    event: str
    key: str | None = None


@dataclass(slots=True)
class PersonCall:
    """One call of a person; `calling` is True when he dialled, at `started_s`."""

    script: Script
    calling: bool
    started_s: float
    stage: Stage = Stage.WAITING
    connected_s: float | None = None
    ended_s: float | None = None
    cause: int | None = None
    ended_by: EndedBy | None = None
    events: list[Happened] = field(default_factory=list)
    _behaves_s: float | None = None
    _keys_pressed: int = 0
    _hung_up: bool = False

    def __post_init__(self) -> None:
        if self.calling:
            self._note("dialled", self.started_s)
            self._behaves_s = self.started_s + self.script.patience_s

    @property
    def connected_for_s(self) -> float:
        """Connected time, 0 when he never was."""
        if self.connected_s is None or self.ended_s is None:
            return 0.0
        return self.ended_s - self.connected_s

    @property
    def next_deadline(self) -> float | None:
        if self.stage is Stage.ENDED or self._hung_up:
            return None
        if self.connected_s is None:
            return self._behaves_s
        due = [self.connected_s + press.at_s for press in self.script.keys[self._keys_pressed :][:1]]
        if self.script.hang_up_after_s is not None:
            due.append(self.connected_s + self.script.hang_up_after_s)
        return min(due, default=None)

    def handle(self, event: Event, now: float) -> list[Action]:
        if self.stage is Stage.ENDED:
            return []
        match event:
            case Rang():
                return self._rang(now)
            case Connected():
                self.stage, self.connected_s = Stage.CONNECTED, now
                self._note("connected", now)
                return []
            case Released(cause, ended_by):
                self.stage, self.ended_s, self.cause, self.ended_by = Stage.ENDED, now, cause, ended_by
                self._note("ended", now)
                return []
            case TimePassed():
                return self._time_passed(now)

    def _rang(self, now: float) -> list[Action]:
        if self.stage is not Stage.WAITING:
            return []
        self.stage = Stage.RINGING
        self._note("ringing", now)
        if not self.calling and self.script.behaviour in (Behaviour.ANSWER, Behaviour.REJECT):
            self._behaves_s = now + self.script.after_s
        return []

    def _time_passed(self, now: float) -> list[Action]:
        due = self.next_deadline
        if due is None or due > now:
            return []
        if self.connected_s is None:
            self._behaves_s = None
            if self.calling:
                return self._hang_up(Cause.NORMAL_CLEARING)
            accepts = self.script.behaviour is Behaviour.ANSWER
            return [Accept()] if accepts else self._hang_up(Cause.CALL_REJECTED)
        return self._in_call(self.connected_s, now)

    def _in_call(self, connected_s: float, now: float) -> list[Action]:
        hang_up_s = self.script.hang_up_after_s
        if hang_up_s is not None and connected_s + hang_up_s <= now:
            return self._hang_up(Cause.NORMAL_CLEARING)
        actions: list[Action] = []
        for press in self.script.keys[self._keys_pressed :]:
            if connected_s + press.at_s > now:
                break
            self._keys_pressed += 1
            self._note("key", now, press.key)
            actions.append(PressKey(press.key))
        return actions

    def _hang_up(self, cause: Cause) -> list[Action]:
        self._hung_up = True
        return [HangUp(int(cause))]

    def _note(self, event: str, now: float, key: str | None = None) -> None:
        self.events.append(Happened(round((now - self.started_s) * 1000), event, key))
