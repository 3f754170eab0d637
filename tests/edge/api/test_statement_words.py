"""What stands above a statement: every version of the plan that held in the month."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pypdf import PdfReader

from edge.api import statement_csv, statement_pdf
from edge.api.statement_words import head_rows, status_text
from edge.api.statements import Language, pack, unpack, versions_of
from tests.edge.api.statement_documents import document

OLD = {"version": "3c@2019-01-01", "title": {"vi": "Gói 3C", "en": "Plan 3C"}, "first_day": "2026-11-01"}
NEW = {"version": "3c@2026-11-15", "title": {"vi": "Gói 3C mới", "en": "New plan 3C"}, "first_day": "2026-11-15"}


def with_versions(*versions: dict[str, Any]) -> dict[str, Any]:
    made = document()
    return made | {"plan": made["plan"] | {"versions": list(versions)}}


@pytest.mark.parametrize(
    ("language", "versions", "plan", "said"),
    [
        ("vi", [OLD], "Gói 3C", "3c@2019-01-01"),
        ("vi", [OLD, NEW], "Gói 3C; Gói 3C mới", "3c@2019-01-01 (từ 01/11/2026); 3c@2026-11-15 (từ 15/11/2026)"),
        (
            "en",
            [OLD, NEW | {"title": OLD["title"]}],
            "Plan 3C",
            "3c@2019-01-01 (from 2026-11-01); 3c@2026-11-15 (from 2026-11-15)",
        ),
        ("en", [NEW], "New plan 3C", "3c@2026-11-15 (from 2026-11-15)"),
        ("en", [], "Plan 3C", None),
    ],
)
def test_head(language: Language, versions: list[dict[str, Any]], plan: str, said: str | None) -> None:
    rows = dict(head_rows(with_versions(*versions), language))
    assert rows["Gói cước" if language == "vi" else "Plan"] == plan
    assert rows.get("Phiên bản bảng cước" if language == "vi" else "Tariff version") == said


def test_every_rendering_names_them() -> None:
    made = with_versions(OLD, NEW)
    said = "3c@2019-01-01 (từ 01/11/2026); 3c@2026-11-15 (từ 15/11/2026)"
    assert said in statement_csv.render(made, "vi", detailed=False)
    pdf = PdfReader(io.BytesIO(statement_pdf.render(made, "vi", detailed=False)))
    assert said in pdf.pages[0].extract_text()


def test_statements_that_were_closed_without_the_list_still_open() -> None:
    stored = unpack(pack(document()))
    assert versions_of(stored) == [OLD]
    assert dict(head_rows(stored, "en"))["Tariff version"] == "3c@2019-01-01"
    assert "3c@2019-01-01" in statement_csv.render(stored, "vi", detailed=False)
    assert statement_pdf.render(stored, "vi", detailed=False).startswith(b"%PDF")
    nothing = stored | {"plan": stored["plan"] | {"version": None}}
    assert versions_of(nothing) == []
    assert "Tariff version" not in dict(head_rows(nothing, "en"))


@pytest.mark.parametrize(
    ("language", "closed", "open_"),
    [
        ("vi", "Đã chốt 01/12/2026 00:10:00", "CHƯA CHỐT (số liệu đến 22/11/2026 09:15:00)"),
        ("en", "Closed 2026-12-01 00:10:00", "NOT CLOSED (as of 2026-11-22 09:15:00)"),
    ],
)
def test_its_days_are_written_in_one_way(language: Language, closed: str, open_: str) -> None:
    made = document() | {"closed": True, "kind": "month", "drawn": "2026-12-01T00:10:00+07:00"}
    assert status_text(made, language) == closed
    assert status_text(made | {"closed": False, "as_of": "2026-11-22T09:15:00+07:00"}, language) == open_


def test_the_pdf_writes_days_and_months_of_its_tables_so_too() -> None:
    for language, said in (("vi", ("10/2026", "03/10/2026 09:15:00")), ("en", ("October 2026", "2026-10-03 09:15:00"))):
        pdf = PdfReader(io.BytesIO(statement_pdf.render(document(), language, detailed=True)))  # type: ignore[arg-type]
        text = "\n".join(page.extract_text() for page in pdf.pages)
        corrected = text[text.index("điều chỉnh của tháng" if language == "vi" else "Corrections of") :]
        assert all(each in corrected for each in said)
        assert "\n2026-10\n" not in text
