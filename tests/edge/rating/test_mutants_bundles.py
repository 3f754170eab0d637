"""Bundles in the running account, where a call moves more than minutes: found by mistakes put into bundles.py."""

import json

import pytest

from edge.rating.bundle_text import parse_bundles
from edge.rating.command import load_plans
from edge.rating.errors import RatingInputError
from edge.rating.month import Book
from edge.rating.rater import rate_entries
from edge.rating.usage import parse_usage

HOTLINE = "+84901234567"
BUNDLE_S = 600_000  # of bundle 8


@pytest.fixture
def book_of(texts, finder):
    """book_of(bundle fields…) → a book of tiny pieces, so that every call stands in a block of its own."""

    def make(*bought: dict):
        rows = finder("3c")
        entries = [{"hotline": "0901234567", "when_spent": "tiers", "auto_renew": False, **each} for each in bought]
        bundles = parse_bundles(json.dumps(entries), "bundles", load_plans(texts)["3c"])
        return Book(rows, bundles, chunk_size=1, block_size=1), rows, bundles

    return make


@pytest.fixture
def call(leg):
    return lambda name, seconds, answered_at: parse_usage(leg(name, s=seconds, answered_at=f"{answered_at}+07:00"))


def amounts(charges) -> dict:
    return {charge.id: charge.amount_vnd for charge in charges}


def assert_is_rate(book, rows, bundles, records) -> None:
    """Charges and begun periods."""
    rated = rate_entries([rows.entry(record) for record in records], rows, bundles)
    assert book.charges() == {charge.id: charge for charge in rated.charges}
    assert book.periods(HOTLINE) == rated.periods


@pytest.mark.parametrize(
    ("answered_at", "changed_vnd"),
    [
        ("2026-12-06T00:09:59", None),  # the last second of the period that the late call began
        ("2026-12-06T00:10:00", 900),
        ("2026-12-09T12:00:00", 900),
    ],
)
def test_a_late_call_that_spends_a_bundle_earlier_ends_the_next_one_earlier(answered_at, changed_vnd, call, book_of):
    book, rows, bundles = book_of(
        {"bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00", "when_spent": "renew"},
    )
    records = [
        call("most", BUNDLE_S - 600, "2026-11-02T00:00:00"),
        call("rest", 600, "2026-11-09T00:00:00"),  # the next period: 9 November to 10 December
        call("december", 60, answered_at),
    ]
    book.load(records)
    assert amounts(book.charges().values())["december"] == 0
    late = call("late", 600, "2026-11-05T00:00:00")  # now: 5 November to 6 December
    changed = amounts(book.add(late))
    assert changed.get("december") == changed_vnd
    assert_is_rate(book, rows, bundles, [*records, late])


def test_a_late_call_that_spends_a_bundle_begins_one_that_covers_calls_after_the_first_ends(call, book_of):
    book, rows, bundles = book_of(
        {"bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00", "when_spent": "renew"},
    )
    records = [call("most", BUNDLE_S - 600, "2026-11-02T00:00:00")]
    records += [call(f"december {day}", 60, f"2026-12-0{day}T00:00:00") for day in (3, 4)]
    book.load(records)
    late = call("late", 600, "2026-11-09T00:00:00")  # the next period: 9 November to 10 December
    assert amounts(book.add(late)) == {"late": 0, "december 3": 0, "december 4": 0}
    assert_is_rate(book, rows, bundles, [*records, late])


def test_a_call_in_progress_lacks_what_was_drawn_since_the_one_before_it(call, book_of):
    book, _, _ = book_of({"bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00"})
    book.load([call("first", 60, "2026-11-01T12:00:00"), call("ended", BUNDLE_S - 220, "2026-11-03T00:00:00")])
    early, late = call("early", 60, "2026-11-02T00:00:00"), call("late", 130, "2026-11-04T00:00:00")
    assert amounts(book.preview([early, late])) == {"early": 0, "late": 450}  # 100 s are left
    assert amounts(book.preview([late])) == {"late": 0}


