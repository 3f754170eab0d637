"""When a statement is drawn up: the table is the specification (A076, A077)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rating.instant import Instant, Month, parse_instant
from edge.rating.statement_due import Standing, due, earliest_open, why_not
from edge.rating.statement_held import month_after, month_start

TABLE = Path(__file__).parent / "data" / "statement_due.csv"


def _rows() -> list:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [pytest.param(row, id=row["what"]) for row in csv.DictReader(file)]


def _month(text: str) -> Month:
    year, _, number = text.partition("-")
    return Month(int(year), int(number))


def _instant(text: str) -> Instant | None:
    return parse_instant(f"{text}+07:00") if text else None


def _standing(row: dict[str, str]) -> Standing:
    now = _instant(row["now"])
    cancelled = _instant(row["cancelled"])
    assert now is not None
    return Standing(
        now=now,
        first=_month(row["first"]) if row["first"] else None,
        closed=frozenset(map(_month, row["closed"].split())),
        cancelled_at=cancelled,
        oldest_unfinished=_instant(row["unfinished_since"]),
        used=frozenset(map(_month, row["used_after"].split())),
        corrections_waiting=row["corrections"] == "yes",
    )


@pytest.mark.parametrize("row", _rows())
def test_due(row: dict[str, str]) -> None:
    found = [f"{one.month}{' cancellation' if one.kind.value == 'cancellation' else ''}" for one in due(_standing(row))]
    assert " ".join(found) == row["expected"].replace(" / ", " ")


def test_why_a_month_cannot_be_closed_is_said() -> None:
    row = dict.fromkeys(("closed", "used_after", "corrections"), "")
    asked = row | {"first": "2026-10", "now": "2026-11-20T12:00:00", "cancelled": "2026-11-20T11:00:00"}
    standing = _standing(asked | {"unfinished_since": "2026-10-31T23:00:00"})
    assert why_not(standing, Month(2026, 12)) == "2026-12 is not over yet"
    assert why_not(standing, Month(2026, 11)) == "2026-11 can be closed 120 minutes after the cancellation"
    assert "still in progress or not rated yet" in str(why_not(standing, Month(2026, 10)))
    assert earliest_open(standing) == Month(2026, 10)


@given(months=st.integers(0, 40), start=st.integers(0, 11), seconds=st.integers(0, 27 * 86_400))
def test_every_month_is_drawn_once_and_in_order(months: int, start: int, seconds: int) -> None:
    first = now_month = Month(2026, start + 1)
    for _ in range(months):
        now_month = month_after(now_month)
    found = due(Standing(now=month_start(now_month).plus(seconds), first=first, closed=frozenset()))
    assert len(found) == months
    assert [one.month for one in found] == sorted({one.month for one in found})
