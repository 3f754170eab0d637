"""What a run of records lets pass, at the very second of each edge; and what a late record changes, and what not."""

import json

import pytest

from edge.rating.bundle_text import parse_bundles
from edge.rating.bundles import BundleChain
from edge.rating.chunks import measure
from edge.rating.command import load_numbers, load_plans
from edge.rating.data_tables import IddTable
from edge.rating.errors import TableError, UsageError
from edge.rating.instant import Month, parse_instant, to_local_text
from edge.rating.month import Book
from edge.rating.rater import rate_entries
from edge.rating.rows import RowFinder
from edge.rating.usage import parse_usage
from edge.rating.walk import State

HOTLINE = "+84901234567"
NOVEMBER = Month(2026, 11)
TIER_S = 60_000  # the first edge of every voice table
CAP_S = 1_200_000
BUNDLE_S = 600_000


def at(day: int, hour: int = 0, minute: int = 0, month: int = 11) -> str:
    return f"2026-{month:02}-{day:02}T{hour:02}:{minute:02}:00+07:00"


FIRST = at(1)


def bought(plan, number=8, activated_at=FIRST, when_spent="tiers", **more):
    row = {"hotline": "0901234567", "bundle": number, "activated_at": activated_at, "when_spent": when_spent, **more}
    return parse_bundles(json.dumps([row]), "bundles", plan)


def amounts(charges) -> dict:
    return {charge.id: charge.amount_vnd for charge in charges}


def assert_is_rate(book, finder, records, bundles=()) -> None:
    charges = rate_entries([finder.entry(record) for record in records], finder, bundles).charges
    assert book.charges() == {charge.id: charge for charge in charges}


# ---- what passes


@pytest.mark.parametrize(
    ("was", "now", "seconds", "passes"),
    [
        (0, 100, 60, True),
        (0, TIER_S - 60, 60, True),  # ends on the edge: all of it lies before
        (0, TIER_S - 59, 60, False),
        (TIER_S - 60, 0, 60, True),
        (TIER_S - 59, 0, 60, False),
        (TIER_S, TIER_S + 500, 60, True),  # begins on the edge: all of it lies behind
        (TIER_S - 1, TIER_S + 500, 60, False),
        (TIER_S + 500, TIER_S - 1, 60, False),
        (TIER_S - 60, TIER_S, 60, False),  # the same seconds, on either side
        (TIER_S - 59, TIER_S - 59, 60, True),  # across it, but from the same place
    ],
)
def test_a_run_passes_where_no_edge_lies_inside(was, now, seconds, passes, leg, finder):
    rows = finder()
    entry = rows.entry(parse_usage(leg(s=seconds)))
    old, new = State(NOVEMBER, {"domestic": was}, None), State(NOVEMBER, {"domestic": now}, None)
    effect = measure([entry], old.copy())
    assert effect.passes(old, new, rows.counter_edges()) is passes
    if passes:
        assert old.price(entry) == new.price(entry)


def test_a_counter_that_has_not_begun_stands_at_0(leg, finder):
    rows = finder()
    entry = rows.entry(parse_usage(leg(s=TIER_S)))
    begun, not_begun = State(NOVEMBER, {"domestic": 1}, None), State(NOVEMBER, {}, None)
    for old, new in ((begun, not_begun), (not_begun, begun)):
        assert not measure([entry], old.copy()).passes(old, new, rows.counter_edges())


def test_the_counter_of_the_tests_is_that_of_the_tariff(finder):
    assert finder().counter_edges()["domestic"][0] == TIER_S
    assert finder().counter_edges()["international"] == (CAP_S,)


def test_a_shift_of_what_the_run_does_not_count_passes(leg, finder):
    rows = finder("3c")
    entry = rows.entry(parse_usage(leg(to="on_net")))
    old, new = State(NOVEMBER, {"off_net": TIER_S - 1}, None), State(NOVEMBER, {"off_net": TIER_S + 1}, None)
    assert measure([entry], old.copy()).passes(old, new, rows.counter_edges())


