"""What the company has bought: plan by month, subscriptions that are no extensions, bundles, and its cancellation.

Part of the settings document. Hotlines and extensions are not here: they are counted from the lines and from the
history of the settings, a month begun being a month charged (A079).
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_PLAN = "onecontact-2019"


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """A plan from a month on. A month is charged by one plan, whole."""

    plan: str
    first_month: str
    """"2026-11"; "0001-01": from the beginning."""


@dataclass(frozen=True, slots=True)
class BundlePurchase:
    """A voice bundle of one hotline (rating §5, §9.12–16)."""

    hotline: str
    """E.164."""
    bundle: int
    activated_at: str
    """RFC 3339 with zone."""
    when_spent: str = "tiers"
    """renew or tiers."""
    auto_renew: bool = True
    auto_renew_off_at: str | None = None


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Monthly counts that the box cannot see by itself (rating §8, SUBS.json)."""

    call_center_users: int = 0
    contact_center_users: int = 0
    app_licences: int = 0
    recording_storage_users: int = 0
    data_storage_users: int = 0
    sdk_sets: int = 0


@dataclass(frozen=True, slots=True)
class Billing:
    plans: tuple[PlanChoice, ...] = (PlanChoice(DEFAULT_PLAN, "0001-01"),)
    """Rising by month; the last one whose month has begun holds."""
    bundles: tuple[BundlePurchase, ...] = ()
    subscribed: Subscribed = Subscribed()
    customer: str = ""
    """Name and address on the statement; "" means the company's name."""
    cancelled_at: str | None = None
    """RFC 3339: the subscription was cancelled; its last statement is drawn up 120 minutes later (A076)."""

    def plan_of(self, month: str) -> str:
        """The plan of a local month ("2026-11")."""
        held = [choice.plan for choice in self.plans if choice.first_month <= month]
        return held[-1] if held else self.plans[0].plan
