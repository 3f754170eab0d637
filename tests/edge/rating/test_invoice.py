"""Invoices: fees by the month, bundles, the discount, and a total that is the sum of its lines."""

import csv
import json
from fractions import Fraction
from pathlib import Path

import pytest

from edge.rating.command import NamedText, load_plans
from edge.rating.errors import RatingInputError
from edge.rating.invoice import half_up
from edge.rating.invoice_command import run_invoice

DATA = Path(__file__).parent / "data"
NOVEMBER = "2026-11"


def rows(name: str) -> list:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    return [pytest.param(row, id=f"line {number}") for number, row in enumerate(table, start=2)]


@pytest.fixture
def invoice(texts):
    def make(plan="onecontact-2019", subscriptions=None, records=(), period=NOVEMBER, **tables):
        usage = "".join(json.dumps(record) + "\n" for record in records)
        held = NamedText("subs.json", json.dumps(subscriptions or {}))
        plain = {name: text if isinstance(text, str) else json.dumps(text) for name, text in tables.items()}
        named = {name: NamedText(name, text) for name, text in plain.items()}
        return json.loads(run_invoice(plan, period, held, usage, "usage.jsonl", texts, **named))

    return make


def subscribed(what: str, count: int) -> dict:
    """Held since long ago, so that no set-up fee stands in the month."""
    since = {"from": "2025-01-01", "to": None}
    match what.split():
        case ["rooms", months, *_]:
            return {"rooms": {"count": count, "months": int(months)}}
        case ["hotlines"]:
            return {"hotlines": [{"number": f"09012{n:05}", **since} for n in range(count)]}
        case ["call_center_users" | "contact_center_users"]:
            return {"users": [{"kind": what.removesuffix("_users"), **since}] * count}
        case ["extensions"]:
            return {"extensions": [since] * count}
        case _:
            return {what: count}


@pytest.mark.parametrize("row", rows("monthly_fees.csv"))
def test_monthly_fee(row, invoice):
    made = invoice(row["plan"], subscribed(row["what"], int(row["count"])))
    assert [(line["quantity"], line["amount_vnd"]) for line in made["lines"]] == [
        (int(row["count"]), int(row["expected_vnd"]))
    ]
    assert made["total_vnd"] == int(row["expected_vnd"])


@pytest.mark.parametrize("row", rows("bundle_prices.csv"))
def test_bundle_price(row, invoice, texts):
    start = "2026-11-30T23:59:59+07:00"
    entry = {"hotline": "0901234567", "bundle": int(row["bundle"]), "activated_at": start, "when_spent": "tiers"}
    line = invoice("3c", bundles=[entry])["lines"][0]
    assert (line["code"], line["amount_vnd"]) == (f"bundle.{row['bundle']}", int(row["expected_vnd"]))
    sold = load_plans(texts)["3c"].versions[0].bundles[int(row["bundle"])]
    assert (sold.direction, sold.minutes) == (row["direction"], int(row["minutes"]))


def test_bundle_3_contradicts_its_listed_unit_price(texts):
    warnings = load_plans(texts)["3c"].versions[0].warnings
    assert len(warnings) == 1
    assert warnings[0].startswith("3c.toml: [bundles], row 3: bundle 3: 420 VND/min × 50000 min is 21000000")


def test_reading_16_a_bundle_is_a_line_of_the_month_in_which_its_period_starts(invoice):
    entry = {"hotline": "0901234567", "bundle": 1, "activated_at": "2026-10-01T00:00:00+07:00", "when_spent": "tiers"}
    found = {period: invoice("3c", bundles=[entry], period=period)["total_vnd"] for period in ("2026-10", NOVEMBER)}
    assert found == {"2026-10": 4_600_000, NOVEMBER: 4_600_000}
    assert invoice("3c", bundles=[{**entry, "auto_renew": False}])["total_vnd"] == 0


def test_reading_21_one_discount_line_per_hotline(invoice, leg):
    idd = "33,3607\n380,7000\n"
    records = [
        leg("a", to="0033612345678", s=61),  # 3607 × 61 / 60 = 3667.1 → 3667
        leg("b", to="0033612345678", s=60),
        leg("c", to="00380501234567", s=60),  # excluded
        leg("d", to="004915112345678", s=60),  # preferred
        leg("e", to="0033612345678", s=60, hotline="0937654321"),
    ]
    made = invoice(records=records, idd=idd)
    discounts = [line["amount_vnd"] for line in made["lines"] if line["code"] == "international.discount"]
    assert discounts == [-873, -433]  # 12 % of 7274 is 872.88; of 3607 it is 432.84
    assert made["total_vnd"] == 3667 + 3607 + 7000 + 900 + 3607 - 873 - 433


def test_reading_20_only_the_part_under_the_cap_is_discounted(invoice, leg):
    before = leg("a", to="00380501234567", s=1_199_970, answered_at="2026-11-01T00:00:00+07:00")
    across = leg("b", to="0033612345678", s=60, answered_at="2026-11-20T00:00:00+07:00")
    lines = invoice(records=[before, across], idd="33,3600\n380,6000\n")["lines"]
    assert [line["amount_vnd"] for line in lines if line["code"] == "international.discount"] == [-216]  # 12 % of 1 800


