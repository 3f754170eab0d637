"""What a number is in Vietnam: one normal form for every spelling, and the class that decides who may dial it.

Invariants:

* A `PhoneNumber` is E.164 with `+`, or the bare digits of a short or service number (113, 19001234).
* `normalise(national(n)) == n` for every Vietnamese number.
* Only what the numbering plan knows as a mobile or fixed subscriber is in a class that outside calls may reach;
  everything that could cost more stays shut until cost control opens it (toll fraud, issue point 3).
"""

from __future__ import annotations

import re
from enum import Enum

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from edge.telephony import PhoneNumber

REGION = "VN"
COUNTRY_PREFIX = "+84"
EMERGENCY_NUMBERS = ("112", "113", "114", "115")
"""Rescue, police, fire, ambulance: answered for everybody, never barred."""

INTERNATIONAL_ACCESS = "131800"
"""Keys for the operator's cheap way abroad (A194): 1318, then 00 and the number with its country code."""
INTERNATIONAL_PREFIXES = (INTERNATIONAL_ACCESS, "00", "+")
"""What a SIM may dial before country code and number."""

_SEPARATORS = re.compile(r"[\s.\-()/]+")
_SHORT = re.compile(r"[1-9]\d{2,5}")  # rating §17: 3–6 digits without a leading 0
_SERVICE = re.compile(r"1[89]00\d{4,6}")  # 1800 free, 1900 premium: 8–10 digits, no trunk 0 and no area code
_NATIONAL = re.compile(r"0[1-9]\d{7,9}")
_WITH_COUNTRY_CODE = re.compile(r"84[1-9]\d{7,9}")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{5,14}")  # E.164 §6.1: at most 15 digits


class NumberClass(Enum):
    """What dialling a number can lead to, as far as the numbering plan tells."""

    MOBILE = "mobile"
    """A Vietnamese mobile subscriber."""
    FIXED = "fixed"
    """A Vietnamese fixed line."""
    EMERGENCY = "emergency"
    SHORT = "short"
    """A service number of 3–6 digits; 100 is the operator's."""
    PREMIUM = "premium"
    """1900 and 1800: what they cost, or who pays, is not the company's choice."""
    INTERNATIONAL = "international"
    UNKNOWN = "unknown"
    """Vietnamese by prefix, and no mobile or fixed number that exists."""


def normalise(text: str) -> PhoneNumber | None:
    """The normal form of a number as people, modems and SIMs write it; None if it is none.

    Takes `0903…`, `84903…`, `+84903…`, `0084903…`, with spaces, dots, dashes or brackets between.
    """
    digits = _SEPARATORS.sub("", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.isascii():
        return None
    if _SHORT.fullmatch(digits) or _SERVICE.fullmatch(digits):
        return PhoneNumber(digits)
    if _NATIONAL.fullmatch(digits):
        digits = COUNTRY_PREFIX + digits[1:]
    elif _WITH_COUNTRY_CODE.fullmatch(digits):
        digits = "+" + digits
    return _e164(digits) if _INTERNATIONAL.fullmatch(digits) else None


def _e164(digits: str) -> PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(digits, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return PhoneNumber(phonenumbers.format_number(parsed, PhoneNumberFormat.E164))


def parse_dialled(keys: str) -> PhoneNumber | None:
    """The number meant by keys of a telephone, which has no +: 0…, 00…, 131800…, 84… or a short number."""
    if keys.startswith(INTERNATIONAL_ACCESS):
        keys = "00" + keys.removeprefix(INTERNATIONAL_ACCESS)
    return normalise(keys) if keys.isascii() and keys.isdigit() else None


def classify(number: PhoneNumber) -> NumberClass:
    """The class of a normalised number."""
    if number in EMERGENCY_NUMBERS:
        return NumberClass.EMERGENCY
    if not number.startswith("+"):
        return NumberClass.PREMIUM if _SERVICE.fullmatch(number) else NumberClass.SHORT
    if not number.startswith(COUNTRY_PREFIX):
        return NumberClass.INTERNATIONAL
    match phonenumbers.number_type(phonenumbers.parse(number, REGION)):
        case PhoneNumberType.MOBILE:
            return NumberClass.MOBILE
        case PhoneNumberType.FIXED_LINE | PhoneNumberType.FIXED_LINE_OR_MOBILE:
            return NumberClass.FIXED
        case PhoneNumberType.PREMIUM_RATE | PhoneNumberType.TOLL_FREE | PhoneNumberType.SHARED_COST:
            return NumberClass.PREMIUM
        case _:
            return NumberClass.UNKNOWN


def dialled_abroad(number: PhoneNumber, prefix: str) -> str | None:
    """What a SIM dials for a number of another country, with one of `INTERNATIONAL_PREFIXES`; None for all others."""
    if number.startswith("+") and not number.startswith(COUNTRY_PREFIX):
        return prefix + number[1:]
    return None


def national(number: PhoneNumber) -> str:
    """How the number is dialled from inside Vietnam: `0…` for ours, everything else as it stands."""
    if number.startswith(COUNTRY_PREFIX):
        return "0" + number[len(COUNTRY_PREFIX) :]
    return number
