"""Each key once: a module may report a tone twice, and the box listens for tones itself as well.

Telephones make a tone of at least 65 ms and as long a pause; people and machines rarely come below 200 ms from key to
key, so the same key from the same source within less is an echo. Of two sources each hears every key once: a report is
the twin of an earlier one of the other source, if that is recent and has no twin yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge.telephony import Moment

ECHO_S = 0.15
TWIN_S = 0.6
"""How far the module's report and our own detection of one tone may lie apart."""
KEYS = "0123456789*#ABCD"


class KeySource(Enum):
    MODULE = "module"
    IN_BAND = "in-band"


@dataclass(frozen=True, slots=True)
class _Heard:
    key: str
    source: KeySource
    mono: float


class KeyFilter:
    def __init__(self) -> None:
        self._last: dict[KeySource, _Heard] = {}
        self._without_twin: list[_Heard] = []

    def accepts(self, key: str, source: KeySource, now: Moment) -> bool:
        """True the first time that this press of this key is reported."""
        if key not in KEYS or len(key) != 1:
            return False
        heard = _Heard(key, source, now.mono)
        before = self._last.get(source)
        if before is not None and before.key == key and now.mono - before.mono < ECHO_S:
            return False
        self._last[source] = heard
        self._without_twin = [each for each in self._without_twin if now.mono - each.mono <= TWIN_S]
        for other in self._without_twin:
            if other.key == key and other.source is not source:
                self._without_twin.remove(other)
                return False
        self._without_twin.append(heard)
        return True
