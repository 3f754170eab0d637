"""Small sums that no other test would notice if they were wrong: found by putting mistakes into the rater."""

import pytest

from edge.rating.bands import Band, BandTable, Scheme
from edge.rating.errors import UsageError
from edge.rating.rater import rate_entries
from edge.rating.usage import parse_usage

PER_PIECE = (Band("1-10", 1, 10, 1000), Band("11-20", 11, 20, 800), Band(">20", 21, None, 500))


@pytest.mark.parametrize(
    ("scheme", "count", "total_vnd"),
    [
        (Scheme.GRADUATED, 0, 0),
        (Scheme.GRADUATED, 10, 10_000),
        (Scheme.GRADUATED, 12, 11_600),
        (Scheme.GRADUATED, 21, 18_500),
        (Scheme.VOLUME, 0, 0),
        (Scheme.VOLUME, 1, 1000),
        (Scheme.VOLUME, 10, 10_000),
        (Scheme.VOLUME, 11, 8800),  # all of them at the price of the eleventh
        (Scheme.VOLUME, 21, 10_500),
    ],
)
def test_the_price_of_a_count(scheme, count, total_vnd):
    assert BandTable("users", "users", scheme, 1, PER_PIECE).total_vnd(count) == total_vnd


def test_records_whose_ids_stand_twice_are_not_rated(leg, finder):
    rows = finder()
    entries = [rows.entry(parse_usage(leg("a", answered_at=f"2026-11-0{day}T00:00:00+07:00"))) for day in (1, 2)]
    with pytest.raises(UsageError, match="'a' stands twice"):
        rate_entries(entries, rows)


def test_a_call_wholly_beyond_the_cap_has_no_second_at_the_price_within(run, leg):
    calls = [
        leg("crosses the cap", to="004915112345678", s=1_200_060, answered_at="2026-11-01T00:00:00+07:00"),
        leg("beyond", to="004915112345678", s=60, answered_at="2026-11-20T00:00:00+07:00"),
    ]
    assert run(calls, idd="49,1800\n")[1]["parts"] == [{"seconds": 60, "vnd_per_min": 1800, "tier": ">20000"}]
