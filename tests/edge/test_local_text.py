"""Amounts and months as the field writes them, and the page's own writing beside them."""

from __future__ import annotations

import pytest

from edge.local_text import Language, money_text, month_text, number_text
from web_ui import i18n


@pytest.mark.parametrize(
    ("amount_vnd", "vietnamese", "english"),
    [
        (0, "0 đ", "0 VND"),
        (999, "999 đ", "999 VND"),
        (675_000, "675.000 đ", "675,000 VND"),
        (1_234_567_890, "1.234.567.890 đ", "1,234,567,890 VND"),
        (-50_000, "−50.000 đ", "−50,000 VND"),
    ],
)
def test_an_amount(amount_vnd: int, vietnamese: str, english: str) -> None:
    assert money_text(amount_vnd, "vi") == vietnamese
    assert money_text(amount_vnd, "en") == english
    assert number_text(amount_vnd, "vi") == vietnamese.removesuffix(" đ")


@pytest.mark.parametrize(
    ("language", "month", "said"),
    [("vi", "2026-11", "tháng 11/2026"), ("en", "2026-11", "November 2026"), ("en", "2027-01", "January 2027")],
)
def test_a_month(language: Language, month: str, said: str) -> None:
    assert month_text(month, language) == said


@pytest.mark.parametrize("amount_vnd", [0, 540, 1000, 675_000, 10_000_000_000])
def test_the_page_writes_amounts_alike_but_never_breaks_a_line_in_one(amount_vnd: int) -> None:
    assert i18n.money(amount_vnd) == money_text(amount_vnd, "vi").replace(" ", i18n.NO_BREAK)


def test_the_page_writes_months_alike() -> None:
    assert f"tháng {i18n.month('2026-11')}" == month_text("2026-11", "vi")
