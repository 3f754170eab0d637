"""Statements out of a real ledger: what is in them, what is subscribed, and corrections of closed months."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.api.statements import closed_month
from edge.dialplan.billing import BundlePurchase
from edge.rating.invoice_command import parse_period
from edge.store.rate_tables import StoredTable
from edge.store.statements import StatementRefused
from edge.telephony import ClockSource, Service
from tests.edge.billing.statement_box import (
    FRANCE,
    GERMANY,
    HOTLINE,
    OFF_NET,
    ON_NET,
    SECOND,
    PaperBox,
    fees_of,
    line_amounts,
    seconds,
)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[PaperBox]:
    made = PaperBox(tmp_path)
    made.decide("2026-10-05T09:00", ["511:Lễ tân", "512:Kinh doanh"])
    yield made
    made.close()


def test_an_open_month_as_it_stands(box: PaperBox) -> None:
    box.call("2026-10-06T09:00", 120)
    box.call("2026-10-06T10:00", 60, ON_NET)
    box.call("2026-10-06T11:00", 30, service=Service.INBOUND, extension=None)
    box.message("2026-10-07T08:00", parts=2, extension="511")
    made = box.statement("2026-10", "2026-10-20T00:00")
    assert (made["closed"], made["drawn"], made["as_of"]) == (False, None, "2026-10-20T00:00:00+07:00")
    assert line_amounts(made) == {
        "setup.hotlines": 300_000,
        "setup.extensions": 100_000,
        "monthly.hotlines": 300_000,
        "monthly.extensions": 30_000,
        "voice.off_net": 1_800,
        "voice.on_net": 440,
        "sms.off_net": 700,
    }
    assert [item["item"] for item in made["items"]] == ["c1.1", "c2.1", "c3.1", "m1"]
    assert made["items"][2]["why"]["vi"].startswith("Cuộc gọi đến hotline: miễn phí.")
    reception, sales = made["extensions"]
    assert (reception["extension"], reception["sms"]["amount_vnd"], reception["department"]) == ("511", 700, "Lễ tân")
    assert (sales["voice"]["amount_vnd"], sales["total_vnd"]) == (2_240, 2_240)


def test_an_unknown_sim_and_an_unknown_price_are_listed_and_never_zero(box: PaperBox) -> None:
    box.call("2026-10-06T09:00", hotline=None)
    box.call("2026-10-06T10:00", 60, "+231770000000")
    made = box.statement("2026-10", "2026-10-20T00:00")
    assert [item["status"] for item in made["items"]] == ["unrated", "unrated"]
    assert [row["items"] for row in made["unrated"]] == [1, 1]
    assert made["unrated"][1]["text"]["vi"] == "Chưa tính được: chưa biết số của SIM; hãy ghi số vào tongdai.toml."
    assert made["total_vnd"] == fees_of(made)


def test_a_call_in_progress_and_one_without_a_time_are_not_in_it(box: PaperBox) -> None:
    box.call("2026-10-06T09:00", state="open")
    box.call("2026-10-06T10:00", clock=ClockSource.NONE)
    assert box.statement("2026-10", "2026-10-20T00:00")["items"] == []
    with box.books("2026-11-02T00:00") as books:
        unfinished = books.standing().oldest_unfinished
    assert unfinished is not None
    assert unfinished.second == 0, "a row without a time may belong anywhere"


def test_usage_of_another_month_belongs_there(box: PaperBox) -> None:
    box.call("2026-10-31T23:59:59")
    box.call("2026-11-01T00:00:00")
    assert [item["item"] for item in box.statement("2026-10", "2026-11-20T00:00")["items"]] == ["c1.1"]
    assert [item["item"] for item in box.statement("2026-11", "2026-11-20T00:00")["items"]] == ["c2.1"]


# --- subscriptions ------------------------------------------------------------------------------------------------


def test_a_sim_counts_while_the_box_has_it(box: PaperBox) -> None:
    box.call("2026-10-06T09:00")
    box.call("2026-10-07T09:00", hotline=SECOND)
    box.draw("2026-10", "2026-11-01T00:01", numbers=[HOTLINE, SECOND])

    def held(month: str, numbers: list[str] | None) -> list[str]:
        made = box.statement(month, "2026-12-20T00:00", numbers)
        return [row["number"] for row in made["subscriptions"]["hotlines"]]

    assert held("2026-11", [HOTLINE, SECOND]) == [HOTLINE, SECOND]
    assert held("2026-11", [HOTLINE]) == [HOTLINE], "gone: not used since October"
    assert held("2026-11", None) == [HOTLINE, SECOND], "nobody knows: taken to be there"
    box.call("2026-12-07T09:00", hotline=SECOND)
    assert held("2026-12", [HOTLINE]) == [HOTLINE, SECOND], "used in this month, and gone then"


def test_a_sim_that_was_never_used_is_set_up_once(box: PaperBox) -> None:
    first = box.draw("2026-10", "2026-11-01T00:01", numbers=[HOTLINE])
    assert line_amounts(first)["setup.hotlines"] == 300_000
    box.call("2026-11-06T09:00")
    second = box.draw("2026-11", "2026-12-01T00:01", numbers=[HOTLINE])
    assert "setup.hotlines" not in line_amounts(second)
    assert line_amounts(second)["monthly.hotlines"] == 300_000


def test_usage_before_the_company_was_made_counts_from_that_day(tmp_path: Path) -> None:
    box = PaperBox(tmp_path)
    box.call("2026-09-20T09:00")
    box.decide("2026-10-05T09:00", ["511"])
    september = box.statement("2026-09", "2026-11-20T00:00")
    october = box.statement("2026-10", "2026-11-20T00:00")
    assert (fees_of(september), september["total_vnd"]) == (0, 900)
    assert october["subscriptions"]["hotlines"] == [{"number": HOTLINE, "from": "2026-10-05"}]
    box.close()


def test_settings_saved_before_any_clock_had_spoken(tmp_path: Path) -> None:
    """A Pi without clock chip begins in 1970: no statement is owed for the years in between."""
    box = PaperBox(tmp_path)
    box.decide("1970-01-01T07:03", ["511"])
    box.call("2026-10-06T09:00")
    with box.books("2026-11-02T00:00") as books:
        assert books.standing().first == parse_period("2026-10")
    assert box.statement("2026-10", "2026-10-20T00:00")["subscriptions"]["extensions"] == [
        {"number": "511", "from": "2026-10-06"}
    ]
    box.close()


def test_without_a_company_nothing_is_drawn_up(tmp_path: Path) -> None:
    box = PaperBox(tmp_path)
    box.call("2026-09-20T09:00")
    with box.books("2026-11-02T00:00") as books:
        assert books.standing().first is None
    box.close()


def test_cancelled_on_the_2nd(box: PaperBox) -> None:
    box.call("2026-10-06T09:00")
    box.draw("2026-10", "2026-11-01T00:01")
    box.call("2026-11-01T09:00")
    box.decide("2026-11-02T09:00", ["511", "512"], cancelled_at="2026-11-02T09:00:00+07:00")
    last = box.statement("2026-11", "2026-11-02T11:00")
    assert line_amounts(last) == {"monthly.hotlines": 300_000, "monthly.extensions": 30_000, "voice.off_net": 900}
    box.call("2026-12-05T09:00")
    assert line_amounts(box.statement("2026-12", "2026-12-20T00:00")) == {"voice.off_net": 900}


# --- bundles ------------------------------------------------------------------------------------------------------


def test_a_cancellation_at_no_instant_stops_no_statement(box: PaperBox) -> None:
    """Settings of an older release may hold one; new ones are refused (billing contract)."""
    box.call("2026-10-05T10:00")
    box.decide("2026-11-02T09:00", ["512"], cancelled_at="2026-11-02T09:00+07:00")
    assert box.draw("2026-10", "2026-11-03T09:00")["kind"] == "month"
    assert box.statement("2026-11", "2026-11-03T09:00")["kind"] == "month"


def test_a_stored_table_that_cannot_be_read_any_more_stops_no_statement(box: PaperBox) -> None:
    box.call("2026-10-05T10:00")
    before = box.statement("2026-10", "2026-11-03T09:00")["total_vnd"]
    box.ledger.rate_tables.add([StoredTable("plan", "3c@2027-01-01", "plan = 3", at=0.0, by="test")])
    assert box.statement("2026-10", "2026-11-03T09:00")["total_vnd"] == before


def test_a_bundle_is_a_line_of_the_month_in_which_each_period_begins(tmp_path: Path) -> None:
    bought = BundlePurchase(HOTLINE, 8, "2026-10-05T00:00:00+07:00")
    box = PaperBox(tmp_path, plan="3c", bundles=(bought,))
    box.decide("2026-10-05T09:00", ["511"])
    box.call("2026-10-06T09:00", 3_600)
    october = box.statement("2026-10", "2026-12-20T00:00")
    november = box.statement("2026-11", "2026-12-20T00:00")
    assert line_amounts(october)["bundle.8"] == line_amounts(november)["bundle.8"] == 8_000_000
    assert october["hotlines"][0]["voice"] == [{"class": "bundle", "calls": 1, "seconds": 3_600, "amount_vnd": 0}]
    assert october["vat"]["mode"] == "included"
    box.close()


# --- closing and corrections --------------------------------------------------------------------------------------


def test_a_closed_month_is_never_changed_and_never_drawn_twice(box: PaperBox) -> None:
    box.call("2026-10-06T09:00")
    box.draw("2026-10", "2026-11-01T00:01")
    before = closed_month(box.folder, "2026-10")
    box.call("2026-10-07T09:00")
    assert closed_month(box.folder, "2026-10") == before
    with pytest.raises(StatementRefused, match="2026-10 is closed already; it is never drawn twice"):
        box.draw("2026-10", "2026-11-02T00:01")


def test_closing_is_one_transaction_with_its_charges_and_its_outbox_row(box: PaperBox) -> None:
    box.call("2026-10-06T09:00")
    box.message("2026-10-06T09:30")
    box.draw("2026-10", "2026-11-01T00:01")
    database = box.ledger.database
    assert list(database.query("SELECT item, revision FROM statement_charge ORDER BY item")) == [
        {"item": "c1.1", "revision": 1},
        {"item": "m1", "revision": 1},
    ]
    (row,) = database.query("SELECT key, topic, seq, payload FROM outbox WHERE key LIKE '%statement%'")
    assert (row["key"], row["topic"]) == ("box-7:statement:2026-10", "tongdai/box-7/statement/2026-10")
    payload = json.loads(row["payload"])
    assert (payload["schema"], payload["key"], payload["seq"]) == (1, row["key"], row["seq"])
    assert payload["statement"]["total_vnd"] == box.statement("2026-10", "2026-11-20T00:00")["total_vnd"]
    assert "items" not in payload["statement"]
    box.call("2026-11-06T09:00")
    keys = [one["seq"] for one in database.query("SELECT seq FROM outbox ORDER BY seq")]
    assert len(set(keys)) == len(keys), "the ledger's counter goes on from there"


def test_a_late_record_is_a_line_of_the_next_statement_once(box: PaperBox) -> None:
    box.call("2026-10-06T09:00")
    box.draw("2026-10", "2026-11-01T00:01")
    box.call("2026-10-30T09:00", 120)
    november = box.draw("2026-11", "2026-12-01T00:01")
    assert line_amounts(november)["adjustment.2026-10"] == 1_800
    assert november["adjustments"] == [{"month": "2026-10", "hotline": HOTLINE, "amount_vnd": 1_800, "items": 1}]
    detailed = closed_month(box.folder, "2026-11")
    assert detailed is not None
    (late,) = detailed["corrected"]
    assert (late["item"], late["late"], late["before_vnd"], late["after_vnd"]) == ("c2.1", True, None, 1_800)
    december = box.draw("2026-12", "2027-01-01T00:01")
    assert "adjustment.2026-10" not in line_amounts(december)


def test_rated_again_cheaper_is_a_credit(box: PaperBox) -> None:
    box.call("2026-10-06T09:00", 60)
    box.draw("2026-10", "2026-11-01T00:01")
    box.rerate("2026-11-10T09:00", _cheaper(box.tariffs))
    november = box.statement("2026-11", "2026-11-20T00:00")
    assert line_amounts(november)["adjustment.2026-10"] == -100
    (corrected,) = november["corrected"]
    assert (corrected["before_vnd"], corrected["after_vnd"], corrected["difference_vnd"]) == (900, 800, -100)


def test_a_correction_that_comes_to_nothing_has_no_line(box: PaperBox) -> None:
    box.call("2026-10-06T09:00", 30)
    box.draw("2026-10", "2026-11-01T00:01")
    box.call("2026-10-07T09:00", 30, service=Service.INBOUND, extension=None)
    november = box.statement("2026-11", "2026-11-20T00:00")
    assert november["adjustments"] == []
    assert [(one["item"], one["difference_vnd"]) for one in november["corrected"]] == [("c2.1", 0)]


def test_the_discount_of_a_closed_month_is_corrected_too(box: PaperBox) -> None:
    """Calls 3 600 each; 12 % off on the invoice: the late one owes 3 600 − 432."""
    box.call("2026-10-06T09:00", 60, FRANCE)
    box.call("2026-10-06T10:00", 60, GERMANY)
    box.draw("2026-10", "2026-11-01T00:01")
    box.call("2026-10-07T09:00", 60, FRANCE)
    assert line_amounts(box.statement("2026-11", "2026-11-20T00:00"))["adjustment.2026-10"] == 3_600 - 432


def test_corrections_stand_in_the_next_statement_and_not_in_those_after_it(box: PaperBox) -> None:
    box.call("2026-10-06T09:00")
    box.draw("2026-10", "2026-11-01T00:01")
    box.call("2026-10-30T09:00", 120)
    assert box.statement("2026-11", "2026-12-20T00:00")["adjustments"] != []
    assert box.statement("2026-12", "2026-12-20T00:00")["adjustments"] == []


def test_what_turns_up_for_a_month_before_the_first_statement(box: PaperBox) -> None:
    box.draw("2026-10", "2026-11-01T00:01", numbers=[HOTLINE])
    box.call("2026-08-30T09:00", 60, OFF_NET)
    assert line_amounts(box.statement("2026-11", "2026-11-20T00:00"))["adjustment.2026-08"] == 900


def test_another_month_closed_in_between_is_refused(box: PaperBox) -> None:
    from edge.store.statements import StatementTable

    reckoned = box.reckoned("2026-11", "2026-12-01T00:01")
    box.draw("2026-10", "2026-12-01T00:02")
    with pytest.raises(StatementRefused, match="another month was closed"):
        StatementTable(box.ledger.database, "box-7").close_month(reckoned)
    assert [row["statement"] for row in box.ledger.database.query("SELECT statement FROM statement")] == ["2026-10"]


def test_instants_of_no_clock_are_moved_to_the_next_one() -> None:
    from edge.billing.statement_history import believable

    good = seconds("2026-10-05T09:00")
    assert believable([180.0, good, 200.0, good + 10, 5.0], good + 99) == [good, good, good + 10, good + 10, good + 99]
    assert believable([good, 5.0], good - 99) == [good, good], "a decision is never older than the one before it"
    assert believable([good + 9, good], 0.0) == [good, good], "a clock that was put back"
    assert believable([3.0, 5.0], good) == [good, good]


def _cheaper(tariffs: dict[str, str]) -> dict[str, str]:
    """The first off-net tier at 800 instead of 900."""
    name = "onecontact-2019.toml"
    assert tariffs[name].count("900") >= 1
    return tariffs | {name: tariffs[name].replace("850", "795").replace("900", "800").replace("795", "799")}
