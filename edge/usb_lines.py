"""Lines for modems that are found on the USB ports, where the machine's file names none. Pure.

A modem enumerates its ports one after the other, seconds after the box has started: it becomes a line when two looks in
a row agree on it. A line stays what it is for as long as the core runs; a modem that comes back under other ports is a
new line.
"""

from __future__ import annotations

from collections.abc import Iterable

from edge.config import LineConfig
from hal.interfaces import ModemPorts


class UsbLines:
    """`looked` is told what every look has found, and says which lines are new."""

    def __init__(self) -> None:
        self._before: frozenset[ModemPorts] = frozenset()
        self._taken: set[str] = set()

    def looked(self, modems: Iterable[ModemPorts]) -> tuple[LineConfig, ...]:
        """New lines in the order of the USB tree, numbered on from those before."""
        found = tuple(modems)
        settled = [each for each in found if each in self._before and each.at not in self._taken]
        self._before = frozenset(found)
        made = []
        for ports in settled:
            self._taken.add(ports.at)
            made.append(LineConfig(f"gsm-{len(self._taken)}", ports.at, ports.audio, family=ports.family))
        return tuple(made)
