"""The verb `tongdai advise`: of files, and of what a box has recorded under its own tables."""

import json
import time

import pytest

from edge.billing import Biller
from edge.billing.imports import signed, take
from edge.billing.tables import RateTables
from edge.boot import open_stores
from edge.cli import main
from edge.places import Places
from edge.rating.instant import Instant, local_month
from edge.telephony import Moment
from tests.edge.billing.paper_calls import JAPAN, at, call, leg


@pytest.fixture
def answer(capsys):
    """answer(arguments…) → status, document (None: nothing on stdout), what was said to people."""

    def ask(*arguments):
        status = main(["advise", *map(str, arguments)])
        out, err = capsys.readouterr()
        return status, json.loads(out) if out else None, err

    return ask


@pytest.fixture
def usage_file(tmp_path, request):
    record = request.getfixturevalue("leg")
    path = tmp_path / "usage.jsonl"
    records = [record("a", s=600), record("b", to="0033612345678", answered_at="2026-11-04T08:00:00Z")]
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return path


def test_of_a_file(answer, usage_file, tmp_path):
    status, document, err = answer("--usage", usage_file, "--period", "2026-11", "--language", "en")
    assert (status, err) == (0, "")
    assert (document["period"], document["calls"]) == ("2026-11", 2)
    assert [choice["rank"] for choice in document["choices"]] == list(range(1, len(document["choices"]) + 1))
    assert {choice["unrated"] for choice in document["choices"]} == {1}
    idd = tmp_path / "idd.csv"
    idd.write_text("33,3607\n", encoding="utf-8")
    priced = answer("--usage", usage_file, "--period", "2026-11", "--idd", idd)[1]
    assert {choice["unrated"] for choice in priced["choices"]} == {0}
    first = priced["choices"][0]
    assert first["plan"] == "onecontact-2019"
    assert first["total_vnd"] == 9000 + 3607 - 433
    assert first["discount_vnd"] == -433


def test_fees_of_a_subscription(answer, usage_file, tmp_path):
    subscriptions = tmp_path / "subs.json"
    subscriptions.write_text('{"hotlines": [{"number": "0901234567", "from": "2026-01-01"}]}', encoding="utf-8")
    document = answer("--usage", usage_file, "--period", "2026-11", "--subscriptions", subscriptions)[1]
    assert {choice["plan"]: choice["fees_vnd"] for choice in document["choices"]} == {
        "onecontact-2019": 300_000,
        "3c": 299_000,
    }


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--usage", "missing.jsonl"], "missing.jsonl: No such file or directory"),
        (["--usage", "USAGE", "--period", "2026-13"], "period: '2026-13' is no month such as 2026-11"),
        (["--usage", "USAGE", "--tariffs", "missing"], "--tariffs missing: no such directory"),
        (["--usage", "USAGE", "--subscriptions", "missing.json"], "missing.json: No such file or directory"),
    ],
)
def test_bad_input_is_said_in_one_line(arguments, expected, answer, usage_file):
    filled = [usage_file if argument == "USAGE" else argument for argument in arguments]
    assert answer(*filled) == (2, None, f"tongdai: {expected}\n")


def test_no_box(answer, tmp_path):
    status, document, err = answer("--data", tmp_path / "none")
    assert (status, document) == (1, None)
    assert "no box runs at" in err


def test_of_a_box_by_its_own_tables(answer, tmp_path):
    stores = open_stores(Places.at(tmp_path), "box")
    try:
        taken = take(RateTables(), "idd", "81,4000\n", "idd.csv")
        stores.ledger.rate_tables.add(signed(taken.stored, 1.0, "test"))
        biller = Biller()
        legs = [leg("c1.1", at("2026-10-05T09:00"), 60.0), leg("c1.2", at("2026-10-05T09:00"), 60.0, number=JAPAN)]
        cdr = call(1, *legs)
        stores.ledger.close_cdr(cdr, biller.charges_for(cdr, stores.ledger), Moment(0.0, cdr.ended))
    finally:
        stores.close()
    _, document, _ = answer("--data", tmp_path, "--period", "2026-10")
    assert (document["period"], document["calls"]) == ("2026-10", 2)
    assert {choice["unrated"] for choice in document["choices"]} == {0}
    this_month = local_month(Instant(int(time.time()), ""))
    assert answer("--data", tmp_path)[1]["period"] < str(this_month)
