"""Bundles of ten minutes in the last hour of a month, drawn from by calls that overlap."""

import pytest

from tests.edge.rating.advised_companies import tariffs_of
from tests.edge.rating.test_advise_options import options_agree


@pytest.mark.parametrize(
    ("calls", "periods"),
    [
        ([("23:49:59", 1100)], 2),
        ([("23:49:59", 1100), ("23:50:00", 100)], 3),
        ([("23:49:59", 1100), ("23:50:00", 99)], 2),
        ([("23:40:00", 1199), ("23:59:58", 1)], 3),
        ([("23:40:00", 1199), ("23:59:59", 1)], 2),
    ],
    ids=[
        "spent in the last second, and the call goes on into the next month",
        "a later call spends the next one before midnight",
        "a later call leaves a second of it",
        "spent in the last second by a second call",
        "spent at midnight by a second call",
    ],
)
def test_a_bundle_is_renewed_when_it_is_spent_before_midnight(calls, periods, texts, leg):
    records = [
        leg(f"c{place}", to="off_net", s=seconds, answered_at=f"2026-11-30T{clock}+07:00")
        for place, (clock, seconds) in enumerate(calls)
    ]
    text = tariffs_of(texts)["tiny"]
    plain = text | {"3c.toml": text["3c.toml"].replace("{ first = 6, then = 1 }", "{ first = 1, then = 1 }")}
    (cost,) = options_agree(records, plain, "3c")
    assert [option.periods for option in cost.options if option.bundle == 8 and option.renew] == [periods]


@pytest.mark.parametrize(("minutes", "periods"), [(719, 2), (720, 1)])
def test_a_call_long_after_other_bundles_are_sold_changes_nothing(minutes, periods, texts, leg):
    """A call from noon to the midnight at which bundle 8 is sold no longer, and one five days later."""
    text = texts["3c.toml"].replace("minutes = 10000,", f"minutes = {minutes},")
    later = text.replace("valid_from = 2019-01-01", "valid_from = 2026-11-15").replace("number = 8,", "number = 88,")
    records = [leg("a", s=43_200, answered_at="2026-11-14T12:00:00+07:00")]
    records.append(leg("b", s=60, answered_at="2026-11-20T12:00:00+07:00"))
    (cost,) = options_agree(records, texts | {"3c.toml": text, "3c-later.toml": later}, "3c")
    assert [option.periods for option in cost.options if option.bundle == 8 and option.renew] == [periods]
