"""Which choices are shown and in what order, and the prices at the edges that random companies seldom meet."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from edge.rating.advice.choices import MOST, Choice, rank
from edge.rating.advice.cost import GroupCost, Option
from edge.rating.advice.month import Distinctions, select_month
from edge.rating.advice.plan_cost import PlanCost, cost_plan
from edge.rating.advice.question import Question, advise
from edge.rating.columns import read_columns
from edge.rating.command import NamedText, load_plans
from edge.rating.data_tables import parse_operators
from edge.rating.instant import Month
from edge.rating.invoice import Invoice, Line
from edge.rating.numbers import NumberPlan
from edge.rating.rows import RowFinder
from edge.rating.statement_held import month_after
from edge.rating.subscriptions import Subscriptions
from edge.rating.tariff import Plan, Vat
from tests.edge.rating.advised_companies import NOVEMBER, text_of
from tests.edge.rating.test_advise import agree
from tests.edge.rating.test_advise_options import options_agree

GERMANY, FRANCE = "004915112345678", "0033612345678"  # preferred; discount


# --- which choices, in which order --------------------------------------------------------------------------------


@pytest.fixture
def sold(texts: dict[str, str]) -> Callable[..., PlanCost]:
    """sold(name, hotlines…, missing=fees without a price) → what the choices of a plan are made of."""
    version = load_plans(texts)["3c"].versions[0]

    def cost(name: str, *groups: GroupCost, fee_vnd: int = 0, missing: int = 0) -> PlanCost:
        lines = (Line("monthly.hotlines", "Monthly fee", 1, "hotline", fee_vnd),)
        fees = Invoice(name, NOVEMBER, lines, ({"code": "monthly.extensions"},) * missing, Vat("none", None))
        sells = any(len(group.options) > 1 for group in groups)
        return PlanCost(Plan(name, (version,)), version, (), fees, groups, sells)

    return cost


def hotline(name: str, tier_s: int, *options: tuple[int | None, bool, int], unrated: int = 0) -> GroupCost:
    """options: (bundle, renewed when spent, VND in all, of them 100 for calls)."""
    missing = {"no_idd_price.+33": unrated} if unrated else {}
    costs = [(vnd, 0) if number is None else (100, vnd - 100) for number, _, vnd in options]
    chosen = [Option(number, renew, *vnd) for (number, renew, _), vnd in zip(options, costs, strict=True)]
    return GroupCost(name, 0, 0, 0, 0, tier_s, missing, chosen)


def told(choice: Choice) -> str:
    chosen = [f"{name} {option.bundle}{' renewed' if option.renew else ''}" for name, option in choice.bundles]
    return " + ".join(chosen) or "none"


@pytest.mark.parametrize(
    ("with_bundles", "without", "choices"),
    [(0, 3, 3), (1, 0, MOST), (1, 1, MOST), (2, 0, MOST), (2, 3, 19), (8, 0, 32), (0, 25, 25)],
)
def test_the_list_is_twenty_long_or_has_every_plan_with_two_runners_up(with_bundles, without, choices, sold):
    options = [(number, False, 1000 + number) for number in range(1, 40)]
    costs = [sold(f"sells {place}", hotline("A", 9, (None, False, 2000), *options)) for place in range(with_bundles)]
    costs += [sold(f"plain {place}", hotline("A", 9, (None, False, 2000))) for place in range(without)]
    assert MOST == 20
    assert len(rank(costs)) == choices


A = [(None, False, 1000), (1, False, 700), (1, True, 700), (2, False, 800), (2, True, 690)]
DEARER_RENEWED = [(None, False, 1000), (1, False, 700), (1, True, 720)]


@pytest.mark.parametrize(
    ("hotlines", "shown"),
    [
        pytest.param(
            [hotline("A", 9, *A), hotline("B", 5, (None, False, 500), (1, False, 530), (1, True, 510))],
            ["A 2 renewed", "A 1", "A 2 renewed + B 1 renewed", "none"],
            id="the best with one hotline changed, and no renewal that costs the same",
        ),
        pytest.param(
            [hotline("A", 9, *A), hotline("B", 5, (None, False, 500), (1, False, 400), (1, True, 450))],
            ["A 2 renewed + B 1", "A 1 + B 1", "A 2 renewed", "none"],
            id="the busiest hotline's best bundle alone, and the least loss",
        ),
        pytest.param(
            [hotline("A", 5, *A), hotline("B", 9, (None, False, 500), (1, False, 400), (1, True, 450))],
            ["A 2 renewed + B 1", "A 1 + B 1", "B 1", "none"],
            id="the busiest hotline is the second",
        ),
        pytest.param(
            [hotline("A", 9, *DEARER_RENEWED), hotline("B", 5, (None, False, 500))],
            ["A 1", "A 1 renewed", "none"],
            id="a renewal that costs more",
        ),
        pytest.param([hotline("request:ekyc", 0, (None, False, 90))], ["none"], id="what no bundle covers"),
        pytest.param([], ["none"], id="nothing used"),
    ],
)
def test_the_runners_up(hotlines, shown, sold):
    """Seven more plans leave room for two runners-up each."""
    others = [sold(f"other {place}", hotline("A", 9, (None, False, 1000), (1, False, 2000))) for place in range(7)]
    plan = sold("asked", *hotlines)
    assert [told(choice) for choice in rank([plan, *others]) if choice.cost is plan] == shown


def test_what_leaves_less_unpriced_stands_first_then_the_cheaper_then_by_name_then_fewer_bundles(sold):
    plain = (None, False, 500)
    costs = [
        sold("usage and fee missing", hotline("A", 1, (None, False, 1), unrated=1), missing=1),
        sold("fee missing", hotline("A", 1, (None, False, 2)), missing=1),
        sold("b", hotline("A", 1, plain)),
        sold("a", hotline("A", 1, plain, (1, False, 500))),
        sold("dear fee", hotline("A", 1, (None, False, 100)), fee_vnd=401),
    ]
    assert [(choice.cost.plan.name, told(choice), choice.unpriced) for choice in rank(costs)] == [
        ("a", "none", 0),
        ("a", "A 1", 0),
        ("b", "none", 0),
        ("dear fee", "none", 0),
        ("fee missing", "none", 1),
        ("usage and fee missing", "none", 2),
    ]


def test_a_choice_is_an_invoice_of_its_fees_and_one_line_of_each_kind_of_usage(sold):
    group = GroupCost("A", 10, 200, 3000, -4, 60, {}, [Option(8, renew=False, tiers_vnd=40_000, bundles_vnd=500_000)])
    (choice,) = rank([sold("plan", group, fee_vnd=6_000_000)])
    lines = [(line.code, line.quantity, line.amount_vnd) for line in choice.invoice.lines]
    assert lines == [
        ("monthly.hotlines", 1, 6_000_000),
        ("voice", 1, 40_010),
        ("sms", 1, 200),
        ("requests", 1, 3000),
        ("bundles", 1, 500_000),
        ("discount", 1, -4),
    ]
    assert choice.total_vnd == 6_543_206


# --- calls abroad -------------------------------------------------------------------------------------------------


def abroad(texts: dict[str, str], **changed: Any) -> dict[str, str]:
    """The shipped tariffs with other values in onecontact-2019's section of calls abroad."""
    text = texts["onecontact-2019.toml"]
    usual = {"cap_minutes": 20000, "discount_percent": 12, "preferred_vnd_per_min": 900}
    usual |= {"tier_within": "1-20000", "tier_beyond": ">20000"}
    for key, value in changed.items():
        was, becomes = (f"\n{key} = {json.dumps(each)}" for each in (usual[key], value))
        assert was in text
        text = text.replace(was, becomes)
    return texts | {"onecontact-2019.toml": text}


