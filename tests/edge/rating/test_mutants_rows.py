"""Rows at the margin of a tariff, which no other test would notice: found by putting mistakes into rows.py."""

import re

import pytest

from edge.rating.command import load_numbers, load_plans
from edge.rating.data_tables import IddTable
from edge.rating.month import Book
from edge.rating.rows import RowFinder
from edge.rating.usage import parse_usage


@pytest.mark.parametrize(("seconds", "billed_s"), [(1, 6), (6, 6), (7, 7), (8, 8)])
def test_without_a_version_the_block_is_six_seconds_and_then_one(seconds, billed_s, run, leg):
    charge = run([leg(s=seconds, answered_at="1999-01-01T00:00:00Z")])[0]
    assert (charge["status"], charge["billed_s"]) == ("unrated", billed_s)


def test_a_plan_without_a_cap_has_no_edge_abroad(texts, leg):
    text = re.sub(r"(?m)^(cap_minutes|tier_within|tier_beyond) .*$", "", texts["onecontact-2019.toml"])
    plan = load_plans({**texts, "onecontact-2019.toml": text})["onecontact-2019"]
    rows = RowFinder(plan, load_numbers(texts, None), IddTable())
    assert "international" not in rows.counter_edges()
    book = Book(rows)
    for day in (2, 1):
        call = leg(f"c{day}", to="004915112345678", s=1_200_000, answered_at=f"2026-11-0{day}T00:00:00Z")
        assert [charge.amount_vnd for charge in book.add(parse_usage(call))] == [18_000_000]


def test_a_request_has_no_seconds(run):
    request = {"id": "r", "kind": "request", "product": "ekyc", "at": "2026-11-03T09:15:00+07:00", "count": 1}
    assert run([request], "ekyc")[0]["billed_s"] == 0


def test_a_special_number_that_calls_inside_the_company_has_the_class_that_the_plan_gives_it(run, leg, end, texts):
    special = '[special_numbers]\n"0912000222" = { class = "on_net" }\n'
    tariffs = {**texts, "3c.toml": texts["3c.toml"].replace("[special_numbers]", special)}
    inside = leg(service="internal", to="on_net", **{"from": end("off_net", "extension")})
    rules = [run([inside], "3c", given)[0]["rule"].rpartition("/")[2] for given in (texts, tariffs)]
    assert rules == ["internal.off_net.on_net", "internal.on_net.on_net"]
