"""The numbering plan as the simulated network in Vietnam sees it: what exists, how it is written, whose it is.

The world's own copy on purpose (the box has its own): one shared misunderstanding would hide. Every possible number of
any country exists, and so do Vietnam's service numbers (1800, 1900) and short numbers of 3–6 digits. Operators by
prefix; 112–115 are answered by the network itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from sim_hardware.errors import RequestError

COUNTRY = "VN"
ABROAD_BY_1318 = "131800"
"""Dialled before a country code: the cheap way abroad (1318), and the ordinary one (00) behind it."""
EMERGENCY = frozenset({"112", "113", "114", "115"})
LINE_NUMBERS = (
    "0901234567",
    "0937654321",
    "0934567812",
    "0901765432",
    "0896543217",
    "0776543218",
    "0703456781",
    "0798765432",
)
"""The SIMs of the lines; all MobiFone by prefix. The first two are a contract."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A network; `plmn` is country and network code (ITU E.212)."""

    name: str
    plmn: str
    prefixes: tuple[str, ...]


OPERATORS = (
    Operator("MobiFone", "45201", ("070", "076", "077", "078", "079", "089", "090", "093")),
    Operator("Vinaphone", "45202", ("081", "082", "083", "084", "085", "088", "091", "094")),
    Operator("Viettel", "45204", (*(f"03{n}" for n in range(2, 10)), "086", "096", "097", "098")),
    Operator("Vietnamobile", "45205", ("052", "056", "058", "092")),
    Operator("Gmobile", "45207", ("059", "099")),
    Operator("iTel", "45208", ("087",)),
    Operator("VNPT fixed", "45202", ("02",)),
)
SERVICES = Operator("service numbers", "45200", ())
ABROAD = Operator("abroad", "00000", ())
"""Some network of another country; which one makes no difference from here."""
UNKNOWN = Operator("unknown", "45200", ())
_SEPARATORS = re.compile(r"[ .()-]")
_SERVICE = re.compile(r"1[89]00[0-9]{4,6}|[1-9][0-9]{2,5}")


@lru_cache(maxsize=4096)
def normalise(number: str) -> str | None:
    """E.164 of a possible number in any usual spelling, the bare digits of a service or short number, else None.

    None for 112–115, too: nobody has them, the network itself answers.
    """
    digits = _SEPARATORS.sub("", number)
    if _SERVICE.fullmatch(digits):
        return None if digits in EMERGENCY else digits
    try:
        parsed = phonenumbers.parse(number, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def reached(dialled: str) -> str | None:
    """Whom a dialled number leads to, written as `normalise` does; None: no such number."""
    digits = _SEPARATORS.sub("", dialled)
    if digits.startswith(ABROAD_BY_1318):
        abroad = digits.removeprefix(ABROAD_BY_1318)
        return normalise(f"+{abroad}") if abroad else None
    return normalise(digits)


def require(number: object, what: str) -> str:
    """`number` as `normalise` writes it, or `RequestError` naming what it was for."""
    known = normalise(number) if isinstance(number, str) else None
    if known is None:
        raise RequestError(
            f"{what}: {number!r} is no possible number (such as 0912000222, +84912000222, +442071234567 or 19001234)"
        )
    return known


def national(e164: str) -> str:
    """As the network presents it to a Vietnamese subscriber: 0912000222."""
    return "0" + e164.removeprefix("+84") if e164.startswith("+84") else e164


def emergency(dialled: str) -> str | None:
    """The emergency number that was dialled, if it is one."""
    digits = re.sub(r"[ .-]", "", dialled)
    return digits if digits in EMERGENCY else None


def operator_of(e164: str) -> Operator:
    """By prefix; number portability is declared by name (`operator_named`)."""
    if not e164.startswith("+84"):
        return ABROAD if e164.startswith("+") else SERVICES
    number = national(e164)
    return next((o for o in OPERATORS if number.startswith(o.prefixes)), UNKNOWN)


def operator_named(name: str) -> Operator:
    """Raises `RequestError` listing the names that exist."""
    for operator in OPERATORS:
        if operator.name.casefold() == name.casefold():
            return operator
    raise RequestError(f"operator: {name!r} is not known; there are {', '.join(o.name for o in OPERATORS)}")
