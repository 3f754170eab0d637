"""The short way for plainly written Vietnamese numbers says what phonenumbers says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rating import number_text
from edge.rating.number_text import canonical_number, parse_number, plain_canonical

LEADS = st.sampled_from(["0", "84", "+84", "0084"])
MOBILE = st.builds(lambda lead, rest: f"{lead}{rest:08}", st.sampled_from("35789"), st.integers(0, 10**8 - 1))
NATIONAL = MOBILE | st.integers(2 * 10**9, 3 * 10**9 - 1).map(str)
DIGITS = st.text("0123456789", min_size=3, max_size=14)


def long_way(written: str) -> number_text.Number | None:
    return number_text._parsed(written)


@given(LEADS, NATIONAL)
@settings(max_examples=200, deadline=None)
def test_plain_numbers_as_phonenumbers_reads_them(lead, national):
    written = lead + national
    assert parse_number.__wrapped__(written) == long_way(written)
    assert plain_canonical(written) == canonical_number(written) == f"+84{national}"


@pytest.mark.parametrize("lead", ["0", "84", "+84", "0084"])
def test_every_range_of_two_digits(lead):
    """Mobile ranges that the metadata does not know, and area codes that nobody has, among them."""
    for first in "35789":
        for second in "0123456789":
            written = f"{lead}{first}{second}1234567"
            assert parse_number.__wrapped__(written) == long_way(written)
    for area in range(200, 300):
        written = f"{lead}{area}1234567"
        assert parse_number.__wrapped__(written) == long_way(written)


@given(st.sampled_from(["", "+", "0", "00", "84", "+84", "0084"]), DIGITS)
@settings(max_examples=200, deadline=None)
def test_digits_of_any_length(lead, digits):
    written = lead + digits
    assert parse_number.__wrapped__(written) == long_way(written)


def test_what_is_not_plain_is_left_to_phonenumbers():
    others = ["113", "18001090", "0084 903000111", "+840903000111", "09030001112", "090300011", "+4930123456"]
    assert [plain_canonical(each) for each in others] == [None] * len(others)
