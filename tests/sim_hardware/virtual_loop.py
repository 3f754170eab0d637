"""An event loop whose time jumps to the next timer: nothing waits."""

from __future__ import annotations

import asyncio
import selectors


class _JumpingSelector(selectors.DefaultSelector):
    """Waiting for a timer is done by moving the clock; waiting for another thread is real."""

    virtual_s = 100.0

    def select(self, timeout=None):
        if timeout is None:
            return super().select(None)
        self.virtual_s += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self):
        return self._jumping.virtual_s
