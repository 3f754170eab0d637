"""Numbers: every spelling has one normal form, and each form one class."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dialplan.numbers import NumberClass, classify, dialled_abroad, national, normalise, parse_dialled
from edge.telephony import PhoneNumber


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0903000111", "+84903000111"),
        ("+84903000111", "+84903000111"),
        ("84903000111", "+84903000111"),
        ("0084903000111", "+84903000111"),
        ("0903.000.111", "+84903000111"),
        ("(090) 300-0111", "+84903000111"),
        ("+84 903 000 111", "+84903000111"),
        ("02438251234", "+842438251234"),
        ("+33123456789", "+33123456789"),
        ("0033 1 23 45 67 89", "+33123456789"),
        ("113", "113"),
        ("9123", "9123"),
        ("19001234", "19001234"),
        ("1800 1091", "18001091"),
        ("903000111", None),
        ("0", None),
        ("00", None),
        ("", None),
        ("12", None),
        ("+", None),
        ("+84", None),
        ("0903-000-11a", None),
        ("MobiFone", None),
        ("٠٩٠٣٠٠٠١١١", None),
        ("0903000111222333444", None),
        ("+99912345678901234567", None),
    ],
)
def test_normalise(text: str, expected: str | None) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+84903000111", NumberClass.MOBILE),
        ("+84328000111", NumberClass.MOBILE),
        ("+842438251234", NumberClass.FIXED),
        ("+842838251234", NumberClass.FIXED),
        ("112", NumberClass.EMERGENCY),
        ("115", NumberClass.EMERGENCY),
        ("100", NumberClass.SHORT),
        ("116", NumberClass.SHORT),
        ("9123", NumberClass.SHORT),
        ("19001234", NumberClass.PREMIUM),
        ("1900123456", NumberClass.PREMIUM),
        ("18001091", NumberClass.PREMIUM),
        ("+8419001234", NumberClass.PREMIUM),
        ("+8418001091", NumberClass.PREMIUM),
        ("+33123456789", NumberClass.INTERNATIONAL),
        ("+85523123456", NumberClass.INTERNATIONAL),
        ("+84123456789", NumberClass.UNKNOWN),
    ],
)
def test_classes(number: str, expected: NumberClass) -> None:
    assert classify(PhoneNumber(number)) is expected


@pytest.mark.parametrize(
    ("number", "prefix", "dialled"),
    [
        ("+442071234567", "131800", "131800442071234567"),
        ("+442071234567", "00", "00442071234567"),
        ("+442071234567", "+", "+442071234567"),
        ("+84988777666", "131800", None),
        ("19001234", "131800", None),
        ("113", "00", None),
    ],
)
def test_what_a_sim_dials_abroad(number: str, prefix: str, dialled: str | None) -> None:
    assert dialled_abroad(PhoneNumber(number), prefix) == dialled


@pytest.mark.parametrize("keys", ["00442071234567", "131800442071234567"])
def test_the_keys_abroad(keys: str) -> None:
    assert parse_dialled(keys) == "+442071234567"


@pytest.mark.parametrize("keys", ["*101#", "+84903000111", "", "09 03", "0903000111#"])
def test_what_is_no_dialled_number(keys: str) -> None:
    assert parse_dialled(keys) is None


@given(st.text("0123456789+ .-()#*a", max_size=24))
def test_anything_has_at_most_one_normal_form(text: str) -> None:
    number = normalise(text)
    if number is not None:
        assert normalise(number) == number
        assert normalise(national(number)) == number
        assert isinstance(classify(number), NumberClass)


@given(st.sampled_from(["32", "70", "83", "90", "91", "98"]), st.integers(0, 9_999_999))
def test_the_four_spellings_of_a_mobile_number(prefix: str, rest: int) -> None:
    digits = f"{prefix}{rest:07d}"
    assert {normalise(start + digits) for start in ("0", "84", "+84", "0084")} == {f"+84{digits}"}
    assert classify(PhoneNumber(f"+84{digits}")) in (NumberClass.MOBILE, NumberClass.UNKNOWN)