NO_PRICE = "no_idd_price.Germany"
CAP = {"cap_minutes": 1}


@pytest.mark.parametrize(
    ("changed", "idd", "calls", "amount_vnd", "discount_vnd", "unrated"),
    [
        pytest.param({}, "33,1", [(FRANCE, 29), (FRANCE, 29)], 0, 0, {}, id="29 sixtieths are none"),
        pytest.param({}, "33,1", [(FRANCE, 30), (FRANCE, 30)], 2, 0, {}, id="30 sixtieths are one, of each call"),
        pytest.param(CAP, "33,1", [(FRANCE, 60), (FRANCE, 29)], 1, 0, {}, id="29 sixtieths past the cap"),
        pytest.param(CAP, "33,1", [(FRANCE, 60), (FRANCE, 30)], 2, 0, {}, id="30 sixtieths past the cap"),
        pytest.param({"discount_percent": 7}, "33,60", [(FRANCE, 7)], 7, 0, {}, id="a discount of 0.49"),
        pytest.param({"discount_percent": 7}, "33,60", [(FRANCE, 50)], 50, -4, {}, id="a discount of 3.5"),
        pytest.param(
            CAP | {"discount_percent": 100},
            "33,1",
            [(FRANCE, 31), (FRANCE, 60)],
            2,
            -1,
            {},
            id="29 of 60 within",
        ),
        pytest.param(
            CAP | {"discount_percent": 100},
            "33,1",
            [(FRANCE, 30), (FRANCE, 60)],
            2,
            -2,
            {},
            id="30 of 60 within",
        ),
        pytest.param(CAP, "49,1800", [(GERMANY, 60), (GERMANY, 60)], 2700, 0, {}, id="wholly past the cap"),
        pytest.param(CAP, "49,1800", [(GERMANY, 90)] * 2, 900 + 900 + 2700, 0, {}, id="across the cap and past it"),
        pytest.param(
            CAP, "33,60", [(GERMANY, 60), (GERMANY, 10), (FRANCE, 60)], 960, 0, {NO_PRICE: 1}, id="one without a price"
        ),
        pytest.param(
            CAP,
            "33,60",
            [(GERMANY, 40), (GERMANY, 30), (FRANCE, 20)],
            620,
            -2,
            {NO_PRICE: 1},
            id="one without a price leaves its room under the cap to the next",
        ),
        pytest.param(
            CAP | {"preferred_vnd_per_min": 0}, "49,60", [(GERMANY, 60), (GERMANY, 60)], 60, 0, {}, id="free to the cap"
        ),
        pytest.param(CAP, "49,0", [(GERMANY, 60), (GERMANY, 60)], 900, 0, {}, id="free past the cap"),
        pytest.param(
            CAP | {"discount_percent": 10, "tier_within": "a", "tier_beyond": "b"},
            "33,60",
            [(FRANCE, 90)],
            90,
            -6,
            {},
            id="the discount ends at the cap",
        ),
        pytest.param(
            CAP | {"discount_percent": 10, "tier_within": "b", "tier_beyond": "a"},
            "33,60",
            [(FRANCE, 90)],
            90,
            -6,
            {},
            id="whatever the tiers are called",
        ),
    ],
)
def test_calls_abroad(changed, idd, calls, amount_vnd, discount_vnd, unrated, texts, leg):
    records = [
        leg(f"c{place}", to=to, s=seconds, answered_at=f"2026-11-0{place}T08:00:00Z")
        for place, (to, seconds) in enumerate(calls, start=1)
    ]
    (cost,) = options_agree(records, abroad(texts, **changed), "onecontact-2019", idd=f"{idd}\n")
    assert (cost.fixed_vnd, cost.discount_vnd, cost.unrated) == (amount_vnd, discount_vnd, unrated)


