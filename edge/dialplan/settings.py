"""What the company decides, as one frozen document: every field with its default and unit.

A revision validates as a whole (`edge.dialplan.validation`) or is refused as a whole. What the *machine* is (ports,
paths) stands in tongdai.toml and not here. Times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from edge.dialplan.billing import Billing
from edge.dialplan.limits import Spending
from edge.telephony import PhoneNumber


class RecordMode(Enum):
    """Which calls of an extension are recorded, by the direction that the call has for the company."""

    OFF = "off"
    IN = "in"
    OUT = "out"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Extension:
    number: str
    """3–5 digits, first not 0, 7, 8, 9 (A031), not 100–119, no prefix of another."""
    name: str
    """By role or person, for the page."""
    mobile: PhoneNumber
    """The employee's own phone: rung for the extension, and recognised as the employee by caller id."""
    record: RecordMode = RecordMode.OFF
    pin: str | None = None
    """4–8 digits asked before an outside call; caller id can be forged."""
    department: str = ""
    """For limits and statements; "" means none."""


@dataclass(frozen=True, slots=True)
class Company:
    name: str = ""
    """Empty: no company has been set up yet."""
    greeting: str | None = None
    """File name of the uploaded greeting in the data directory's `greetings/`; None: the default one."""
    language: str = "vi"
    """Language of the spoken prompts: vi or en."""


@dataclass(frozen=True, slots=True)
class Timers:
    first_key_s: float = 7.0
    """Silence after the greeting before it counts as a failed try."""
    between_keys_s: float = 3.0
    """Pause that ends an outside number (and an unfinished extension)."""
    ring_employee_s: float = 25.0
    ring_outside_s: float = 60.0
    pin_key_s: float = 7.0
    """Silence while a PIN is asked for."""


@dataclass(frozen=True, slots=True)
class Menu:
    tries: int = 3
    """Wrong, silent or failed tries in all before goodbye."""


@dataclass(frozen=True, slots=True)
class RecordingPolicy:
    announce: bool = True
    """Caller hears that the call is recorded, the employee a tone. Turning it off warns."""
    keep_days: int = 90
    keep_gb: float = 8.0
    """Oldest recordings go first, by either limit."""


@dataclass(frozen=True, slots=True)
class Notices:
    missed_call_sms: bool = True
    """SMS to the employee about a call that did not reach him (A055)."""


@dataclass(frozen=True, slots=True)
class Settings:
    company: Company = field(default_factory=Company)
    timers: Timers = field(default_factory=Timers)
    menu: Menu = field(default_factory=Menu)
    recording: RecordingPolicy = field(default_factory=RecordingPolicy)
    notices: Notices = field(default_factory=Notices)
    spending: Spending = field(default_factory=Spending)
    billing: Billing = field(default_factory=Billing)
    extensions: tuple[Extension, ...] = ()
