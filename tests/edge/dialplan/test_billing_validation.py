"""What a company says that it has bought: each thing that cannot be charged is named with its path."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice, Subscribed
from edge.dialplan.billing_validation import plainly_dated
from edge.dialplan.settings import Settings
from edge.dialplan.validation import validate
from edge.rating.instant import parse_instant

PLANS = (PlanChoice("onecontact-2019", "0001-01"), PlanChoice("3c", "2026-11"))
BUNDLE = BundlePurchase("+84901234567", 8, "2026-11-05T08:00:00+07:00", "renew")


def paths(billing: Billing) -> list[str]:
    return [found.path for found in validate(Settings(billing=billing))]


def test_what_is_in_order_is_not_talked_about() -> None:
    assert paths(Billing()) == []
    assert paths(Billing(PLANS, (BUNDLE,), Subscribed(3), "Công ty A", "2026-12-24T18:00:00Z")) == []


@pytest.mark.parametrize(
    ("billing", "path"),
    [
        (Billing(plans=()), "billing.plans"),
        (Billing(plans=(PlanChoice("3c", "2026-13"),)), "billing.plans[0].first_month"),
        (Billing(plans=(PlanChoice("3c", "0000-01"),)), "billing.plans[0].first_month"),
        (Billing(plans=PLANS[::-1]), "billing.plans[1].first_month"),
        (Billing(plans=(PLANS[0], PLANS[0])), "billing.plans[1].first_month"),
        (Billing(bundles=(replace(BUNDLE, hotline="0901234567"),)), "billing.bundles[0].hotline"),
        (Billing(bundles=(replace(BUNDLE, activated_at="2026-11-05"),)), "billing.bundles[0].activated_at"),
        (Billing(bundles=(replace(BUNDLE, activated_at="2026-11-05T08:00:00"),)), "billing.bundles[0].activated_at"),
        (Billing(bundles=(replace(BUNDLE, when_spent="never"),)), "billing.bundles[0].when_spent"),
        (Billing(bundles=(replace(BUNDLE, auto_renew_off_at="soon"),)), "billing.bundles[0].auto_renew_off_at"),
        (Billing(subscribed=Subscribed(sdk_sets=-1)), "billing.subscribed.sdk_sets"),
        (Billing(customer="x" * 301), "billing.customer"),
        (Billing(cancelled_at="2026-11-31T00:00:00Z"), "billing.cancelled_at"),
    ],
)
def test_each_fault_has_its_path(billing: Billing, path: str) -> None:
    assert paths(billing) == [path]


INSTANTS = (
    ("2026-11-01T00:00:00Z", True),
    ("2026-11-01T00:00:00+07:00", True),
    ("2026-11-01T00:00:00.1234567890123-02:30", True),
    ("2026-11-01t00:00:00z", True),
    ("2016-12-31T23:59:60Z", True),
    ("2026-11-01T00:00:00+0700", False),
    ("2026-11-01T00:00:00+07", False),
    ("20261101T000000Z", False),
    ("2026-W44-7T00:00:00Z", False),
    ("2026-11-01T00:00Z", False),
    ("2026-11-01 00:00:00Z", False),
    ("2026-11-01T00:00:00,5Z", False),
    ("2026-11-01T00:00:00", False),
    ("2026-11-31T00:00:00Z", False),
    ("2026-11-01T00:00:60Z", False),
)
written = st.from_regex(
    r"20\d\d-?[01]\d-?[0-3]\d[Tt ][0-2]\d:?[0-5]\d(:?[0-6]\d)?([.,]\d{1,12})?([Zz]|[+-]\d\d(:?\d\d)?)?"
)


def dated(text: str) -> Billing:
    return Billing(bundles=(replace(BUNDLE, activated_at=text, auto_renew_off_at=text),), cancelled_at=text)


@pytest.mark.parametrize(("text", "holds"), INSTANTS)
def test_an_instant_is_what_the_rater_takes(text: str, holds: bool) -> None:
    where = ["billing.bundles[0].activated_at", "billing.bundles[0].auto_renew_off_at", "billing.cancelled_at"]
    assert paths(dated(text)) == ([] if holds else where)


@given(written)
@example("2026-11-01t00:00:00z")
@example("2016-12-31T23:59:60Z")
def test_settings_take_exactly_what_the_rater_takes_and_write_it_for_everybody(text: str) -> None:
    billing = dated(text)
    plain = plainly_dated(billing)
    try:
        instant = parse_instant(text)
    except ValueError:
        assert len(paths(billing)) == 3
        assert plain == billing
        return
    assert paths(billing) == []
    assert plain.cancelled_at is not None
    assert parse_instant(plain.cancelled_at) == instant
    assert datetime.fromisoformat(plain.cancelled_at).tzinfo is not None
    assert {plain.bundles[0].activated_at, plain.bundles[0].auto_renew_off_at} == {plain.cancelled_at}
    assert plainly_dated(plain) == plain
