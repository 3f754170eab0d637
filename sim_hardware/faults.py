"""The fault menu as data: what can go wrong with a line, its one parameter, and its limits.

`parse` checks a request and returns what the modem is told (`FaultInjected`); the modem itself plays the fault, the
world closes and opens ports, drops calls and mutes voice paths as the modem's outputs say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sim_hardware.errors import RequestError
from sim_hardware.modem.events import FaultInjected

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,40}")
DIRECTIONS = ("up", "down", "none")


@dataclass(frozen=True, slots=True)
class Number:
    """A numeric parameter; required when it has no default."""

    name: str
    least: float
    most: float
    meaning: str
    default: float | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A word: one of `choices`, or, when there are none, any plain name."""

    name: str
    meaning: str
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    meaning: str
    parameter: Number | Word | None = None


def _switch(name: str, meaning: str) -> Fault:
    return Fault(name, meaning, Number("on", 0, 1, "1: from now on, 0: no longer", default=1))


def _count(name: str, meaning: str) -> Fault:
    return Fault(name, meaning, Number("n", 0, 1000, "how many", default=1))


FAULTS = (
    Fault("restart", "the modem boots: calls and settings lost, the ports gone for a while"),
    Fault("unplug", "the USB device is gone until replug"),
    Fault("replug", "it comes back and boots", Word("new_name", "under this name instead of the old one")),
    Fault("sim-out", "the card is taken out"),
    Fault("sim-in", "the card is put in"),
    Fault("brown-out", "under-voltage warnings, then a boot"),
    Fault("at-late", "every answer comes later", Number("ms", 0, 60_000, "by so many milliseconds; 0: in time")),
    _count("at-lost", "the next answers never come"),
    _switch("double-cr", "lines end in CR CR LF"),
    Fault("split", "bytes come in pieces", Number("n", 0, 320, "of at most so many; 0: whole")),
    _switch("urc-inside", "an unasked line stands inside answers"),
    _switch("echo-on", "the command echo is switched on behind the host's back"),
    Fault("cme14", "+CME ERROR: 14 (SIM busy)", Number("s", 0, 600, "for so many seconds")),
    _count("pcm-refuse", "the next audio openings are refused"),
    _switch("pcm-stuck", "the audio port takes nothing any more until a restart"),
    _switch("no-clip", "incoming calls bring no caller id"),
    _switch("late-clip", "the caller id comes with the second ring only"),
    _switch("early-active", "a dialled call is reported active while it still rings"),
    _count("silent-end", "the next calls end without a word"),
    _count("stuck-call", "the next calls stay listed after their end"),
    Fault("creg-flap", "registration is lost and found again", Number("s", 0, 600, "after so many seconds", default=5)),
    Fault("sms-full", "the message store is full"),
    Fault(
        "one-way",
        "the voice path carries one direction less",
        Word("direction", "which one is dead: up is host to network; none: all is well", DIRECTIONS, required=True),
    ),
)
_BY_NAME = {fault.name: fault for fault in FAULTS}


def menu() -> list[dict[str, object]]:
    """For `tongdai sim faults`: name, meaning and parameter of each."""
    return [{"name": f.name, "meaning": f.meaning, "parameters": _described(f.parameter)} for f in FAULTS]


def parse(line: str, name: str, parameters: Mapping[str, object]) -> FaultInjected:
    """Raises `RequestError` that says which fault or parameter of which line is wrong, and lists what exists."""
    fault = _BY_NAME.get(name)
    if fault is None:
        raise RequestError(f"fault {name!r} for {line}: not on the menu; there are {', '.join(_BY_NAME)}")
    wanted = fault.parameter
    given = _canonical(wanted, parameters)
    stray = [key for key in given if wanted is None or key != wanted.name]
    if stray:
        takes = "no parameter" if wanted is None else f"only {wanted.name}"
        raise RequestError(f"fault {name} for {line}: unknown parameter {stray[0]!r}; it takes {takes}")
    match wanted:
        case None:
            return FaultInjected(name)
        case Number():
            return FaultInjected(name, number=_number(line, name, wanted, given.get(wanted.name)))
        case Word():
            return FaultInjected(name, text=_word(line, name, wanted, given.get(wanted.name)))


def _canonical(wanted: Number | Word | None, parameters: Mapping[str, object]) -> dict[str, object]:
    """`one-way up` for `one-way direction=up`: a bare choice arrives as a key without a value."""
    if isinstance(wanted, Word) and len(parameters) == 1:
        ((key, value),) = parameters.items()
        if key in wanted.choices and value in (None, "", True):
            return {wanted.name: key}
    return dict(parameters)


def _number(line: str, name: str, wanted: Number, given: object) -> float:
    if given is None and wanted.default is not None:
        return wanted.default
    where = f"fault {name} for {line}: {wanted.name} ({wanted.meaning})"
    if given is None:
        raise RequestError(f"{where} is missing")
    try:
        value = float(str(given))
    except ValueError:
        raise RequestError(f"{where} must be a number, not {given!r}") from None
    if not wanted.least <= value <= wanted.most:
        raise RequestError(f"{where} must be {wanted.least:g} to {wanted.most:g}, not {given}")
    return value


def _word(line: str, name: str, wanted: Word, given: object) -> str | None:
    where = f"fault {name} for {line}: {wanted.name} ({wanted.meaning})"
    if given is None:
        if wanted.required:
            raise RequestError(f"{where} is missing; it is one of {', '.join(wanted.choices)}")
        return None
    if wanted.choices and given not in wanted.choices:
        raise RequestError(f"{where} must be one of {', '.join(wanted.choices)}, not {given!r}")
    if not isinstance(given, str) or not NAME.fullmatch(given):
        raise RequestError(f"{where} must be a plain name such as gsm-9, not {given!r}")
    return given


def _described(parameter: Number | Word | None) -> list[dict[str, object]]:
    match parameter:
        case None:
            return []
        case Number(name, least, most, meaning, default):
            return [{"name": name, "from": least, "to": most, "default": default, "meaning": meaning}]
        case Word(name, meaning, choices, required):
            return [{"name": name, "choices": list(choices), "required": required, "meaning": meaning}]
