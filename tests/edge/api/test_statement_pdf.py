"""Statements as PDF: letters, amounts, pages; read back with a PDF library."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader

from edge.api import statement_sheet
from edge.api.statement_pdf import FontMissing, render
from edge.api.statements import Language, summary
from tests.edge.api.statement_documents import document, item

EVERY_LETTER = (
    "aàáảãạăằắẳẵặâầấẩẫậ eèéẻẽẹêềếểễệ iìíỉĩị oòóỏõọôồốổỗộơờớởỡợ uùúủũụưừứửữự yỳýỷỹỵ đ "
    "AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬ EÈÉẺẼẸÊỀẾỂỄỆ IÌÍỈĨỊ OÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢ UÙÚỦŨỤƯỪỨỬỮỰ YỲÝỶỸỴ Đ"
)


def _pages(made: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(made)).pages]


def _text(made: bytes) -> str:
    return "\n".join(_pages(made))


def test_every_vietnamese_letter_arrives() -> None:
    text = _text(render(document(customer=EVERY_LETTER), "vi", detailed=False))
    for letter in sorted(set(EVERY_LETTER) - {" "}):
        assert letter in text, f"{letter} U+{ord(letter):04X} is not in the PDF"


def test_decomposed_letters_are_composed() -> None:
    typed = unicodedata.normalize("NFD", "Nguyễn Thị Ngọc Quỳnh")
    (person,) = document()["extensions"]
    text = _text(render(document(extensions=[person | {"name": typed}]), "vi", detailed=False))
    assert "Nguyễn Thị Ngọc Quỳnh" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "vi",
            [
                "Bảng kê cước tổng hợp",
                "Công ty TNHH Ưu Việt Đỗ Thành",
                "Số 7 đường Nguyễn Hữu Thọ, Quận 7, TP. Hồ Chí Minh",
                "Tháng 11/2026 (01/11/2026 – 30/11/2026)",
                "3c@2019-01-01",
                "1.234.567",
                "−900",
                "3:05",
                "1.236.388 đ",
                "112.399 đ",
                "Giá đã gồm thuế GTGT (VAT) 10%.",
                "Kinh doanh",
                "Điều chỉnh cước tháng 10/2026",
                "Trang 1/1",
            ],
        ),
        ("en", ["Summary statement", "1,234,567", "1,236,388 VND", "Prices include 10% VAT.", "Page 1 of 1"]),
    ],
)
def test_what_stands_on_it(language: Language, words: list[str]) -> None:
    text = _text(render(document(), language, detailed=False))
    # The page number and the number of pages are drawn apart.
    text = text.replace("Trang 1/\n1", "Trang 1/1").replace("Page 1 of \n1", "Page 1 of 1")
    assert [one for one in words if one not in text] == []
    assert "CHƯA CHỐT" not in text


def test_the_summary_form_shows_no_call() -> None:
    assert "+84912000222" not in _text(render(summary(document()), "vi", detailed=False))
    assert "+84912000222" in _text(render(document(), "vi", detailed=True))


def test_an_open_month_is_marked_on_every_page() -> None:
    items = [item(number) for number in range(200)]
    pages = _pages(render(document(closed=False, drawn=None, items=items), "vi", detailed=True))
    assert len(pages) > 3
    assert all("CHƯA CHỐT" in page for page in pages)


def test_a_long_table_repeats_its_header_and_loses_no_row() -> None:
    items = [item(number, number=f"+849{number:08}") for number in range(500)]
    pages = _pages(render(document(items=items), "vi", detailed=True))
    text = "\n".join(pages)
    assert [row["number"] for row in items if row["number"] not in text] == []
    with_rows = [page for page in pages if "+849000" in page]
    assert all("Thời điểm" in page for page in with_rows)
    assert f"{len(pages)}" in pages[0].split()


def test_texts_that_are_too_long_are_cut_and_notes_are_wrapped() -> None:
    (person,) = document()["extensions"]
    long = "Phòng chăm sóc khách hàng doanh nghiệp khu vực phía Nam " * 3
    why = {"vi": "Diễn giải rất dài " * 30 + "hết", "en": "x"}
    made = document(extensions=[person | {"name": long}], items=[item(why=why)])
    text = _text(render(made, "vi", detailed=True))
    assert "…" in text
    assert "hết" in text


def test_the_same_document_gives_the_same_bytes() -> None:
    assert render(document(), "vi", detailed=True) == render(document(), "vi", detailed=True)


def test_a_missing_font_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(statement_sheet, "FONT_FOLDERS", (tmp_path,))
    statement_sheet._load_fonts.cache_clear()
    try:
        with pytest.raises(FontMissing, match="apt-get install fonts-dejavu-core"):
            render(document(), "vi", detailed=False)
    finally:
        statement_sheet._load_fonts.cache_clear()
