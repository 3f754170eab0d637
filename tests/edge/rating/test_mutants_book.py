"""What the running account must not get wrong and no other test would notice: found by putting mistakes into it."""

import pytest

from edge.rating.account import Account
from edge.rating.command import load_numbers, load_plans
from edge.rating.data_tables import IddTable
from edge.rating.month import Book
from edge.rating.rater import rate_entries
from edge.rating.rows import RowFinder
from edge.rating.usage import parse_usage

CAP_S = 1_200_000


def day(number: int) -> str:
    return f"2026-11-{number:02}T09:00:00+07:00"


def amounts(charges) -> dict:
    return {charge.id: charge.amount_vnd for charge in charges}


def test_a_call_that_ends_on_the_cap_counts_for_the_next_one(leg, finder):
    """Stepped over, not priced: the account must see that the call had a price up to its last second."""
    rows = finder()
    book = Book(rows)
    full = parse_usage(leg("full", to="004915112345678", s=CAP_S, answered_at=day(2)))
    late = parse_usage(leg("next", to="004915112345678", s=60, answered_at=day(3)))
    assert amounts(book.add(full)) == {"full": 18_000_000}
    assert amounts(book.add(late)) == {"next": None}
    assert list(book.charges().values()) == rate_entries([rows.entry(full), rows.entry(late)], rows).charges


def test_three_calls_in_progress_with_edges_of_tiers_between_them(leg, finder):
    """The third is carried on from the second, not from the first: what lies between those two counts once."""
    rows = finder()
    book = Book(rows, chunk_size=1, block_size=1)
    x = parse_usage(leg("x", s=290_000, answered_at=day(3)))
    y = parse_usage(leg("y", s=10_000, answered_at=day(5)))  # its last second is the last one of a tier
    book.load([x, y])
    sizes = {2: 60, 4: 60, 6: 20_000}
    legs = [parse_usage(leg(f"day {number}", s=s, answered_at=day(number))) for number, s in sizes.items()]
    assert amounts(book.preview(legs)) == {"day 2": 900, "day 4": 850, "day 6": 266_667}
    all_of_them = rate_entries([rows.entry(record) for record in (x, y, *legs)], rows).charges
    assert book.preview(legs) == all_of_them[2:]


def test_a_record_before_the_only_one_in_a_book_of_single_records(leg, finder):
    rows = finder()
    book = Book(rows, chunk_size=1, block_size=1)
    only, late = parse_usage(leg("only", s=60_000, answered_at=day(5))), parse_usage(leg("late", answered_at=day(2)))
    book.load([only])
    assert amounts(book.add(late)) == {"late": 900, "only": 899_950}
    assert list(book.charges()) == ["late", "only"]


def test_an_account_that_was_given_nothing_takes_records(leg, finder):
    rows = finder()
    account = Account(rows.counter_edges())
    account.load([])
    addition = account.adding([rows.entry(parse_usage(leg()))])
    addition.commit()
    assert [charge.amount_vnd for charge in account.charges()] == [900]


@pytest.mark.parametrize(("before_s", "expected_vnd"), [(59_940, 900), (60_000, 850)])
def test_a_counter_that_begins_in_a_run_that_is_stepped_over_begins_at_0(before_s, expected_vnd, leg, finder):
    """Plan 3c counts on-net and off-net apart; the off-net counter begins with the second record of the month."""
    book = Book(finder("3c"), chunk_size=1)
    on_net = parse_usage(leg("on", to="on_net", answered_at=day(2)))
    off_net = parse_usage(leg("off", s=before_s, answered_at=day(3)))
    book.load([on_net, off_net, parse_usage(leg("free", service="connect", to="on_net", answered_at=day(4)))])
    for _ in range(2):  # the first time runs are measured, the second time stepped over
        assert book.preview_one(parse_usage(leg("now", s=60, answered_at=day(5)))).amount_vnd == expected_vnd


@pytest.mark.parametrize(("after_s", "after_vnd"), [(600, 9_000), (500, 7_500)])
def test_of_two_versions_of_the_plan_the_higher_cap_counts(after_s, after_vnd, leg, texts):
    """As under one cap: a late call pushes a longer one out, and a shorter one after it fits."""
    first = texts["onecontact-2019.toml"]
    second = first.replace("valid_from = 2019-03-01", "valid_from = 2026-11-02")
    second = second.replace("cap_minutes = 20000", "cap_minutes = 30000")
    plan = load_plans({**texts, "later.toml": second})["onecontact-2019"]
    rows = RowFinder(plan, load_numbers(texts, None), IddTable())
    assert rows.counter_edges()["international"] == (CAP_S, 1_800_000)
    book, records = Book(rows, chunk_size=1, block_size=1), []

    def add(name: str, seconds: int, on: int) -> dict:
        records.append(parse_usage(leg(name, to="004915112345678", s=seconds, answered_at=day(on))))
        return amounts(book.add(records[-1]))

    add("base", 1_800_000 - 1200, 3)
    assert add("long", 900, 5) == {"long": 13_500}
    assert add("after", after_s, 6) == {"after": None}
    assert add("late", 600, 4) == {"late": 9_000, "long": None, "after": after_vnd}
    assert book.charges() == {charge.id: charge for charge in rate_entries([*map(rows.entry, records)], rows).charges}


def test_a_refused_call_behind_a_rated_one_in_the_same_block_fits_when_there_is_room(leg, finder):
    rows = finder()
    book = Book(rows, chunk_size=1, block_size=2)
    sizes = {2: CAP_S - 1400, 4: 900, 5: 100, 6: 600}
    records = [
        parse_usage(leg(f"day {number}", to="004915112345678", s=s, answered_at=day(number)))
        for number, s in sizes.items()
    ]
    book.load(records)
    assert amounts(book.charges().values())["day 6"] is None
    late = parse_usage(leg("late", to="004915112345678", s=600, answered_at=day(3)))
    assert amounts(book.add(late)) == {"late": 9_000, "day 4": None, "day 6": 9_000}
    assert book.charges() == {
        charge.id: charge for charge in rate_entries([rows.entry(record) for record in [*records, late]], rows).charges
    }


def test_a_call_in_progress_may_push_out_one_that_has_ended_and_leave_room_for_the_next(leg, finder):
    """A place between the two is not to be leapt to: what was rated there is so no longer, and counts nothing."""
    book = Book(finder(), chunk_size=1, block_size=1)

    def abroad(name, seconds, on):
        return parse_usage(leg(name, to="004915112345678", s=seconds, answered_at=day(on)))

    book.load([abroad("base", CAP_S - 1200, 3), abroad("ended", 900, 5)])
    early, late = abroad("early", 600, 4), abroad("late", 600, 6)
    assert amounts(book.preview([early, late])) == {"early": 9_000, "late": 9_000}
    assert amounts(book.preview([late])) == {"late": None}
