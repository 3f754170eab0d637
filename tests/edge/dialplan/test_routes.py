"""Routes: what each sequence of keys means, for a stranger and for an employee."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dialplan.routes import (
    BadNumber,
    NeedMore,
    Refusal,
    Refused,
    Route,
    ToExtension,
    ToOutside,
    Unknown,
    decide,
    find_employee,
)
from edge.dialplan.settings import Extension, Settings
from edge.telephony import PhoneNumber

SALES = Extension("512", "Sales", PhoneNumber("+84903000111"))
STORE = Extension("6001", "Store", PhoneNumber("+84903000113"))
COMPANY = Settings(extensions=(SALES, STORE))
OWN = (PhoneNumber("+84901234567"),)
OUTSIDE = ToOutside(PhoneNumber("+84988777666"))


@pytest.mark.parametrize(
    ("keys", "ended", "expected"),
    [
        ("", False, NeedMore()),
        ("", True, NeedMore()),
        ("#", False, NeedMore()),
        ("5", False, NeedMore()),
        ("51", False, NeedMore()),
        ("512", False, ToExtension(SALES)),
        ("51", True, Unknown()),
        ("51#", False, Unknown()),
        ("512#", False, ToExtension(SALES)),
        ("600", False, NeedMore()),
        ("6001", False, ToExtension(STORE)),
        ("333", False, NeedMore()),
        ("333", True, Unknown()),
        ("3333", False, Unknown()),
        ("*", True, Unknown()),
        ("112", True, Unknown()),
        ("0988777666", True, Unknown()),
        ("90988777666#", False, Unknown()),
    ],
)
def test_a_stranger(keys: str, ended: bool, expected: Route) -> None:
    assert decide(COMPANY, None, keys, ended=ended, own_numbers=OWN) == expected


@pytest.mark.parametrize(
    ("keys", "ended", "expected"),
    [
        ("512", False, ToExtension(SALES)),
        ("90988777666", False, NeedMore()),
        ("90988777666", True, OUTSIDE),
        ("90988777666#", False, OUTSIDE),
        ("0988777666", False, NeedMore()),
        ("0988777666", True, OUTSIDE),
        ("0988777666#", False, OUTSIDE),
        ("0084988777666#", False, OUTSIDE),
        ("84988777666#", False, OUTSIDE),
        ("902438251234#", False, ToOutside(PhoneNumber("+842438251234"))),
        ("1", False, NeedMore()),
        ("11", False, NeedMore()),
        ("112", False, ToOutside(PhoneNumber("112"), emergency=True)),
        ("9113", False, ToOutside(PhoneNumber("113"), emergency=True)),
        ("9", True, BadNumber()),
        ("9#", False, BadNumber()),
        ("0", True, BadNumber()),
        ("098877", True, BadNumber()),
        ("9098877#", False, BadNumber()),
        ("9988777666#", False, BadNumber()),
        ("0123456789#", False, BadNumber()),
        ("7123#", False, BadNumber()),
        ("09*88777666#", False, BadNumber()),
        ("90033123456789#", False, Refused(PhoneNumber("+33123456789"), Refusal.INTERNATIONAL)),
        ("0033123456789#", False, Refused(PhoneNumber("+33123456789"), Refusal.INTERNATIONAL)),
        ("919001234#", False, Refused(PhoneNumber("19001234"), Refusal.PREMIUM)),
        ("918001091#", False, Refused(PhoneNumber("18001091"), Refusal.PREMIUM)),
        ("9100#", False, Refused(PhoneNumber("100"), Refusal.SHORT)),
        ("99123#", False, Refused(PhoneNumber("9123"), Refusal.SHORT)),
        ("0901234567#", False, Refused(OWN[0], Refusal.OWN_LINE)),
        ("90903000113#", False, ToExtension(STORE)),
        ("0" * 20, False, BadNumber()),
    ],
)
def test_an_employee(keys: str, ended: bool, expected: Route) -> None:
    assert decide(COMPANY, SALES, keys, ended=ended, own_numbers=OWN) == expected


def test_without_extensions_three_keys_are_an_answer() -> None:
    assert decide(Settings(), None, "51") == NeedMore()
    assert decide(Settings(), None, "512") == Unknown()


def test_who_is_an_employee() -> None:
    assert find_employee(COMPANY, SALES.mobile) is SALES
    assert find_employee(COMPANY, PhoneNumber("+84912000222")) is None
    assert find_employee(COMPANY, None) is None


KEYS = st.text("0123456789*#", max_size=24)


@given(KEYS, st.booleans())
def test_a_stranger_never_gets_out(keys: str, ended: bool) -> None:
    assert isinstance(decide(COMPANY, None, keys, ended=ended), NeedMore | ToExtension | Unknown)


@given(KEYS, st.sampled_from([None, SALES]))
def test_an_end_of_keys_is_always_a_verdict(keys: str, employee: Extension | None) -> None:
    route = decide(COMPANY, employee, keys, ended=True, own_numbers=OWN)
    assert isinstance(route, NeedMore) is (keys.strip("#") == "")


@given(KEYS)
def test_outside_is_vietnam_or_emergency(keys: str) -> None:
    match decide(COMPANY, SALES, keys, ended=True, own_numbers=OWN):
        case ToOutside(number, emergency):
            assert emergency is (number in ("112", "113", "114", "115"))
            assert emergency or number.startswith("+84")
