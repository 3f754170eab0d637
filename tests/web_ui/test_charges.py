"""Charges explained: plan version, rule, bands, bundle, what is free and why; what to do when a price is missing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.web_ui.fake_box import FakeHistory, cdr
from tests.web_ui.visitor import Visitor
from web_ui.charges import UNRATED, explain

PLAN = "onecontact-2019@2019-03-01"


def charge(rule: str, **changed: Any) -> dict[str, Any]:
    row = {"id": "c1.2", "status": "rated", "amount_vnd": 0, "billed_s": 60, "class": "on_net", "parts": [], "why": "w"}
    return row | {"rule": f"{PLAN}/{rule}"} | changed


TIERED = [
    {"seconds": 100, "vnd_per_min": 900, "tier": "1-1000"},
    {"seconds": 7, "vnd_per_min": 850, "tier": "1001-5000"},
]
BUNDLED = [{"seconds": 60, "vnd_per_min": 0, "tier": None, "bundle": 8}]
ABROAD = [{"seconds": 60, "vnd_per_min": 3600, "tier": "idd"}]
FLAT = [{"seconds": 60, "vnd_per_min": 200, "tier": None}]
SMS = [{"units": 2, "vnd_per_unit": 350, "tier": None}]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (charge("general/inbound", **{"class": None}), "Incoming calls cost the company nothing."),
        (charge("general/unanswered", **{"class": None}), "Not answered, so it costs nothing."),
        (charge("voice/connect.on_net"), "the plan lets calls of this kind to MobiFone numbers go free"),
        (charge("voice/connect.ip", **{"class": "ip"}), "SIP phones and softphones go free"),
        (charge("voice/outbound.off_net", amount_vnd=1599, parts=TIERED), "how much the hotline has called this month"),
        (charge("voice/outbound.off_net", parts=BUNDLED), "in the bundle that was bought"),
        (charge("voice/internal.on_net", amount_vnd=200, parts=FLAT), "at one price for every minute"),
        (charge("sms/other.off_net", amount_vnd=700, parts=SMS), "charged by the part"),
        (charge("international/preferred.Korea", amount_vnd=900, parts=FLAT), "preferred destination"),
        (charge("international/discount.France", amount_vnd=900, parts=FLAT), "taken off on the statement"),
        (charge("special_numbers/1080", amount_vnd=900, parts=FLAT), "price of its own for 1080"),
        (charge("something/new", amount_vnd=9, parts=FLAT), "A call"),
    ],
)
def test_reason(app: Flask, told: dict[str, Any], said: str) -> None:
    with app.test_request_context(headers={"Cookie": "language=en"}):
        english = explain(told)
    with app.test_request_context():
        vietnamese = explain(told)
    assert said in english.reason
    assert vietnamese.reason != english.reason
    assert english.next_step == ""
    assert english.plan == PLAN


@pytest.mark.parametrize("code", sorted(UNRATED))
def test_a_missing_price_says_what_is_missing_and_what_to_do(app: Flask, code: str) -> None:
    row = charge(f"voice/{code}.856", status="unrated", amount_vnd=None)
    with app.test_request_context(headers={"Cookie": "language=en"}):
        english = explain(row)
    with app.test_request_context():
        vietnamese = explain(row)
    assert "not known" in english.reason
    assert english.next_step.endswith(".")
    assert vietnamese.next_step not in ("", english.next_step)


def test_bands_add_up_with_a_pencil(app: Flask) -> None:
    for language, vnd in (("en", ("1,500\u00a0VND", "99.1\u00a0VND")), ("vi", ("1.500\u00a0đ", "99,1\u00a0đ"))):
        with app.test_request_context(headers={"Cookie": f"language={language}"}):
            parts = explain(charge("voice/outbound.off_net", amount_vnd=1599, parts=TIERED)).parts
        assert [(part.amount, part.price_vnd, part.tier, part.vnd) for part in parts] == [
            (100, 900, "1-1000", vnd[0]), (7, 850, "1001-5000", vnd[1]),
        ]  # fmt: skip


def test_one_price_for_all_minutes_names_no_band(app: Flask) -> None:
    """Abroad outside the cap the rater calls it by a code of its own."""
    with app.test_request_context():
        (part,) = explain(charge("international/idd.+33", amount_vnd=3600, parts=ABROAD)).parts
    assert part.tier == ""


def test_page_shows_bundle_revision_and_next_step(admin: Visitor, history: FakeHistory) -> None:
    own = history.rows[0]["rating"][1]
    history.rows.append(cdr(8, rating=[{**own, "id": "c8.2", "parts": [*BUNDLED, *TIERED]}]))
    first = {**own, "amount_vnd": 3000, "at": "2026-11-22T09:20:00+07:00", "rule": "3c@2019-01-01/voice/connect"}
    history.revisions["c8"] = {"c8.2": [first, {**own, "at": "2026-11-22T10:00:00+07:00"}], "c8.1": [first]}
    page = admin.text("/calls/c8")
    assert "Bundle 8" in page
    assert page.count("Rated 2 times") == 1  # the other leg was rated once
    assert "3,000" in page.split("Rated 2 times")[1]
    assert "3C (01/01/2019)" in page
    assert "1001-5000" in page
    unrated = {"id": "c9.2", "amount_vnd": None, "parts": [], "rule": f"{PLAN}/international/no_idd_price.856"}
    history.rows.append(cdr(9, rating=[{**own, **unrated}], charge_vnd=None))
    assert "Add the destination to the international prices" in admin.text("/calls/c9")
