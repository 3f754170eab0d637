"""Statements: listed, shown, explained; details only for those who may; downloads; closing a month after a question."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.api.client import BoxRefused
from edge.api.statements import StatementFailed, summary
from tests.web_ui.fake_box import FakeBox, FakeHistory, cdr
from tests.web_ui.fake_money import FakeStatements, document, item
from tests.web_ui.visitor import Visitor
from web_ui.months import months_between
from web_ui.statement_shelf import FRESH_S, StatementShelf


def test_list_from_the_running_month_back(admin: Visitor, history: FakeHistory) -> None:
    page = admin.text("/statements").replace("\u00a0", " ")
    order = [page.index(f">{month}</a>") for month in ("November 2026", "October 2026", "September 2026")]
    assert order == sorted(order)
    assert ">August 2026<" not in page
    for said in ("Running month", "Not closed yet", "Closed", "944,800 VND", "01/11/2026 00:10:00"):
        assert said in page
    assert 'data-late="/statements/2026-11/total"' in page
    assert page.count("/draw") == 1
    history.rows.append(cdr(1, started="2026-07-05T09:00:00+07:00"))
    assert ">July 2026</a>" in admin.text("/statements")


def test_a_new_box_has_its_running_month(admin: Visitor, history: FakeHistory, shelf: FakeStatements) -> None:
    history.rows, shelf.closed = [], {}
    page = admin.text("/statements")
    assert page.count('class="row-link"') == 1
    assert ">November 2026</a>" in page


def test_one_statement(admin: Visitor) -> None:
    page = admin.text("/statements/2026-09").replace("\u00a0", " ")
    for said in (
        "Công ty &lt;An Bình&gt;", "944,800 VND", "Nothing is added for VAT.", "OneContact, prices from March 2019",
        "Calls off-net", "12:50:50", "3 parts", "Corrections of earlier months", "−50,000 VND", "No IDD price",
        "Bán hàng", "250 calls",
    ):  # fmt: skip
        assert said in page, said
    assert "0938 000 512" not in page  # A022: no single call in the summary
    assert "/statements/2026-09/detailed.pdf" in page


def test_vietnamese(admin: Visitor) -> None:
    admin.client.set_cookie("language", "vi")
    page = admin.text("/statements/2026-09")
    for said in ("Bảng kê tháng 09/2026", "Calls off-net (vi)", "Bảng cước không nêu thuế.", "3 phần"):
        assert said in page


def test_details_by_pages(manager: Visitor) -> None:
    page = manager.text("/statements/2026-09/details").replace("\u00a0", " ")
    assert page.count("Because") == 100
    assert "1–100 of 120" in page
    assert "60,000 VND" in page  # the correction
    last = manager.text("/statements/2026-09/details?page=2")
    assert last.count("Because") == 20
    assert "60,000" not in last
    assert manager.text("/statements/2026-09/details?page=99").count("Because") == 20


def test_details_are_not_for_everybody(viewer: Visitor) -> None:
    assert viewer.get("/statements/2026-09/details").status_code == 403
    assert viewer.get("/statements/2026-09/detailed.json").status_code == 403
    page = viewer.text("/statements/2026-09")
    assert "detailed" not in page.split("<main")[1].replace("single calls stand in the detailed form", "")
    told = json.loads(viewer.get("/statements/2026-09/summary.json").text)
    assert "items" not in told
    assert "corrected" not in told


@pytest.mark.parametrize("form", ["summary", "detailed"])
def test_downloads(admin: Visitor, form: str) -> None:
    pdf = admin.get(f"/statements/2026-09/{form}.pdf")
    assert pdf.data.startswith(b"%PDF")
    assert pdf.headers["Content-Disposition"] == f"attachment; filename=statement-{form}-2026-09.pdf"
    table = admin.get(f"/statements/2026-09/{form}.csv")
    assert table.mimetype == "text/csv"
    assert "944800" in table.data.decode("utf-8-sig")
    told = json.loads(admin.get(f"/statements/2026-09/{form}.json").text)
    assert ("items" in told) == (form == "detailed")
    admin.client.set_cookie("language", "vi")
    assert "bang-ke" in admin.get(f"/statements/2026-09/{form}.csv").headers["Content-Disposition"]


def test_an_open_month_as_it_stands(admin: Visitor) -> None:
    page = admin.text("/statements/2026-11")
    assert "As it stands" in page
    assert "/draw" not in page  # not over yet
    assert "/statements/2026-10/draw" in admin.text("/statements/2026-10")
    assert "944,800" in admin.text("/statements/2026-11/total").split("data-part")[1]


def test_drawing_up_asks_first(admin: Visitor, manager: Visitor, box: FakeBox, shelf: FakeStatements) -> None:
    assert manager.get("/statements/2026-10/draw").status_code == 403
    assert "closed for good" in admin.text("/statements/2026-10/draw")
    assert box.drawn == []
    answer = admin.post("/statements/2026-10/draw")
    assert answer.location == "/statements/2026-10"
    assert (box.drawn, shelf.forgotten) == (["2026-10"], 1)
    again = admin.post("/statements/2026-10/draw", follow=True)
    assert "closed already" in again.text
    for month in ("2026-11", "2026-09", "2025-01", "never"):
        assert admin.get(f"/statements/{month}/draw").status_code == 404


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ("the statement of 2026-10 is closed already; it is never drawn twice", "of October 2026 is closed already."),
        (
            "2026-09 is not closed yet, and months are closed in their order: draw 2026-09 first",
            "draw up September 2026 first",
        ),
        ("a call that began in 2026-10 or before is still in progress or not rated yet", "still in progress"),
        ("2026-10 can be closed 120 minutes after the cancellation", "120 minutes after the cancellation."),
        ("nothing is to be charged for 2026-10", "Nothing is to be charged for October 2026."),
    ],
)
def test_why_it_cannot_be_drawn_up(admin: Visitor, box: FakeBox, refused: str, said: str) -> None:
    box.objection = BoxRefused(refused)
    assert said in admin.post("/statements/2026-10/draw", follow=True).text


def test_months_that_there_are_not(admin: Visitor) -> None:
    assert admin.get("/statements/never").status_code == 404
    assert admin.get("/statements/2026-09/summary.exe").status_code == 404


def test_a_month_that_cannot_be_reckoned_says_so(admin: Visitor, shelf: FakeStatements) -> None:
    shelf.failure = StatementFailed("2026-11: not reckoned within 120 s", "box")
    answer = admin.get("/statements/2026-11")
    assert answer.status_code == 500
    assert "could not be reckoned in time" in answer.text


def test_open_months_are_reckoned_once_in_a_while(tmp_path: Path) -> None:
    now, reckoned = [0.0], []

    def reckon(_data: Path, month: str, *, detailed: bool) -> bytes:
        reckoned.append(month)
        told = document(month)
        return json.dumps(told if detailed else summary(told)).encode()

    def none(*_given: object, **_named: object) -> None:
        return None

    kept = StatementShelf(tmp_path, reckon, lambda: now[0], none, none)
    for _ in range(2):
        assert "items" not in kept.document("2026-11", detailed=False)
    assert reckoned == ["2026-11"], "without the details, which nobody asked for"
    reckoned.clear()
    assert "items" in kept.document("2026-11", detailed=True)
    assert len(kept.details("2026-11")) == 120
    assert reckoned == ["2026-11"]
    now[0] += FRESH_S + 1
    kept.document("2026-11", detailed=True)
    kept.document("2026-10", detailed=True)
    kept.forget()
    kept.document("2026-10", detailed=True)
    assert reckoned == ["2026-11", "2026-11", "2026-10", "2026-10"]


def test_months_between() -> None:
    assert months_between("2026-11", "2027-02") == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert months_between("2026-12", "2026-11") == []


def test_a_month_before_the_first_one_is_not_offered_to_be_closed(admin: Visitor, history: FakeHistory) -> None:
    history.rows = []
    assert "/draw" not in admin.text("/statements/2026-08")
    assert admin.get("/statements/2026-08/draw").status_code == 404
    assert "/draw" in admin.text("/statements/2026-10")


def test_reasons_come_without_the_version_of_the_plan(admin: Visitor, shelf: FakeStatements) -> None:
    why = {"vi": "Gọi ra. [3c@2019-01-01]", "en": "An outside call: 0903 [x]. [onecontact-2019@2019-03-01]"}
    shelf.closed["2026-09"]["items"] = [item(1, why=why)]
    page = admin.text("/statements/2026-09/details")
    assert "An outside call: 0903 [x]." in page
    assert "2019-03-01" not in page
