"""A charge (rating.md §8) explained to the person who pays it: which plan and rule, which seconds at which price, why.

The engine's `why` is a sentence for the trace; what is said here is built from the charge's fields, in the reader's
language, so that it can be checked with a pencil: seconds × price ÷ 60, rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web_ui import i18n
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.refusals import understand
from web_ui.wording import CLASSES, word

SERVICES: Mapping[str, str] = {
    "inbound": _l("a call to the hotline"),
    "connect": _l("the hotline reaching an extension"),
    "callback": _l("the hotline calling an employee back"),
    "forward": _l("a call forwarded to an outside number"),
    "internal": _l("a call between extensions"),
    "outbound": _l("a call to an outside number"),
    "conference": _l("a conference leg"),
    "extension": _l("a message to an extension"),
    "other": _l("a message to somebody else"),
}
GENERAL: Mapping[str, str] = {
    "unanswered": _l("Not answered, so it costs nothing."),
    "inbound": _l("Incoming calls cost the company nothing."),
    "no_duration": _l("Nobody talked, so it costs nothing."),
}
ONE_PRICE = "idd"
"""Stands for a band where there is one price for all minutes of the month."""
FREE_CLASSES: Mapping[str, str] = {
    "on_net": _l("the plan lets calls of this kind to MobiFone numbers go free"),
    "off_net": _l("the plan lets calls of this kind go free"),
    "ip": _l("the plan lets calls to SIP phones and softphones go free"),
}
OFFERS: Mapping[str, str] = {
    "preferred": _l("An international call to a preferred destination, at the special price."),
    "discount": _l("An international call at the ordinary price; the discount is taken off on the statement."),
    "excluded": _l("An international call at the ordinary price, without discount."),
    "idd": _l("An international call at the price of the imported table."),
}
UNRATED: Mapping[str, tuple[str, str]] = {
    "no_version": (
        _l("No version of the price plan is valid on that day, so the cost is not known."),
        _l("Take the plan's version for that day under Price tables, then rate the month again."),
    ),
    "no_voice": (
        _l("The plan has no prices for calls, so the cost is not known."),
        _l("Choose a plan with calls under Plan and bundles, then rate the month again."),
    ),
    "no_sms": (
        _l("The plan has no prices for messages, so the cost is not known."),
        _l("Choose a plan with messages under Plan and bundles, then rate the month again."),
    ),
    "no_international": (
        _l("The plan has no international prices, so the cost is not known."),
        _l("Take the operator's international prices (IDD) under Price tables, then rate the month again."),
    ),
    "no_idd_price": (
        _l("The price table has no price for this destination, so the cost is not known."),
        _l("Add the destination to the international prices (IDD) under Price tables, then rate the month again."),
    ),
    "sms_ip": (
        _l("There is no price for a message to a SIP phone, so the cost is not known."),
        _l("Send it to the mobile number instead."),
    ),
    "sms_international": (
        _l("The plan has no price for a message to another country, so the cost is not known."),
        _l("Look at the operator's own bill for it."),
    ),
    "roaming": (
        _l("Roaming is charged by the operator, so the cost is not known here."),
        _l("Look at the operator's own bill for it."),
    ),
}
"""What is missing, and what to do about it."""


@dataclass(frozen=True, slots=True)
class PricedPart:
    """A stretch of the call at one price."""

    amount: int
    """Seconds, or pieces where `per_minute` is false."""
    price_vnd: int
    tier: str
    """The band; empty for a price without bands."""
    vnd: str
    """Exact to a tenth, unrounded: the sum of the parts is what gets rounded."""
    bundle: int | None = None
    """The bundle that covered it: it cost nothing."""
    per_minute: bool = True


@dataclass(frozen=True, slots=True)
class Explained:
    leg: str
    amount_vnd: int | None
    billed_s: int
    plan: str
    rule: str
    reason: str
    next_step: str
    """What to do about a charge without a price; empty otherwise."""
    parts: tuple[PricedPart, ...]

    @property
    def per_minute(self) -> bool:
        return all(part.per_minute for part in self.parts)


def explain(charge: Mapping[str, Any]) -> Explained:
    """`rule` is `plan version/table/row`, the row `name` or `name.detail` (rating.md §9.22)."""
    plan, _slash, rule = str(charge.get("rule") or "").partition("/")
    return Explained(
        leg=str(charge["id"]),
        amount_vnd=charge["amount_vnd"],
        billed_s=int(charge.get("billed_s") or 0),
        plan=plan,
        rule=rule,
        reason=_reason(charge, rule),
        next_step=_next_step(charge, rule),
        parts=tuple(_parts(charge.get("parts") or ())),
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a leg cost by an earlier rating."""

    at: str
    amount_vnd: int | None
    plan: str


