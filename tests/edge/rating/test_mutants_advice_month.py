"""How a month is laid out for advice: its days, its situations, its order, and the versions that it sees."""

import pytest

from edge.rating.advice.month import Distinctions, MonthUsage, select_month
from edge.rating.advice.plan_cost import cost_plan
from edge.rating.columns import read_columns
from edge.rating.command import load_plans
from edge.rating.data_tables import parse_operators
from edge.rating.numbers import NumberPlan
from edge.rating.rows import RowFinder
from edge.rating.subscriptions import Subscriptions
from tests.edge.rating.advised_companies import NOVEMBER, tariffs_of, text_of
from tests.edge.rating.test_advise_options import options_agree


def month_of(texts: dict, records: list[dict], *, by_day: bool = False) -> tuple[MonthUsage, NumberPlan]:
    numbers = NumberPlan(parse_operators(texts["operators.csv"], "operators.csv"))
    distinctions = Distinctions(numbers, frozenset(), by_day=by_day)
    return select_month(read_columns(text_of(records), "usage"), NOVEMBER, distinctions), numbers


@pytest.mark.parametrize("name", ["onecontact-2019", "3c"])
def test_a_new_version_prices_from_the_first_second_of_its_day(name, texts, leg):
    """Both orders of the file: a situation is asked about by one of its records."""
    changing = tariffs_of(texts)["changing"]
    days = ["2026-11-14T23:59:59", "2026-11-15T00:00:00", "2026-11-15T23:59:59", "2026-11-30T23:59:59"]
    records = [leg(f"c{day}", s=31, answered_at=f"{day}+07:00") for day in days]
    for usage in (records, records[::-1], records[:2], records[1:3]):
        options_agree(usage, changing, name)


def test_what_no_price_tells_apart_is_one_situation(texts, leg):
    records = [
        leg("a", to="0903000222"),
        leg("b", to="0903000223", s=61),
        leg("c", to="0903000222", s=0),
        leg("d", to="0912000222"),
        leg("e", to="0912000333", answered_at="2026-11-20T08:00:00Z"),
        leg("f", to="02438221234"),
        leg("g", to="ip"),
        leg("h", service="connect", to="0903000222"),
    ]
    plain, _ = month_of(texts, records)
    assert plain.situation.tolist() == [plain.situation[0]] * 2 + plain.situation[2:].tolist()
    assert len(plain.situations) == 6, "a and b, d and e are one each"
    by_day, _ = month_of(texts, records, by_day=True)
    assert len(by_day.situations) == 7, "e is of another day"


def test_the_order_within_a_group_is_that_of_instants_and_then_of_ids(texts, leg):
    """Groups by name; a fraction of any length; ids by code point."""
    at = "2026-11-03T09:15:00"
    long = "1" * 18
    written = [
        ("late", f"{at}.{long}03", "0901234567"),
        ("b", f"{at}.5", "0901234567"),
        ("a", f"{at}.5", "0901234567"),
        ("later", f"{at}.{long}3", "0901234567"),
        ("early", f"{at}.{long}", "0901234567"),
        ("B", f"{at}.5", "0901234567"),
        ("first", at, "0901234567"),
        ("second", "2026-11-03T09:15:01", "0901234567"),
        ("other hotline", at, "0900000000"),
        ("october", "2026-10-31T23:59:59", "0901234567"),
    ]
    records = [leg(name, answered_at=f"{moment}+07:00", hotline=hotline) for name, moment, hotline in written]
    for usage in (records, records[::-1], [*records[5:], *records[:5]]):
        month, _ = month_of(texts, usage)
        assert [month.columns.ids[row] for row in month.rows.tolist()] == [
            "other hotline", "first", "early", "late", "later", "B", "a", "b", "second",
        ]  # fmt: skip
        assert [(group.name, group.start, group.stop) for group in month.groups] == [
            ("+84900000000", 0, 1),
            ("+84901234567", 1, 9),
        ]


def test_a_month_without_usage_has_no_groups(texts, leg):
    month, numbers = month_of(texts, [leg(answered_at="2026-10-03T09:15:00+07:00")])
    assert (month.groups, list(month.situations)) == ([], [])
    cost = cost_plan(month, RowFinder(load_plans(texts)["3c"], numbers), Subscriptions())
    assert (cost.groups, cost.sells_bundles) == ([], True)


def test_only_versions_that_take_over_within_the_month_are_named_beside_the_first(texts, leg):
    files = {
        f"3c-{day}.toml": texts["3c.toml"].replace("valid_from = 2019-01-01", f"valid_from = {day}")
        for day in ("2026-10-15", "2026-11-01", "2026-11-15", "2026-12-01")
    }
    month, numbers = month_of(texts, [leg()])
    cost = cost_plan(month, RowFinder(load_plans(texts | files)["3c"], numbers), Subscriptions())
    assert cost.version.version == "3c@2026-11-01"
    assert [version.version for version in cost.also] == ["3c@2026-11-15"]


def test_a_sum_of_calls_alone_that_no_array_can_hold(texts, leg):
    dear = texts | {"3c.toml": texts["3c.toml"].replace("vnd_per_min = 900", f"vnd_per_min = {14 * 10**14}")}
    records = [leg(f"c{day}", s=30_000, answered_at=f"2026-11-{day:02}T08:00:00Z") for day in range(1, 29)]
    (cost,) = options_agree(records, dear, "3c")
    assert cost.options[0].tiers_vnd * 60 > 2**63


def test_countries_are_no_fixed_numbers_whatever_their_code(texts, leg):
    """+33 lies before Vietnam's +84, +380 and +856 behind it."""
    numbers = ["02438221234", "0033612345678", "00380501234567", "008562055512345", "1080"]
    records = [leg(f"c{place}", to=number) for place, number in enumerate(numbers)]
    (cost,) = options_agree(records, texts, "onecontact-2019", idd="33,3600\n380,6000\n")
    assert (cost.fixed_vnd, dict(cost.unrated)) == (3600 + 6000, {"no_idd_price.+8562055512345": 1})
    assert cost.tier_s == 120


def test_mobiles_are_no_fixed_numbers_whatever_their_prefix(texts, leg):
    """In this table the second digit of the operator's prefix is that with which fixed numbers begin."""
    at_home = texts | {"operators.csv": texts["operators.csv"].replace("082,", "#").rstrip() + "\n082,MobiFone\n"}
    records = [leg("mobile", to="0823000222"), leg("fixed", to="02438221234"), leg("short", to="1080")]
    for usage in (records, records[::-1]):
        (cost,) = options_agree(usage, at_home, "onecontact-2019")
        assert cost.options[0].tiers_vnd == 440 + 900 + 900
