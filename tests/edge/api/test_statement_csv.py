"""Statements as CSV: what a spreadsheet makes of them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.api.statement_csv import BOM, render
from edge.api.statements import Language, summary
from tests.edge.api.statement_documents import document, item


def _read(text: str, delimiter: str = ";") -> list[list[str]]:
    assert text.startswith(BOM), "Excel takes it for UTF-8 only by the mark"
    return list(csv.reader(io.StringIO(text.removeprefix(BOM)), delimiter=delimiter))


@pytest.mark.parametrize(("language", "delimiter"), [("vi", ";"), ("en", ",")])
def test_the_separator_is_that_of_the_regional_settings(language: Language, delimiter: str) -> None:
    rows = _read(render(document(), language, detailed=False), delimiter)
    assert max(map(len, rows)) == 9
    assert rows[0] == ["Bảng kê cước tổng hợp" if language == "vi" else "Summary statement"]


def test_amounts_are_plain_numbers_and_add_up() -> None:
    rows = _read(render(document(), "vi", detailed=False))
    start = next(number for number, row in enumerate(rows) if row[:2] == ["Khoản mục", "Mã"])
    end = next(number for number, row in enumerate(rows) if row[:1] == ["Tổng cộng"])
    assert sum(int(row[5]) for row in rows[start + 1 : end]) == int(rows[end][5]) == 1_236_388
    assert rows[end + 1] == ["Trong đó thuế GTGT (VAT)", "", "", "", "", "112399"]
    assert rows[end + 2] == ["Thuế GTGT (VAT)", "Giá đã gồm thuế GTGT (VAT) 10%."]


def test_details_only_when_asked_for() -> None:
    short = render(summary(document()), "vi", detailed=False)
    assert "+84912000222" not in short
    rows = _read(render(document(), "vi", detailed=True))
    assert [row[-1] for row in rows if row and row[-1] in ("c1.1", "c2.1", "c9.1")] == ["c1.1", "c2.1", "c9.1"]
    (first, second, _) = (row for row in rows if row and row[-1] in ("c1.1", "c2.1", "c9.1"))
    assert first[9] == "120 s × 900 (1-1000) + 65 s × 850 (1001-5000)"
    assert first[5] == "'+84912000222"
    assert second[10] == "", "no price is no 0"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_people_is_run_as_a_formula(sign: str) -> None:
    name = f'{sign}cmd|"/c calc"!A1'
    (person,) = document()["extensions"]
    text = render(document(extensions=[person | {"name": name}], company=name), "vi", detailed=False)
    cells = [cell for row in _read(text) for cell in row if "cmd|" in cell]
    assert cells
    assert all(cell.startswith("'") for cell in cells)


@given(name=st.text(max_size=20), number=st.one_of(st.none(), st.text(max_size=20)))
def test_every_row_keeps_its_columns_whatever_people_type(name: str, number: str | None) -> None:
    (person,) = document()["extensions"]
    made = document(extensions=[person | {"name": name}], items=[item(number=number)])
    text = render(made, "vi", detailed=True).removeprefix(BOM)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    (found,) = (row for row in rows if row and row[-1] == "c1.1")
    assert len(found) == 13
    for row in rows:
        assert not any(cell[:1] in ("=", "@") for cell in row)


def test_an_open_month_is_marked() -> None:
    made = document(closed=False, drawn=None)
    assert "CHƯA CHỐT (số liệu đến 01/12/2026 00:01:00)" in render(made, "vi", detailed=False)
    assert "NOT CLOSED" in render(made, "en", detailed=False)