# --- what arrays leave to the exact rater -------------------------------------------------------------------------


def all_kinds(leg: Callable[..., dict], end: Callable[..., dict]) -> list[dict]:
    at = "2026-11-03T09:15:00+07:00"
    return [
        leg("on", to="on_net", s=61),
        leg("off", to="off_net", s=600),
        leg("between users", service="internal", to="on_net", s=61),
        leg("abroad", to=GERMANY, s=61),
        leg("discounted", to=FRANCE, s=61),
        {"id": "m", "kind": "sms", "hotline": "0901234567", "at": at, "parts": 3, "to": end("off_net")},
        {"id": "r", "kind": "request", "at": at, "count": 7, "product": "ekyc"},
    ]


@pytest.mark.parametrize("huge", [10**12, 2**61, 10**19], ids=["10^12", "2^61", "10^19"])
@pytest.mark.parametrize(
    ("file", "was"),
    [
        ("onecontact-2019.toml", "vnd_per_min = 440"),
        ("onecontact-2019.toml", "preferred_vnd_per_min = 900"),
        ("onecontact-2019.toml", "to_other     = { on_net = 350, off_net = 350"),
        ("onecontact-2019.toml", "block = { first = 6"),
        ("3c.toml", "vnd_per_min = 200"),
        ("3c.toml", 'direction = "off_net", minutes = 10000'),
        ("ekyc.toml", "vnd_per_request = "),
    ],
)
def test_numbers_that_no_array_can_hold_are_priced_all_the_same(file, was, huge, texts, leg, end):
    head, _, tail = texts[file].partition(was)
    number = was.rpartition(" ")[2]
    rest = tail if number else tail.lstrip("0123456789")
    changed = texts | {file: f"{head}{was.removesuffix(number)}{huge}{rest}"}
    answer = agree(all_kinds(leg, end), changed, idd="33,3607\n")
    assert {"onecontact-2019", "3c"} <= {choice["plan"] for choice in answer["choices"]}


