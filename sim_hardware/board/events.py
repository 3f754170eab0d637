"""What happens on the simulated board, for whoever wires it to the emulated modems and the box's processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class RailSwitched:
    """A module's supply."""

    slot: int
    on: bool


@dataclass(frozen=True, slots=True)
class KeySwitched:
    """A module's PWRKEY."""

    slot: int
    pressed: bool


@dataclass(frozen=True, slots=True)
class HostRailSwitched:
    """The supply of the box's computer: off means every process of the box is gone."""

    on: bool


@dataclass(frozen=True, slots=True)
class HostButtonSwitched:
    """The computer's own power button: pressed asks its system to shut down."""

    pressed: bool


@dataclass(frozen=True, slots=True)
class LightsChanged:
    colours: tuple[tuple[int, int, int], ...]
    """Red, green, blue of power, box, and one light per slot."""


@dataclass(frozen=True, slots=True)
class SupervisorStarted:
    """The firmware's virtual machine was started."""

    cause: str
    """power on, watchdog (it was not fed), restart (by itself) or ended (the process was gone)."""
    starts: int


BoardEvent = RailSwitched | KeySwitched | HostRailSwitched | HostButtonSwitched | LightsChanged | SupervisorStarted
BoardSink: TypeAlias = Callable[[BoardEvent], None]
