"""One press, heard twice: the modem reports a key and the detector hears it in the voice. Pure.

Each source alone counts every press, however quick. A report of one source is the echo of the *oldest* report of the
same key by the other source that has no echo yet and is not older than the window; that is why two real presses
240 ms apart stay two, while module and voice, some 50–150 ms apart, become one.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

_WINDOW_S = 0.2
"""Modules report within a few tens of ms of the tone's end; the box hears the voice up to 60 ms late."""


class KeySource(Enum):
    MODULE = "module"
    IN_BAND = "in-band"


class KeyMerger:
    """For one leg."""

    def __init__(self, window_s: float = _WINDOW_S) -> None:
        self._window_s = window_s
        self._unmatched: deque[tuple[float, KeySource, str]] = deque()

    def heard(self, source: KeySource, key: str, mono: float) -> bool:
        """A report at monotonic second `mono` (never going back). True: a new press; False: known already."""
        while self._unmatched and mono - self._unmatched[0][0] > self._window_s:
            self._unmatched.popleft()
        for report in self._unmatched:
            if report[1] is not source and report[2] == key:
                self._unmatched.remove(report)
                return False
        self._unmatched.append((mono, source, key))
        return True
