"""Readings 12–16 of the rating rules (§9): prepaid minutes, to the second."""

import json

import pytest

from edge.rating.bundle_text import parse_bundles
from edge.rating.bundles import BundleChain
from edge.rating.command import load_plans
from edge.rating.errors import RatingInputError
from edge.rating.instant import parse_instant, to_local_text
from edge.rating.rows import Entry, Row
from edge.rating.tariff import Free

# Bundle 1 holds 10 000 on-net minutes, bundle 8 as many off-net ones.
BUNDLE_S = 600_000


def at(day: int, hour: int = 0) -> str:
    return f"2026-11-{day:02}T{hour:02}:00:00+07:00"


def bundle(number=8, activated_at="2026-11-01T00:00:00+07:00", when_spent="tiers", **more):
    entry = {"hotline": "0901234567", "bundle": number, "activated_at": activated_at, "when_spent": when_spent}
    return {**entry, **more}


def covered(charge) -> int:
    return sum(part["seconds"] for part in charge["parts"] if "bundle" in part)


def test_reading_12_a_bundle_covers_what_its_tiers_would_price(run, leg):
    conference = {"conference": {"initiator": True}}
    records = [
        leg("out", to="off_net"),
        leg("connect", service="connect", to="off_net"),
        leg("start", service="conference", to="off_net", **conference),
        leg("other", to="on_net"),
        leg("flat", service="internal", to="on_net"),
        leg("free", service="connect", to="on_net"),
        leg("abroad", to="0033612345678"),
    ]
    charges = run(records, "3c", bundles=[bundle()])
    assert [covered(charge) for charge in charges] == [60, 60, 60, 0, 0, 0, 0]
    assert [charge["amount_vnd"] for charge in charges] == [0, 0, 0, 500, 200, 0, None]
    on_net = run(records, "3c", bundles=[bundle(1)])
    assert [charge["amount_vnd"] for charge in on_net] == [900, 900, 900, 0, 200, 0, None]


def test_reading_12_minutes_of_a_bundle_do_not_move_the_tiers(run, leg):
    records = [leg("a", s=BUNDLE_S, answered_at=at(1)), leg("b", answered_at=at(20))]
    assert run(records, "3c", bundles=[bundle()])[1]["amount_vnd"] == 900


def test_reading_13_the_period_is_31_days_to_the_second(run, leg):
    records = [
        leg("before", s=200_000, answered_at="2026-10-31T23:59:59.999+07:00"),
        leg("first", answered_at="2026-11-01T00:00:00+07:00"),
        leg("last", s=7200, answered_at="2026-12-01T23:59:59.999+07:00"),
        leg("after", answered_at="2026-12-02T00:00:00+07:00"),
    ]
    charges = run(records, "3c", bundles=[bundle(auto_renew=False)])
    assert [covered(charge) for charge in charges] == [0, 60, 7200, 0]


def test_reading_14_renewed_at_the_second_in_which_it_is_spent(run, leg):
    records = [
        leg("long", s=BUNDLE_S + 60, answered_at=at(1)),  # uses up the first bundle after 600 000 s
        leg("meanwhile", s=60, answered_at=at(2)),  # answered before the second one starts
    ]
    charges = run(records, "3c", bundles=[bundle(when_spent="renew", auto_renew=False)])
    assert [part["seconds"] for part in charges[0]["parts"]] == [BUNDLE_S, 60]
    assert [charge["amount_vnd"] for charge in charges] == [0, 0]


def chain_of(texts, bundles):
    plan = load_plans(texts)["3c"]
    return BundleChain(plan, parse_bundles(json.dumps(bundles), "bundles.json", plan))


def draw(chain, seconds, answered_at, direction="off_net"):
    entry = Entry("x", parse_instant(answered_at), None, "", seconds, 0, Row("", None, Free()))
    return [part.amount for part in chain.draw(entry, direction)]


def starts(chain):
    return [to_local_text(period.start) for period in chain.periods]


def test_reading_14_the_next_one_starts_even_if_nothing_needs_it_yet(texts):
    chain = chain_of(texts, [bundle(when_spent="renew")])
    assert draw(chain, BUNDLE_S, at(1)) == [BUNDLE_S]
    assert starts(chain) == [at(1), "2026-11-07T22:40:00+07:00"]


def test_reading_14_starts_never_go_backwards(texts):
    chain = chain_of(texts, [bundle(when_spent="renew")])
    draw(chain, BUNDLE_S, at(1))  # the second period starts on the 7th
    draw(chain, BUNDLE_S, at(1, 1))  # drawn from it although answered before; spent on the 8th, at 01:00 + 600 000 s
    draw(chain, BUNDLE_S, at(1, 2))
    assert starts(chain)[1:] == ["2026-11-07T22:40:00+07:00", "2026-11-07T23:40:00+07:00", "2026-11-08T00:40:00+07:00"]


