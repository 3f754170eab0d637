"""The running account over all plans, with bundles: at every moment it is what rate() says of the records so far.

The tariffs are the shipped ones with their edges moved to a hundredth of the minutes, so that forty short calls cross
tiers, cap and bundles; chunks and blocks are tiny, so that they also cross those. The plain run does the first seeds.
"""

import json
import math
import random
import re

import pytest

from edge.rating.bundle_text import parse_bundles
from edge.rating.bundles import BundleChain
from edge.rating.command import load_numbers, load_plans
from edge.rating.data_tables import IddTable
from edge.rating.errors import TableError
from edge.rating.explain import explain
from edge.rating.instant import Instant, to_local_text
from edge.rating.month import Book
from edge.rating.rater import rate_entries
from edge.rating.rows import RowFinder
from edge.rating.usage import parse_usage
from edge.rating.walk import State

START = 1_793_466_000  # 2026-11-01T00:00:00+07:00
DAY = 86_400
HOTLINES = ["+84901234567", "+84937654321"]
NUMBERS = ["0903000222", "0912000222", "004915112345678", "00380501234567", "0033612345678", ""]
IDD = [{}, {"380": 6001, "33": 3607}, {"49": 1800, "380": 6001, "33": 3607}]
BUNDLES = [1, 2, 8, 9]


def scaled(text: str) -> str:
    """A tariff with every edge, bundle and cap at a hundredth of its minutes."""

    def edge(match: re.Match) -> str:
        key, value = match[1], int(match[2])
        return f"{key} = {math.ceil(value / 100) if key == 'to' else value // 100 + 1}"

    lines = [
        re.sub(r"\b(from|to) = (\d+)\b", edge, line) if "vnd_per_min" in line or "vnd_per_request" in line else line
        for line in text.split("\n")
    ]
    return re.sub(r"\b(minutes|cap_minutes) = (\d+)00\b", r"\1 = \2", "\n".join(lines))


@pytest.fixture(scope="module")
def plans(texts):
    return load_plans({name: scaled(text) for name, text in texts.items() if name.endswith(".toml")})


@pytest.fixture(scope="module")
def numbers(texts):
    return load_numbers(texts, None)


@pytest.fixture(scope="module")
def company(plans, numbers):
    """company(seed, size) → finder, bundles, records in the order in which they arrive."""

    def make(seed: int, size: int = 40):
        dice = random.Random(seed)
        plan = plans[dice.choices(["onecontact-2019", "3c", "ekyc"], [4, 6, 1])[0]]
        finder = RowFinder(plan, numbers, IddTable(dice.choice(IDD)))
        bought = [row for hotline in HOTLINES for row in bundles_of(dice, hotline)] if plan.has_bundles else []
        bundles = parse_bundles(json.dumps(bought), "bundles", plan) if bought else []
        return finder, bundles, [parse_usage(row) for row in usage(dice, size)]

    return make


def at(second: int) -> str:
    return to_local_text(Instant(second, ""))


def usage(dice: random.Random, size: int) -> list[dict]:
    """Records that end in about the order in which they began, or in none; some at the same second."""
    longest = dice.choice([300, 3000, 30_000])
    called = dice.choice([NUMBERS, NUMBERS, NUMBERS[:2], NUMBERS[2:5]])
    span = dice.choice([2, 20, 45]) * DAY
    rows = []
    for number in range(size):
        kind = dice.choices(["voice", "sms", "request"], [12, 1, 1])[0]
        second = START + 10 * DAY + dice.randrange(span) // 60 * 60
        row = {"id": f"r{dice.randrange(10**6)}.{number}", "kind": kind, "hotline": dice.choice(HOTLINES)}
        row["answered_at" if kind == "voice" else "at"] = at(second)
        if kind == "voice":
            services = ["outbound"] * 6 + ["forward", "connect", "internal", "inbound", "conference"]
            row |= {"service": dice.choice(services), "duration_s": dice.choice([0, 3, 60, dice.randrange(longest)])}
            row |= {"from": end("0903000111"), "to": end(dice.choice(called))}
            row["conference"] = {"id": "cf", "initiator": dice.random() < 0.4}
            if dice.random() < 0.05:
                row["answered_at"] = None
        elif kind == "sms":
            row |= {"parts": dice.randrange(1, 4), "to": end(dice.choice(called))}
        else:
            row |= {"count": dice.randrange(1, 60), "product": "ekyc"}
        rows.append((second if dice.random() < 0.7 else START + dice.randrange(60) * DAY, row))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0])]


def end(number: str) -> dict:
    party = {"party": "customer", "endpoint": "mobile" if number else "ip"}
    return {**party, "number": number} if number else party


