"""What the company lets its telephones spend: barred numbers, limits, and the guard against toll fraud.

Part of the settings document. Amounts are whole VND as the plan charges them, minutes are billed minutes; "outgoing"
are the calls that employees make through the hotline. Emergency numbers (112–115) pass everything here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge.telephony import PhoneNumber


class LimitScope(Enum):
    """Whose spending is added up."""

    EXTENSION = "extension"
    """Calls made by an extension (A048, A113)."""
    DEPARTMENT = "department"
    """Calls made by all extensions of a department together."""
    HOTLINE = "hotline"
    """Everything that the plan charges to this SIM, customers' calls to off-net employees among it (C081)."""
    COMPANY = "company"
    """All hotlines together."""


class LimitPeriod(Enum):
    CALL = "call"
    """One call by itself."""
    DAY = "day"
    """The local calendar day (Asia/Ho_Chi_Minh) in which the leg was answered."""
    MONTH = "month"


class LimitEnd(Enum):
    """What happens when it is used up."""

    WARN = "warn"
    """People are told; calls go on."""
    BLOCK = "block"
    """No new outgoing call; those in progress go on."""
    CUT = "cut"
    """As block, and calls in progress end, 30 s after a spoken warning."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit. At least one of `minutes` and `vnd` is given; the first to be reached counts (A119)."""

    scope: LimitScope
    period: LimitPeriod
    subject: str = ""
    """Extension number, department name or hotline number (E.164); "" means each of them by itself."""
    minutes: int | None = None
    vnd: int | None = None
    warn_percent: tuple[int, ...] = (80, 90)
    """Levels at which people are told by SMS and on the page (A086), rising, each 1–99."""
    at_end: LimitEnd = LimitEnd.BLOCK


@dataclass(frozen=True, slots=True)
class Barring:
    """Which outside numbers employees may call at all. Everything dear is off until it is opened."""

    international: bool = False
    premium: bool = False
    """1900 and other numbers whose price is not the plan's; 1800 is free and goes with it."""
    short: bool = False
    """Service numbers of 3–6 digits other than 112–115."""
    allowed: tuple[str, ...] = ()
    """Numbers or beginnings of numbers (E.164 as `+4420…`, or digits as `19001234`) that pass all the same."""
    international_prefix: str = "131800"
    """What the SIM dials before country code and number: `131800` the operator's cheap way (A194), `00` or `+`."""


@dataclass(frozen=True, slots=True)
class FraudGuard:
    """Caps on what all outgoing calls of the company may cost in a short time; past one, outgoing calls are cut and
    barred until the time is over, and the alarm SMS goes out within 10 s.
    """

    hourly_vnd: int | None = 1_000_000
    """Any 60 minutes."""
    night_vnd: int | None = 300_000
    """The whole night together."""
    night_begins: str = "22:00"
    """Local time, HH:MM."""
    night_ends: str = "06:00"
    refused_tries: int | None = 5
    """So many barred numbers dialled within an hour are an alarm, too."""
    alarm_mobile: PhoneNumber | None = None
    """Who is told by SMS, of alarms and of reached levels; None: only the page tells."""


@dataclass(frozen=True, slots=True)
class Spending:
    limits: tuple[Limit, ...] = ()
    barring: Barring = Barring()
    fraud_guard: FraudGuard = FraudGuard()
