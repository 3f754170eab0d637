"""Validation: what a settings document may say, and how a problem names its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.dialplan.limits import Barring, Spending
from edge.dialplan.settings import Company, Extension, Menu, RecordingPolicy, Settings, Timers
from edge.dialplan.validation import errors, validate, warnings
from edge.telephony import PhoneNumber

SALES = Extension("512", "Sales", PhoneNumber("+84903000111"), pin="1234")
COMPANY = Settings(extensions=(SALES,))
OWN = (PhoneNumber("+84901234567"),)


def test_nothing_to_say() -> None:
    assert validate(Settings()) == []
    assert validate(COMPANY, OWN) == []


@pytest.mark.parametrize("number", ["200", "512", "6999", "12000", "1200", "699", "132", "1319", "13181"])
def test_extensions_that_are_good(number: str) -> None:
    assert validate(replace(COMPANY, extensions=(replace(SALES, number=number),))) == []


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"number": "51"}, "number", "extension"),
        ({"number": "512345"}, "number", "extension"),
        ({"number": "012"}, "number", "extension"),
        ({"number": "712"}, "number", "extension"),
        ({"number": "812"}, "number", "extension"),
        ({"number": "912"}, "number", "extension"),
        ({"number": "5a2"}, "number", "extension"),
        ({"number": "٥١٢"}, "number", "extension"),
        ({"number": ""}, "number", "extension"),
        ({"number": "100"}, "number", "reserved"),
        ({"number": "113"}, "number", "reserved"),
        ({"number": "119"}, "number", "reserved"),
        ({"number": "1125"}, "number", "reserved"),
        ({"number": "131"}, "number", "reserved"),
        ({"number": "1318"}, "number", "reserved"),
        ({"number": "13180"}, "number", "reserved"),
        ({"name": ""}, "name", "name"),
        ({"name": " "}, "name", "name"),
        ({"name": "x" * 61}, "name", "name"),
        ({"name": "a\nb"}, "name", "name"),
        ({"mobile": "02438251234"}, "mobile", "mobile"),
        ({"mobile": "+33612345678"}, "mobile", "mobile"),
        ({"mobile": "113"}, "mobile", "mobile"),
        ({"mobile": "none"}, "mobile", "mobile"),
        ({"mobile": "0903000111"}, "mobile", "mobile-form"),
        ({"mobile": "+84901234567"}, "mobile", "own-line"),
        ({"pin": "123"}, "pin", "pin"),
        ({"pin": "123456789"}, "pin", "pin"),
        ({"pin": "12a4"}, "pin", "pin"),
    ],
)
def test_an_extension_with_a_mistake(change: dict[str, str], path: str, code: str) -> None:
    problems = errors(validate(replace(COMPANY, extensions=(replace(SALES, **change),)), OWN))
    assert [(each.path, each.code) for each in problems] == [(f"extensions[0].{path}", code)]


@pytest.mark.parametrize(("prefix", "good"), [("131800", True), ("00", True), ("+", True), ("", False), ("171", False)])
def test_what_the_sim_may_dial_before_a_number_abroad(prefix: str, good: bool) -> None:
    spending = Spending(barring=Barring(international_prefix=prefix))
    paths = [each.path for each in errors(validate(replace(COMPANY, spending=spending)))]
    assert paths == ([] if good else ["spending.barring.international_prefix"])


@pytest.mark.parametrize(("prefix", "codes"), [("131800", []), ("00", ["international-price"])])
def test_the_dear_way_abroad_is_warned_about(prefix: str, codes: list[str]) -> None:
    """Every call abroad is rated as one by 1318 (rating §9.19)."""
    spending = Spending(barring=Barring(international_prefix=prefix))
    found = warnings(validate(replace(COMPANY, spending=spending)))
    assert [each.code for each in found if each.path.startswith("spending")] == codes


@pytest.mark.parametrize(
    ("number", "code", "names"),
    [("512", "duplicate", "512"), ("5123", "prefix", "512"), ("51234", "prefix", "512")],
)
def test_extensions_that_collide_are_named(number: str, code: str, names: str) -> None:
    other = Extension(number, "Other", PhoneNumber("+84903000112"), pin="1234")
    for extensions in ((SALES, other), (other, SALES)):
        (problem,) = validate(replace(COMPANY, extensions=extensions))
        assert (problem.path, problem.code) == ("extensions[1].number", code)
        assert names in problem.message_en
        assert number in problem.message_en


def test_one_mobile_for_two_extensions() -> None:
    twin = replace(SALES, number="513")
    (problem,) = validate(replace(COMPANY, extensions=(SALES, twin)))
    assert (problem.path, problem.code) == ("extensions[1].mobile", "duplicate")


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        (Settings(company=Company(name="x" * 61)), "company.name"),
        (Settings(company=Company(greeting="../secret.wav")), "company.greeting"),
        (Settings(company=Company(greeting="")), "company.greeting"),
        (Settings(company=Company(language="fr")), "company.language"),
        (Settings(timers=Timers(first_key_s=1.0)), "timers.first_key_s"),
        (Settings(timers=Timers(between_keys_s=20.0)), "timers.between_keys_s"),
        (Settings(timers=Timers(ring_employee_s=0.0)), "timers.ring_employee_s"),
        (Settings(timers=Timers(ring_outside_s=float("nan"))), "timers.ring_outside_s"),
        (Settings(timers=Timers(pin_key_s=float("inf"))), "timers.pin_key_s"),
        (Settings(menu=Menu(tries=0)), "menu.tries"),
        (Settings(recording=RecordingPolicy(keep_days=0)), "recording.keep_days"),
        (Settings(recording=RecordingPolicy(keep_gb=0.0)), "recording.keep_gb"),
    ],
)
def test_values_out_of_range(settings: Settings, path: str) -> None:
    (problem,) = errors(validate(settings))
    assert problem.path == path


def test_what_is_only_advice() -> None:
    settings = Settings(recording=RecordingPolicy(announce=False), extensions=(replace(SALES, pin=None),))
    problems = validate(settings)
    assert errors(problems) == []
    assert [each.code for each in warnings(problems)] == ["announcement-off", "pin-missing"]


def test_every_problem_at_once() -> None:
    settings = Settings(Company(language="fr"), extensions=(replace(SALES, number="12", name=""),))
    assert len(errors(validate(settings))) == 3
