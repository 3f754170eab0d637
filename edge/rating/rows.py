"""Which row of which tariff version prices a record: rules (1) to (5) of rating rules §9, in their order.

A record's row depends on nothing but the record, the tariff, and the number tables: not on other records. What it
costs (pricing.py) may depend on what was used before. Entry is the seam between the two.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from edge.rating.bands import BandTable, Scheme
from edge.rating.data_tables import IddTable, longest_prefix
from edge.rating.errors import UsageError
from edge.rating.instant import Instant, Month, local_day
from edge.rating.numbers import NumberPlan
from edge.rating.tariff import Flat, Free, International, NumberClass, Offer, Plan, Tariff, Tiers, block_rounded
from edge.rating.usage import End, Kind, Party, Service, UsageRecord

ABROAD = "international"
"""The counter of rated international seconds."""
_FIRST_S, _THEN_S = 6, 1  # the block where no tariff version says another


@dataclass(frozen=True, slots=True)
class Unrated:
    """There is no price; the row's name says why."""


@dataclass(frozen=True, slots=True)
class PerUnit:
    """A price per piece that depends on nothing else."""

    price_vnd: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A price per piece by the month's count."""

    table: BandTable


@dataclass(frozen=True, slots=True)
class Abroad:
    """A call abroad: one price up to the month's cap, the IDD price past it; None: no such price."""

    within_vnd_per_min: int | None
    idd_vnd_per_min: int | None
    cap_s: int | None
    tier_within: str
    tier_beyond: str


Pricing = Free | Tiers | Flat | Unrated | PerUnit | Counted | Abroad


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a tariff version: what the charge's `rule` and `class` say, and how it is priced."""

    rule: str
    number_class: NumberClass | None
    pricing: Pricing
    unrated_rule: str = ""
    """The rule of the charge if pricing finds no price (calls abroad only)."""


# A Struct for the same reason as UsageRecord; without gc: a book holds a million that refer to nothing in a circle.
class Entry(Struct, frozen=True, gc=False):
    """A record with its row: all that pricing needs."""

    id: str
    at: Instant | None
    month: Month | None
    group: str
    """The hotline; records of one group share counters and bundles."""
    billed_s: int
    units: int
    row: Row

    @property
    def key(self) -> tuple[int, str, str]:
        """The place within the month: instants, then ids by code point."""
        at = self.at or Instant(0, "")
        return (at.second, at.fraction, self.id)