@pytest.mark.parametrize(
    ("prices", "calls", "seconds", "parts"),
    [("14" + "0" * 14, 100, 3000, 1), ("1" + "0" * 8, 1, 60, 10**12), ("59", 9, 2**60, 1)],
    ids=["many calls", "many parts", "long calls"],
)
def test_sums_that_no_array_can_hold_of_numbers_that_it_can(prices, calls, seconds, parts, texts, leg, end):
    """Whatever an array would make of them: the exact rater's sums are the answer."""
    text = re.sub(r"(vnd_per_min|on_net|off_net) = [1-9]\d*", rf"\1 = {prices}", texts["onecontact-2019.toml"])
    if seconds > 10**9:
        text = text.replace("block = { first = 6", f"block = {{ first = {seconds}")
    days = [f"2026-11-{place % 28 + 1:02}T08:00:00Z" for place in range(calls)]
    records = [leg(f"c{place}", s=min(seconds, 3000), answered_at=day) for place, day in enumerate(days)]
    at = "2026-11-29T08:00:00Z"
    records.append({"id": "m", "kind": "sms", "hotline": "0901234567", "at": at, "parts": parts, "to": end("off_net")})
    (cost,) = options_agree(records, texts | {"onecontact-2019.toml": text}, "onecontact-2019")
    vnd = int(prices)
    assert (cost.sms_vnd, cost.options[0].tiers_vnd) == (parts * vnd, calls * ((seconds * vnd + 30) // 60))


def test_a_band_that_nobody_reaches_may_begin_anywhere(texts, leg):
    text = texts["onecontact-2019.toml"]
    far = text.replace("to = 20000,", f"to = {10**20},").replace("= 20001,", f"= {10**20 + 1},")
    (cost,) = options_agree([leg(s=60_001)], texts | {"onecontact-2019.toml": far}, "onecontact-2019")
    assert cost.options[0].tiers_vnd == 900_014  # 1000 minutes of 900, one second of 850


def test_a_call_may_end_after_the_last_day_of_the_calendar(texts, leg):
    question = Question(
        NamedText("usage", text_of([leg(s=10**9, answered_at="9999-11-30T00:00:00+07:00")])), texts, Month(9999, 11)
    )
    assert {choice["plan"] for choice in advise(question)["choices"]} == {"onecontact-2019", "3c"}


@pytest.mark.parametrize(
    ("changed", "period", "periods"),
    [
        pytest.param([("days = 31", "days = 30")], Month(2026, 10), 2, id="30 days of a month of 31"),
        pytest.param([("days = 31", "days = 30")], Month(2026, 11), 1, id="30 days of a month of 30"),
        pytest.param([("days = 31", "days = 32")], Month(2026, 10), 1, id="32 days"),
    ],
)
def test_a_bundle_is_bought_again_when_its_days_are_over(changed, period, periods, texts, leg):
    text = texts["3c.toml"]
    for was, becomes in changed:
        text = text.replace(was, becomes)
    days = (1, 30, 31) if period.month == 10 else (1, 30)
    records = [leg(f"c{day}", s=30_000, answered_at=f"{period}-{day:02}T12:00:00+07:00") for day in days]
    (cost,) = options_agree(records, texts | {"3c.toml": text}, "3c", period=period)
    found = {option.bundle: option.periods for option in cost.options if not option.renew}
    assert (found[None], found[8]) == (0, periods)


@pytest.mark.parametrize(("minutes", "periods"), [(719, 2), (720, 1)])
def test_a_bundle_that_is_spent_when_it_is_sold_no_longer_is_not_renewed(minutes, periods, texts, leg):
    """A call from noon to midnight; on the next day the plan sells another bundle."""
    text = texts["3c.toml"].replace("minutes = 10000,", f"minutes = {minutes},")
    later = text.replace("valid_from = 2019-01-01", "valid_from = 2026-11-15").replace("number = 8,", "number = 88,")
    both = texts | {"3c.toml": text, "3c-later.toml": later}
    (cost,) = options_agree([leg(s=43_200, answered_at="2026-11-14T12:00:00+07:00")], both, "3c")
    assert [option.periods for option in cost.options if option.bundle == 8 and option.renew] == [periods]


def test_a_plan_that_begins_or_changes_in_the_month_names_its_versions(texts, leg):
    """One version is the choice's, the first of the month's; the others take over."""
    text = texts["3c.toml"]
    begins = text.replace("valid_from = 2019-01-01", "valid_from = 2026-11-02")
    later = text.replace("valid_from = 2019-01-01", "valid_from = 2026-11-30")
    for tariffs, versions in (
        ({"3c.toml": begins}, ("3c@2026-11-02", [])),
        ({"3c.toml": begins, "3c-later.toml": later}, ("3c@2026-11-30", ["3c@2026-11-02"])),
        ({"3c-later.toml": later}, ("3c@2019-01-01", ["3c@2026-11-30"])),
    ):
        plan = load_plans(texts | tariffs)["3c"]
        numbers = NumberPlan(parse_operators(texts["operators.csv"], "operators.csv"))
        month = select_month(
            read_columns(text_of([leg()]), "usage"), NOVEMBER, Distinctions(numbers, frozenset(), by_day=True)
        )
        cost = cost_plan(month, RowFinder(plan, numbers), Subscriptions())
        assert (cost.version.version, [each.version for each in cost.also]) == versions
        assert cost.sells_bundles == (versions[0] == "3c@2019-01-01"), "on the first of the month"


def test_a_bundle_of_ten_days_is_bought_again_and_again(texts, leg):
    short = texts | {"3c.toml": texts["3c.toml"].replace("days = 31", "days = 10")}
    records = [leg(f"c{day}", s=30_000, answered_at=f"2026-11-{day:02}T08:00:00Z") for day in (1, 12, 23, 29)]
    (cost,) = options_agree(records, short, "3c")
    periods = {option.bundle: option.periods for option in cost.options if not option.renew}
    assert (periods[None], periods[8]) == (0, 3)
    agree(records, short)


@pytest.mark.parametrize(
    ("period", "inside"),
    [
        (Month(2026, 12), ("2026-12-01T00:00:00", "2026-12-31T23:59:59.9")),
        (Month(2027, 1), ("2027-01-01T00:00:00", "2027-01-31T23:59:59.9")),
        (Month(2027, 2), ("2027-02-01T00:00:00", "2027-02-28T23:59:59.9")),
    ],
    ids=str,
)
def test_a_month_is_advised_on_from_its_first_to_its_last_second(period, inside, texts, leg):
    outside = {"2026-11-30T23:59:59.9", "2027-01-01T00:00:00", "2026-12-31T23:59:59.9", "2027-02-01T00:00:00"}
    outside |= {"2027-01-31T23:59:59.9", "2027-03-01T00:00:00"}
    days = sorted({*inside, *outside})
    records = [leg(f"c{place}", answered_at=f"{day}+07:00") for place, day in enumerate(days)]
    usage = NamedText("usage", text_of(records))
    assert advise(Question(usage, texts, period))["calls"] == 2
    assert advise(Question(usage, texts, current=month_after(period)))["period"] == str(period)
