"""The forms of spending: one limit, barred numbers, the guard against toll fraud; form ↔ settings document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from web_ui.fields import InRange, choice, e164, grouped_or_none
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.i18n import phone
from web_ui.money_words import AT_END, PERIODS, whose

Choices = dict[str, list[tuple[str, str]]]

SCOPES: Mapping[str, str] = {
    "extension": _l("Extensions"),
    "department": _l("Departments"),
    "hotline": _l("Hotlines"),
    "company": _l("Company"),
}
PERIOD_CHOICES: Mapping[str, str] = {"month": PERIODS["month"], "day": PERIODS["day"], "call": PERIODS["call"]}
PREFIXES: Mapping[str, str] = {
    "131800": _l("1318 00, the operator's cheap way"),
    "00": _l("00, the ordinary way"),
    "+": _l("+, as the SIM decides"),
}
MOST_MINUTES = 1_000_000
MOST_VND = 10_000_000_000
CLOCK_TIME = r"([01]\d|2[0-3]):[0-5]\d$"
_LEVELS_APART = re.compile(r"[\s,;%]+")


class LimitForm(FlaskForm):  # type: ignore[misc]
    whose = SelectField(_l("Whose spending"), validate_choice=False)
    period = choice(_l("Period"), PERIOD_CHOICES, default="month")
    minutes = grouped_or_none(_l("Minutes"), 1, MOST_MINUTES)
    vnd = grouped_or_none(_l("Amount (VND)"), 1, MOST_VND)
    warn_percent = StringField(_l("Warn at (percent)"), [Length(max=60, message=_l("At most 60 characters."))])
    at_end = choice(_l("When it is used up"), AT_END, default="block")

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if self.minutes.data is None and self.vnd.data is None and not (self.minutes.errors or self.vnd.errors):
            self.minutes.errors = [_("Enter minutes, an amount, or both: the first to be reached counts.")]
            valid = False
        return valid

    def validate_whose(self, field: Field) -> None:
        if str(field.data).partition(":")[0] not in SCOPES:
            raise ValidationError(_("Choose one of these."))

    def validate_warn_percent(self, field: Field) -> None:
        levels = list(_levels(field.data))
        if any(not text.isdecimal() or not 1 <= int(text) <= 99 for text in levels):
            raise ValidationError(_("Whole numbers from 1 to 99, such as 80, 90."))

    def fill(self, limit: Mapping[str, Any]) -> None:
        """Shows an entry of the document."""
        self.whose.data = f"{limit['scope']}:{limit.get('subject', '')}"
        self.period.data, self.at_end.data = limit["period"], limit["at_end"]
        self.minutes.data, self.vnd.data = limit.get("minutes"), limit.get("vnd")
        self.warn_percent.data = ", ".join(map(str, limit.get("warn_percent", ())))

    def entry(self) -> dict[str, Any]:
        """The document's entry."""
        scope, _colon, subject = str(self.whose.data).partition(":")
        return {
            "scope": scope,
            "subject": subject,
            "period": self.period.data,
            "minutes": self.minutes.data,
            "vnd": self.vnd.data,
            "warn_percent": sorted({int(text) for text in _levels(self.warn_percent.data)}),
            "at_end": self.at_end.data,
        }

    def offer(self, document: Mapping[str, Any], hotlines: list[str]) -> None:
        """Fills the list of whose spending can be limited; somebody who is gone stays in it while he is chosen."""
        choices = subjects(document, hotlines)
        chosen = str(self.whose.data or "")
        scope, colon, subject = chosen.partition(":")
        if colon and scope in choices and chosen not in {value for value, _text in choices[scope]}:
            choices[scope].append((chosen, whose(scope, subject) + " – " + _("no longer there")))
        self.whose.choices = {str(SCOPES[scope]): entries for scope, entries in choices.items()}


class BarringForm(FlaskForm):  # type: ignore[misc]
    international = BooleanField(_l("Allow international calls"))
    premium = BooleanField(_l("Allow 1900 and other premium numbers"))
    short = BooleanField(_l("Allow short service numbers"))
    international_prefix = choice(_l("Dial international numbers by"), PREFIXES, default="131800")
    allowed = TextAreaField(
        _l("Numbers that always pass"), [Length(max=20_000, message=_l("At most %(max)d characters."))]
    )

    def fill(self, barring: Mapping[str, Any]) -> None:
        self.allowed.data = "\n".join(barring.get("allowed", ()))

    def entry(self) -> dict[str, Any]:
        lines = (_plain_number(line) for line in (self.allowed.data or "").splitlines())
        return {
            "international": self.international.data,
            "premium": self.premium.data,
            "short": self.short.data,
            "allowed": list(dict.fromkeys(line for line in lines if line)),
            "international_prefix": self.international_prefix.data,
        }


class FraudForm(FlaskForm):  # type: ignore[misc]
    hourly_vnd = grouped_or_none(_l("At most in any hour (VND)"), 1, MOST_VND)
    night_vnd = grouped_or_none(_l("At most in a night (VND)"), 1, MOST_VND)
    night_begins = StringField(
        _l("Night begins"),
        [InputRequired(_l("Enter a time.")), Regexp(CLOCK_TIME, message=_l("A time such as 22:00."))],
    )
    night_ends = StringField(
        _l("Night ends"),
        [InputRequired(_l("Enter a time.")), Regexp(CLOCK_TIME, message=_l("A time such as 06:00."))],
    )
    refused_tries = IntegerField(
        _l("Barred numbers within an hour that raise the alarm"),
        [Optional(), InRange(1, 1000, _l("From %(min)s to %(max)s."))],
    )
    alarm_mobile = StringField(
        _l("Mobile for alarms"),
        [Optional(), Regexp(r"[+\d .()-]{9,20}$", message=_l("This is no Vietnamese mobile number."))],
    )

    def fill(self, guard: Mapping[str, Any]) -> None:
        mobile = guard.get("alarm_mobile")
        self.alarm_mobile.data = phone(mobile).replace("\u00a0", " ") if mobile else ""

    def entry(self) -> dict[str, Any]:
        return {
            "hourly_vnd": self.hourly_vnd.data,
            "night_vnd": self.night_vnd.data,
            "night_begins": self.night_begins.data,
            "night_ends": self.night_ends.data,
            "refused_tries": self.refused_tries.data,
            "alarm_mobile": e164(self.alarm_mobile.data) if self.alarm_mobile.data else None,
        }


def subjects(document: Mapping[str, Any], hotlines: list[str]) -> Choices:
    """Everybody whose spending can be limited, by scope: `extension:512` and what to call him."""
    extensions = {str(each["number"]): str(each["name"]) for each in document.get("extensions", ())}
    found: Mapping[str, list[str]] = {
        "extension": sorted(extensions),
        "department": departments(document),
        "hotline": hotlines,
        "company": [],
    }
    return {
        scope: [(f"{scope}:{name}", whose(scope, name, extensions)) for name in ("", *names)]
        for scope, names in found.items()
        if names or scope in ("extension", "company")
    }


def departments(document: Mapping[str, Any]) -> list[str]:
    """Their names, without doubles."""
    return sorted({str(each.get("department") or "") for each in document.get("extensions", ())} - {""})


def _levels(text: str | None) -> Iterator[str]:
    return (each for each in _LEVELS_APART.split(text or "") if each)


def _plain_number(line: str) -> str:
    """As the document keeps it: `+4420…`, `19001234`; what is no number stays as typed, the box says what is wrong."""
    digits = re.sub(r"[\s.()/-]+", "", line)
    return "+" + digits[2:] if digits.startswith("00") else digits
