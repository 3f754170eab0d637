"""Statements by example, and their promise: every total is the sum of what stands under it, and that of the invoice."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rating.bundle_text import parse_bundles
from edge.rating.charge import charge_from_json
from edge.rating.command import NamedText, load_plans, run_rate
from edge.rating.instant import Month, local_month, parse_instant
from edge.rating.invoice_command import run_invoice
from edge.rating.statement import Facts, make_statement
from edge.rating.statement_held import Decision, HeldMonth, HotlineSeen, held_in, month_after, month_start
from edge.rating.statement_items import Item, bundle_periods
from edge.rating.statement_sums import Person
from edge.rating.tariff import Plan

TABLE = Path(__file__).parent / "data" / "statement_examples.csv"
OCTOBER = Month(2026, 10)
HEAD = {"kind": "month", "closed": False}
FEES = ("setup", "monthly", "rooms")


def _rows() -> list:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [pytest.param(row, id=row["what"]) for row in csv.DictReader(file)]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _counts(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in (part.split() for part in _parts(text))}


def _hotlines(text: str) -> list[HotlineSeen]:
    """ "6 from 2026-01-05"."""
    if not text:
        return []
    count, _, since = text.split()
    return [HotlineSeen(f"+8490123{n:04}", date.fromisoformat(since), None) for n in range(int(count))]


@pytest.mark.parametrize("row", _rows())
def test_worked_example(row: dict[str, str], texts: dict[str, str]) -> None:
    year, _, number = row["month"].partition("-")
    month = Month(int(year), int(number))
    decisions = []
    for part in _parts(row["decisions"]):
        since, *extensions = part.split()
        decisions.append(Decision(parse_instant(f"{since}:00+07:00"), frozenset(extensions), _counts(row["counts"])))
    cancelled = parse_instant(f"{row['cancelled']}:00+07:00") if row["cancelled"] else None
    held = held_in(month, decisions, _hotlines(row["hotlines"]), cancelled)
    made = make_statement(Facts(month, load_plans(texts)[row["plan"]], held, ()), HEAD)
    assert "; ".join(f"{line['code']} {line['amount_vnd']}" for line in made["lines"]) == row["expected_lines"]
    assert made["total_vnd"] == int(row["expected_total_vnd"])
    assert sum(one["total_vnd"] for one in made["hotlines"]) + made["company_fees_vnd"] == made["total_vnd"]


# --- any usage ----------------------------------------------------------------------------------------------------

HOTLINES = ("0901234567", "0937654321")
CALLED = ("0903000222", "0912000222", "+33612345678", "+4930123456", "+231770000000", "19001234")
IDD = "prefix,vnd_per_min\n33,3601\n"
BUNDLES = [{"hotline": HOTLINES[0], "bundle": 8, "activated_at": "2026-10-03T00:00:00+07:00", "when_spent": "renew"}]

call = st.fixed_dictionaries(
    {
        "kind": st.just("voice"),
        "hotline": st.sampled_from(HOTLINES),
        "minute": st.integers(0, 31 * 1440 + 60),
        "duration_s": st.integers(0, 400_000),
        "service": st.sampled_from(["outbound", "inbound", "connect", "internal", "forward"]),
        "called": st.sampled_from(CALLED),
        "extension": st.sampled_from([None, "511", "512"]),
    }
)
message = st.fixed_dictionaries(
    {
        "kind": st.just("sms"),
        "hotline": st.sampled_from(HOTLINES),
        "minute": st.integers(0, 31 * 1440 + 60),
        "parts": st.integers(1, 4),
        "called": st.sampled_from(CALLED[:2]),
        "extension": st.sampled_from([None, "511"]),
    }
)


def _record(number: int, drawn: dict[str, Any]) -> dict[str, Any]:
    """Of October and an hour beyond it."""
    day, minute = divmod(drawn["minute"], 1440)
    month, day = (11, day - 30) if day >= 31 else (10, day + 1)
    at = f"2026-{month:02}-{day:02}T{minute // 60:02}:{minute % 60:02}:00+07:00"
    party = "customer" if drawn["extension"] is None else "extension"
    to = {"party": party, "endpoint": "mobile", "number": drawn["called"]}
    if drawn["kind"] == "sms":
        return {
            "id": f"m{number}",
            "kind": "sms",
            "hotline": drawn["hotline"],
            "at": at,
            "parts": drawn["parts"],
            "to": to,
        }
    caller = {"party": "extension", "endpoint": "mobile", "number": "0903000111"}
    kept = {key: drawn[key] for key in ("kind", "hotline", "duration_s", "service")}
    return kept | {"id": f"c{number}.1", "answered_at": at, "from": caller, "to": to}


def _items(records: list[dict], drawn: list[dict], rated: list[dict]) -> list[Item]:
    items = []
    for record, how, row in zip(records, drawn, rated, strict=True):
        at = parse_instant(record.get("answered_at") or record["at"])
        items.append(
            Item(
                id=record["id"],
                kind=record["kind"],
                service=record.get("service", "sms"),
                at=at,
                month=local_month(at),
                group="+84" + record["hotline"][1:],
                extension=how["extension"],
                number=how["called"],
                billed_s=row["billed_s"],
                units=record.get("parts", 0),
                charge=charge_from_json(row),
                revision=1,
            )
        )
    return items


@settings(max_examples=50)
@given(drawn=st.lists(st.one_of(call, message), max_size=14), plan=st.sampled_from(["onecontact-2019", "3c"]))
def test_the_statement_is_the_invoice_of_the_same_usage(
    texts: dict[str, str], drawn: list[dict[str, Any]], plan: str
) -> None:
    records = [_record(number, one) for number, one in enumerate(drawn)]
    usage = "".join(json.dumps(record) + "\n" for record in records)
    bundles = json.dumps(BUNDLES) if plan == "3c" else None
    rated = [json.loads(row) for row in run_rate(plan, usage, "usage", texts, None, IDD, bundles)]
    subscribed = {"hotlines": [{"number": HOTLINES[0], "from": "2026-10-02"}], "extensions": [{"from": "2026-01-01"}]}
    named = None if bundles is None else NamedText("bundles", bundles)
    subscriptions = NamedText("subs", json.dumps(subscribed))
    invoice = json.loads(
        run_invoice(plan, "2026-10", subscriptions, usage, "usage", texts, None, NamedText("idd", IDD), named)
    )

    plans = load_plans(texts)
    items = _items(records, drawn, rated)
    bought = [] if bundles is None else parse_bundles(bundles, "bundles", plans[plan])
    held = HeldMonth((("+84901234567", date(2026, 10, 2)),), (("511", date(2026, 1, 1)),))
    periods = bundle_periods(plans[plan], bought, items, month_start(month_after(OCTOBER)))
    of_month = [item for item in items if item.month == OCTOBER]
    made = make_statement(Facts(OCTOBER, plans[plan], held, of_month, periods), HEAD)

    plain = [
        {key: line[key] for key in ("code", "description", "quantity", "unit", "amount_vnd")} for line in made["lines"]
    ]
    assert plain == invoice["lines"]
    assert made["total_vnd"] == invoice["total_vnd"]
    assert {key: made["vat"][key] for key in invoice["vat"]} == invoice["vat"]
    _assert_sums(made)


def _assert_sums(made: dict[str, Any]) -> None:
    """Every total of the document from what stands under it."""
    lines, items = made["lines"], made["items"]
    kind: Callable[[dict], str] = lambda line: line["code"].partition(".")[0]  # noqa: E731
    charges = sum(item["amount_vnd"] or 0 for item in items)
    other = sum(line["amount_vnd"] for line in lines if kind(line) not in ("voice", "sms"))
    assert made["total_vnd"] == sum(line["amount_vnd"] for line in lines) == charges + other
    assert made["total_vnd"] == sum(one["total_vnd"] for one in made["hotlines"]) + made["company_fees_vnd"]
    company = sum(line["amount_vnd"] for line in lines if kind(line) in FEES and not line["code"].endswith("hotlines"))
    assert made["company_fees_vnd"] == company
    assert charges == sum(one["total_vnd"] for one in made["extensions"])
    assert charges == sum(one["voice_vnd"] + one["sms"]["amount_vnd"] for one in made["hotlines"])
    assert sum(row["items"] for row in made["unrated"] if row["code"] is None) == sum(
        item["status"] != "rated" for item in items
    )
    quantities = {(line["code"], line["hotline"]): line["quantity"] for line in lines if kind(line) == "voice"}
    for one in made["hotlines"]:
        for voice in one["voice"]:
            if voice["amount_vnd"]:
                assert quantities[(f"voice.{voice['class']}", one["hotline"])] == voice["seconds"]


def test_the_summary_tells_of_no_single_call(texts: dict[str, str]) -> None:
    drawn = {"kind": "voice", "hotline": HOTLINES[0], "minute": 600, "duration_s": 61, "service": "outbound"}
    drawn |= {"called": "+231770000000", "extension": "512"}
    record = _record(7, drawn)
    rated = [json.loads(row) for row in run_rate("onecontact-2019", json.dumps(record), "usage", texts)]
    items = _items([record], [drawn], rated)
    people = {"512": Person("Kinh doanh", "Bán hàng")}
    made = make_statement(Facts(OCTOBER, load_plans(texts)["onecontact-2019"], HeldMonth(), items, people=people), HEAD)
    shown = json.dumps({key: value for key, value in made.items() if key not in ("items", "corrected")})
    assert "231770000000" in json.dumps(made["items"])
    assert "231770000000" not in shown
    assert "c7.1" not in shown
    (extension,) = made["extensions"]
    assert (extension["name"], extension["department"], extension["unrated"]) == ("Kinh doanh", "Bán hàng", 1)


# --- versions of the plan -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "ends", "expected"),
    [
        ([], None, [("2019-03-01", "2026-10-01")]),
        (["2026-10-15"], None, [("2019-03-01", "2026-10-01"), ("2026-10-15", "2026-10-15")]),
        (["2026-10-01"], None, [("2026-10-01", "2026-10-01")]),
        (["2026-11-01"], None, [("2019-03-01", "2026-10-01")]),
        (
            ["2026-10-02", "2026-10-31"],
            None,
            [("2019-03-01", "2026-10-01"), ("2026-10-02", "2026-10-02"), ("2026-10-31", "2026-10-31")],
        ),
        (["2026-10-15"], "2026-10-01", [("2026-10-15", "2026-10-15")]),
        ([], "2026-10-01", []),
    ],
    ids=["one", "taken over", "on the first", "next month", "two", "after a gap", "none"],
)
def test_all_versions_of_the_month_are_named_with_their_first_day(
    texts: dict[str, str], later: list[str], ends: str | None, expected: list[tuple[str, str]]
) -> None:
    (first,) = load_plans(texts)["onecontact-2019"].versions
    versions = [replace(first, valid_to=None if ends is None else date.fromisoformat(ends))]
    versions += [replace(first, valid_from=date.fromisoformat(day), name_en=f"From {day}") for day in later]
    told = make_statement(Facts(OCTOBER, Plan("onecontact-2019", tuple(versions)), HeldMonth(), ()), HEAD)["plan"]
    assert [(row["version"], row["first_day"]) for row in told["versions"]] == [
        (f"onecontact-2019@{since}", day) for since, day in expected
    ]
    assert [row["title"]["en"] for row in told["versions"]] == [
        first.name_en if since == "2019-03-01" else f"From {since}" for since, _day in expected
    ]
    if expected:
        assert told["version"] == f"onecontact-2019@{expected[0][0]}", "the key of release 0.1 says what it said"
    else:
        assert told["version"] is None
