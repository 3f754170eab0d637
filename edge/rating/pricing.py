"""What a row costs at a place in the month: integers only, rounded half-up once per record.

`positions` holds the counters of one hotline and month ("domestic": 59 940 s so far) and is moved by what was priced by
a tier: free, flat, bundle and unrated usage moves nothing. Charges of volume tables need `totals`, the counters at the
end of the month; while those are not known yet the price of the position is used, and the caller prices again.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Protocol

from edge.rating.bands import BandTable, Scheme, Slice
from edge.rating.charge import Charge, Part, Status, minutes_vnd
from edge.rating.rows import ABROAD, Abroad, Counted, Entry, PerUnit, Unrated
from edge.rating.tariff import Flat, Free, Tiers


class BundleMinutes(Protocol):
    """Prepaid minutes that a hotline may have (see bundles)."""

    def draw(self, entry: Entry, direction: str) -> list[Part]:
        """Take what the bundle covers of the entry; its parts, in order."""
        ...


def price(
    entry: Entry,
    positions: MutableMapping[str, int],
    bundles: BundleMinutes | None = None,
    totals: Mapping[str, int] | None = None,
) -> Charge:
    """The charge of `entry` at `positions`, which are moved past it."""
    row = entry.row
    match row.pricing:
        case Free():
            return _rated(entry, (), 0)
        case Tiers(table):
            covered = [] if bundles is None else bundles.draw(entry, table.name)
            rest = entry.billed_s - sum(part.amount for part in covered)
            pieces = _slices(table, rest, positions, totals) if rest else []
            parts = (*covered, *(Part(piece.amount, piece.band.price_vnd, piece.band.tier) for piece in pieces))
            return _rated(entry, parts, minutes_vnd(parts))
        case Flat(vnd_per_min):
            parts = (Part(entry.billed_s, vnd_per_min, None),) if vnd_per_min else ()
            return _rated(entry, parts, minutes_vnd(parts))
        case PerUnit(price_vnd):
            parts = (Part(entry.units, price_vnd, None, per_minute=False),) if price_vnd else ()
            return _rated(entry, parts, entry.units * price_vnd)
        case Counted(table):
            pieces = _slices(table, entry.units, positions, totals)
            parts = tuple(
                Part(piece.amount, piece.band.price_vnd, piece.band.tier, per_minute=False) for piece in pieces
            )
            return _rated(entry, parts, sum(part.amount * part.price_vnd for part in parts))
        case Abroad():
            return _abroad(entry, row.pricing, positions)
        case Unrated():
            return _unrated(entry, row.rule)


def move(entry: Entry, positions: MutableMapping[str, int], bundles: BundleMinutes | None = None) -> bool:
    """Move `positions` (and draw from `bundles`) as `price` does, without making a charge.

    False where a call abroad found no price at this position and would at another one, so that its place matters though
    it counts nothing.
    """
    pricing = entry.row.pricing
    match pricing:
        case Tiers(table):
            rest = entry.billed_s
            if bundles is not None:
                rest -= sum(part.amount for part in bundles.draw(entry, table.name))
            if rest:
                positions[table.counter] = positions.get(table.counter, 0) + rest
        case Counted(table):
            positions[table.counter] = positions.get(table.counter, 0) + entry.units
        case Abroad():
            position = positions.get(ABROAD, 0)
            if not _has_price(pricing, position + entry.billed_s):
                return pricing.within_vnd_per_min is None
            positions[ABROAD] = position + entry.billed_s
        case _:
            pass
    return True


def dearest_vnd(entry: Entry) -> int | None:
    """What a record costs at the dearest price of its row, wherever the counters stand and whatever bundles cover.

    None: it has no price at all. Rounding keeps the order of sums: no charge of the record is ever above this one.
    """
    match entry.row.pricing:
        case Free():
            prices = [0]
        case Flat(vnd_per_min):
            prices = [vnd_per_min]
        case Tiers(table):
            prices = [band.price_vnd for band in table.bands]
        case Abroad() as abroad:
            prices = [price for price in (abroad.within_vnd_per_min, abroad.idd_vnd_per_min) if price is not None]
        case PerUnit(price_vnd):
            return entry.units * price_vnd
        case Counted(table):
            return entry.units * max(band.price_vnd for band in table.bands)
        case Unrated():
            prices = []
    return minutes_vnd((Part(entry.billed_s, max(prices), None),)) if prices else None


def _has_price(abroad: Abroad, end: int) -> bool:
    """Whether every second of a call abroad that ends at position `end` has a price; with none within the cap there is
    none beyond it either (rows: the price within is the offer's or the IDD price)."""
    if abroad.idd_vnd_per_min is not None:
        return True
    return abroad.within_vnd_per_min is not None and (abroad.cap_s is None or end <= abroad.cap_s)


def _slices(
    table: BandTable, amount: int, positions: MutableMapping[str, int], totals: Mapping[str, int] | None
) -> list[Slice]:
    position = positions.get(table.counter, 0)
    positions[table.counter] = position + amount
    if table.scheme is Scheme.VOLUME:
        total = position + amount if totals is None else totals[table.counter]
        return [Slice(amount, table.reached(total))]
    return table.slices(position, amount)


def _abroad(entry: Entry, abroad: Abroad, positions: MutableMapping[str, int]) -> Charge:
    position = positions.get(ABROAD, 0)
    room = entry.billed_s if abroad.cap_s is None else max(0, abroad.cap_s - position)
    within = min(entry.billed_s, room)
    beyond = entry.billed_s - within
    parts = []
    for amount, vnd_per_min, tier in (
        (within, abroad.within_vnd_per_min, abroad.tier_within),
        (beyond, abroad.idd_vnd_per_min, abroad.tier_beyond),
    ):
        if amount:
            if vnd_per_min is None:  # one part without a price: the whole record is unrated and counts nothing
                return _unrated(entry, entry.row.unrated_rule)
            parts.append(Part(amount, vnd_per_min, tier))
    positions[ABROAD] = position + entry.billed_s
    priced = tuple(parts)
    return _rated(entry, priced, minutes_vnd(priced))


def _rated(entry: Entry, parts: tuple[Part, ...], amount_vnd: int) -> Charge:
    row = entry.row
    return Charge(entry.id, Status.RATED, amount_vnd, entry.billed_s, row.number_class, row.rule, parts)


def _unrated(entry: Entry, rule: str) -> Charge:
    return Charge(entry.id, Status.UNRATED, None, entry.billed_s, entry.row.number_class, rule, ())
