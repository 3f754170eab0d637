"""From the rows of a tariff file to a BandTable: no gap, no overlap, an open end."""

from __future__ import annotations

from edge.rating.bands import Band, BandTable, Scheme
from edge.rating.toml_reader import Section


def read_bands(section: Section, name: str, counter: str, price_key: str, unit_size: int) -> BandTable:
    """Read `scheme` and `bands` of a section; the caller closes it. Faults are noted with their row."""
    scheme = Scheme(section.choice("scheme", [scheme.value for scheme in Scheme]))
    rows = section.rows("bands")
    bands = tuple(_read_band(row, price_key) for row in rows)
    _check_sequence(rows, bands)
    _check_tiers(rows, bands)
    return BandTable(name, counter, scheme, unit_size, bands)


def _read_band(row: Section, price_key: str) -> Band:
    band = Band(
        tier=row.text("tier"),
        first=row.whole("from", least=1),
        last=row.whole_or_none("to", least=1),
        price_vnd=row.whole(price_key),
    )
    row.close()
    return band


def _check_sequence(rows: list[Section], bands: tuple[Band, ...]) -> None:
    expected: int | None = 1
    for row, band in zip(rows, bands, strict=True):
        if expected is None:
            row.fault("stands after the open band, which has no end")
            return
        if band.first > expected:
            row.fault(f"from: {band.first} leaves a gap, {expected} comes next")
        elif band.first < expected:
            row.fault(f"from: {band.first} overlaps the band before it, {expected} comes next")
        if band.last is not None and band.last < band.first:
            row.fault(f"to: {band.last} lies before from {band.first}")
        expected = None if band.last is None else band.last + 1
    if expected is not None and rows:
        rows[-1].fault("to: the last band must be open (no `to`), else what lies beyond has no price")


def _check_tiers(rows: list[Section], bands: tuple[Band, ...]) -> None:
    seen: set[str] = set()
    for row, band in zip(rows, bands, strict=True):
        if band.tier in seen:
            row.fault(f"tier: {band.tier!r} is the label of an earlier row")
        seen.add(band.tier)
