"""The safety catch of critical requests: ARM gives a code, good once, for one request and argument, for 5 s."""

from firmware.compat import const, ticks_diff

VALID_MS = const(5000)


class Arming:
    def __init__(self, boot_id: int) -> None:
        self._seed = boot_id & 0xFFFF
        self._armed: tuple[int, int, int, int] | None = None  # kind, argument, code, when

    def arm(self, kind: int, argument: int, now: int) -> int:
        """Returns the code; whatever was armed before is not any more."""
        self._seed = (self._seed * 25173 + 13849) & 0xFFFF
        code = self._seed or 1
        self._armed = (kind, argument, code, now)
        return code

    def tick(self, now: int) -> None:
        """Always: a code that was never used would be good again once the ticks have wrapped."""
        if self._armed is not None and ticks_diff(now, self._armed[3]) > VALID_MS:
            self._armed = None

    def use(self, kind: int, argument: int, code: int, now: int) -> bool:
        """Spends what is armed, right or wrong."""
        armed = self._armed
        self._armed = None
        return armed is not None and armed[:3] == (kind, argument, code) and 0 <= ticks_diff(now, armed[3]) <= VALID_MS
