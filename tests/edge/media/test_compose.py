"""Numbers as they are spoken, against words that a Vietnamese and an English speaker would check."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.media.catalogue import load_catalogue
from edge.media.compose import HIGHEST_NUMBER, compose_digits, compose_number

TEXTS = {(prompt.id, prompt.language): prompt.text for prompt in load_catalogue()}


def spoken(number: int, language: str) -> str:
    return " ".join(TEXTS[piece, language] for piece in compose_number(number, language))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (4, "bốn"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (25, "hai mươi lăm"),
        (36, "ba mươi sáu"),
        (91, "chín mươi mốt"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (105, "một trăm linh năm"),
        (110, "một trăm mười"),
        (115, "một trăm mười lăm"),
        (121, "một trăm hai mươi mốt"),
        (555, "năm trăm năm mươi lăm"),
        (1000, "một nghìn"),
        (1001, "một nghìn không trăm linh một"),
        (1015, "một nghìn không trăm mười lăm"),
        (1900, "một nghìn chín trăm"),
        (21_000, "hai mươi mốt nghìn"),
        (105_024, "một trăm linh năm nghìn không trăm hai mươi tư"),
        (999_999, "chín trăm chín mươi chín nghìn chín trăm chín mươi chín"),
    ],
)
def test_vietnamese(number, words):
    assert spoken(number, "vi") == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (10, "ten"),
        (13, "thirteen"),
        (20, "twenty"),
        (42, "forty two"),
        (100, "one hundred"),
        (105, "one hundred and five"),
        (1001, "one thousand and one"),
        (1100, "one thousand one hundred"),
        (12_345, "twelve thousand three hundred and forty five"),
        (999_999, "nine hundred and ninety nine thousand nine hundred and ninety nine"),
    ],
)
def test_english(number, words):
    assert spoken(number, "en") == words


@given(st.integers(0, HIGHEST_NUMBER), st.sampled_from(["vi", "en"]))
def test_every_number_is_made_of_known_pieces(number, language):
    pieces = compose_number(number, language)
    assert pieces
    assert all((piece, language) in TEXTS for piece in pieces)


@given(st.integers(0, HIGHEST_NUMBER), st.integers(0, HIGHEST_NUMBER), st.sampled_from(["vi", "en"]))
def test_different_numbers_sound_different(one, other, language):
    assert (compose_number(one, language) == compose_number(other, language)) == (one == other)


def test_digits():
    assert compose_digits("512") == ("digit-5", "digit-1", "digit-2")
    for wrong in ("", "5a", "٥"):
        with pytest.raises(ValueError, match="cannot be spelled"):
            compose_digits(wrong)


@pytest.mark.parametrize(("number", "language"), [(-1, "vi"), (1_000_000, "en"), (5, "fr")])
def test_what_cannot_be_spoken(number, language):
    with pytest.raises(ValueError, match="spoken"):
        compose_number(number, language)