def earlier(rated: Sequence[Mapping[str, Any]]) -> list[Earlier]:
    """Of all ratings of a leg (`Reader.charge_revisions`) those that no longer hold, oldest first."""
    return [
        Earlier(each["at"], each["amount_vnd"], str(each.get("rule") or "").partition("/")[0]) for each in rated[:-1]
    ]


def _reason(charge: Mapping[str, Any], rule: str) -> str:
    table, _slash, row = rule.partition("/")
    name = row.partition(".")[0]
    if charge["amount_vnd"] is None:
        return str(UNRATED[name][0]) if name in UNRATED else _box_says(charge.get("why"))
    match table:
        case "general" if name in GENERAL:
            return str(GENERAL[name])
        case "international" if name in OFFERS:
            return str(OFFERS[name])
        case "special_numbers":
            return _("The plan has a price of its own for %(number)s.", number=row)
        case _:
            return _priced(charge, SERVICES.get(name))


def _box_says(why: str | None) -> str:
    """Of what no rater takes: missing and way out in one."""
    return understand(why).text if why else _("The plan has no price.")


def _next_step(charge: Mapping[str, Any], rule: str) -> str:
    name = rule.partition("/")[2].partition(".")[0]
    return str(UNRATED[name][1]) if charge["amount_vnd"] is None and name in UNRATED else ""


def _priced(charge: Mapping[str, Any], service: str | None) -> str:
    about = service or _("a call")
    about = about[:1].upper() + about[1:]
    to_class, parts = word(CLASSES, charge.get("class")), charge.get("parts") or ()
    if not parts:
        free = FREE_CLASSES.get(str(charge.get("class")), _("the plan lets it go free"))
        return _("%(service)s, %(class_name)s: %(why)s.", service=about, class_name=to_class, why=free)
    if all(part.get("bundle") is not None for part in parts):
        covered = _("its minutes are in the bundle that was bought")
        return _("%(service)s, %(class_name)s: %(why)s.", service=about, class_name=to_class, why=covered)
    if any("units" in part for part in parts):
        return _("%(service)s, %(class_name)s: charged by the part.", service=about, class_name=to_class)
    if not any(part.get("tier") for part in parts):
        return _(
            "%(service)s, %(class_name)s, at one price for every minute. The first 6 seconds are charged whole, then "
            "every second.",
            service=about,
            class_name=to_class,
        )
    return _(
        "%(service)s, %(class_name)s. The first 6 seconds are charged whole, then every second; the price depends on "
        "how much the hotline has called this month.",
        service=about,
        class_name=to_class,
    )


def _parts(parts: Iterable[Mapping[str, Any]]) -> Iterable[PricedPart]:
    for part in parts:
        per_minute = "units" not in part
        amount = int(part.get("seconds" if per_minute else "units") or 0)
        price = int(part.get("vnd_per_min" if per_minute else "vnd_per_unit") or 0)
        tenths = amount * price * 10 // (60 if per_minute else 1)
        whole = i18n.money(tenths // 10)
        point = "." if i18n.language() == "en" else ","
        shown = whole if tenths % 10 == 0 else whole.replace(i18n.NO_BREAK, f"{point}{tenths % 10}{i18n.NO_BREAK}")
        tier = str(part.get("tier") or "")
        yield PricedPart(amount, price, "" if tier == ONE_PRICE else tier, shown, part.get("bundle"), per_minute)
