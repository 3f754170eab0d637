"""What counts as held in a month: a month begun is a month charged (A074, A075, A079)."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from edge.rating.instant import Month, parse_instant
from edge.rating.statement_held import Decision, HotlineSeen, held_in

TABLE = Path(__file__).parent / "data" / "statement_held.csv"


def _rows() -> list:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [pytest.param(row, id=row["what"]) for row in csv.DictReader(file)]


def _decision(text: str, **counts: int) -> Decision:
    since, *extensions = text.split()
    return Decision(parse_instant(f"{since}:00+07:00"), frozenset(extensions), counts)


def _hotline(text: str) -> HotlineSeen:
    number, first, *last = text.split()
    return HotlineSeen(number, date.fromisoformat(first), date.fromisoformat(last[0]) if last else None)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


@pytest.mark.parametrize("row", _rows())
def test_held(row: dict[str, str]) -> None:
    year, _, number = row["month"].partition("-")
    held = held_in(
        Month(int(year), int(number)),
        [_decision(part) for part in _parts(row["decisions"])],
        [_hotline(part) for part in _parts(row["hotlines"])],
        parse_instant(f"{row['cancelled']}:00+07:00") if row["cancelled"] else None,
    )
    assert " ".join(number for number, _ in held.hotlines) == row["expected_hotlines"]
    assert " ".join(number for number, _ in held.extensions) == row["expected_extensions"]


def test_the_day_on_which_an_extension_first_appeared_stays_its_day() -> None:
    history = [_decision("2026-08-05T08:00 512"), _decision("2026-08-20T08:00"), _decision("2026-10-02T08:00 512")]
    (found,) = held_in(Month(2026, 10), history, [], None).extensions
    assert found == ("512", date(2026, 8, 5)), "set up once, however often it comes and goes"


def test_the_highest_count_of_the_month_is_charged() -> None:
    history = [
        _decision("2026-09-05T08:00", app_licences=50),
        _decision("2026-10-02T08:00", app_licences=3, sdk_sets=1),
        _decision("2026-10-20T08:00", app_licences=7),
        _decision("2026-11-01T00:00", app_licences=99),
    ]
    assert held_in(Month(2026, 10), history, [], None).counts == {"app_licences": 50, "sdk_sets": 1}