def test_a_call_in_progress_keeps_its_place_in_the_tiers_behind_one_that_a_bundle_covers(call, book_of):
    book, _, _ = book_of({"bundle": 8, "activated_at": "2026-11-02T00:00:00+07:00"})
    tier = call("tier", 60_000, "2026-11-01T00:00:00")  # the whole first tier, before the bundle
    before = [call(f"before {hour}", 60, f"2026-11-02T{hour}:00:00") for hour in (12, 13)]
    book.load([tier, *before, call("ended", BUNDLE_S - 280, "2026-11-04T00:00:00")])
    early, late = call("early", 60, "2026-11-03T00:00:00"), call("late", 160, "2026-11-05T00:00:00")
    assert amounts(book.preview([early, late])) == {"early": 0, "late": 850}  # 100 s are left


def test_renewal_goes_on_until_the_first_end_behind_the_switch(call, book_of):
    off_at = "2026-12-20T00:00:00+07:00"
    book, rows, bundles = book_of(
        {"bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00", "auto_renew": True, "auto_renew_off_at": off_at},
    )
    records = [call("renewed", 60, "2026-12-02T00:00:00"), call("over", 60, "2027-01-02T00:00:00")]
    assert amounts(book.add_all(records)) == {"renewed": 0, "over": 900}
    assert_is_rate(book, rows, bundles, records)


def test_a_later_call_may_need_more_than_a_late_call_leaves(call, book_of):
    book, rows, bundles = book_of({"bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00"})
    records = [call("most", BUNDLE_S - 1000, "2026-11-02T00:00:00"), call("last", 60, "2026-11-09T00:00:00")]
    book.load(records)
    late = call("late", 970, "2026-11-05T00:00:00")  # leaves 30 s
    assert amounts(book.add(late)) == {"late": 0, "last": 450}
    assert_is_rate(book, rows, bundles, [*records, late])


def test_a_late_call_may_be_the_first_that_a_bundle_covers(call, book_of):
    """It changes no counter, yet whoever used the bundle up to its last second lacks what it takes."""
    book, rows, bundles = book_of({"bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00"})
    before, after = call("october", 60, "2026-10-05T00:00:00"), call("all", BUNDLE_S, "2026-11-09T00:00:00")
    book.load([before, after])
    late = call("late", 60, "2026-11-05T00:00:00")
    assert amounts(book.add(late)) == {"late": 0, "all": 900}
    assert_is_rate(book, rows, bundles, [before, after, late])


def test_a_bundle_that_nobody_used_begins_once(call, book_of, leg):
    """A late call finds it begun and over; those after it must not begin it again, though nothing else differs."""
    book, rows, bundles = book_of(
        {"bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00"},
        {"bundle": 8, "activated_at": "2027-01-01T00:00:00+07:00"},
    )
    turns = leg("inbound", service="inbound", answered_at="2027-03-01T00:00:00+07:00")  # begins a month, asks no bundle
    records = [call("first", 60, "2026-11-05T00:00:00"), call("gap", 60, "2026-12-20T00:00:00"), parse_usage(turns)]
    records.append(call("march", 60, "2027-03-10T00:00:00"))
    book.load(records)
    late = call("february", 60, "2027-02-05T00:00:00")
    assert amounts(book.add(late)) == {"february": 900}
    assert len(book.periods(HOTLINE)) == 2
    assert_is_rate(book, rows, bundles, [*records, late])


def test_a_spent_bundle_that_is_sold_no_longer_still_holds_its_31_days(run, leg, texts):
    ended = texts["3c.toml"].replace("valid_from = 2019-01-01", "valid_from = 2019-01-01\nvalid_to = 2026-11-15")
    later = texts["3c.toml"].replace("valid_from = 2019-01-01", "valid_from = 2026-11-15")
    tariffs = {**texts, "3c.toml": ended, "later.toml": later.replace("{ number = 8,", "{ number = 80,")}
    first = {"hotline": "0901234567", "bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00", "when_spent": "renew"}
    second = {**first, "bundle": 9, "activated_at": "2026-11-25T00:00:00+07:00"}
    spent = [
        leg("a", s=BUNDLE_S - 60, answered_at="2026-11-02T00:00:00+07:00"),
        leg("b", s=60, answered_at="2026-11-20T00:00:00+07:00"),
        leg("c", s=60, answered_at="2026-11-21T00:00:00+07:00"),
    ]
    assert [row["amount_vnd"] for row in run(spent, "3c", tariffs, bundles=[first])] == [0, 0, 900]
    with pytest.raises(RatingInputError, match=r"entry 2: activated_at: .*2026-12-02T00:00:00\+07:00"):
        run(spent, "3c", tariffs, bundles=[first, second])