@pytest.mark.parametrize(
    ("was", "now", "passes"),
    [
        (CAP_S - 10, CAP_S - 59, True),  # 60 s did not fit and do not
        (CAP_S - 10, CAP_S - 60, False),  # now they do
        (CAP_S - 10, CAP_S + 10, True),
        (CAP_S - 60, CAP_S - 59, False),  # they did
    ],
)
def test_a_call_that_the_cap_left_unrated(was, now, passes, leg, finder):
    rows = finder()
    entry = rows.entry(parse_usage(leg(to="004915112345678", s=60)))
    old, new = State(NOVEMBER, {"international": was}, None), State(NOVEMBER, {"international": now}, None)
    assert measure([entry], old.copy()).passes(old, new, rows.counter_edges()) is passes
    assert (old.price(entry) == new.price(entry)) is passes


def test_a_refused_call_that_would_just_fit_into_an_empty_month(leg, finder):
    rows = finder()
    entry = rows.entry(parse_usage(leg(to="004915112345678", s=CAP_S)))
    old = State(NOVEMBER, {"international": 1}, None)
    effect = measure([entry], old.copy())
    assert not effect.passes(old, State(NOVEMBER, {}, None), rows.counter_edges())
    assert not effect.passes(State(NOVEMBER, {}, None), old, rows.counter_edges())


def test_the_least_of_several_refused_calls_counts(leg, finder):
    rows = finder()
    sizes = (900, 60, 300)
    entries = [
        rows.entry(parse_usage(leg(f"c{n}", to="004915112345678", s=s, answered_at=at(3, n))))
        for n, s in enumerate(sizes)
    ]
    effect = measure(entries, State(NOVEMBER, {"international": CAP_S - 30}, None))
    assert (effect.refused_s, effect.counted) == (60, {})


@pytest.mark.parametrize(
    ("drawn_before_s", "answered_at", "passes"),
    [
        (1, at(3), True),
        (BUNDLE_S - 61, at(3), True),
        (BUNDLE_S - 60, at(3), False),  # used up in the run's last second
        (1, "2026-12-02T00:00:00+07:00", False),  # the period is over
        (1, "2026-12-01T23:59:59+07:00", True),
    ],
)
def test_a_run_inside_a_bundle(drawn_before_s, answered_at, passes, leg, texts, finder):
    plan = load_plans(texts)["3c"]
    rows = finder("3c")
    chain = BundleChain(plan, bought(plan))
    chain.advance(parse_instant(at(1)))
    entry = rows.entry(parse_usage(leg(s=60, answered_at=answered_at)))
    old, new = State(entry.month, {}, chain), State(entry.month, {}, chain.copy())
    new.chain.skip(drawn_before_s)
    assert measure([entry], old.copy()).passes(old, new, rows.counter_edges()) is passes


# ---- late records


def test_a_late_call_abroad_lets_a_later_one_fit_under_the_cap(leg, finder):
    """The sum under the cap may fall: a call that was priced no longer fits, and another one after it does then."""
    rows = finder()
    book, records = Book(rows, chunk_size=1, block_size=1), []

    def add(name: str, seconds: int, day: int) -> dict:
        records.append(parse_usage(leg(name, to="004915112345678", s=seconds, answered_at=at(day))))
        return amounts(book.add(records[-1]))

    add("base", CAP_S - 1200, 2)
    assert add("long", 900, 4) == {"long": 13_500}
    assert add("after", 600, 6) == {"after": None}
    assert add("late", 600, 3) == {"late": 9_000, "long": None, "after": 9_000}
    assert_is_rate(book, rows, records)


def test_of_refused_calls_in_one_block_the_shorter_fits(leg, finder):
    rows = finder()
    book = Book(rows, chunk_size=1, block_size=2)
    sizes = {"base": CAP_S - 1200, "long": 900, "fits": 600, "does not": 900}
    records = [
        parse_usage(leg(name, to="004915112345678", s=s, answered_at=at(4 + n)))
        for n, (name, s) in enumerate(sizes.items())
    ]
    book.load(records)
    late = parse_usage(leg("late", to="004915112345678", s=600, answered_at=at(4, 1)))
    assert amounts(book.add(late)) == {"late": 9_000, "long": None, "fits": 9_000}
    assert_is_rate(book, rows, [*records, late])


def test_a_counter_begins_at_nothing(leg, finder):
    book = Book(finder(), chunk_size=1)
    free = parse_usage(leg("free", service="inbound", answered_at=at(1)))
    book.load([free, parse_usage(leg("used", s=TIER_S - 60, answered_at=at(2)))])
    assert book.preview_one(parse_usage(leg("last", s=60, answered_at=at(3)))).amount_vnd == 900
    assert book.preview_one(parse_usage(leg("past", s=61, answered_at=at(3)))).amount_vnd == 914


