"""`tongdai statement`: what goes to stdout, what to the file, and which exit status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.api import statement_csv, statement_pdf
from edge.api.statements import (
    Details,
    StatementFailed,
    closed_details,
    closed_month,
    month_document,
    open_month,
    open_text,
    summary,
)
from edge.cli import main
from tests.edge.billing.statement_box import PaperBox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[PaperBox]:
    """October is closed, November is not."""
    made = PaperBox(tmp_path)
    made.decide("2025-10-05T09:00", ["512:Kinh doanh"])
    made.call("2025-10-06T09:00", 120)
    made.draw("2025-10", "2025-11-01T00:01")
    made.call("2025-11-06T09:00", 60)
    yield made
    made.close()


def _asked(box: PaperBox, *arguments: str) -> int:
    return main(["statement", *arguments, "--data", str(box.folder)])


def test_list(box: PaperBox, capsys: pytest.CaptureFixture[str]) -> None:
    assert _asked(box, "list") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["statement"], row["kind"], row["plan"]) == ("2025-10", "month", "onecontact-2019")
    assert row["drawn"] == "2025-11-01T00:01:00+07:00"


def test_show_as_json_in_both_forms(box: PaperBox, capsys: pytest.CaptureFixture[str]) -> None:
    assert _asked(box, "show", "2025-10") == 0
    shown = json.loads(capsys.readouterr().out)
    stored = closed_month(box.folder, "2025-10")
    assert stored is not None
    assert shown == summary(stored)
    assert _asked(box, "show", "2025-10", "--detailed") == 0
    assert json.loads(capsys.readouterr().out) == stored


def test_show_an_open_month_says_that_it_is_open(box: PaperBox, capsys: pytest.CaptureFixture[str]) -> None:
    assert _asked(box, "show", "2025-11", "--format", "csv", "--language", "en") == 0
    shown = capsys.readouterr().out
    assert "NOT CLOSED" in shown
    assert shown.startswith("\ufeffSummary statement")


def test_show_as_json_into_a_file(box: PaperBox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Calls go through it row by row; to the letter it is what stdout would have been."""
    out = tmp_path / "statement.json"
    for month in ("2025-10", "2025-11"):
        for form in ([], ["--detailed"]):
            assert _asked(box, "show", month, *form) == 0
            said = capsys.readouterr().out
            assert _asked(box, "show", month, *form, "--out", str(out)) == 0
            capsys.readouterr()
            written, shown = json.loads(out.read_text("utf-8")), json.loads(said)
            moments = ("as_of", "drawn") if month == "2025-11" else ()
            assert [key for key in written if written[key] != shown[key] and key not in moments] == []
            assert month == "2025-11" or out.read_text("utf-8") == said


@pytest.mark.parametrize("kind", ["pdf", "csv"])
def test_a_file_row_by_row_is_the_same_file(box: PaperBox, tmp_path: Path, kind: str) -> None:
    out, whole = tmp_path / f"statement.{kind}", closed_month(box.folder, "2025-10")
    assert whole is not None
    assert _asked(box, "show", "2025-10", "--detailed", "--format", kind, "--out", str(out)) == 0
    wanted = statement_pdf.render(whole, "vi", True) if kind == "pdf" else statement_csv.render(whole, "vi", True)
    assert out.read_bytes() == (wanted if isinstance(wanted, bytes) else wanted.encode())


def test_show_as_pdf_into_a_file(box: PaperBox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "october.pdf"
    assert _asked(box, "show", "2025-10", "--format", "pdf", "--out", str(out)) == 0
    assert json.loads(capsys.readouterr().out) == {"statement": "2025-10", "closed": True, "path": str(out)}
    assert out.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("show", "2025-13"), 2, "month: '2025-13' is no month such as 2026-11"),
        (("show", "9000-01"), 2, "month: 9000-01 has not begun yet"),
        (("show", "2025-10", "--format", "pdf"), 2, "--format pdf: needs --out FILE"),
        (("show", "2025-10", "--out", "/nowhere/x.json"), 2, "--out /nowhere/x.json: No such file or directory"),
        (("draw", "2025"), 2, "month: '2025' is no month such as 2026-11"),
        (("draw", "2025-11"), 1, "no box runs at"),
    ],
)
def test_refusals(
    box: PaperBox, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, words: str
) -> None:
    assert _asked(box, *arguments) == status
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1


def test_no_box_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in (["list"], ["show", "2025-10"]):
        assert main(["statement", *verb, "--data", str(tmp_path)]) == 1
        assert "no box runs at" in capsys.readouterr().err


def test_the_page_gets_an_open_month_from_a_process_of_its_own(box: PaperBox) -> None:
    made = open_month(box.folder, "2025-11")
    assert json.loads(open_text(box.folder, "2025-11", detailed=False)).keys() == summary(made).keys()
    october, details = closed_details(box.folder, "2025-10"), closed_month(box.folder, "2025-10")
    assert closed_details(box.folder, "2025-11") is None
    assert october is not None
    assert details is not None
    assert Details(october).items(1, 9) == details["items"]
    assert [item["item"] for item in made["items"]] == ["c2.1"]
    assert "items" not in month_document(box.folder, "2025-10")
    with pytest.raises(StatementFailed, match="month: 9000-01 has not begun yet") as error:
        open_month(box.folder, "9000-01")
    assert error.value.blame == "input"
    with pytest.raises(StatementFailed, match="is no month"):
        open_month(box.folder, "--help")