class RowFinder:
    """Finds the row of each record. Immutable but for caches; may be shared by all hotlines."""

    def __init__(self, plan: Plan, numbers: NumberPlan, idd: IddTable | None = None) -> None:
        self.plan = plan
        self._numbers = numbers
        self._idd = idd or IddTable()
        self._rows: dict[tuple[str, str, NumberClass | None], Row] = {}
        self._abroad: dict[tuple[str, str], Row] = {}
        self._days: dict[int, tuple[Tariff | None, Month]] = {}

    def counter_edges(self) -> dict[str, tuple[int, ...]]:
        """Every counter's positions at which some price of some version changes."""
        edges: dict[str, set[int]] = {}
        for version in self.plan.versions:
            for table in _tables(version):
                edges.setdefault(table.counter, set()).update(table.edges)
            if version.international is not None and version.international.cap_s is not None:
                edges.setdefault(ABROAD, set()).add(version.international.cap_s)
        return {counter: tuple(sorted(marks)) for counter, marks in edges.items()}

    def has_volume_tables(self) -> bool:
        """Whether some usage is priced by the whole month's total."""
        return any(table.scheme is Scheme.VOLUME for version in self.plan.versions for table in _tables(version))

    def entry(self, record: UsageRecord) -> Entry:
        """The record's row. Raises UsageError where a number that matters is no number."""
        if record.at is None:
            return Entry(record.id, None, None, "", 0, 0, self._general("unanswered"))
        version, month = self._version(record.at)
        match record.kind:
            case Kind.VOICE:
                billed_s = _billed_s(record.seconds, version)
                row = self._voice(record, record.at, billed_s, version)
                return Entry(record.id, record.at, month, record.hotline, billed_s, 0, row)
            case Kind.SMS:
                row = self._sms(record, record.at, version)
                return Entry(record.id, record.at, month, record.hotline, 0, record.units, row)
            case Kind.REQUEST:
                row = self._request(record, version)
                return Entry(record.id, record.at, month, f"request:{record.product}", 0, record.units, row)

    def _version(self, at: Instant) -> tuple[Tariff | None, Month]:
        ordinal = (at.second + 7 * 3600) // 86_400
        known = self._days.get(ordinal)
        if known is None:
            day = local_day(at)
            known = self._days[ordinal] = (self.plan.at(day), Month(day.year, day.month))
        return known

    # ---- voice

    def _voice(self, record: UsageRecord, at: Instant, billed_s: int, version: Tariff | None) -> Row:
        if record.service is Service.INBOUND:
            return self._general("inbound", version)
        if billed_s == 0:
            return self._general("no_duration", version)
        if version is not None and version.voice is None:
            return self._unrated(version, "no_voice", None)
        field, participant = _participant(record)
        canonical, called = self._class_of(participant, field, at)
        if version is None:
            return self._unrated(None, "no_version", called)
        row = self._voice_row(record, version, canonical, called, at)
        if record.roaming and version.roaming_unrated and not _is_free(row):
            return self._unrated(version, "roaming", row.number_class)
        return row

    def _voice_row(self, record: UsageRecord, version: Tariff, canonical: str, called: NumberClass, at: Instant) -> Row:
        if called is NumberClass.INTERNATIONAL:
            return self._international(version, canonical)
        special = version.special_numbers.get(canonical) if called is not NumberClass.IP else None
        if special is not None:
            if special.vnd_per_min is not None:
                price = Flat(special.vnd_per_min)
                return Row(f"{version.version}/special_numbers/{canonical}", special.number_class, price)
            called = special.number_class
        name = self._service_row(record, version, at)
        key = (version.version, name, called)
        row = self._rows.get(key)
        if row is None:
            assert version.voice is not None
            pricing = version.voice.services[name][called]
            row = self._rows[key] = Row(f"{version.version}/voice/{name}.{called.value}", called, pricing)
        return row

    def _service_row(self, record: UsageRecord, version: Tariff, at: Instant) -> str:
        assert record.service is not None
        assert version.voice is not None
        if record.service is Service.CONFERENCE:
            return "conference.initiator" if record.is_initiator else "conference.participant"
        if record.service is Service.INTERNAL and "internal" not in version.voice.services:
            canonical, calling = self._class_of(record.caller, "from", at)
            special = version.special_numbers.get(canonical) if calling is not NumberClass.IP else None
            calling = calling if special is None else special.number_class
            if calling is NumberClass.INTERNATIONAL:
                calling = NumberClass.OFF_NET
            return f"internal.{calling.value}"
        return record.service.value

    def _class_of(self, end: End, field: str, at: Instant) -> tuple[str, NumberClass]:
        if end.is_ip:
            return "", NumberClass.IP
        if end.number is None:
            raise UsageError(f"{field}.number", "is missing")
        known = self._numbers.classify(end.number, at)
        if known is None:
            raise UsageError(f"{field}.number", f"{end.number[:40]!r} is no number")
        return known[0].canonical, known[1]

    def _international(self, version: Tariff, canonical: str) -> Row:
        key = (version.version, canonical)
        row = self._abroad.get(key)
        if row is None:
            if len(self._abroad) >= 100_000:
                self._abroad.clear()
            row = self._abroad[key] = self._abroad_row(version, canonical[1:])
        return row

    def _abroad_row(self, version: Tariff, digits: str) -> Row:
        section = version.international
        if section is None:
            return self._unrated(version, "no_international", NumberClass.INTERNATIONAL)
        idd_prefix = self._idd.longest(digits)
        idd = None if idd_prefix is None else self._idd.prices[idd_prefix]
        offer, name = _offer(section, digits, idd_prefix)
        within = section.preferred_vnd_per_min if offer is Offer.PREFERRED else idd
        return Row(
            f"{version.version}/international/{offer.value}.{name}",
            NumberClass.INTERNATIONAL,
            Abroad(within, idd, section.cap_s, section.tier_within, section.tier_beyond),
            f"{version.version}/unrated/no_idd_price.{name}",
        )

    # ---- messages and requests

    def _sms(self, record: UsageRecord, at: Instant, version: Tariff | None) -> Row:
        if version is not None and version.sms is None:
            return self._unrated(version, "no_sms", None)
        canonical, called = self._class_of(record.called, "to", at)
        if version is None:
            return self._unrated(None, "no_version", called)
        if called in (NumberClass.IP, NumberClass.INTERNATIONAL):
            return self._unrated(version, f"sms_{called.value}", called)
        row = self._sms_row(record, version, canonical, called)
        if record.roaming and version.roaming_unrated and not _is_free(row):
            return self._unrated(version, "roaming", row.number_class)
        return row

    def _sms_row(self, record: UsageRecord, version: Tariff, canonical: str, called: NumberClass) -> Row:
        assert version.sms is not None
        special = version.special_numbers.get(canonical)
        if special is not None:
            called = special.number_class
            if special.vnd_per_part is not None:
                rule = f"{version.version}/special_numbers/{canonical}"
                return Row(rule, called, PerUnit(special.vnd_per_part))
        is_extension = record.called.party is Party.EXTENSION
        prices, name = (version.sms.to_extension, "extension") if is_extension else (version.sms.to_other, "other")
        return Row(f"{version.version}/sms/{name}.{called.value}", called, PerUnit(prices[called]))

    def _request(self, record: UsageRecord, version: Tariff | None) -> Row:
        if version is None:
            return self._unrated(None, "no_version", None)
        table = version.requests.get(record.product)
        if table is None:
            return self._unrated(version, "no_request", None)
        if record.roaming and version.roaming_unrated:
            return self._unrated(version, "roaming", None)
        return Row(f"{version.version}/requests/{table.name}", None, Counted(table))

    # ---- rows that every plan has

    def _general(self, name: str, version: Tariff | None = None) -> Row:
        label = self.plan.name if version is None else version.version
        return self._fixed(label, f"general/{name}", None, Free())

    def _unrated(self, version: Tariff | None, name: str, called: NumberClass | None) -> Row:
        label = self.plan.name if version is None else version.version
        return self._fixed(label, f"unrated/{name}", called, Unrated())

    def _fixed(self, label: str, name: str, called: NumberClass | None, pricing: Pricing) -> Row:
        key = (label, name, called)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(f"{label}/{name}", called, pricing)
        return row


