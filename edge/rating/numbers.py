"""What a number is to the operator: on_net, off_net, international (rating rules §2).

A Vietnamese mobile number is on_net when its operator is MobiFone: by the ported table if that has a row valid on the
day of the call, else by the operator prefix. Fixed and short numbers are off_net (a tariff's `special_numbers` may say
otherwise). Classes are cached like the parsing of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

from edge.rating.data_tables import PortedTable
from edge.rating.instant import Instant, local_day
from edge.rating.number_text import VIETNAM, Number, parse_number
from edge.rating.tariff import NumberClass

HOME_OPERATOR = "mobifone"
_CACHE_LIMIT = 200_000  # numbers; ~100 MB would be a million, a box sees thousands

Identified = tuple[Number, NumberClass]


class NumberPlan:
    """Numbers → classes; `operators` maps prefixes such as "090" to operator names."""

    def __init__(self, operators: Mapping[str, str], ported: PortedTable | None = None) -> None:
        home_prefixes = frozenset(prefix for prefix, name in operators.items() if _is_home(name))
        self._look_up = lru_cache(maxsize=_CACHE_LIMIT)(partial(_identified, home_prefixes))
        self._ported = ported or PortedTable()

    def identify(self, written: str) -> Number | None:
        """The number that is meant, None for what is no number."""
        known = self._look_up(written)
        return None if known is None else known[0]

    def classify(self, written: str, at: Instant) -> Identified | None:
        """The number and its class at the moment of the call; None for what is no number."""
        known = self._look_up(written)
        if known is None or not self._ported.rows:
            return known
        number = known[0]
        if number.canonical in self._ported.rows and number.is_vietnamese_mobile:
            operator = self._ported.operator(number.canonical, local_day(at))
            if operator is not None:
                return number, NumberClass.ON_NET if _is_home(operator) else NumberClass.OFF_NET
        return known


def _identified(home_prefixes: frozenset[str], written: str) -> Identified | None:
    number = parse_number(written)
    return None if number is None else (number, _class_by_prefix(home_prefixes, number))


def _class_by_prefix(home_prefixes: frozenset[str], number: Number) -> NumberClass:
    if number.country_code != VIETNAM:
        return NumberClass.INTERNATIONAL
    if number.is_vietnamese_mobile and f"0{number.national[:2]}" in home_prefixes:
        return NumberClass.ON_NET
    return NumberClass.OFF_NET


def _is_home(operator: str) -> bool:
    return "".join(letter for letter in operator.casefold() if letter.isalnum()) == HOME_OPERATOR