def test_half_up_is_by_magnitude():
    amounts = [Fraction(5, 2), Fraction(-5, 2), Fraction(249, 100), Fraction(-251, 100), Fraction(0)]
    assert [half_up(amount) for amount in amounts] == [3, -3, 2, -3, 0]


def test_the_total_is_the_sum_of_lines_and_of_charges(invoice, run, leg):
    to = ["on_net", "off_net", "ip"]
    records = [leg(f"c{n}", to=to[n % 3], s=n * 97, hotline=f"090123456{n % 2}") for n in range(50)]
    made = invoice(records=records)
    charges = run(records)
    assert made["total_vnd"] == sum(line["amount_vnd"] for line in made["lines"])
    assert made["total_vnd"] == sum(charge["amount_vnd"] for charge in charges)


def test_reading_11_only_the_period_is_listed(invoice, leg):
    records = [
        leg("october", answered_at="2026-10-31T23:59:59+07:00"),
        leg("november", answered_at="2026-10-31T17:00:00Z"),
        leg("unrated", to="0033612345678"),
        leg("december", answered_at="2026-12-01T00:00:00+07:00"),
        leg("unanswered", answered_at=None),
    ]
    made = invoice(records=records)
    assert made["total_vnd"] == 900
    assert [charge["id"] for charge in made["unrated"]] == ["unrated"]


@pytest.mark.parametrize(
    ("first", "last", "monthly", "setup"),
    [
        ("2026-11-30", None, 300_000, 300_000),
        ("2026-01-01", "2026-11-02", 300_000, 0),
        ("2026-01-01", "2026-11-01", 300_000, 0),
        ("2026-11-05", "2026-11-06", 300_000, 300_000),
        ("2026-12-01", None, 0, 0),
        ("2026-01-01", "2026-10-31", 0, 0),
    ],
)
def test_reading_23_a_month_begun_is_a_month_charged(first, last, monthly, setup, invoice):
    hotline = {"number": "0901234567", "from": first, "to": last}
    lines = {line["code"]: line["amount_vnd"] for line in invoice(subscriptions={"hotlines": [hotline]})["lines"]}
    assert (lines.get("monthly.hotlines", 0), lines.get("setup.hotlines", 0)) == (monthly, setup)


def test_reading_23_vat(invoice):
    held = {"hotlines": [{"number": "0901234567", "from": "2025-01-01"}]}
    assert invoice("onecontact-2019", held)["vat"] == {"mode": "unspecified", "percent": None, "amount_vnd": None}
    included = {"mode": "included", "percent": 10, "amount_vnd": 27_182}  # 299 000 × 10 / 110
    assert invoice("3c", held)["vat"] == included
    assert invoice("meeting")["vat"] == {"mode": "none", "percent": None, "amount_vnd": 0}


def test_what_the_plan_does_not_sell_is_unrated(invoice):
    made = invoice("onecontact-2019", {"sdk_sets": 2})
    assert (made["total_vnd"], made["lines"]) == (0, [])
    assert made["unrated"][0]["code"] == "monthly.sdk_sets"


def test_extension_set_up(invoice):
    made = invoice(subscriptions={"extensions": [{"from": "2026-11-02"}, {"from": "2026-11-03"}]})
    assert {line["code"]: line["amount_vnd"] for line in made["lines"]} == {
        "setup.extensions": 100_000,
        "monthly.extensions": 30_000,
    }


@pytest.mark.parametrize(
    ("subscriptions", "expected"),
    [
        ({"hotline": []}, "subs.json: hotline: unknown key"),
        ({"hotlines": [{"number": "x", "from": "2026-01-01"}]}, "subs.json: hotlines, entry 1: number: 'x' is no"),
        ({"hotlines": {"a": 1}}, "subs.json: hotlines: must be a list"),
        ({"extensions": [{}]}, "subs.json: extensions, entry 1: from: is missing"),
        ({"extensions": [{"from": "1/2/2026"}]}, "subs.json: extensions, entry 1: from: '1/2/2026' is no date"),
        (
            {"extensions": [{"from": "2026-02-01", "to": "2026-01-01"}]},
            "subs.json: extensions, entry 1: to: 2026-01-01 lies before from 2026-02-01",
        ),
        ({"users": [{"kind": "boss", "from": "2026-01-01"}]}, "subs.json: users, entry 1: kind: 'boss' is none of"),
        ({"sdk_sets": -1}, "subs.json: sdk_sets: must be a whole number from 0 up, not -1"),
        ({"rooms": {"count": 1, "months": 3}}, "subs.json: rooms.months: must be 1, 6 or 12, not 3"),
    ],
)
def test_broken_subscriptions(subscriptions, expected, invoice):
    with pytest.raises(RatingInputError) as caught:
        invoice(subscriptions=subscriptions)
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize("period", ["2026-13", "2026-1", "11/2026", "2026-11-01", ""])
def test_a_period_that_is_none(period, invoice):
    with pytest.raises(RatingInputError, match="period: "):
        invoice(period=period)


def test_no_version_valid_in_the_period(invoice):
    with pytest.raises(RatingInputError, match="period: no version of plan onecontact-2019 is valid in 2019-02"):
        invoice(period="2019-02")
