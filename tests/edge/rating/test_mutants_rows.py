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


# ---- special numbers, and what stays free abroad


def with_special(texts: dict, numbers: str, plan: str = "onecontact-2019") -> dict:
    text = re.sub(r"(?m)^\[special_numbers\].*$", f"[special_numbers]\n{numbers}", texts[f"{plan}.toml"])
    return {**texts, f"{plan}.toml": text}


def sms(end, to: str, party: str = "customer", **more) -> dict:
    at = "2026-11-03T09:15:00+07:00"
    return {"id": "m", "kind": "sms", "hotline": "0901234567", "at": at, "parts": 2, "to": end(to, party), **more}


@pytest.mark.parametrize(
    ("numbers", "to", "amount_vnd", "rule"),
    [
        ('"9119" = { vnd_per_min = 0, vnd_per_part = 1500 }', "9119", 3000, "special_numbers/9119"),
        ('"9119" = { vnd_per_min = 0, vnd_per_part = 0 }', "9119", 0, "special_numbers/9119"),
        ('"9119" = { vnd_per_min = 0 }', "9119", 700, "sms/other.off_net"),
        ('"9119" = { class = "on_net" }', "9119", 700, "sms/other.on_net"),
        ('"9119" = { class = "on_net", vnd_per_part = 90 }', "9119", 180, "special_numbers/9119"),
        ('"9119" = { vnd_per_min = 0, vnd_per_part = 1500 }', "0912000222", 700, "sms/other.off_net"),
    ],
)
def test_a_message_to_a_special_number_costs_what_the_plan_says(numbers, to, amount_vnd, rule, run, texts, end):
    (charge,) = run([sms(end, to)], tariffs=with_special(texts, numbers))
    assert (charge["amount_vnd"], charge["rule"].partition("/")[2]) == (amount_vnd, rule)


@pytest.mark.parametrize(
    ("numbers", "amount_vnd"), [('"1080" = { vnd_per_min = 0 }', 0), ('"1080" = { vnd_per_min = 1 }', None)]
)
def test_reading_06_only_what_is_free_stays_free_for_a_roaming_subscriber(numbers, amount_vnd, run, texts, leg):
    (charge,) = run([leg(to="1080", roaming=True)], tariffs=with_special(texts, numbers))
    assert charge["amount_vnd"] == amount_vnd


@pytest.mark.parametrize(
    ("to", "party", "amount_vnd"), [("0903000222", "extension", 0), ("0903000222", "customer", None)]
)
def test_reading_06_messages_of_a_roaming_subscriber(to, party, amount_vnd, run, end):
    assert run([sms(end, to, party, roaming=True)])[0]["amount_vnd"] == amount_vnd
    assert run([sms(end, to, party)])[0]["amount_vnd"] == (0 if party == "extension" else 700)


@pytest.mark.parametrize("price", [1, 0])
def test_reading_06_a_message_to_a_special_number_by_a_roaming_subscriber(price, run, texts, end):
    tariffs = with_special(texts, f'"9119" = {{ vnd_per_min = 0, vnd_per_part = {price} }}')
    assert run([sms(end, "9119", roaming=True)], tariffs=tariffs)[0]["amount_vnd"] == (None if price else 0)


@pytest.mark.parametrize(("roaming", "status"), [(True, "unrated"), (False, "rated")])
def test_reading_06_requests_of_a_roaming_subscriber(roaming, status, run, texts):
    request = {"id": "r", "kind": "request", "product": "ekyc", "at": "2026-11-03T09:15:00+07:00", "count": 1}
    tariffs = {**texts, "ekyc.toml": texts["ekyc.toml"].replace("valid_from", 'roaming = "unrated"\nvalid_from', 1)}
    assert run([request | {"roaming": roaming}], "ekyc", tariffs=tariffs)[0]["status"] == status
    assert run([request | {"roaming": roaming}], "ekyc")[0]["status"] == "rated"