def test_reading_14_minutes_used_up_by_an_earlier_call_start_the_next_period_no_earlier(texts):
    chain = chain_of(texts, [bundle(when_spent="renew")])
    draw(chain, BUNDLE_S, at(1))  # the second period starts on the 7th …
    draw(chain, BUNDLE_S - 10, at(1, 1))
    assert draw(chain, 20, at(1, 2)) == [10, 10]  # … and is used up by a call of the 1st
    assert starts(chain) == [at(1), "2026-11-07T22:40:00+07:00", "2026-11-07T22:40:00+07:00"]


def test_reading_15_minutes_that_run_out_after_the_period(texts):
    late = "2026-12-01T23:59:00+07:00"  # one minute before the end of the period
    for switches, expected in (
        ({"when_spent": "renew"}, [BUNDLE_S, 60]),
        ({"when_spent": "renew", "auto_renew": False}, [BUNDLE_S]),
        ({"when_spent": "tiers"}, [BUNDLE_S]),
    ):
        chain = chain_of(texts, [bundle(**switches)])
        assert draw(chain, BUNDLE_S + 60, late) == expected
        assert starts(chain)[1:] == (["2026-12-02T00:00:00+07:00"] if len(expected) == 2 else [])


def test_reading_15_used_up_in_the_very_last_second_is_no_renewal_by_spending(texts):
    chain = chain_of(texts, [bundle(when_spent="renew", auto_renew=False)])
    draw(chain, BUNDLE_S - 60, at(1))
    assert draw(chain, 120, "2026-12-01T23:59:00+07:00") == [60]
    assert len(starts(chain)) == 1


def test_reading_15_a_switched_off_renewal_leaves_the_rest_to_the_tiers(texts):
    chain = chain_of(texts, [bundle(when_spent="renew", auto_renew_off_at=at(15))])
    assert draw(chain, BUNDLE_S + 60, "2026-12-01T23:59:00+07:00") == [BUNDLE_S]


def test_reading_16_auto_renew_rules_only_the_end(texts):
    chain = chain_of(texts, [bundle(when_spent="renew", auto_renew=False)])
    draw(chain, BUNDLE_S, at(1))
    assert len(starts(chain)) == 2
    assert draw(chain, 60, "2027-01-15T00:00:00+07:00") == []
    renewing = chain_of(texts, [bundle()])
    assert draw(renewing, 60, "2027-01-15T00:00:00+07:00") == [60]
    assert len(starts(renewing)) == 3


def test_reading_16_a_bundle_that_is_sold_no_longer_is_not_renewed(run, leg, texts):
    ended = texts["3c.toml"].replace("valid_from = 2019-01-01", "valid_from = 2019-01-01\nvalid_to = 2026-12-01")
    later = texts["3c.toml"].replace("valid_from = 2019-01-01", "valid_from = 2026-12-01")
    later = later.replace("{ number = 8,", "{ number = 80,")
    tariffs = {**texts, "3c.toml": ended, "later.toml": later}
    entries = [bundle(8, "2026-11-01T00:00:00+07:00")]
    records = [
        leg("in", answered_at="2026-12-01T12:00:00+07:00"),
        leg("after", answered_at="2026-12-02T00:00:00+07:00"),
    ]
    assert [row["amount_vnd"] for row in run(records, "3c", tariffs, bundles=entries)] == [0, 900]


def test_reading_16_auto_renew_off_at(texts):
    end = "2026-12-02T00:00:00+07:00"
    assert draw(chain_of(texts, [bundle(auto_renew_off_at=end)]), 60, end) == [60]
    before = "2026-12-01T23:59:59+07:00"
    assert draw(chain_of(texts, [bundle(auto_renew_off_at=before)]), 60, end) == []


def test_reading_16_a_spent_period_still_holds_its_31_days(run, leg):
    entries = [bundle(auto_renew=False), bundle(9, "2026-11-20T00:00:00+07:00")]
    with pytest.raises(RatingInputError, match=r"bundles: entry 2: activated_at: .*2026-12-02T00:00:00\+07:00"):
        run([leg(s=BUNDLE_S + 1, answered_at=at(1))], "3c", bundles=entries)
    entries[1]["activated_at"] = "2026-12-02T00:00:00+07:00"
    assert run([leg()], "3c", bundles=entries)[0]["amount_vnd"] == 0


def test_reading_16_when_spent_is_required_and_bundles_must_exist(run, leg):
    without = bundle()
    del without["when_spent"]
    for plan, bad in (("3c", without), ("3c", bundle(15)), ("onecontact-2019", bundle())):
        with pytest.raises(RatingInputError, match="bundles"):
            run([leg()], plan, bundles=[bad])
