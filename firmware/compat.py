"""The few names that CPython lacks, so that every other file is the same file on both sides of the wire.

Ticks are milliseconds that wrap (2**30 on the RP2040): only `ticks_add` and `ticks_diff` may calculate with them, and
no two that are compared may lie further apart than half the period (6.2 days).
"""

TYPE_CHECKING = False
"""What stands under `if TYPE_CHECKING` is for the type checker alone."""

if TYPE_CHECKING:

    def const(value: int) -> int: ...

    def ticks_ms() -> int: ...

    def ticks_add(ticks: int, delta: int) -> int: ...

    def ticks_diff(end: int, start: int) -> int: ...

else:
    try:
        from time import ticks_add, ticks_diff, ticks_ms

        from micropython import const
    except ImportError:  # CPython
        from time import monotonic

        TICKS_PERIOD = 1 << 30

        def const(value: int) -> int:
            return value

        def ticks_ms() -> int:
            return int(monotonic() * 1000) & (TICKS_PERIOD - 1)

        def ticks_add(ticks: int, delta: int) -> int:
            return (ticks + delta) & (TICKS_PERIOD - 1)

        def ticks_diff(end: int, start: int) -> int:
            return ((end - start + TICKS_PERIOD // 2) & (TICKS_PERIOD - 1)) - TICKS_PERIOD // 2


def reached(now: int, deadline: "int | None") -> bool:
    """True once the deadline has come. None never comes."""
    return deadline is not None and ticks_diff(now, deadline) >= 0
