"""A tariff as values: one version of one plan, and the versions of a plan together.

Nothing here reads text (see tariff_text) and nothing decides (see rows, pricing). A Tariff is immutable, so an old
call's price can be explained for as long as its version is kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise

from edge.rating.bands import BandTable
from edge.rating.errors import TariffError


class NumberClass(StrEnum):
    """What a number is to the operator (rating rules §2)."""

    ON_NET = "on_net"
    OFF_NET = "off_net"
    INTERNATIONAL = "international"
    IP = "ip"


@dataclass(frozen=True, slots=True)
class Free:
    """Costs nothing and moves no counter."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """A price per minute by the month's usage."""

    table: BandTable


@dataclass(frozen=True, slots=True)
class Flat:
    """One price per minute; moves no counter."""

    vnd_per_min: int


Price = Free | Tiers | Flat


@dataclass(frozen=True, slots=True)
class SpecialNumber:
    """What one exact number is instead of `off_net`: another class, or a price of its own."""

    number_class: NumberClass
    vnd_per_min: int | None
    vnd_per_part: int | None


@dataclass(frozen=True, slots=True)
class Voice:
    """Voice prices. `services` maps a service row ("outbound", "internal.ip", "conference.initiator") to its prices by
    the class of the called number."""

    block_first_s: int
    block_then_s: int
    services: Mapping[str, Mapping[NumberClass, Price]]

    def billed_s(self, seconds: int) -> int:
        """Whole seconds that are billed for `seconds` (already ceiled) of an answered leg."""
        return block_rounded(seconds, self.block_first_s, self.block_then_s)


def block_rounded(seconds: int, first_s: int, then_s: int) -> int:
    """`seconds` in blocks: the first at least once, the rest in whole blocks of `then_s`; 0 stays 0."""
    if seconds <= 0:
        return 0
    if seconds <= first_s:
        return first_s
    return first_s - (first_s - seconds) // then_s * then_s


@dataclass(frozen=True, slots=True)
class Sms:
    """VND per part by the class of the recipient: an extension of the company, or anybody else."""

    to_extension: Mapping[NumberClass, int]
    to_other: Mapping[NumberClass, int]


class Offer(StrEnum):
    """What the plan does with a destination abroad."""

    PREFERRED = "preferred"
    DISCOUNT = "discount"
    EXCLUDED = "excluded"
    IDD = "idd"


@dataclass(frozen=True, slots=True)
class Destination:
    """A country or territory of the destination table."""

    name: str
    offer: Offer


@dataclass(frozen=True, slots=True)
class International:
    """The international section: offers hold for the first `cap_s` rated seconds of the month, IDD prices past it."""

    default_offer: Offer
    preferred_vnd_per_min: int | None
    discount_percent: int
    cap_s: int | None
    tier_within: str
    tier_beyond: str
    destinations: Mapping[str, Destination]
    """Prefix (country calling code and more, no +) to destination; the longest prefix wins."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Prepaid minutes of one direction (the name of its tier table)."""

    number: int
    direction: str
    minutes: int
    price_vnd: int


@dataclass(frozen=True, slots=True)
class Vat:
    """How prices relate to VAT; `percent` is None unless included."""

    mode: str
    percent: int | None


@dataclass(frozen=True, slots=True)
class Tariff:
    """One version of a plan, valid on the local days `valid_from` ≤ day < `valid_to`."""

    plan: str
    source: str
    name_vi: str
    name_en: str
    valid_from: date
    valid_to: date | None
    vat: Vat
    roaming_unrated: bool
    """A roaming record that would be charged is unrated (else the flag is ignored)."""
    voice: Voice | None
    sms: Sms | None
    requests: Mapping[str, BandTable]
    """Product to its table, per request."""
    international: International | None
    special_numbers: Mapping[str, SpecialNumber]
    bundles: Mapping[int, Bundle]
    bundle_days: int
    setup_vnd: Mapping[str, int]
    """What is counted ("hotlines") to its fee, once."""
    monthly: Mapping[str, BandTable]
    """What is counted to its table, per unit and month."""
    rooms: Mapping[int, BandTable]
    """Months paid in advance (1, 6, 12) to the table per room and month."""
    decisions: tuple[str, ...]
    """Readings of a silent or contradictory source, as sentences."""
    warnings: tuple[str, ...]
    """What is legal and yet looks wrong, one sentence each."""

    @property
    def version(self) -> str:
        """The name of this version: "3c@2019-01-01"."""
        return f"{self.plan}@{self.valid_from.isoformat()}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All versions of one plan. The next version takes over on its `valid_from`; old calls keep theirs."""

    name: str
    versions: tuple[Tariff, ...]
    _starts: tuple[date, ...] = field(init=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.versions, key=lambda version: version.valid_from))
        object.__setattr__(self, "versions", ordered)
        object.__setattr__(self, "_starts", tuple(version.valid_from for version in ordered))
        _refuse_overlaps(ordered)

    def at(self, day: date) -> Tariff | None:
        """The version valid on the local `day`, if there is one."""
        index = bisect_right(self._starts, day) - 1
        if index < 0:
            return None
        version = self.versions[index]
        return None if version.valid_to is not None and day >= version.valid_to else version

    @property
    def has_bundles(self) -> bool:
        """Whether any version sells bundles."""
        return any(version.bundles for version in self.versions)


def _refuse_overlaps(ordered: tuple[Tariff, ...]) -> None:
    """An open version ends where the next begins; an explicit `valid_to` past that is a contradiction."""
    problems = []
    for earlier, later in pairwise(ordered):
        if earlier.valid_from == later.valid_from:
            problems.append(f"{later.source}: valid_from: {earlier.source} is valid from {later.valid_from} too")
        elif earlier.valid_to is not None and earlier.valid_to > later.valid_from:
            problems.append(
                f"{earlier.source}: valid_to: {earlier.valid_to} overlaps {later.source}, valid from {later.valid_from}"
            )
    if problems:
        raise TariffError(problems)
