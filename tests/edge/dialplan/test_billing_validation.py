"""What a company says that it has bought: each thing that cannot be charged is named with its path."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice, Subscribed
from edge.dialplan.settings import Settings
from edge.dialplan.validation import validate

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
