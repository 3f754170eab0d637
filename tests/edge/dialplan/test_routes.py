"""Routes: what each sequence of keys means, for a stranger and for an employee."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dialplan.limits import Barring, Spending
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
LONDON = PhoneNumber("+442071234567")


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
        ("0" * 21, False, NeedMore()),
        ("0" * 22, False, BadNumber()),
        ("131", False, NeedMore()),
        ("13180", False, NeedMore()),
        ("1317", False, Unknown()),
        ("1318", True, Unknown()),
        ("13180#", False, Unknown()),
        ("131800", False, NeedMore()),
        ("131800#", False, BadNumber()),
        ("131800113#", False, BadNumber()),
        ("131800441#", False, BadNumber()),
        ("131800442071234567", False, NeedMore()),
        ("131800442071234567#", False, Refused(LONDON, Refusal.INTERNATIONAL)),
        ("13180084988777666#", False, OUTSIDE),
    ],
)
def test_an_employee(keys: str, ended: bool, expected: Route) -> None:
    assert decide(COMPANY, SALES, keys, ended=ended, own_numbers=OWN) == expected


def _with(barring: Barring, *extensions: Extension) -> Settings:
    return Settings(extensions=(SALES, STORE, *extensions), spending=Spending(barring=barring))


@pytest.mark.parametrize("keys", ["131800442071234567", "9131800442071234567", "00442071234567", "900442071234567"])
def test_every_way_abroad_is_the_same_number(keys: str) -> None:
    settings = _with(Barring(international=True))
    assert decide(settings, SALES, keys) == NeedMore()
    assert decide(settings, SALES, keys + "#") == ToOutside(LONDON)
    assert decide(settings, SALES, keys, ended=True) == ToOutside(LONDON)
    assert isinstance(decide(settings, None, keys + "#"), Unknown)


@pytest.mark.parametrize(
    ("barring", "number", "expected"),
    [
        pytest.param(Barring(), "00442071234567", Refusal.INTERNATIONAL, id="abroad is shut"),
        pytest.param(Barring(), "19001234", Refusal.PREMIUM, id="1900 is shut"),
        pytest.param(Barring(), "18001091", Refusal.PREMIUM, id="1800 is shut with 1900"),
        pytest.param(Barring(), "1088", Refusal.SHORT, id="short numbers are shut"),
        pytest.param(Barring(), "0988777666", None, id="Vietnam is open"),
        pytest.param(Barring(international=True), "00442071234567", None, id="abroad opened"),
        pytest.param(Barring(international=True), "19001234", Refusal.PREMIUM, id="abroad opens abroad only"),
        pytest.param(Barring(premium=True), "19001234", None, id="1900 opened"),
        pytest.param(Barring(premium=True), "18001091", None, id="1800 opened with 1900"),
        pytest.param(Barring(premium=True), "1088", Refusal.SHORT, id="1900 opens 1900 only"),
        pytest.param(Barring(short=True), "1088", None, id="short numbers opened"),
        pytest.param(Barring(short=True), "00442071234567", Refusal.INTERNATIONAL, id="short opens short only"),
        pytest.param(Barring(allowed=("+4420",)), "00442071234567", None, id="London allowed"),
        pytest.param(Barring(allowed=("+4420",)), "00441614960000", Refusal.INTERNATIONAL, id="not Manchester"),
        pytest.param(Barring(allowed=("+442071234567",)), "131800442071234567", None, id="one number allowed"),
        pytest.param(Barring(allowed=("19001234",)), "19001234", None, id="one 1900 allowed"),
        pytest.param(Barring(allowed=("19001234",)), "19001235", Refusal.PREMIUM, id="not its neighbour"),
        pytest.param(Barring(allowed=("1800",)), "18001091", None, id="1800 allowed, 1900 shut"),
        pytest.param(Barring(allowed=("1800",)), "19001234", Refusal.PREMIUM, id="1900 shut, 1800 allowed"),
        pytest.param(Barring(allowed=("",)), "19001234", Refusal.PREMIUM, id="nothing allows nothing"),
    ],
)
def test_barring(barring: Barring, number: str, expected: Refusal | None) -> None:
    route = decide(_with(barring), SALES, f"9{number}#", own_numbers=OWN)
    assert (route.reason if isinstance(route, Refused) else None) is expected
    assert isinstance(route, Refused | ToOutside)
    everything = Barring(True, True, True)
    assert isinstance(decide(_with(everything), None, f"9{number}#"), Unknown), "strangers reach extensions only"


def test_our_own_lines_are_never_dialled_however_open() -> None:
    settings = _with(Barring(True, True, True, allowed=("+84",)))
    assert decide(settings, SALES, "0901234567#", own_numbers=OWN) == Refused(OWN[0], Refusal.OWN_LINE)


@pytest.mark.parametrize("number", ["1319", "132", "13181", "1311"])
def test_an_extension_beside_the_way_abroad(number: str) -> None:
    """Neither hides the other: the keys wait until they can be only one of the two."""
    beside = Extension(number, "Beside", PhoneNumber("+84903000119"))
    settings = _with(Barring(international=True), beside)
    for length in range(1, len(number)):
        assert decide(settings, SALES, number[:length]) == NeedMore()
    assert decide(settings, SALES, number) == ToExtension(beside)
    assert decide(settings, SALES, "131800442071234567#") == ToOutside(LONDON)
    assert decide(settings, None, number) == ToExtension(beside)


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
