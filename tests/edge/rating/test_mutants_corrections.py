"""Corrections of several months, each settled against its own, and what the moment of a cancellation changes."""

from types import SimpleNamespace

import pytest

from edge.rating.instant import Month, parse_instant
from edge.rating.statement_adjust import adjustments, invoiced_by_hotline
from edge.rating.statement_due import Standing, due, earliest_open, why_not

HOTLINE = "+84901234567"
STATEMENTS = {
    "2026-09": {"voice.off_net": 1_000_000},
    "2026-10": {"voice.off_net": 100_000, "adjustment.2026-09": 20_000},
    "2026-11": {"voice.off_net": 10_000, "adjustment.2026-09": 3000, "adjustment.2026-10": -400},
    "2026-12": {"voice.off_net": 5000, "adjustment.2026-11": -60, "adjustment.2026-10": 7},
}


@pytest.mark.parametrize(
    ("month", "invoiced_vnd"),
    [
        ("2026-08", None),
        ("2026-09", 1_000_000 + 20_000 + 3000),
        ("2026-10", 100_000 - 400 + 7),
        ("2026-11", 10_000 - 60),
        ("2026-12", 5000),
    ],
)
def test_a_month_was_invoiced_in_its_statement_and_in_its_own_adjustments(month, invoiced_vnd):
    documents = [
        {
            "period": {"month": period},
            "lines": [{"code": code, "hotline": HOTLINE, "amount_vnd": vnd} for code, vnd in lines.items()],
        }
        for period, lines in STATEMENTS.items()
    ]
    year, _, number = month.partition("-")
    found = invoiced_by_hotline(Month(int(year), int(number)), documents)
    assert found.get(HOTLINE) == invoiced_vnd


@pytest.mark.parametrize(
    ("closed", "opened"),
    [([Month(2026, 11)], Month(2027, 1)), ([Month(2026, 11), Month(2027, 1)], None)],
    ids=["the last month that is over", "closed: the month that is not over has no statement to come"],
)
def test_after_a_cancellation_corrections_open_no_month_that_is_not_over(closed, opened):
    cancelled, now = parse_instant("2026-11-05T10:00:00+07:00"), parse_instant("2027-02-10T00:00:00+07:00")
    standing = Standing(now, Month(2026, 11), closed, cancelled, corrections_waiting=True)
    assert earliest_open(standing) == opened
    assert [one.month for one in due(standing)] == ([] if opened is None else [opened])


def test_an_adjustment_counts_the_items_of_its_hotline_and_month():
    def corrected(month: int, hotline: str) -> SimpleNamespace:
        return SimpleNamespace(item=SimpleNamespace(month=Month(2026, month), group=hotline))

    of = [(9, HOTLINE)] * 5 + [(10, HOTLINE)] * 2 + [(10, "+84937654321")] + [(11, HOTLINE)] * 3
    (made,) = adjustments(Month(2026, 10), {HOTLINE: 1}, {}, [corrected(*one) for one in of])
    assert (made.amount_vnd, made.items) == (1, 2)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-11-05T09:59:59", "2026-11 is not over yet"),
        ("2026-11-05T10:00:00", "2026-11 can be closed 120 minutes after the cancellation"),
        ("2026-11-05T11:59:59", "2026-11 can be closed 120 minutes after the cancellation"),
        ("2026-11-05T12:00:00", None),
    ],
)
def test_a_cancellation_counts_from_its_very_second(now, reason):
    cancelled = parse_instant("2026-11-05T10:00:00+07:00")
    standing = Standing(parse_instant(f"{now}+07:00"), Month(2026, 11), (), cancelled)
    assert why_not(standing, Month(2026, 11)) == reason
