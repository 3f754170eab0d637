"""How module families are switched on and off: one row each, from their hardware manuals; not proven on hardware.

The manuals' limits: SIM7600 PWRKEY 500 ms on, >= 2.5 s off, STATUS after up to 16 s, off within 26 s; A7670 >= 50 ms
on, >= 2.5 s off; EC25 >= 500 ms on after >= 30 ms of supply, >= 650 ms off, off within 29.5 s; SIM800 >= 1 s on, 1..3 s
off. A USB stick has no key and no status pin: its rail is its switch.
"""

from collections import namedtuple

Family = namedtuple(
    "Family",
    (
        "name",
        "settle_ms",  # rail on -> key pressed
        "on_pulse_ms",  # 0: no key
        "start_timeout_ms",  # key released -> status pin
        "off_pulse_ms",
        "stop_timeout_ms",  # key released -> status pin low; then the rail is dropped anyway
        "discharge_ms",  # rail off -> rail on again at the earliest
        "status_pin",  # 0: none, taken as running once the rail has settled
    ),
)

FAMILIES = (
    Family("generic", 200, 1000, 30000, 2600, 30000, 2000, 1),
    Family("sim7600", 100, 500, 25000, 2600, 30000, 2000, 1),
    Family("a76xx", 100, 100, 15000, 2600, 15000, 2000, 1),
    Family("ec25", 100, 600, 20000, 800, 32000, 2000, 1),
    Family("sim800", 500, 1200, 8000, 1500, 8000, 1000, 1),
    Family("huawei", 500, 0, 0, 0, 0, 3000, 0),
)
LAST = len(FAMILIES) - 1


def number(name: str) -> int:
    """The value of setting `family_N` for a family. Raises ValueError for one that is not there."""
    for index, family in enumerate(FAMILIES):
        if family.name == name:
            return index
    raise ValueError(f"no family is called {name}")