def bundles_of(dice: random.Random, hotline: str) -> list[dict]:
    """None, one, or one after the other."""
    rows = []
    second = START + dice.choice([-25, 0, 9, 12]) * DAY + dice.randrange(3)
    for _ in range(dice.choice([0, 1, 1, 2])):
        row = {"hotline": hotline, "bundle": dice.choice(BUNDLES), "activated_at": at(second)}
        row |= {"when_spent": dice.choice(["renew", "tiers"]), "auto_renew": dice.random() < 0.5}
        if dice.random() < 0.3:
            row["auto_renew_off_at"] = at(second + dice.choice([20, 31, 40]) * DAY)
        rows.append(row)
        second += 31 * DAY + dice.choice([0, 1, DAY])
    return rows


def printed(charges) -> dict[str, str]:
    return {charge.id: json.dumps(charge.to_json(explain(charge))) for charge in charges}


def expected(finder, bundles, records, until=None):
    return rate_entries([finder.entry(record) for record in records], finder, bundles, until)


def follow(finder, bundles, records, dice: random.Random) -> None:
    """Put the records in, some loaded, some alone, some together, and look at everything after each step."""
    book = Book(finder, bundles, chunk_size=dice.choice([1, 2, 4]), block_size=dice.choice([1, 2, 3]))
    loaded = dice.choice([0, 0, len(records) // 2])
    rest, known = list(records[loaded:]), load(book, finder, bundles, records[:loaded])
    stored = printed(book.charges().values())
    assert stored == printed(expected(finder, bundles, known).charges)
    while rest:
        together = dice.choice([1, 1, 1, 2, 5])
        arriving, rest = rest[:together], rest[together:]
        try:
            truth = expected(finder, bundles, [*known, *arriving])
        except TableError:  # bundles that would come to overlap: refused, and nothing is changed
            with pytest.raises(TableError):
                book.add_all(arriving)
            assert printed(book.charges().values()) == stored
            continue
        legs = dice.sample(arriving, len(arriving))
        previewed = book.preview(legs)
        look_beside(book, legs, known, truth, dice)
        assert printed(book.charges().values()) == stored
        changed = printed(book.add_all(arriving) if together > 1 else book.add(arriving[0]))
        assert all(stored.get(record_id) != row for record_id, row in changed.items())
        stored |= changed
        known += arriving
        assert stored == printed(truth.charges)
        assert printed(book.charges().values()) == stored
        assert [charge.id for charge in previewed] == [leg.id for leg in legs]
        assert printed(previewed).items() <= changed.items()
    look_at_periods(book, finder, bundles, known, dice)


def look_beside(book, legs, known, truth, dice) -> None:
    """Stored records asked about beside new ones cost what these would make of them; none ever costs more than its
    dearest price.
    """
    charges = {charge.id: charge for charge in truth.charges}
    asked = dice.sample([*legs, *known], len(legs) + min(len(known), 3))
    asked += [leg for leg in legs if leg not in asked]
    assert book.preview(asked) == [charges[record.id] for record in asked]
    for record in asked:
        most_vnd, amount_vnd = book.dearest(record), charges[record.id].amount_vnd
        assert amount_vnd is None or (most_vnd is not None and amount_vnd <= most_vnd)


def load(book, finder, bundles, records) -> list:
    """The records that are in the book then: all of them, or none if bundles would overlap."""
    try:
        expected(finder, bundles, records)
    except TableError:
        with pytest.raises(TableError):
            book.load(records)
        return []
    book.load(records)
    return list(records)


def look_at_periods(book, finder, bundles, known, dice) -> None:
    for until in (None, Instant(START + dice.randrange(90) * DAY, "")):
        periods = expected(finder, bundles, known, until).periods
        for hotline in HOTLINES:
            assert book.periods(hotline, until) == [period for period in periods if period.hotline == hotline]


def check(company, seed: int, size: int = 40) -> None:
    dice = random.Random(seed)
    finder, bundles, records = company(seed, size)
    if dice.random() < 0.3:
        dice.shuffle(records)
    try:
        expected(finder, bundles, [])
    except TableError:
        return
    try:
        follow(finder, bundles, records, dice)
    except Exception as error:
        error.add_note(f"seed {seed}, size {size}")
        raise


def test_the_first_companies(company):
    for seed in range(40):
        check(company, seed)


def test_moving_past_a_record_is_pricing_it_without_the_charge(company):
    for seed in range(40):
        finder, bundles, records = company(seed)
        chain = BundleChain(finder.plan, [bundle for bundle in bundles if bundle.hotline == HOTLINES[0]])
        priced, moved = State(None, {}, chain.copy()), State(None, {}, chain.copy())
        entries = sorted((finder.entry(record) for record in records), key=lambda entry: entry.key)
        for entry in entries:
            if entry.group == HOTLINES[0]:
                priced.price(entry)
                moved.move(entry)
                assert moved.same_as(priced)
                assert moved.chain.periods == priced.chain.periods


@pytest.mark.campaign
def test_4_000_companies(company):
    for seed in range(40, 3_800):
        check(company, seed)
    for seed in range(3_800, 4_000):
        check(company, seed, 150)
