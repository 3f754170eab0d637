"""How often something may happen within an hour."""

from firmware.compat import const, ticks_diff

HOUR_MS = const(3600000)


class Budget:
    """`tick` it always: an instant that was not forgotten would lie in the future once the ticks wrap."""

    def __init__(self) -> None:
        self._spent: list[int] = []

    def tick(self, now: int) -> None:
        while self._spent and ticks_diff(now, self._spent[0]) >= HOUR_MS:
            self._spent.pop(0)

    def spend(self, now: int, limit: int) -> bool:
        """True, and counted, when fewer than `limit` lie within the last hour."""
        self.tick(now)
        if len(self._spent) >= limit:
            return False
        self._spent.append(now)
        return True

    def used(self, now: int) -> int:
        self.tick(now)
        return len(self._spent)
