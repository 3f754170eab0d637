"""Instants are exact: they order as the moments do, whatever zone or number of digits they are written with."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rating.instant import local_day, local_month, parse_instant, to_local_text

DIGITS = st.text("0123456789", max_size=15)
MOMENTS = st.integers(0, 4 * 10**9)
ZONES = st.integers(-23 * 60, 23 * 60)


def write(second: int, digits: str, zone: int) -> str:
    clock = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second + zone * 60)).strftime("%Y-%m-%dT%H:%M:%S")
    sign = "-" if zone < 0 else "+"
    return f"{clock}{'.' if digits else ''}{digits}{sign}{abs(zone) // 60:02}:{abs(zone) % 60:02}"


@given(MOMENTS, DIGITS, ZONES, MOMENTS, DIGITS, ZONES)
def test_order_is_that_of_the_moments(second, digits, zone, other_second, other_digits, other_zone):
    one, other = (
        parse_instant(write(second, digits, zone)),
        parse_instant(write(other_second, other_digits, other_zone)),
    )
    exact = second + Fraction(int(digits or 0), 10 ** len(digits))
    other_exact = other_second + Fraction(int(other_digits or 0), 10 ** len(other_digits))
    assert (one < other) == (exact < other_exact)
    assert (one == other) == (exact == other_exact)


@given(MOMENTS, DIGITS, ZONES)
def test_written_and_read_again(second, digits, zone):
    instant = parse_instant(write(second, digits, zone))
    assert parse_instant(to_local_text(instant)) == instant


def test_zeros_at_the_end_mean_nothing():
    assert parse_instant("2026-11-01T00:00:00.50Z") == parse_instant("2026-11-01T00:00:00.5Z")
    assert parse_instant("2026-11-01T00:00:00.000Z") == parse_instant("2026-11-01T00:00:00Z")


def test_the_local_day_begins_at_17_utc():
    before, after = parse_instant("2026-10-31T16:59:59.999Z"), parse_instant("2026-10-31T17:00:00Z")
    assert [local_day(moment).isoformat() for moment in (before, after)] == ["2026-10-31", "2026-11-01"]
    assert [str(local_month(moment)) for moment in (before, after)] == ["2026-10", "2026-11"]


@pytest.mark.parametrize("text", ["2016-12-31T23:59:60Z", "2017-01-01T06:59:60+07:00", "2026-01-01t00:00:00z"])
def test_what_rfc_3339_allows(text):
    parse_instant(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:00:00-05:00", "0000-01-01T00:00:00Z"])
def test_outside_the_calendar(text):
    with pytest.raises(ValueError, match=r"years|calendar"):
        parse_instant(text)
