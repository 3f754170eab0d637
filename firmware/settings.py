"""What may be set on the supervisor, with limits; kept on flash. A value outside its limits is never taken over.

The machines look values up at every use, so a change holds from the next tick on.
"""

from firmware import families

MAX_SLOTS = 8

LIMITS: dict[str, tuple[int, int, int]] = {  # default, minimum, maximum
    "watchdog": (1, 0, 1),
    "late_ms": (5000, 200, 120000),
    "dead_ms": (30000, 400, 600000),
    "grace_ms": (20000, 200, 120000),  # from asking the host to stop to cutting its power
    "host_off_ms": (5000, 100, 60000),
    "boot_ms": (180000, 500, 1800000),  # first heartbeat after power
    "update_ms": (900000, 500, 3600000),  # the longer leash while the host says it is updating
    "resets_per_hour": (3, 0, 20),
    "stagger_ms": (8000, 0, 60000),  # from one module's key to the next one's rail
    "slot_restarts_per_hour": (6, 0, 60),
    "autostart": (255, 0, 255),  # slots to switch on by themselves, bit by bit
    "supply_failing_mv": (4650, 0, 30000),
    "supply_good_mv": (4800, 0, 30000),
    "supply_hold_ms": (3000, 0, 60000),  # failing this long is low
    "supply_return_ms": (5000, 100, 600000),
    "supercap_low_mv": (3600, 0, 30000),  # 0: none fitted
    "warm_dc": (700, 0, 1250),
    "critical_dc": (850, 0, 1250),
    "critical_hold_ms": (10000, 0, 600000),
    "long_press_ms": (3000, 200, 20000),
    "factory_press_ms": (5000, 200, 20000),
    "trial_ms": (120000, 1000, 600000),  # new firmware unconfirmed this long falls back
}
for _slot in range(MAX_SLOTS):
    LIMITS[f"family_{_slot}"] = (0, 0, families.LAST)


class Settings:
    """Values by name; `changes` is what differs from the defaults, as it is written to flash."""

    def __init__(self) -> None:
        self.changes: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        value = self.changes.get(name)
        return LIMITS[name][0] if value is None else value

    def put(self, name: str, value: int) -> bool:
        """False when there is no such setting or the value is outside its limits."""
        limits = LIMITS.get(name)
        if limits is None or type(value) is not int or not limits[1] <= value <= limits[2]:
            return False
        self.changes[name] = value
        return True

    def load(self, changes: dict[str, int]) -> None:
        """Takes over what is still valid: an older or newer firmware may have written it."""
        for name, value in changes.items():
            self.put(name, value)
