"""Amounts and months as people in Vietnam read them, in Vietnamese or English; for every sentence and document.

Pure, and imports nothing of ours, so that every room may use it. What machines read is written elsewhere: amounts stay
whole numbers, months stay 2026-11.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["vi", "en"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def number_text(number: int, language: Language) -> str:
    """With marks between the thousands: 1.234.567 or 1,234,567; a debt with a true minus sign."""
    text = f"{number:,}"
    if number < 0:
        text = "−" + text[1:]
    return text.replace(",", ".") if language == "vi" else text


def money_text(amount_vnd: int, language: Language) -> str:
    """675.000 đ or 675,000 VND."""
    return number_text(amount_vnd, language) + (" đ" if language == "vi" else " VND")


def month_text(month: str, language: Language) -> str:
    """2026-11 within a sentence: tháng 11/2026 or November 2026."""
    year, _, number = month.partition("-")
    return f"tháng {number}/{year}" if language == "vi" else f"{_MONTHS[int(number) - 1]} {year}"
