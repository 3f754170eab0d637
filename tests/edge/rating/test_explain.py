"""Every charge explains itself, in both languages, from what is stored of it."""

import random

import pytest

from edge.rating.charge import charge_from_json
from edge.rating.explain import explain


def test_split_call_in_english_and_vietnamese(run, leg):
    rows = run([leg("a", s=59_820, answered_at="2026-11-01T00:00:00Z"), leg("b", s=185)])
    assert rows[1]["why"] == (
        "An outside call (off-net): 180 s at 900 VND/min (tier 1-1000) + 5 s at 850 VND/min (tier 1001-5000)"
        " = 2,771 VND. [onecontact-2019@2019-03-01]"
    )
    assert explain(charge_from_json(rows[1]), "vi") == (
        "Gọi ra ngoài (ngoại mạng): 180 giây × 900 đ/phút (bậc 1-1000) + 5 giây × 850 đ/phút (bậc 1001-5000)"
        " = 2.771 đ. [onecontact-2019@2019-03-01]"
    )


def test_what_was_free_and_why(run, leg):
    free, inbound = run([leg("a", service="connect", to="on_net"), leg("b", service="inbound")])
    assert (
        free["why"] == "The hotline connecting to an extension (on-net): free by the plan. [onecontact-2019@2019-03-01]"
    )
    assert inbound["why"] == "A call to the hotline: free. [onecontact-2019@2019-03-01]"


def test_unrated_says_what_is_missing(run, leg):
    assert "no price for +33612345678" in run([leg(to="0033612345678")])[0]["why"]
    assert "roaming is charged by the operator" in run([leg(roaming=True)])[0]["why"]


def test_bundle_seconds_are_said(run, leg):
    bundle = {"hotline": "0901234567", "bundle": 8, "activated_at": "2026-11-01T00:00:00Z", "when_spent": "tiers"}
    row = run([leg()], "3c", bundles=[bundle])[0]
    assert row["parts"] == [{"seconds": 60, "vnd_per_min": 0, "tier": None, "bundle": 8}]
    assert "60 s inside bundle 8: 0" in row["why"]


@pytest.mark.parametrize("plan", ["onecontact-2019", "3c", "ekyc", "meeting"])
def test_every_kind_of_charge_has_a_sentence_and_survives_storage(plan, run, leg, end):
    dice = random.Random(plan)
    ends = ["on_net", "off_net", "ip", "113", "004915112345678", "0033612345678"]
    services = ["inbound", "connect", "callback", "forward", "internal", "outbound", "conference"]
    records = [
        leg(f"{service}{to}", service=service, to=to, conference={"initiator": dice.random() < 0.5})
        for service in services
        for to in ends
    ]
    at = "2026-11-03T09:15:00+07:00"
    for to in ends:
        message = {"kind": "sms", "hotline": "0901234567", "at": at, "parts": 2, "to": end(to)}
        records.append({"id": f"sms{to}", **message})
    records.append({"id": "r", "kind": "request", "at": at, "count": 7, "product": "ekyc"})
    records += [leg("zero", s=0), leg("unanswered", answered_at=None), leg("old", answered_at="2018-01-01T00:00:00Z")]
    for row in run(records, plan):
        charge = charge_from_json(row)
        assert charge.to_json(explain(charge)) == row
        assert explain(charge, "vi") != row["why"]
        assert "{" not in row["why"] + explain(charge, "vi")
