"""Every price, band edge and worked example, from tables that a person can check against the price list."""

import csv
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    return [pytest.param(row, id=f"line {number}: {row['note']}") for number, row in enumerate(table, start=2)]


@pytest.mark.parametrize("row", rows("voice_prices.csv"))
def test_voice_price(row, run, leg, end):
    service, _, role = row["service"].partition(" ")
    more = {"conference": {"id": "cf1", "initiator": role == "initiator"}} if role else {}
    if row["from"]:
        more["from"] = end(row["from"], "extension")
    records = [leg("b", service=service, to=row["to"], s=float(row["duration_s"]), **more)]
    if int(row["used_before_s"]):
        before = "2026-11-02T00:00:00+07:00"
        records.insert(0, leg("a", to=row["used_before_class"], s=int(row["used_before_s"]), answered_at=before))
    charge = run(records, row["plan"])[-1]
    assert charge["amount_vnd"] == int(row["expected_vnd"])
    assert sum(part["seconds"] for part in charge["parts"]) in (0, charge["billed_s"])


@pytest.mark.parametrize("row", rows("sms_prices.csv"))
def test_sms_price(row, run, end):
    at = "2026-11-03T09:15:00+07:00"
    to = end(row["to"], row["party"])
    record = {"id": "m1", "kind": "sms", "hotline": "0901234567", "at": at, "parts": int(row["parts"]), "to": to}
    charge = run([record], row["plan"])[0]
    assert charge["billed_s"] == 0
    if row["expected_vnd"] == "unrated":
        assert (charge["status"], charge["amount_vnd"]) == ("unrated", None)
    else:
        assert (charge["status"], charge["amount_vnd"]) == ("rated", int(row["expected_vnd"]))


@pytest.mark.parametrize("row", rows("international_prices.csv"))
def test_international_price(row, run, leg):
    idd = "\n".join(price.replace("=", ",") for price in row["idd_price"].split())
    records = [leg("b", to=row["number"], s=int(row["duration_s"]))]
    if int(row["used_before_s"]):
        start = "2026-11-01T00:00:00+07:00"
        records.append(leg("a", to="004366012345678", s=int(row["used_before_s"]), answered_at=start))
        idd += "\n43,1000"
    charge = run(records, row["plan"], idd=idd)[0]
    assert charge["class"] == "international"
    assert charge["rule"].partition("/")[2].partition("/")[2] == row["rule"]
    assert (charge["amount_vnd"] or "unrated") == (
        "unrated" if row["expected_vnd"] == "unrated" else int(row["expected_vnd"])
    )


@pytest.mark.parametrize("row", rows("numbers.csv"))
def test_number(row, run, leg, texts):
    from edge.rating.command import load_numbers
    from edge.rating.instant import parse_instant

    known = load_numbers(texts, None).classify(row["written"], parse_instant("2026-11-03T09:15:00Z"))
    if row["class"] == "error":
        assert known is None
    else:
        assert known is not None
        assert (known[0].canonical, known[1].value) == (row["canonical"], row["class"])


def conference(leg, people):
    at = "2026-11-03T09:15:00+07:00"
    return [
        leg(name, service="conference", to=to, s=minutes * 60, answered_at=at, conference={"initiator": initiator})
        for name, to, minutes, initiator in people
    ]


def test_worked_example_conference(run, leg):
    """A on-net starts; B on-net 3 min, C off-net 4 min, D off-net 5 min: 3 min on-net and 9 min off-net, A free."""
    people = [
        ("a", "on_net", 5, True),
        ("b", "on_net", 3, False),
        ("c", "off_net", 4, False),
        ("d", "off_net", 5, False),
    ]
    charges = run(conference(leg, people))
    assert [charge["amount_vnd"] for charge in charges] == [0, 3 * 440, 4 * 900, 5 * 900]


def test_worked_example_conference_with_an_off_net_initiator(run, leg):
    charges = run(conference(leg, [("a", "off_net", 10, True)]))
    assert [charge["amount_vnd"] for charge in charges] == [10 * 900]


def test_whole_month_over_every_band_at_once(run, leg):
    """One call of 25 000 minutes crosses all six bands; it is split at each and rounded once."""
    charge = run([leg(to="on_net", s=25_000 * 60)])[0]
    assert [(part["seconds"] // 60, part["vnd_per_min"], part["tier"]) for part in charge["parts"]] == [
        (1000, 440, "1-1000"),
        (4000, 400, "1001-5000"),
        (5000, 350, "5001-10000"),
        (5000, 300, "10001-15000"),
        (5000, 250, "15001-20000"),
        (5000, 200, ">20000"),
    ]
    assert charge["amount_vnd"] == 440_000 + 1_600_000 + 1_750_000 + 1_500_000 + 1_250_000 + 1_000_000


REQUEST_BANDS = [(5_000, 1000), (10_000, 950), (20_000, 900), (30_000, 850), (50_000, 800), (10**9, 750)]


@pytest.mark.parametrize(("last", "price"), REQUEST_BANDS)
def test_ekyc_band(last, price, amounts):
    first = max((edge for edge, _ in REQUEST_BANDS if edge < last), default=0)
    at = "2026-11-0{}T09:15:00+07:00"
    one = {"kind": "request", "product": "ekyc"}
    before = [{**one, "id": "a", "at": at.format(1), "count": first}] if first else []
    records = [*before, {**one, "id": "b", "at": at.format(2), "count": 1}]
    assert amounts(records, "ekyc")[-1] == price
