"""Every hotline with every bundle: what arrays make of it is what the exact rater says, and it at the edges."""

import random

import pytest

from edge.rating.advice.cost import GroupCost
from edge.rating.advice.exact import cost_exactly
from edge.rating.advice.month import Distinctions, select_month
from edge.rating.advice.plan_cost import cost_plan
from edge.rating.advice.rows import find_rows
from edge.rating.columns import read_columns
from edge.rating.command import load_plans
from edge.rating.data_tables import parse_idd, parse_operators, parse_ported
from edge.rating.instant import Month
from edge.rating.numbers import NumberPlan
from edge.rating.rows import RowFinder
from edge.rating.subscriptions import Subscriptions
from tests.edge.rating.advised_companies import IDD, NOVEMBER, random_tables, tariffs_of, text_of, usage_of

KINDS = ("tiny", "small", "changing", "volume")


@pytest.fixture(scope="module")
def tariffs(texts):
    return tariffs_of(texts)


def every_option(seed: int, tariffs: dict[str, dict]) -> None:
    """Each hotline with each bundle: arrays against the exact rater."""
    dice = random.Random(f"options/{seed}")
    records = usage_of(dice, dice.choice([5, 60, 120]), with_requests=True)
    for name in ("onecontact-2019", "3c", "ekyc"):
        options_agree(records, tariffs[KINDS[seed % len(KINDS)]], name, f"seed {seed}", **random_tables(dice))


def options_agree(
    records: list[dict], tariffs: dict, name: str, about: str = "", period: Month = NOVEMBER, **tables
) -> list[GroupCost]:
    ported = parse_ported(tables.get("ported", ""), "ported")
    numbers = NumberPlan(parse_operators(tariffs["operators.csv"], "operators.csv"), ported)
    distinctions = Distinctions(numbers, frozenset(ported.rows), by_day=True)
    month = select_month(read_columns(text_of(records), "usage"), period, distinctions)
    finder = RowFinder(load_plans(tariffs)[name], numbers, parse_idd(tables.get("idd", ""), "idd"))
    cost = cost_plan(month, finder, Subscriptions())
    rows = find_rows(month, finder)
    for group, found in zip(month.groups, cost.groups, strict=True):
        bundles = sorted({option.bundle for option in found.options} - {None})
        assert found == cost_exactly(month, group, rows, bundles), f"{about} {name}, {group.name}"
    return list(cost.groups)


@pytest.mark.parametrize(
    ("answered_at", "seconds", "periods"),
    [
        ("2026-11-03T08:00:00", 599, 1),
        ("2026-11-03T08:00:00", 600, 2),  # spent to the last second: the next period begins, needed or not
        ("2026-11-30T23:49:59.999", 600, 2),  # the next one begins in the last second of the month
        ("2026-11-30T23:50:00", 600, 1),  # at midnight
        ("2026-11-30T23:50:00", 100_000, 1),
        ("2026-11-30T23:30:00", 100_000, 3),
        ("2026-11-30T23:29:59", 100_000, 4),
    ],
)
def test_periods_that_begin_by_spending_in_the_last_minutes_of_the_month(answered_at, seconds, periods, tariffs, leg):
    records = [leg("a", to="off_net", s=seconds, answered_at=f"{answered_at}+07:00")]
    later = leg("b", to="off_net", s=600, answered_at="2026-11-30T23:59:59.9999+07:00")
    for usage in (records, [*records, later]):
        (cost,) = options_agree(usage, tariffs["tiny"], "3c")
        renewed = next(option for option in cost.options if option.bundle == 8 and option.renew)
        assert renewed.periods == periods


@pytest.mark.parametrize("past_the_cap", [-1, 0, 1, 60, 61])
@pytest.mark.parametrize("to", ["004915112345678", "0033612345678", "0085212345678"])
def test_the_cap_of_calls_abroad_to_the_second(to, past_the_cap, tariffs, leg):
    days = [leg(f"c{day}", to=to, s=300, answered_at=f"2026-11-0{day}T08:00:00Z") for day in range(1, 4)]
    records = [*days, leg("d", to=to, s=300 + past_the_cap, answered_at="2026-11-04T08:00:00Z"), leg("e", to=to, s=7)]
    for usage in (records[:4], records):
        options_agree(usage, tariffs["tiny"], "onecontact-2019", idd=IDD)


def test_every_option_of_every_hotline(tariffs):
    for seed in range(8):
        every_option(seed, tariffs)


@pytest.mark.campaign
def test_every_option_of_1_000_companies(tariffs):
    for seed in range(1000, 2000):
        every_option(seed, tariffs)
