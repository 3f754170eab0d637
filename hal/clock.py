"""The machine's clock: the one place of this room that reads the time."""

from __future__ import annotations

import time

from hal.interfaces import Moment


class SystemClock:
    """`hal.interfaces.Clock` on CLOCK_MONOTONIC and the wall clock; read once per decision."""

    def now(self) -> Moment:
        return Moment(mono=time.monotonic(), wall=time.time())
