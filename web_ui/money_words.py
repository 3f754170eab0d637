"""Limits, bundles, plans and tables in words: the vocabulary of spending and billing (`edge.api.messages`).

Sentences about an entry of the settings document take it as the box gives it, so that the list, the history and a
question whether to remove it all say the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask

from edge.api.statements import versions_of
from web_ui.i18n import date, duration, grouped, instant, money, month, ngettext, phone
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.rerater import owed_month
from web_ui.wording import Words, word

_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_VERSION = re.compile(r" \[[\w.-]+@\d{4}-\d\d-\d\d\]$")
MONEY_TABS: Mapping[str, str] = {
    "statements": "statements",
    "files": "statements",
    "limits": "limits",
    "advice": "advice",
    "tariffs": "tariffs",
    "rerate": "tariffs",
    "billing": "billing",
}
"""Blueprints that stand behind one entry of the navigation, each with its tab there."""
PERIODS: Words = {"call": _l("per call"), "day": _l("per day"), "month": _l("per month")}
AT_END: Words = {
    "warn": _l("Only warn"),
    "block": _l("Block new outgoing calls"),
    "cut": _l("Block, and cut calls in progress"),
}
AT_END_EXPLAINED: Words = {
    "warn": _l("People are told; calls go on."),
    "block": _l("No new outgoing call; those in progress go on."),
    "cut": _l("No new outgoing call; those in progress end, 30 seconds after a spoken warning."),
}
LIMIT_STATES: Words = {"ok": _l("Within the limit"), "warned": _l("Nearly used up"), "reached": _l("Used up")}
LIMIT_TONES: Mapping[str, str] = {"ok": "good", "warned": "warning", "reached": "bad"}
EACH: Words = {
    "extension": _l("Each extension"),
    "department": _l("Each department"),
    "hotline": _l("Each hotline"),
    "company": _l("The whole company"),
}
TABLE_KINDS: Words = {
    "plan": _l("Price plan"),
    "operators": _l("Operator prefixes"),
    "ported": _l("Ported numbers"),
    "idd": _l("International prices (IDD)"),
    "destinations": _l("Destinations"),
}
TABLE_ORIGINS: Words = {"shipped": _l("came with the box"), "imported": _l("imported")}
WHEN_SPENT: Words = {
    "renew": _l("Begin the next bundle at once"),
    "tiers": _l("Go on at the plan's prices"),
}
SUBSCRIBED: Words = {
    "call_center_users": _l("Call Center users"),
    "contact_center_users": _l("Contact Center users"),
    "app_licences": _l("Licences of the mobile app"),
    "recording_storage_users": _l("Users with extra recording storage"),
    "data_storage_users": _l("Users with extra data storage"),
    "sdk_sets": _l("SDK sets"),
}
VOICE_CLASSES: Words = {
    "on_net": _l("On-net calls"),
    "off_net": _l("Off-net calls"),
    "international": _l("International calls"),
    "ip": _l("Calls to IP phones"),
    "other": _l("Other calls"),
    "bundle": _l("Calls within a bundle"),
    "free": _l("Free calls"),
}
PLAN_NAMES: Words = {
    "onecontact-2019": "OneContact 2019",
    "3c": "3C",
    "meeting": _l("Meeting rooms"),
    "ekyc": "eKYC",
}


def install(app: Flask) -> None:
    app.jinja_env.filters.update(plain_why=plain_why)
    app.jinja_env.globals.update(
        at_end=lambda code: word(AT_END, code),
        at_ends=AT_END_EXPLAINED,
        bundle_sentence=bundle_sentence,
        limit_amount=amount,
        limit_sentence=limit_sentence,
        limit_state=lambda code: word(LIMIT_STATES, code),
        limit_tone=lambda code: LIMIT_TONES.get(code, "calm"),
        money_tabs=MONEY_TABS,
        owed_month=owed_month,
        plan_name=plan_name,
        plan_sentence=plan_sentence,
        plan_versions=versions_of,
        quantity=quantity,
        statement_class=lambda code: word(VOICE_CLASSES, code),
        table_kind=lambda code: word(TABLE_KINDS, code),
        table_origin=lambda code: word(TABLE_ORIGINS, code),
        when_spent=lambda code: word(WHEN_SPENT, code),
        whose=whose,
    )


def plain_why(why: str) -> str:
    """The rater's reason without the version of the plan behind it, which the page's head says once."""
    return _VERSION.sub("", why)


def plan_name(plan: str) -> str:
    """Of a plan or of one of its versions (`3c@2019-01-01`)."""
    name, at, _since = plan.partition("@")
    return f"{word(PLAN_NAMES, name)} ({version_day(plan)})" if at else word(PLAN_NAMES, name)


def version_day(version: str) -> str:
    """Since when a version holds, as a person writes it: 01/01/2019 of `3c@2019-01-01`."""
    since = version.partition("@")[2]
    return date(since) if _DAY.fullmatch(since) else since


def whose(scope: str, subject: str, names: Mapping[str, str] = {}) -> str:
    """Whose spending: `names` are those of the extensions."""
    if not subject:
        return word(EACH, scope)
    match scope:
        case "extension":
            named = f" · {names[subject]}" if subject in names else ""
            return _("Extension %(number)s", number=subject) + named
        case "department":
            return _("Department %(name)s", name=subject)
        case "hotline":
            return _("Hotline %(number)s", number=phone(subject))
        case _:
            return word(EACH, scope)


def amount(limit: Mapping[str, Any]) -> str:
    """500 minutes or 1.000.000 đ per month; the first to be reached counts."""
    amounts = []
    if limit.get("minutes") is not None:
        amounts.append(_("%(n)s minutes", n=grouped(limit["minutes"])))
    if limit.get("vnd") is not None:
        amounts.append(money(limit["vnd"]))
    return _(" or ").join(amounts) + " " + word(PERIODS, limit.get("period"))


def quantity(line: Mapping[str, Any]) -> str:
    """Of a statement's line: calls as time, messages in parts, the rest as a bare number, for the line names it."""
    match line["unit"]:
        case "second":
            return duration(line["quantity"])
        case "part":
            return ngettext("%(num)s part", "%(num)s parts", line["quantity"])
        case "month":
            return ""
        case _:
            return grouped(line["quantity"])


def limit_sentence(limit: Mapping[str, Any]) -> str:
    """Extension 512, 500 minutes per month; block new outgoing calls"""
    end = word(AT_END, limit.get("at_end"))
    return f"{whose(limit['scope'], limit.get('subject', ''))}, {amount(limit)}; {end[:1].lower()}{end[1:]}"


def plan_sentence(choice: Mapping[str, Any]) -> str:
    if choice["first_month"] == BEGINNING:
        return _("%(plan)s from the beginning", plan=plan_name(choice["plan"]))
    return _("%(plan)s from %(month)s", plan=plan_name(choice["plan"]), month=month(choice["first_month"]))


def bundle_sentence(bundle: Mapping[str, Any]) -> str:
    return _(
        "bundle %(number)s of %(hotline)s from %(when)s",
        number=bundle["bundle"],
        hotline=phone(bundle["hotline"]),
        when=instant(bundle["activated_at"]),
    )


BEGINNING = "0001-01"
"""The month of a plan that holds from the beginning (`edge.api`'s settings document)."""
