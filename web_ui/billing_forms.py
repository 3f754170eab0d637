"""The forms of what the company has bought: plan by month, bundles, counts, cancellation; form ↔ settings document."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateTimeLocalField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from edge.local_text import month_text
from web_ui.fields import choice, whole
from web_ui.i18n import ZONE
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.money_words import SUBSCRIBED, WHEN_SPENT

MOST = 1_000_000
_MONTH = re.compile(r"(20|21)\d\d-(0[1-9]|1[0-2])")
YEARS = range(2000, 2200)
"""A plan or bundle of another year is a slip of the hand."""
_MONTH_FIRST = re.compile(r"(?:tháng )?(\d{1,2})/(\d{4})", re.IGNORECASE)
_ENGLISH_MONTHS = {month_text(f"2027-{number:02}", "en").split()[0].lower(): number for number in range(1, 13)}
CANCEL_WORDS = {"vi": "HỦY", "en": "CANCEL"}


class AccountForm(FlaskForm):  # type: ignore[misc]
    """Who pays, and the counts that the box cannot see by itself."""

    customer = TextAreaField(
        _l("Customer on the statements"), [Length(max=300, message=_l("At most %(max)d characters."))]
    )
    call_center_users = whole(SUBSCRIBED["call_center_users"], 0, MOST)
    contact_center_users = whole(SUBSCRIBED["contact_center_users"], 0, MOST)
    app_licences = whole(SUBSCRIBED["app_licences"], 0, MOST)
    recording_storage_users = whole(SUBSCRIBED["recording_storage_users"], 0, MOST)
    data_storage_users = whole(SUBSCRIBED["data_storage_users"], 0, MOST)
    sdk_sets = whole(SUBSCRIBED["sdk_sets"], 0, MOST)

    def subscribed(self) -> dict[str, int]:
        return {name: self[name].data for name in SUBSCRIBED}


class PlanForm(FlaskForm):  # type: ignore[misc]
    plan = SelectField(_l("Price plan"), validate_choice=False)
    first_month = StringField(_l("From month"), [InputRequired(_l("Enter a month."))])

    def validate_first_month(self, field: Field) -> None:
        if not _MONTH.fullmatch(as_month(field.data or "")):
            raise ValidationError(_("A month such as January 2027."))

    def entry(self) -> dict[str, str]:
        return {"plan": str(self.plan.data), "first_month": as_month(self.first_month.data)}


class BundleForm(FlaskForm):  # type: ignore[misc]
    hotline = SelectField(_l("Hotline"), validate_choice=False)
    bundle = whole(_l("Bundle number"), 1, 999)
    activated_at = DateTimeLocalField(
        _l("Activated at"),
        [InputRequired(_l("Enter day and time."))],
        format=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"],
        invalid_value_message=_l("This is no day and time."),
    )
    when_spent = choice(_l("When its minutes are used up"), WHEN_SPENT, default="tiers")
    auto_renew = BooleanField(_l("Renews by itself after 31 days"))

    def validate_activated_at(self, field: Field) -> None:
        if field.data and field.data.year not in YEARS:
            raise ValidationError(_("This is no day and time."))

    def validate_hotline(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Choose one of these."))

    def entry(self) -> dict[str, Any]:
        return {
            "hotline": str(self.hotline.data),
            "bundle": self.bundle.data,
            "activated_at": rfc3339(self.activated_at.data),
            "when_spent": self.when_spent.data,
            "auto_renew": self.auto_renew.data,
            "auto_renew_off_at": None,
        }


class CancelForm(FlaskForm):  # type: ignore[misc]
    """Two confirmations: nobody cancels a company's subscription by one wrong press."""

    understood = BooleanField(_l("I have read this: it ends the subscription of the whole company."))
    word = StringField(_l("Type the word"))

    def validate_understood(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Tick this box to go on."))

    def validate_word(self, field: Field) -> None:
        typed = (field.data or "").strip().upper().replace("HUỶ", "HỦY")
        if typed not in CANCEL_WORDS.values():
            raise ValidationError(_("Type the word as it stands above."))


def as_month(typed: str) -> str:
    """1/2027, tháng 01/2027 or January 2027 → 2027-01; 2027-01 as it is."""
    written = " ".join(typed.split())
    if found := _MONTH_FIRST.fullmatch(written):
        return f"{found[2]}-{int(found[1]):02}"
    name, _space, year = written.partition(" ")
    number = _ENGLISH_MONTHS.get(name.lower())
    return f"{year}-{number:02}" if number is not None and year.isdigit() else written


def rfc3339(local: dt.datetime) -> str:
    """A local day and time as the document keeps it."""
    return local.replace(tzinfo=ZONE).isoformat(timespec="seconds")
