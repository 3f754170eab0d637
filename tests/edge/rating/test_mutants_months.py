"""What is held in a month and when it is drawn up, to the first and the last second of it."""

from datetime import date
from typing import Any

import pytest

from edge.rating.instant import Instant, Month, parse_instant
from edge.rating.statement_due import CANCELLATION_DELAY_S, Standing, due, why_not
from edge.rating.statement_held import Decision, HeldMonth, HotlineSeen, held_in, month_after, month_start

OCTOBER = Month(2026, 10)


def at(text: str) -> Instant:
    """Local: "2026-10-05T09:00:00"."""
    return parse_instant(f"{text}+07:00")


@pytest.mark.parametrize(
    ("month", "following"), [("2026-11", "2026-12"), ("2026-12", "2027-01"), ("2027-01", "2027-02")]
)
def test_a_month_follows_another(month, following):
    year, number = map(int, month.split("-"))
    assert str(month_after(Month(year, number))) == following
    assert month_start(Month(year, number)) == at(f"{month}-01T00:00:00")


def test_held_numbers_stand_in_the_order_in_which_they_are_counted():
    """The oldest first; of one day by number."""
    seen = [HotlineSeen(number, date(2026, 9, day), None) for number, day in (("3", 2), ("2", 2), ("9", 1))]
    history = [Decision(at("2026-09-01T08:00:00"), frozenset({"519", "512", "515"}), {"sdk_sets": 0})]
    held = held_in(OCTOBER, history, seen, None)
    assert [number for number, _ in held.hotlines] == ["9", "2", "3"]
    assert [number for number, _ in held.extensions] == ["512", "515", "519"]
    assert held.counts == {"sdk_sets": 0}


@pytest.mark.parametrize(
    ("cancelled", "hotlines", "extensions"),
    [
        ("2026-11-02T09:00:00", ["1", "2", "3"], ["511", "512"]),
        ("2026-10-31T23:59:00", ["1", "2", "3"], ["511", "512"]),
        ("2026-10-20T09:00:00", ["1", "2"], ["511", "512"]),
        ("2026-10-19T09:00:00", ["1"], ["511"]),
        ("2026-09-30T23:59:00", [], []),
    ],
)
def test_what_began_after_the_day_of_the_cancellation_is_not_held(cancelled, hotlines, extensions):
    seen = [
        HotlineSeen("1", date(2026, 9, 1), date(2026, 10, 1)),
        HotlineSeen("2", date(2026, 10, 20), None),
        HotlineSeen("3", date(2026, 10, 31), None),
    ]
    history = [Decision(at("2026-09-01T08:00:00"), frozenset({"511"}), {})]
    history += [Decision(at("2026-10-20T08:00:00"), frozenset({"511", "512"}), {})]
    held = held_in(OCTOBER, history, seen, at(cancelled))
    assert ([number for number, _ in held.hotlines], [number for number, _ in held.extensions]) == (
        hotlines,
        extensions,
    )


def test_a_company_that_decided_nothing_holds_its_hotlines():
    assert held_in(OCTOBER, [], [HotlineSeen("1", date(2026, 9, 1), None)], None) == HeldMonth(
        (("1", date(2026, 9, 1)),), (), {}
    )


def standing(now: str, **more: Any) -> Standing:
    return Standing(at(now), **({"first": OCTOBER, "closed": frozenset()} | more))


@pytest.mark.parametrize(
    ("unfinished", "waits"),
    [("2026-10-31T23:59:59", True), ("2026-11-01T00:00:00", False), ("2026-09-30T12:00:00", True)],
)
def test_a_month_waits_for_a_call_that_began_before_its_end(unfinished, waits):
    asked = standing("2026-11-01T00:00:00", oldest_unfinished=at(unfinished))
    assert (why_not(asked, OCTOBER) is not None, due(asked) == []) == (waits, waits)


@pytest.mark.parametrize(
    ("cancelled", "now", "drawn"),
    [
        ("2026-10-10T10:00:00", "2026-10-10T11:59:59", []),
        ("2026-10-10T10:00:00", "2026-10-10T12:00:00", ["2026-10 cancellation"]),
        ("2026-10-10T10:00:00", "2026-10-10T10:00:00", []),
        ("2026-10-10T10:00:00", "2026-12-05T00:00:00", ["2026-10 cancellation"]),
        ("2026-10-31T23:00:00", "2026-11-01T00:59:59", []),
        ("2026-10-31T23:00:00", "2026-11-01T01:00:00", ["2026-10 cancellation"]),
    ],
)
def test_a_cancellation_is_drawn_up_120_minutes_later_to_the_second(cancelled, now, drawn):
    found = due(standing(now, cancelled_at=at(cancelled)))
    assert [f"{one.month} {one.kind.value}" for one in found] == drawn
    assert CANCELLATION_DELAY_S == 7200
