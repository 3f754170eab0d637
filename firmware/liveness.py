"""Are all tasks alive? Only then is the supervisor's own hardware watchdog fed."""

from firmware.compat import const, ticks_diff

LIMIT_MS = const(2000)


class Liveness:
    """Each task calls `alive` in its loop; a task unheard of for `LIMIT_MS` is hung."""

    def __init__(self, names: "tuple[str, ...]", now: int) -> None:
        self._names = names
        self._heard = [now] * len(names)

    def alive(self, task: int, now: int) -> None:
        self._heard[task] = now

    def hung(self, now: int) -> "str | None":
        """The first task that hangs, or None."""
        for task, heard in enumerate(self._heard):
            if ticks_diff(now, heard) > LIMIT_MS:
                return self._names[task]
        return None
