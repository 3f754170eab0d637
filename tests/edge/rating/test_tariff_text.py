"""The shipped tariff files: complete, dated, with their decisions; versions that follow each other."""

from datetime import date

import pytest

from edge.rating.command import load_plans
from edge.rating.errors import TariffError
from edge.rating.tariff import Offer, Plan, block_rounded
from edge.rating.tariff_text import parse_tariff


@pytest.mark.parametrize(
    ("plan", "vat", "percent"),
    [("onecontact-2019", "unspecified", None), ("3c", "included", 10), ("meeting", "none", None)],
)
def test_shipped_plan(plan, vat, percent, texts):
    tariff = load_plans(texts)[plan].versions[0]
    assert (tariff.plan, tariff.vat.mode, tariff.vat.percent) == (plan, vat, percent)
    assert tariff.decisions
    assert bool(tariff.warnings) == (plan == "3c")


def test_onecontact_is_valid_from_march_2019(texts):
    plan = load_plans(texts)["onecontact-2019"]
    assert plan.at(date(2019, 2, 28)) is None
    assert plan.at(date(2019, 3, 1)) is plan.at(date(2030, 1, 1)) is plan.versions[0]


def test_destination_lists_are_those_of_the_source(texts):
    section = load_plans(texts)["onecontact-2019"].versions[0].international
    assert section is not None
    names = {offer: {d.name for d in section.destinations.values() if d.offer is offer} for offer in Offer}
    assert len(names[Offer.PREFERRED]) == 18
    assert len(names[Offer.EXCLUDED]) == 32


def test_the_next_version_takes_over_on_its_day(texts):
    text = texts["ekyc.toml"]
    versions = [
        parse_tariff(text.replace("valid_from = 2019-01-01", f"valid_from = {day}"), f"{day}.toml")
        for day in ("2026-01-01", "2019-01-01", "2023-01-01")
    ]
    plan = Plan("ekyc", tuple(versions))
    found = [plan.at(date(year, 6, 1)) for year in (2018, 2019, 2023, 2026)]
    assert [None if version is None else version.source[:4] for version in found] == [None, "2019", "2023", "2026"]


def test_a_version_that_has_ended_leaves_a_hole(texts):
    text = texts["ekyc.toml"].replace("valid_from = 2019-01-01", "valid_from = 2019-01-01\nvalid_to = 2020-01-01")
    plan = Plan("ekyc", (parse_tariff(text, "ekyc.toml"),))
    assert plan.at(date(2019, 12, 31)) is not None
    assert plan.at(date(2020, 1, 1)) is None


@pytest.mark.parametrize(
    ("first", "then", "billed"),
    [(6, 1, {0: 0, 1: 6, 6: 6, 7: 7, 61: 61}), (6, 6, {5: 6, 6: 6, 7: 12, 12: 12, 13: 18}), (60, 60, {1: 60, 61: 120})],
)
def test_blocks(first, then, billed):
    assert {seconds: block_rounded(seconds, first, then) for seconds in billed} == billed


def test_every_fault_is_found_at_once(texts):
    text = texts["3c.toml"].replace("vnd_per_min = 500", "vnd_per_min = -1").replace("days = 31", "days = 0")
    with pytest.raises(TariffError) as caught:
        parse_tariff(text, "x.toml")
    assert len(caught.value.problems) == 2
