"""What statement lines and the VAT sentence are called, in both languages, as everywhere else."""

from __future__ import annotations

import pytest

from edge.rating.invoice import Line
from edge.rating.statement_words import adjustment_words, line_words, vat_words
from edge.rating.tariff import Vat


def test_an_adjustment_names_its_month_as_people_write_it() -> None:
    words = {"vi": "Điều chỉnh cước tháng 10/2026", "en": "Adjustment of October 2026"}
    assert adjustment_words("2026-10") == words
    assert line_words(Line("adjustment.2026-10", "", 1, "item", -900, "+84901234567")) == words


@pytest.mark.parametrize(
    ("vat", "vi", "en"),
    [
        (Vat("included", 10), "Giá đã gồm thuế GTGT (VAT) 10%.", "Prices include 10% VAT."),
        (Vat("none", None), "Không tính thuế GTGT (VAT).", "No VAT."),
        (
            Vat("unknown", None),
            "Bảng cước không nêu giá đã gồm thuế GTGT (VAT) hay chưa; không cộng thêm khoản nào.",
            "The plan does not say whether its prices include VAT; nothing is added.",
        ),
    ],
)
def test_vat(vat: Vat, vi: str, en: str) -> None:
    assert vat_words(vat) == {"vi": vi, "en": en}
