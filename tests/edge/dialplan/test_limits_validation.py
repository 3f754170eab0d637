"""Limits, barred numbers and caps: what a settings document may say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edge.dialplan.limits import Barring, FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.dialplan.settings import Extension, Settings
from edge.dialplan.validation import Severity, validate
from edge.telephony import PhoneNumber

SALES = Extension("512", "Kinh doanh", PhoneNumber("+84903000512"), pin="1234", department="Kinh doanh")
OWN = (PhoneNumber("+84901234567"),)
ALARM = PhoneNumber("+84903999999")
LIMIT = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "512", minutes=60, vnd=50_000)


def found(spending: Spending) -> list[tuple[str, str, str]]:
    settings = Settings(extensions=(SALES,), spending=spending)
    return [(each.path, each.code, each.severity.value) for each in validate(settings, OWN)]


@pytest.mark.parametrize(
    "limit",
    [
        LIMIT,
        replace(LIMIT, subject=""),
        replace(LIMIT, minutes=None),
        replace(LIMIT, vnd=None, warn_percent=()),
        replace(LIMIT, warn_percent=(1, 50, 99)),
        replace(LIMIT, scope=LimitScope.DEPARTMENT, subject="Kinh doanh"),
        replace(LIMIT, scope=LimitScope.HOTLINE, subject="+84901234567"),
        replace(LIMIT, scope=LimitScope.COMPANY, subject=""),
        replace(LIMIT, period=LimitPeriod.CALL, at_end=LimitEnd.CUT),
    ],
)
def test_limits_that_are_good(limit: Limit) -> None:
    assert found(Spending(limits=(limit,))) == []


@pytest.mark.parametrize(
    ("change", "path", "code", "severity"),
    [
        ({"minutes": None, "vnd": None}, "", "limit-empty", "error"),
        ({"minutes": 0}, ".minutes", "range", "error"),
        ({"minutes": -5}, ".minutes", "range", "error"),
        ({"vnd": 0}, ".vnd", "range", "error"),
        ({"vnd": 10**12}, ".vnd", "range", "error"),
        ({"warn_percent": (90, 80)}, ".warn_percent", "warn-percent", "error"),
        ({"warn_percent": (80, 80)}, ".warn_percent", "warn-percent", "error"),
        ({"warn_percent": (0,)}, ".warn_percent", "warn-percent", "error"),
        ({"warn_percent": (100,)}, ".warn_percent", "warn-percent", "error"),
        ({"warn_percent": tuple(range(1, 11))}, ".warn_percent", "warn-percent", "error"),
        ({"subject": "599"}, ".subject", "unknown-extension", "warning"),
        ({"scope": LimitScope.DEPARTMENT, "subject": "Kho"}, ".subject", "unknown-department", "warning"),
        ({"scope": LimitScope.HOTLINE, "subject": "0901234567"}, ".subject", "number", "error"),
        ({"scope": LimitScope.HOTLINE, "subject": "+84937654321"}, ".subject", "unknown-hotline", "warning"),
        ({"scope": LimitScope.COMPANY, "subject": "512"}, ".subject", "subject", "error"),
        ({"period": LimitPeriod.CALL}, ".at_end", "block-call", "warning"),
    ],
)
def test_a_limit_with_a_mistake(change: dict[str, Any], path: str, code: str, severity: str) -> None:
    assert found(Spending(limits=(replace(LIMIT, **change),))) == [(f"spending.limits[0]{path}", code, severity)]


def test_the_same_limit_twice() -> None:
    twice = Spending(limits=(LIMIT, replace(LIMIT, at_end=LimitEnd.CUT)))
    assert found(twice) == [("spending.limits[1]", "duplicate", "error")]
    assert found(Spending(limits=(LIMIT, replace(LIMIT, vnd=90_000)))) == []


def test_a_limit_behind_the_general_one_is_never_reached() -> None:
    general = replace(LIMIT, subject="", vnd=40_000)
    assert found(Spending(limits=(LIMIT, general))) == [("spending.limits[0]", "never-reached", "warning")]
    assert found(Spending(limits=(LIMIT, replace(general, at_end=LimitEnd.WARN)))) == []
    assert found(Spending(limits=(LIMIT, replace(general, vnd=60_000)))) == []
    assert found(Spending(limits=(LIMIT, replace(general, period=LimitPeriod.MONTH)))) == []


def test_too_many_limits() -> None:
    many = tuple(replace(LIMIT, vnd=vnd) for vnd in range(1, 202))
    assert found(Spending(limits=many)) == [("spending.limits", "too-many", "error")]


@pytest.mark.parametrize("beginning", ["+44", "+442079460000", "19001234", "1900", "1"])
def test_beginnings_that_are_good(beginning: str) -> None:
    assert found(Spending(barring=Barring(allowed=(beginning,)))) == []


@pytest.mark.parametrize("beginning", ["", "+", "+0", "0903", "0044", "44 20", "+44x", "+4412345678901234"])
def test_a_beginning_with_a_mistake(beginning: str) -> None:
    problems = found(Spending(barring=Barring(allowed=("+44", beginning))))
    assert problems == [("spending.barring.allowed[1]", "allowed", "error")]


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        ({"hourly_vnd": 0}, "hourly_vnd", "range"),
        ({"night_vnd": -1}, "night_vnd", "range"),
        ({"night_begins": "24:00"}, "night_begins", "clock"),
        ({"night_begins": "9:00"}, "night_begins", "clock"),
        ({"night_ends": ""}, "night_ends", "clock"),
        ({"night_ends": "22:00"}, "night_ends", "night"),
        ({"refused_tries": 0}, "refused_tries", "range"),
        ({"alarm_mobile": "0903999999"}, "alarm_mobile", "mobile-form"),
        ({"alarm_mobile": "02838221234"}, "alarm_mobile", "mobile"),
        ({"alarm_mobile": "+84901234567"}, "alarm_mobile", "own-line"),
    ],
)
def test_a_fraud_guard_with_a_mistake(change: dict[str, Any], name: str, code: str) -> None:
    problems = found(Spending(fraud_guard=replace(FraudGuard(), **change)))
    assert problems == [(f"spending.fraud_guard.{name}", code, "error")]


def test_dear_numbers_without_a_net() -> None:
    bold = Spending(barring=Barring(international=True), fraud_guard=FraudGuard(hourly_vnd=None))
    assert found(bold) == [
        ("spending.fraud_guard.hourly_vnd", "no-cap", Severity.WARNING.value),
        ("spending.fraud_guard.alarm_mobile", "no-alarm", Severity.WARNING.value),
    ]
    assert found(Spending(barring=Barring(premium=True), fraud_guard=FraudGuard(alarm_mobile=ALARM))) == []
    assert found(Spending(fraud_guard=FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=None))) == []
