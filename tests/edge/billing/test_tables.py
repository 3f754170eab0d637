"""What the box rates by: imported over shipped, refused as a whole, exported without loss."""

from __future__ import annotations

import json
import re

import pytest

from edge.billing import Biller, RateTables, shipped_tariffs
from edge.billing.contract import Contract
from edge.billing.imports import overview, take
from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice
from edge.rating.command import run_rate
from edge.rating.errors import RatingInputError
from edge.rating.instant import Month
from edge.store.rate_tables import StoredTable
from tests.edge.billing.paper_calls import HOTLINE

ONECONTACT = shipped_tariffs()["onecontact-2019.toml"]
LATER = shipped_tariffs()["3c.toml"].replace("valid_from = 2019-01-01", "valid_from = 2027-01-01")
EARLIER = ONECONTACT.replace("valid_from = 2019-03-01", "valid_from = 2018-01-01\nvalid_to = 2020-01-01")
JAPAN = json.dumps(
    {
        "id": "a",
        "kind": "voice",
        "hotline": HOTLINE,
        "answered_at": "2026-11-03T09:15:00+07:00",
        "duration_s": 60,
        "service": "outbound",
        "from": {"party": "extension", "endpoint": "mobile", "number": "0903000111"},
        "to": {"party": "customer", "endpoint": "mobile", "number": "+81312345678"},
    }
)


def amount(tables: RateTables, plan: str = "onecontact-2019") -> int | None:
    (row,) = run_rate(plan, JAPAN, "usage", tables.texts, tables.ported_text, tables.idd_text)
    found: int | None = json.loads(row)["amount_vnd"]
    return found


def test_destinations_become_part_of_the_tariff() -> None:
    tables = RateTables()
    assert amount(tables) is None, "Japan has no price as long as no IDD table is there"
    with_idd = take(tables, "idd", "prefix;vnd_per_min\n81;4000\n", "idd.csv").tables
    assert amount(with_idd) == 4000
    text = "plan,offer,name,prefix\nonecontact-2019,preferred,Japan,+81\nonecontact-2019,idd,Austria,43\n"
    taken = take(with_idd, "destinations", text, "d.csv")
    assert (taken.rows, taken.name) == (2, "onecontact-2019")
    assert amount(taken.tables) == 900
    found = taken.tables.plans["onecontact-2019"].versions[0].international
    assert found is not None
    assert (found.destinations["43"].offer, found.destinations["45"].name) == ("idd", "Denmark")


def test_all_destinations_may_lose_an_offer() -> None:
    plan = RateTables().plans["onecontact-2019"].versions[0].international
    assert plan is not None
    rows = "".join(
        f'onecontact-2019,idd,"{found.name}",{prefix}\n'
        for prefix, found in plan.destinations.items()
        if found.offer == "preferred"
    )
    taken = take(RateTables(), "destinations", rows, "d.csv").tables.plans["onecontact-2019"].versions[0].international
    assert taken is not None
    assert taken.preferred_vnd_per_min is None


def test_the_next_version_takes_over_on_its_day_and_the_same_day_replaces() -> None:
    later = ONECONTACT.replace("valid_from = 2019-03-01", "valid_from = 2026-12-01").replace("= 900", "= 950")
    taken = take(RateTables(), "plan", later, "later.toml")
    assert (taken.name, taken.since) == ("onecontact-2019@2026-12-01", "2026-12-01")
    assert [version.version for version in taken.tables.plans["onecontact-2019"].versions] == [
        "onecontact-2019@2019-03-01",
        "onecontact-2019@2026-12-01",
    ]
    dearer = ONECONTACT.replace("vnd_per_min = 440", "vnd_per_min = 441")
    again = take(taken.tables, "plan", dearer, "again.toml").tables
    assert len(again.plans["onecontact-2019"].versions) == 2
    assert set(again.texts) == {*shipped_tariffs(), "onecontact-2019@2026-12-01.toml"}
    assert "441" in again.texts["onecontact-2019.toml"]
    row = next(row for row in overview(again) if row["name"] == "onecontact-2019@2019-03-01")
    assert (row["origin"], row["kind"], row["valid_from"]) == ("imported", "plan", "2019-03-01")


def test_a_price_list_that_contradicts_its_unit_price_is_warned_about() -> None:
    (warning,) = take(RateTables(), "plan", shipped_tariffs()["3c.toml"], "3c.toml").warnings
    assert "bundle 3" in warning