def _tables(version: Tariff) -> list[BandTable]:
    """Every banded table that usage is priced by."""
    prices = [] if version.voice is None else [p for row in version.voice.services.values() for p in row.values()]
    return [price.table for price in prices if isinstance(price, Tiers)] + list(version.requests.values())


def _billed_s(seconds: int, version: Tariff | None) -> int:
    if version is None or version.voice is None:
        return block_rounded(seconds, _FIRST_S, _THEN_S)
    return version.voice.billed_s(seconds)


def _participant(record: UsageRecord) -> tuple[str, End]:
    """Whose class chooses the price: `to`; of somebody who dialled into a conference, `from`."""
    if record.service is not Service.CONFERENCE:
        return "to", record.called
    if record.called.party is None:
        raise UsageError("to.party", "is missing")
    return ("from", record.caller) if record.called.party is Party.HOTLINE else ("to", record.called)


def _is_free(row: Row) -> bool:
    match row.pricing:
        case Free() | Flat(vnd_per_min=0) | PerUnit(price_vnd=0):
            return True
        case _:
            return False


def _offer(section: International, digits: str, idd_prefix: str | None) -> tuple[Offer, str]:
    prefix = longest_prefix(section.destinations, digits)
    if prefix is not None:
        destination = section.destinations[prefix]
        return destination.offer, destination.name
    return section.default_offer, f"+{idd_prefix or digits}"
