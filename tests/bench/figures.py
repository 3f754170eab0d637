"""What a bench hands back: figures with their unit in the name, each with its aim where it has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `aim` is the most it should be."""

    value: float | int
    aim: float | int | None = None

    @property
    def met(self) -> bool | None:
        return None if self.aim is None else self.value <= self.aim

    def as_json(self) -> dict[str, Any]:
        row: dict[str, Any] = {"value": round(self.value, 3)}
        return row if self.aim is None else {**row, "aim": self.aim, "met": self.met}


@dataclass(slots=True)
class Report:
    """The figures of one bench; `measured` says what lies between start and end of each timing, `notes` the rest."""

    measured: str
    figures: dict[str, Figure] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    idle_timer: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, value: float, aim: float | None = None) -> None:
        self.figures[name] = Figure(value, aim)

    def add_spread(
        self, name: str, values: Sequence[float], aim_p50: float | None = None, aim_p99: float | None = None
    ) -> None:
        """`name` has a place for the percentile: `clip_to_ata_{}_ms`."""
        self.add(name.format("p50"), percentile(values, 50), aim_p50)
        self.add(name.format("p99"), percentile(values, 99), aim_p99)

    def as_json(self) -> dict[str, Any]:
        return {
            "measured": self.measured,
            "figures": {name: figure.as_json() for name, figure in self.figures.items()},
            "idle_20_ms_timer_late": self.idle_timer,
            **({"notes": self.notes} if self.notes else {}),
        }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all values do not exceed. Raises ValueError for no values."""
    if not values:
        raise ValueError("nothing was measured")
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * percent // 100).__int__() - 1)]