@pytest.mark.parametrize(
    ("kind", "text", "blame"),
    [
        ("plan", "plan = 3", "x: "),
        ("plan", EARLIER, "x: valid_to"),
        ("operators", "prefix,operator\n70,MobiFone\n", "x: line 2: prefix"),
        ("ported", "number,operator\n0912000222,MobiFone\nabc,Viettel\n", "x: line 3: number"),
        ("ported", "0912000222,MobiFone,2026-13-01\n", "x: line 1: since"),
        ("ported", "0912000222,MobiFone\n84912000222,Viettel\n", "x: line 2: number"),
        ("idd", "81,4.5\n", "x: line 1: vnd_per_min"),
        ("destinations", "3d,idd,Japan,81\n", "x: line 1: plan"),
        ("destinations", "ekyc,idd,Japan,81\n", "x: line 1: plan: ekyc has no international section"),
        ("destinations", "3c,preferred,Japan,81\n", "x: line 1: offer: plan 3c has no price"),
        ("destinations", "3c,discount,Japan,81\n", "x: line 1: offer: plan 3c has no discount"),
        ("destinations", "onecontact-2019,best,Japan,81\n", "x: line 1: offer"),
        ("destinations", "onecontact-2019,idd,Ja/pan,81\n", "x: line 1: name"),
        ("destinations", "onecontact-2019,idd,Home,849\n", "x: line 1: prefix"),
        ("destinations", "onecontact-2019,idd,A,81\nonecontact-2019,idd,B,0081\n", "x: line 2: prefix"),
        ("destinations", "onecontact-2019,idd,Japan\n", "x: line 1: 3 columns"),
        ("destinations", "plan,offer,name,prefix\n", "x: holds no destination"),
        ("prices", "", "kind: 'prices'"),
    ],
)
def test_a_broken_file_is_refused_with_line_and_field(kind: str, text: str, blame: str) -> None:
    with pytest.raises(RatingInputError, match=f"^({blame})"):
        take(RateTables(), kind, text, "x")


def test_bundles_belong_to_the_plan_of_their_month() -> None:
    plans = (PlanChoice("onecontact-2019", "0001-01"), PlanChoice("3c", "2026-11"))
    bought = BundlePurchase(HOTLINE, 8, "2026-11-05T08:00:00+07:00")
    contract = Contract(RateTables(), Billing(plans=plans, bundles=(bought,)))
    assert contract.problems == []
    assert (contract.plan_of(Month(2026, 10)), contract.plan_of(Month(2026, 11))) == ("onecontact-2019", "3c")
    assert contract.first_bundle_month("3c", HOTLINE) == Month(2026, 11)


@pytest.mark.parametrize(
    ("billing", "problem"),
    [
        (Billing(plans=(PlanChoice("4d", "0001-01"),)), "billing.plans: '4d' is unknown"),
        (Billing(bundles=(BundlePurchase(HOTLINE, 8, "2026-11-05T08:00:00+07:00"),)), "billing.bundles"),
        (
            Billing((PlanChoice("3c", "0001-01"),), (BundlePurchase(HOTLINE, 99, "2026-11-05T08:00:00+07:00"),)),
            r"billing.bundles\[0\]: bundle",
        ),
        (
            Billing(
                (PlanChoice("3c", "0001-01"),),
                (
                    BundlePurchase(HOTLINE, 8, "2026-11-05T08:00:00+07:00"),
                    BundlePurchase(HOTLINE, 1, "2026-11-06T08:00:00+07:00"),
                ),
            ),
            r"billing.bundles\[1\]: activated_at",
        ),
        (Billing(cancelled_at="2026-11-01T00:00+07:00"), "billing.cancelled_at: '2026-11-01T00:00"),
        (Billing(cancelled_at="20261101T000000+07:00"), "billing.cancelled_at: '20261101T"),
    ],
)
def test_what_cannot_be_charged_is_a_problem_and_stands_for_nothing(billing: Billing, problem: str) -> None:
    contract = Contract(RateTables(), billing)
    assert len(contract.problems) == 1
    assert re.match(problem, contract.problems[0])
    assert len(contract.bundles("3c")) == max(0, len(billing.bundles) - 1)
    Biller(RateTables(), billing)


def test_a_stored_table_that_cannot_be_read_any_more_is_left_out_and_told() -> None:
    idd, broken = StoredTable("idd", "idd", "81,4000\n"), StoredTable("plan", "3c@2027-01-01", "plan = 3")
    tables = RateTables.stored([broken, idd])
    assert set(tables.imported) == {("idd", "idd")}
    (problem,) = tables.problems.values()
    assert problem.startswith("plan table 3c@2027-01-01 is not used: ")
    assert RateTables.stored([idd]).problems == {}
    assert tables.with_tables([idd]).problems == tables.problems
    again = StoredTable("plan", "3c@2027-01-01", LATER)
    assert tables.with_tables([again]).problems == {}
