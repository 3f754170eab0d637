"""The box's book: after every record its charges are those of rate(), whatever order calls end in."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rating.bands import Band, BandTable, Scheme
from edge.rating.bundle_text import parse_bundles
from edge.rating.command import load_numbers, load_plans
from edge.rating.data_tables import IddTable
from edge.rating.errors import UsageError
from edge.rating.month import Book
from edge.rating.rater import rate, rate_entries
from edge.rating.rows import RowFinder
from edge.rating.usage import parse_usage

NUMBERS = ["0903000222", "0912000222", "004915112345678", "00380501234567", "0033612345678"]


def month_of_calls(leg, seed: int, size: int = 120, longest_s: int = 80_000) -> list:
    """Calls that cross every tier and the international cap, in the order in which they ended."""
    dice = random.Random(seed)
    calls = []
    for number in range(size):
        second = dice.randrange(27 * 86_400)
        answered = (
            f"2026-11-{second // 86_400 + 1:02}T{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}Z"
        )
        duration = dice.choice([1, 30, dice.randrange(longest_s)])
        record = leg(f"c{number}", to=dice.choice(NUMBERS), s=duration, answered_at=answered)
        if dice.random() < 0.1:
            record["service"] = dice.choice(["inbound", "connect"])
        calls.append((second + duration, parse_usage(record)))
    return [record for _, record in sorted(calls, key=lambda call: (call[0], call[1].id))]


@pytest.mark.parametrize("arrival", ["as they ended", "any order"])
@pytest.mark.parametrize("seed", range(3))
def test_book_equals_rate_after_every_record(seed, arrival, leg, finder):
    rows = finder(idd={"380": 6000, "33": 3600})
    book = Book(rows, chunk_size=3)
    records = []
    stored: dict = {}
    calls = month_of_calls(leg, seed)
    if arrival == "any order":
        random.Random(seed).shuffle(calls)
    for record in calls:
        records.append(record)
        changed = book.add(record)
        assert record.id in {charge.id for charge in changed}
        assert all(stored.get(charge.id) != charge for charge in changed)
        stored |= {charge.id: charge for charge in changed}
        expected = rate_entries([rows.entry(known) for known in records], rows).charges
        assert stored == {charge.id: charge for charge in expected}
    assert book.charges() == stored


def test_a_late_record_changes_only_what_lies_at_an_edge(leg, finder):
    """20 days of calls, then one that was answered on the first day: revisions only where a tier's edge moved."""
    book = Book(finder())
    day = "2026-11-{:02}T{:02}:00:00+07:00"
    calls = [
        parse_usage(leg(f"c{n}", to="off_net", s=600, answered_at=day.format(n // 10 + 2, n % 10))) for n in range(200)
    ]
    book.load(calls)
    late = parse_usage(leg("late", to="off_net", s=600, answered_at=day.format(1, 0)))
    assert [charge.id for charge in book.add(late)] == ["late", "c99"]


def test_loaded_book_equals_one_that_grew(leg, finder):
    records = month_of_calls(leg, 9)
    grown, loaded = Book(finder(), chunk_size=4), Book(finder())
    for record in records:
        grown.add(record)
    loaded.load(reversed(records))
    assert grown.charges() == loaded.charges()


def test_the_same_record_again_changes_nothing(leg, finder):
    book = Book(finder())
    record = parse_usage(leg())
    assert len(book.add(record)) == 1
    assert book.add(record) == []
    with pytest.raises(UsageError, match="another record"):
        book.add(parse_usage(leg(s=61)))


def test_a_refused_record_leaves_the_book_as_it_was(leg, finder):
    book = Book(finder())
    book.add(parse_usage(leg("a")))
    with pytest.raises(UsageError):
        book.add(parse_usage(leg("b", to="nobody")))
    assert set(book.charges()) == {"a"}
    assert len(book.add(parse_usage(leg("b")))) == 1


def test_preview_is_the_running_cost_and_changes_nothing(leg, finder):
    book = Book(finder(), chunk_size=4)
    records = month_of_calls(leg, 3)
    assert book.preview_one(records[0]).id == records[0].id
    for record in records:
        expected = book.preview_one(record)
        before = book.charges()
        assert book.charges() == before
        assert expected in book.add(record)


def test_hotlines_and_months_are_apart(leg, finder):
    book = Book(finder())
    book.add(parse_usage(leg("a", s=60_000)))
    assert book.add(parse_usage(leg("b", hotline="0937654321")))[0].amount_vnd == 900
    assert book.add(parse_usage(leg("c", answered_at="2026-12-01T00:00:00+07:00")))[0].amount_vnd == 900
    assert book.add(parse_usage(leg("d")))[0].amount_vnd == 850


def test_book_with_bundles(leg, finder, texts):
    rows = finder("3c")
    text = (
        '[{"hotline": "0901234567", "bundle": 8, "activated_at": "2026-11-02T00:00:00+07:00", "when_spent": "renew"}]'
    )
    bundles = parse_bundles(text, "bundles", load_plans(texts)["3c"])
    book, records, stored = Book(rows, bundles), [], {}
    for record in month_of_calls(leg, 5, size=60, longest_s=80_000):
        records.append(record)
        stored |= {charge.id: charge for charge in book.add(record)}
        expected = rate_entries([rows.entry(known) for known in records], rows, bundles).charges
        assert stored == {charge.id: charge for charge in expected}


def volume_texts(texts):
    text = texts["onecontact-2019.toml"].replace('scheme = "graduated"', 'scheme = "volume"')
    return {**texts, "onecontact-2019.toml": text}


def test_volume_prices_the_whole_month_by_the_band_reached(leg, texts):
    tariffs = volume_texts(texts)
    rows = RowFinder(load_plans(tariffs)["onecontact-2019"], load_numbers(tariffs, None), IddTable())
    first, second = parse_usage(leg("a", s=60_000)), parse_usage(leg("b", s=60))
    book = Book(rows)
    assert [charge.amount_vnd for charge in book.add(first)] == [900_000]
    assert {charge.id: charge.amount_vnd for charge in book.add(second)} == {"a": 850_000, "b": 850}


# ---- properties of rating a set of records


@given(st.randoms(use_true_random=False), st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_any_arrival_order_gives_the_same_charges(leg, finder, dice, seed):
    rows = finder(idd={"380": 6000})
    records = month_of_calls(leg, seed, size=40)
    charges = {charge.id: charge for charge in rate_entries([rows.entry(record) for record in records], rows).charges}
    dice.shuffle(records)
    again = rate_entries([rows.entry(record) for record in records], rows).charges
    assert [charge.id for charge in again] == [record.id for record in records]
    assert {charge.id: charge for charge in again} == charges


@given(st.integers(0, 1_500_000), st.integers(0, 90_000), st.integers(0, 5_000))
@settings(max_examples=60, deadline=None)
def test_a_charge_never_falls_when_the_call_lasts_longer(leg, finder, used, duration, longer):
    rows = finder()
    before = parse_usage(leg("a", s=used, answered_at="2026-11-01T00:00:00Z"))

    def cost(seconds):
        records = [before, parse_usage(leg("b", s=seconds))]
        return rate_entries([rows.entry(record) for record in records], rows).charges[1].amount_vnd

    assert cost(duration) <= cost(duration + longer)


BANDS = (Band("a", 1, 10, 7), Band("b", 11, 11, 50), Band("c", 12, 30, 3), Band("d", 31, None, 1))


@given(st.integers(0, 3_000), st.integers(1, 3_000), st.data())
@settings(max_examples=100, deadline=None)
def test_splitting_anywhere_never_changes_the_sum_before_rounding(position, amount, data):
    table = BandTable("t", "t", Scheme.GRADUATED, 60, BANDS)

    def cost(start, size):
        pieces = table.slices(start, size) if size else []
        assert sum(piece.amount for piece in pieces) == size
        return sum(piece.amount * piece.band.price_vnd for piece in pieces)

    cut = data.draw(st.integers(0, amount))
    assert cost(position, cut) + cost(position + cut, amount - cut) == cost(position, amount)


def test_rating_again_changes_nothing(leg, texts):
    plan, numbers = load_plans(texts)["onecontact-2019"], load_numbers(texts, None)
    records = month_of_calls(leg, 1)
    assert rate(records, plan, numbers) == rate(records, plan, numbers)