def test_a_loaded_month_knows_where_each_block_begins(leg, texts, finder):
    rows = finder("3c")
    plan = load_plans(texts)["3c"]
    book = Book(rows, bought(plan), chunk_size=1, block_size=1)
    book.load([parse_usage(leg(f"c{n}", s=BUNDLE_S // 4, answered_at=at(2, n))) for n in range(4)])
    assert book.preview_one(parse_usage(leg("next", answered_at=at(3)))).amount_vnd == 900
    overlapping = Book(rows, [*bought(plan), *bought(plan, 9, at(5))])
    with pytest.raises(TableError):
        overlapping.load([parse_usage(leg())])


def test_a_late_call_moves_every_edge_behind_it(leg, finder):
    """Three tiers in three blocks: what one chunk counts stays, and the shift is carried from edge to edge."""
    rows = finder("3c")
    book = Book(rows, chunk_size=1, block_size=2)
    records = [parse_usage(leg(f"c{n}", s=30_000, answered_at=at(2 + n))) for n in range(24)]
    book.load(records)
    late = parse_usage(leg("late", s=600, answered_at=at(1)))
    assert list(amounts(book.add(late))) == ["late", "c1", "c9", "c19"]
    assert_is_rate(book, rows, [*records, late])
    again = parse_usage(leg("again", s=600, answered_at=at(1, 1)))
    assert list(amounts(book.add(again))) == ["again", "c1", "c9", "c19"]
    assert_is_rate(book, rows, [*records, late, again])


def test_counters_that_look_alike_in_two_months_are_not_the_same(leg, finder):
    rows = finder()
    book = Book(rows, chunk_size=1)
    december = parse_usage(leg("december", s=TIER_S, answered_at=at(3, month=12)))
    records = [parse_usage(leg("november", s=600)), december]
    book.load(records)
    free = parse_usage(leg("free", service="inbound", answered_at=at(1)))
    late = parse_usage(leg("late", s=600, answered_at=at(2, month=12)))
    assert list(amounts(book.add_all([free, late]))) == ["free", "late", "december"]
    assert_is_rate(book, rows, [*records, free, late])


def test_a_late_call_moves_the_second_in_which_a_bundle_is_spent(leg, texts, finder):
    rows = finder("3c")
    bundles = bought(load_plans(texts)["3c"])
    book = Book(rows, bundles, chunk_size=2, block_size=2)
    records = [parse_usage(leg(f"c{n}", s=30_000, answered_at=at(2 + n))) for n in range(24)]
    book.load(records)
    late = parse_usage(leg("late", s=600, answered_at=at(1, 12)))
    assert list(amounts(book.add(late))) == ["late", "c19", "c21"]  # the end of the bundle, and the first tier's
    assert_is_rate(book, rows, [*records, late], bundles)


def test_bundles_run_on_while_the_counters_start_anew(leg, texts, finder):
    rows = finder("3c")
    bundles = bought(load_plans(texts)["3c"], auto_renew=False)
    book = Book(rows, bundles, chunk_size=1, block_size=1)
    records = [
        parse_usage(leg("november", s=BUNDLE_S - 60, answered_at=at(28))),
        parse_usage(leg("december", s=120, answered_at=at(1, month=12))),
        parse_usage(leg("after", s=60, answered_at=at(2, month=12))),
    ]
    book.load(records)
    assert amounts(book.charges().values()) == {"november": 0, "december": 900, "after": 900}
    late = parse_usage(leg("late", s=30, answered_at=at(27)))
    assert amounts(book.add(late)) == {"late": 0, "december": 1350}


# ---- periods


def test_periods_are_those_that_rate_begins(leg, texts, finder):
    rows = finder("3c")
    bundles = bought(load_plans(texts)["3c"], when_spent="renew")
    book = Book(rows, bundles, chunk_size=1, block_size=2)
    assert [to_local_text(period.start) for period in book.periods(HOTLINE)] == [at(1)]
    records = [parse_usage(leg(f"c{n}", s=BUNDLE_S // 4, answered_at=at(2, n))) for n in range(6)]
    for record in reversed(records):
        book.add(record)
    until = parse_instant("2027-01-31T00:00:00+07:00")
    expected = rate_entries([rows.entry(record) for record in records], rows, bundles, until).periods
    assert book.periods(HOTLINE, until) == expected
    assert len(expected) == 4
    assert book.periods("+84937654321", until) == []


def test_a_record_that_makes_bundles_overlap_is_refused_with_all_that_came_with_it(leg, texts, finder):
    rows = finder("3c")
    plan = load_plans(texts)["3c"]
    first = bought(plan, when_spent="renew", auto_renew=False)
    bundles = first + bought(plan, 9, "2026-12-02T00:00:00+07:00")
    book = Book(rows, bundles)
    book.add(parse_usage(leg("a")))
    before, periods = book.charges(), book.periods(HOTLINE)
    other = parse_usage(leg("b", hotline="0937654321"))
    spends = parse_usage(leg("c", s=BUNDLE_S, answered_at=at(2)))  # the next period would last until 9 December
    with pytest.raises(TableError, match=r"entry 1: .* 2026-12-09T22:40:00"):
        book.add_all([other, spends])
    assert (book.charges(), book.periods(HOTLINE)) == (before, periods)
    assert len(book.add(other)) == 1


# ---- calls in progress


def test_two_calls_never_use_the_same_last_minutes_of_a_bundle(leg, texts, finder):
    rows = finder("3c")
    book = Book(rows, bought(load_plans(texts)["3c"]))
    book.add(parse_usage(leg("used", s=BUNDLE_S - 60, answered_at=at(2))))
    first, second = (parse_usage(leg(name, s=60, answered_at=at(3, n))) for n, name in enumerate(("first", "second")))
    assert amounts(book.preview([first])) == {"first": 0}
    assert amounts(book.preview([second])) == {"second": 0}
    assert list(amounts(book.preview([second, first])).items()) == [("second", 900), ("first", 0)]
    assert set(book.charges()) == {"used"}


def test_two_calls_never_use_the_same_place_in_a_tier(leg, finder):
    book = Book(finder())
    book.add(parse_usage(leg("used", s=TIER_S - 60, answered_at=at(2))))
    legs = [parse_usage(leg(f"c{n}", s=60, answered_at=at(3, n))) for n in range(3)]
    other = parse_usage(leg("other", hotline="0937654321"))
    assert [charge.amount_vnd for charge in book.preview([other, *legs])] == [900, 900, 850, 850]
    assert book.preview([]) == []


def test_a_preview_knows_what_was_answered_between_the_calls(leg, finder):
    """The later call's place: behind the earlier one in progress, and behind ended ones that lie between."""
    rows = finder()
    book = Book(rows, chunk_size=1, block_size=1)
    book.load([parse_usage(leg(f"c{n}", s=10_000, answered_at=at(4, n))) for n in range(5)])
    early = parse_usage(leg("early", s=9_970, answered_at=at(3)))
    late = parse_usage(leg("late", s=60, answered_at=at(5)))
    assert amounts(book.preview([early, late])) == {"early": 149_550, "late": 875}


def test_a_call_that_is_in_the_book_is_priced_in_its_place(leg, finder):
    """It ended and was stored while one that was answered before it goes on: what that one makes of its price."""
    rows = finder()
    stored = [parse_usage(leg(f"stored{n}", s=60, answered_at=at(3, n))) for n in range(3)]
    running = parse_usage(leg("running", s=TIER_S - 90, answered_at=at(2)))
    book = Book(rows, chunk_size=1, block_size=1)
    book.load(stored)
    assert amounts(book.preview(stored)) == {"stored0": 900, "stored1": 900, "stored2": 900}
    expected = rate_entries([rows.entry(record) for record in [running, *stored]], rows).charges
    assert book.preview([stored[2], running, *stored[:2]]) == [expected[3], expected[0], expected[1], expected[2]]
    assert amounts(book.preview([running, stored[1]])) == {"running": 898_650, "stored1": 875}
    assert_is_rate(book, rows, stored)


def test_a_call_in_the_book_is_priced_as_it_stands_there(leg, finder):
    book = Book(finder())
    book.add(parse_usage(leg("a", s=60)))
    assert amounts(book.preview([parse_usage(leg("a", s=600, answered_at=at(7)))])) == {"a": 900}


def test_a_call_stands_once_in_a_question(leg, finder):
    book = Book(finder())
    book.add(parse_usage(leg("a")))
    for name in ("a", "b"):
        with pytest.raises(UsageError, match="twice"):
            book.preview([parse_usage(leg(name)), parse_usage(leg(name, s=61))])


def test_volume_prices_of_a_call_in_the_book(leg, texts):
    volume = {name: text.replace('scheme = "graduated"', 'scheme = "volume"') for name, text in texts.items()}
    book = Book(RowFinder(load_plans(volume)["onecontact-2019"], load_numbers(volume, None)))
    book.add(parse_usage(leg("stored", s=60, answered_at=at(3))))
    running = parse_usage(leg("running", s=TIER_S, answered_at=at(2)))
    assert amounts(book.preview([running, parse_usage(leg("stored", s=60, answered_at=at(3)))])) == {
        "running": 850_000,
        "stored": 850,
    }
    assert amounts(book.charges().values()) == {"stored": 900}


# ---- at the most


@pytest.mark.parametrize(
    ("plan", "more", "most_vnd"),
    [
        ("onecontact-2019", {"to": "0912000222"}, 900),
        ("onecontact-2019", {"to": "0903000222"}, 440),
        ("onecontact-2019", {"to": "0903000222", "service": "connect"}, 0),
        ("onecontact-2019", {"to": "004915112345678"}, 1800),  # past the cap the ordinary price
        ("onecontact-2019", {"to": "0033612345678"}, 3607),
        ("onecontact-2019", {"to": "008562055512345"}, None),
        ("3c", {"to": "0912000222"}, 900),
        ("3c", {"to": "0903000222", "service": "internal"}, 200),
    ],
)
def test_the_dearest_price_of_a_call(leg, texts, finder, plan, more, most_vnd):
    rows = finder(plan, idd={"49": 1800, "33": 3607})
    bundles = bought(load_plans(texts)[plan]) if plan == "3c" else ()
    assert Book(rows, bundles).dearest(parse_usage(leg("a", **more))) == most_vnd


# ---- many at once


def test_records_that_arrive_together(leg, finder):
    book = Book(finder())
    a, b = parse_usage(leg("a", answered_at=at(4))), parse_usage(leg("b", answered_at=at(3)))
    assert list(amounts(book.add_all([a, b, a]))) == ["b", "a"]
    assert book.add_all([a, b]) == []
    assert book.add_all([]) == []
    with pytest.raises(UsageError, match="another record"):
        book.add_all([parse_usage(leg("c")), parse_usage(leg("c", s=61))])
    assert set(book.charges()) == {"a", "b"}


def test_loading_twice_is_loading_both(leg, finder):
    book = Book(finder())
    book.load([parse_usage(leg("b", s=TIER_S, answered_at=at(4)))])
    book.load([parse_usage(leg("a", s=60, answered_at=at(3)))])
    assert amounts(book.charges().values()) == {"a": 900, "b": 899_950}
    with pytest.raises(UsageError, match="twice"):
        book.load([parse_usage(leg("c")), parse_usage(leg("a"))])
    with pytest.raises(UsageError, match="twice"):
        book.load([parse_usage(leg("c")), parse_usage(leg("c"))])
    assert set(book.charges()) == {"a", "b"}


def test_volume_prices_stand_in_an_account_of_their_own(leg, texts):
    volume = {name: text.replace('scheme = "graduated"', 'scheme = "volume"') for name, text in texts.items()}
    plan = load_plans(volume)["3c"]
    rows = RowFinder(plan, load_numbers(texts, None), IddTable())
    bundles = bought(plan, 1)
    book = Book(rows, bundles)
    records = [parse_usage(leg(f"c{n}", s=TIER_S, answered_at=at(3, n))) for n in range(2)]
    book.load(records[:1])
    assert amounts(book.preview([records[1]])) == {"c1": 850_000}
    assert amounts(book.add(records[1])) == {"c0": 850_000, "c1": 850_000}
    assert_is_rate(book, rows, records, bundles)
    assert [period.bundle.number for period in book.periods(HOTLINE)] == [1]


def test_pieces_stay_small_however_records_arrive(leg, finder):
    book = Book(finder(), chunk_size=4, block_size=2)
    for day in range(2, 6):
        book.add_all([parse_usage(leg(f"c{day}.{n}", answered_at=at(day, 1, n))) for n in range(30)])
    for n in range(60):
        book.add(parse_usage(leg(f"s{n}", answered_at=at(1, 0, n))))
    account = book._accounts[HOTLINE]
    assert max(len(block.chunks) for block in account._blocks) <= 4
    assert max(len(chunk.entries) for block in account._blocks for chunk in block.chunks) <= 8
    assert [entry.id for entry in account.entries()] == list(book.charges())
