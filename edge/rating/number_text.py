"""A number as somebody wrote it → the one way in which we write it.

`0903…`, `+84903…`, `84903…` and `0084903…` are one number. *Possible* is enough (the metadata of phonenumbers does not
know every live range). Short service numbers (3–6 digits without a leading 0 or +; 1800/1900 with 8–10 digits) stay as
dialled. A leading 1318 before 00 (the cheap international prefix) is cut off.

A plainly written Vietnamese mobile or fixed number is read without phonenumbers, which takes 100 µs for each: trunk 0
or country code, then 9 digits from a mobile range or 10 from 2… on. Of those every one is possible, and none can be
read otherwise: too long to be anything with the 84, no country code after the 0 (the tests hold the two together).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

VIETNAM = 84
_REGION = "VN"
_WRITTEN = re.compile(r"\+?[0-9][0-9 .\-()/]*|\([0-9 .\-()/]+|\+\([0-9 .\-()/]+", re.ASCII)
_SHORT = re.compile(r"[1-9][0-9]{2,5}|1[89]00[0-9]{4,6}", re.ASCII)
_PLAIN = re.compile(r"(?:0|\+?84|0084)([35789][0-9]{8}|2[0-9]{9})", re.ASCII)
_SERVICE = re.compile(r"1[89]00[0-9]{4,6}", re.ASCII)
_MOBILE = re.compile(r"\+84[35789][0-9]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that could exist. `canonical` is E.164 with + or, of a short service number, the bare digits."""

    canonical: str
    national: str
    """The digits without trunk 0 and country code; of a short number all of it."""
    country_code: int
    """84 for short service numbers too."""

    @property
    def is_vietnamese_mobile(self) -> bool:
        """Nine national digits, none of the fixed ranges (2…): only such a number has an operator prefix."""
        return _MOBILE.fullmatch(self.canonical) is not None


def plain_canonical(written: str) -> str | None:
    """The canonical writing of a plainly written Vietnamese number in a microsecond; None: ask `parse_number`."""
    plain = _PLAIN.fullmatch(written)
    return None if plain is None else f"+84{plain[1]}"


@lru_cache(maxsize=100_000)  # pure, and a company calls the same numbers again and again
def parse_number(written: str) -> Number | None:
    """Read a number; None for what is no number: letters, or digits that are not even possible."""
    plain = _PLAIN.fullmatch(written)
    if plain is not None:
        return Number(f"+84{plain[1]}", plain[1], VIETNAM)
    return _parsed(written.strip())


def _parsed(written: str) -> Number | None:
    if not _WRITTEN.fullmatch(written):
        return None
    compact = ("+" if written.startswith("+") else "") + re.sub(r"[^0-9]", "", written)
    if compact.startswith("131800"):
        compact = compact[4:]
    if _SHORT.fullmatch(compact):
        return Number(compact, compact, VIETNAM)
    try:
        parsed = phonenumbers.parse(compact, _REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    national = phonenumbers.national_significant_number(parsed)
    if parsed.country_code == VIETNAM and _SERVICE.fullmatch(national):
        return Number(national, national, VIETNAM)
    return Number(f"+{parsed.country_code}{national}", national, parsed.country_code or 0)


def canonical_number(written: str) -> str | None:
    """The canonical writing alone; None for what is no number."""
    number = parse_number(written)
    return None if number is None else number.canonical
