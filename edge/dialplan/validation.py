"""Is a settings document one that the switchboard can live by? Every problem at once, each with the key's path.

A document with an error is refused as a whole; warnings are for the person who saves it. Nothing here acts: the
numbers of our own lines come as an argument, because they are the machine's and not the company's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from edge.dialplan.billing_validation import billing_problems
from edge.dialplan.limits_validation import limit_problems
from edge.dialplan.numbers import (
    EMERGENCY_NUMBERS,
    INTERNATIONAL_ACCESS,
    INTERNATIONAL_PREFIXES,
    NumberClass,
    classify,
    normalise,
)
from edge.dialplan.settings import Extension, Settings, Timers
from edge.telephony import PhoneNumber

LONGEST_NAME = 60
LANGUAGES = ("vi", "en")
TRIES = range(1, 10)
KEEP_DAYS = range(1, 3651)
KEEP_GB = (0.1, 2000.0)
SECONDS = {
    "first_key_s": (2.0, 60.0),
    "between_keys_s": (1.0, 15.0),
    "ring_employee_s": (5.0, 60.0),  # the network itself gives up after 60 s
    "ring_outside_s": (5.0, 120.0),
    "pin_key_s": (2.0, 60.0),
}
_EXTENSION = re.compile(r"[1-6]\d{2,4}", re.ASCII)  # A031: 3–5 digits, first not 0, 7, 8, 9
_RESERVED = range(100, 120)  # 100 is the operator's short code, 112–115 emergency (flags 3 and 4)
_PIN = re.compile(r"\d{4,8}", re.ASCII)
_FILE_NAME = re.compile(r"[\w][\w .-]{0,119}")


class Severity(Enum):
    ERROR = "error"
    """The document is refused."""
    WARNING = "warning"
    """It holds, and somebody should know."""


@dataclass(frozen=True, slots=True)
class SettingsProblem:
    path: str
    """Key in the document, `extensions[2].mobile`."""
    code: str
    """Stable name of the rule, for translation."""
    message_en: str
    """One sentence: what is wrong, and what would be right."""
    severity: Severity = Severity.ERROR


def validate(settings: Settings, own_numbers: tuple[PhoneNumber, ...] = ()) -> list[SettingsProblem]:
    """Every problem, in document order; empty when nothing is to be said."""
    problems = [*_company(settings), *_timers(settings.timers), *_policies(settings)]
    for path, code, text, mild in limit_problems(settings, own_numbers):
        problems.append(SettingsProblem(path, code, text, Severity.WARNING if mild else Severity.ERROR))
    problems += [SettingsProblem(*found) for found in billing_problems(settings.billing)]
    for index, extension in enumerate(settings.extensions):
        path = f"extensions[{index}]"
        earlier = settings.extensions[:index]
        problems += _one_extension(path, extension, own_numbers)
        problems += _against_others(path, extension, earlier)
    return problems


def errors(problems: list[SettingsProblem]) -> list[SettingsProblem]:
    return [each for each in problems if each.severity is Severity.ERROR]


def warnings(problems: list[SettingsProblem]) -> list[SettingsProblem]:
    return [each for each in problems if each.severity is Severity.WARNING]


def _company(settings: Settings) -> Iterator[SettingsProblem]:
    company = settings.company
    if len(company.name) > LONGEST_NAME or not company.name.isprintable():
        yield SettingsProblem("company.name", "name", f"a name is at most {LONGEST_NAME} printable characters")
    if company.greeting is not None and not _FILE_NAME.fullmatch(company.greeting):
        text = f'"{company.greeting}" is no plain file name; it names a file in greetings/'
        yield SettingsProblem("company.greeting", "greeting", text)
    if company.language not in LANGUAGES:
        text = f'"{company.language}" has no prompts; choose vi or en'
        yield SettingsProblem("company.language", "language", text)


def _timers(timers: Timers) -> Iterator[SettingsProblem]:
    values = {
        "first_key_s": timers.first_key_s,
        "between_keys_s": timers.between_keys_s,
        "ring_employee_s": timers.ring_employee_s,
        "ring_outside_s": timers.ring_outside_s,
        "pin_key_s": timers.pin_key_s,
    }
    for name, value in values.items():
        low, high = SECONDS[name]
        if not low <= value <= high:  # also refuses a NaN
            yield SettingsProblem(f"timers.{name}", "range", f"{value} is outside {low:g} to {high:g} seconds")


def _policies(settings: Settings) -> Iterator[SettingsProblem]:
    recording = settings.recording
    if settings.menu.tries not in TRIES:
        text = f"{settings.menu.tries} is outside {TRIES.start} to {TRIES.stop - 1} tries"
        yield SettingsProblem("menu.tries", "range", text)
    if recording.keep_days not in KEEP_DAYS:
        text = f"{recording.keep_days} is outside {KEEP_DAYS.start} to {KEEP_DAYS.stop - 1} days"
        yield SettingsProblem("recording.keep_days", "range", text)
    prefix = settings.spending.barring.international_prefix
    if prefix not in INTERNATIONAL_PREFIXES:
        text = f'"{prefix}" leads nowhere; choose one of {", ".join(INTERNATIONAL_PREFIXES)}'
        yield SettingsProblem("spending.barring.international_prefix", "international-prefix", text)
    elif prefix != INTERNATIONAL_ACCESS:
        text = f"calls dialled with {prefix} cost the ordinary price abroad; they are rated as dialled with 131800"
        path = "spending.barring.international_prefix"
        yield SettingsProblem(path, "international-price", text, Severity.WARNING)
    low, high = KEEP_GB
    if not low <= recording.keep_gb <= high:
        yield SettingsProblem("recording.keep_gb", "range", f"{recording.keep_gb} is outside {low:g} to {high:g} GB")
    if not recording.announce:
        text = "calls are recorded without telling the people in them; the law may ask for the announcement"
        yield SettingsProblem("recording.announce", "announcement-off", text, Severity.WARNING)


def _one_extension(path: str, extension: Extension, own_numbers: tuple[PhoneNumber, ...]) -> Iterator[SettingsProblem]:
    yield from _extension_number(f"{path}.number", extension.number)
    if not 1 <= len(extension.name.strip()) <= LONGEST_NAME or not extension.name.isprintable():
        text = f"extension {extension.number} needs a name of 1 to {LONGEST_NAME} printable characters"
        yield SettingsProblem(f"{path}.name", "name", text)
    yield from _mobile(f"{path}.mobile", extension, own_numbers)
    if extension.pin is None:
        text = f"extension {extension.number} may call outside without a PIN; caller ids can be forged"
        yield SettingsProblem(f"{path}.pin", "pin-missing", text, Severity.WARNING)
    elif not _PIN.fullmatch(extension.pin):
        yield SettingsProblem(f"{path}.pin", "pin", f"the PIN of extension {extension.number} must be 4 to 8 digits")


def _extension_number(path: str, number: str) -> Iterator[SettingsProblem]:
    if not _EXTENSION.fullmatch(number):
        text = f'extension "{number}" must be 3 to 5 digits, the first not 0, 7, 8 or 9'
        yield SettingsProblem(path, "extension", text)
    elif int(number) in _RESERVED:
        text = f"extension {number} is reserved: 100 to 119 are short codes and emergency numbers"
        yield SettingsProblem(path, "reserved", text)
    elif number.startswith(EMERGENCY_NUMBERS):
        text = f"extension {number} begins with the emergency number {number[:3]}, which routes at once"
        yield SettingsProblem(path, "reserved", text)
    elif INTERNATIONAL_ACCESS.startswith(number):
        text = f"extension {number} begins {INTERNATIONAL_ACCESS}, the way abroad, which nobody could dial any more"
        yield SettingsProblem(path, "reserved", text)


def _mobile(path: str, extension: Extension, own_numbers: tuple[PhoneNumber, ...]) -> Iterator[SettingsProblem]:
    number = normalise(extension.mobile)
    if number is None or classify(number) is not NumberClass.MOBILE:
        text = f'"{extension.mobile}" of extension {extension.number} is no Vietnamese mobile number'
        yield SettingsProblem(path, "mobile", text)
    elif number != extension.mobile:
        text = f'"{extension.mobile}" of extension {extension.number} must be written {number}'
        yield SettingsProblem(path, "mobile-form", text)
    elif number in own_numbers:
        text = f"{number} of extension {extension.number} is one of our own lines: calls would come back to us"
        yield SettingsProblem(path, "own-line", text)


def _against_others(path: str, extension: Extension, others: tuple[Extension, ...]) -> Iterator[SettingsProblem]:
    for other in others:
        if extension.number == other.number:
            yield SettingsProblem(f"{path}.number", "duplicate", f"extension {extension.number} exists twice")
        elif extension.number.startswith(other.number):
            text = f"extension {extension.number} begins with extension {other.number}: neither could route at once"
            yield SettingsProblem(f"{path}.number", "prefix", text)
        elif other.number.startswith(extension.number):
            text = f"extension {extension.number} is the beginning of extension {other.number}: choose another"
            yield SettingsProblem(f"{path}.number", "prefix", text)
        if extension.mobile == other.mobile:
            text = f"{extension.mobile} belongs to extension {other.number} already"
            yield SettingsProblem(f"{path}.mobile", "duplicate", text)
