"""A charge (rating.md §8) explained to the person who pays it: which plan and rule, which seconds at which price, why.

The engine's `why` is a sentence for the trace; what is said here is built from the charge's fields, in the reader's
language, so that it can be checked with a pencil: seconds × price ÷ 60, rounded once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from web_ui import i18n
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.wording import CLASSES, word

SERVICES: Mapping[str, str] = {
    "inbound": _l("a call to the hotline"),
    "connect": _l("the hotline reaching an extension"),
    "callback": _l("the hotline calling an employee back"),
    "forward": _l("a call forwarded to an outside number"),
    "internal": _l("a call between extensions"),
    "outbound": _l("a call to an outside number"),
    "conference": _l("a conference leg"),
}
GENERAL: Mapping[str, str] = {
    "unanswered": _l("Not answered, so it costs nothing."),
    "inbound": _l("Incoming calls cost the company nothing."),
    "no_duration": _l("Nobody talked, so it costs nothing."),
}
UNRATED: Mapping[str, str] = {
    "no_version": _l("No version of the price plan is valid on that day, so the cost is not known."),
    "no_voice": _l("The plan has no prices for calls, so the cost is not known."),
    "no_international": _l("The plan has no international prices, so the cost is not known."),
    "no_idd_price": _l("The price table has no price for this destination, so the cost is not known."),
    "roaming": _l("Roaming is charged by the operator, so the cost is not known here."),
}


@dataclass(frozen=True, slots=True)
class PricedPart:
    """A stretch of the call at one price."""

    seconds: int
    vnd_per_min: int
    tier: str
    vnd: str
    """Exact to a tenth, unrounded: the sum of the parts is what gets rounded."""


@dataclass(frozen=True, slots=True)
class Explained:
    leg: str
    amount_vnd: int | None
    billed_s: int
    plan: str
    rule: str
    reason: str
    parts: tuple[PricedPart, ...]


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
        parts=tuple(_parts(charge.get("parts") or ())),
    )


def _reason(charge: Mapping[str, Any], rule: str) -> str:
    table, _slash, row = rule.partition("/")
    name = row.partition(".")[0]
    if charge["amount_vnd"] is None:
        return str(UNRATED.get(name) or charge.get("why") or _("The plan has no price for this."))
    if table == "general" and name in GENERAL:
        return str(GENERAL[name])
    return _priced(charge, SERVICES.get(name))


def _priced(charge: Mapping[str, Any], service: str | None) -> str:
    to_class = word(CLASSES, charge.get("class"))
    if not charge["amount_vnd"]:
        return _("Free by the plan: %(service)s, %(class_name)s.", service=service or "–", class_name=to_class)
    about = service or _("a call")
    return _(
        "%(service)s, %(class_name)s. The first 6 seconds are charged whole, then every second; the price depends on "
        "how much the hotline has called this month.",
        service=about[:1].upper() + about[1:],
        class_name=to_class,
    )


def _parts(parts: Iterable[Mapping[str, Any]]) -> Iterable[PricedPart]:
    for part in parts:
        seconds, price = int(part.get("seconds") or 0), int(part.get("vnd_per_min") or 0)
        tenths = seconds * price * 10 // 60
        whole = i18n.money(tenths // 10)
        shown = whole if tenths % 10 == 0 else whole.replace(i18n.NO_BREAK, f",{tenths % 10}{i18n.NO_BREAK}")
        yield PricedPart(seconds, price, str(part.get("tier") or ""), shown)
