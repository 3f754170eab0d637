"""Vietnam's numbering plan as the simulated network sees it: what exists, how it is written, whose it is.

The world's own copy on purpose (the box has its own): one shared misunderstanding would hide. Operators by prefix;
112–115 are answered by the network itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from sim_hardware.errors import RequestError

COUNTRY = "VN"
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
UNKNOWN = Operator("unknown", "45200", ())


@lru_cache(maxsize=4096)
def normalise(number: str) -> str | None:
    """E.164 of a possible Vietnamese number in any usual spelling, else None."""
    try:
        parsed = phonenumbers.parse(number, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    if parsed.country_code != 84 or not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def require(number: object, what: str) -> str:
    """E.164 of `number`, or `RequestError` naming what it was for."""
    e164 = normalise(number) if isinstance(number, str) else None
    if e164 is None:
        raise RequestError(f"{what}: {number!r} is no possible Vietnamese number (such as 0912000222 or +84912000222)")
    return e164


def national(e164: str) -> str:
    """As the network presents it to a Vietnamese subscriber: 0912000222."""
    return "0" + e164.removeprefix("+84") if e164.startswith("+84") else e164


def emergency(dialled: str) -> str | None:
    """The emergency number that was dialled, if it is one."""
    digits = re.sub(r"[ .-]", "", dialled)
    return digits if digits in EMERGENCY else None


def operator_of(e164: str) -> Operator:
    """By prefix; number portability is declared by name (`operator_named`)."""
    number = national(e164)
    return next((o for o in OPERATORS if number.startswith(o.prefixes)), UNKNOWN)


def operator_named(name: str) -> Operator:
    """Raises `RequestError` listing the names that exist."""
    for operator in OPERATORS:
        if operator.name.casefold() == name.casefold():
            return operator
    raise RequestError(f"operator: {name!r} is not known; there are {', '.join(o.name for o in OPERATORS)}")
