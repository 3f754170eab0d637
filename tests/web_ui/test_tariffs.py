"""Price tables: what the box rates by, and files taken as a whole or refused with what is wrong in them."""

from __future__ import annotations

import io

import pytest
from flask import Flask, request

from edge.billing.imports import take
from edge.billing.shipped import shipped_tariffs
from edge.billing.tables import RateTables
from edge.rating.errors import RatingInputError
from tests.web_ui.fake_box import FakeBox
from tests.web_ui.visitor import Visitor
from web_ui.app import LARGEST_FORM, LARGEST_TABLE
from web_ui.parts import Parts
from web_ui.table_refusals import told


def test_list(viewer: Visitor) -> None:
    page = viewer.text("/tariffs").replace("\u00a0", " ")
    for said in ("OneContact 2019 (01/03/2019)", "01/03/2019", "further notice", "01/01/2027", "1,234", "20/11/2026",
                 "came with the box"):  # fmt: skip
        assert said in page, said
    assert 'type="file"' not in page


def test_a_table_is_taken_and_its_copy_is_gone(admin: Visitor, box: FakeBox, parts: Parts) -> None:
    sent = {"kind": "idd", "file": (io.BytesIO(b"1,3600\n81,4500\n"), "C:\\bang\\idd.csv")}
    page = admin.post("/tariffs", sent, follow=True).text
    assert box.imported == [("idd", "1,3600\n81,4500\n", "admin")]
    assert list((parts.config.data / "web").iterdir()) == []
    assert "International prices (IDD) was taken; rows: 2." in page
    assert "bundle 3: 420 listed" in page, "a warning that the page does not know, as it came"
    assert "shows what would change from September 2026 on" in page
    assert 'href="/tariffs/rerate?first=2026-09"' in page


def test_what_is_wrong_is_said_by_line_under_the_name_that_the_reader_knows(
    admin: Visitor, box: FakeBox, parts: Parts
) -> None:
    answer = admin.post("/tariffs", {"kind": "idd", "file": (io.BytesIO(b"wrong"), "../<b>giá.csv")})
    assert answer.status_code == 400
    assert "&lt;b&gt;giá.csv, line 2, vnd_per_min: must be a whole number" in answer.text
    assert str(parts.config.data) not in answer.text
    assert '<option selected value="idd">' in answer.text
    assert box.imported == []
    assert list((parts.config.data / "web").iterdir()) == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "plan"}, "file"),
        ({"kind": "plan", "file": (io.BytesIO(b""), "")}, "file"),
        ({"kind": "prices", "file": (io.BytesIO(b"1"), "a.csv")}, "kind"),
    ],
)
def test_mistakes(admin: Visitor, box: FakeBox, sent: dict[str, object], field: str) -> None:
    answer = admin.post("/tariffs", sent)
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert box.imported == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "vi",
            (
                "Giá 3c.toml, [bundles], hàng 3: gói 3: 420 đ/phút × 50.000 phút = 21.000.000 đ, khác với giá gói "
                "21.100.000 đ; cước được tính theo giá gói"
            ),
        ),
        (
            "en",
            (
                "Giá 3c.toml, [bundles], row 3: bundle 3: 420 VND a minute × 50,000 minutes is 21,000,000 VND, not "
                "its price 21,100,000 VND; the price is what is charged"
            ),
        ),
    ],
)
def test_what_is_odd_in_a_plan_is_said_in_the_readers_language(
    admin: Visitor, box: FakeBox, language: str, said: str
) -> None:
    """The plan of the box itself is that odd."""
    plan = shipped_tariffs()["3c.toml"]
    taken = take(RateTables(), "plan", plan, "TAKEN")
    assert len(taken.warnings) == 1
    box.warnings = taken.warnings
    admin.client.set_cookie("language", language)
    sent = {"kind": "plan", "file": (io.BytesIO(plan.encode()), "Giá 3c.toml")}
    page = admin.post("/tariffs", sent, follow=True).text.replace("\u00a0", " ")
    assert said in page
    assert "VND/min" not in page


def test_only_administrators_upload(manager: Visitor) -> None:
    assert manager.post("/tariffs", {"kind": "idd", "file": (io.BytesIO(b"1,1"), "a.csv")}).status_code == 403


def test_a_box_without_tables(admin: Visitor, box: FakeBox) -> None:
    box.tables = []
    page = admin.text("/tariffs")
    assert "No price plan" in page
    assert "No number tables" in page


def test_tables_may_be_larger_than_other_forms(app: Flask) -> None:
    with app.test_request_context("/tariffs", method="POST"):
        assert request.max_content_length == LARGEST_TABLE
    with app.test_request_context("/settings/greeting", method="POST"):
        assert request.max_content_length == LARGEST_FORM


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_file_empties_no_table(admin: Visitor, box: FakeBox, content: bytes) -> None:
    answer = admin.post("/tariffs", {"kind": "ported", "file": (io.BytesIO(content), "ported.csv")})
    assert answer.status_code == 400
    assert "This file is empty." in answer.text
    assert box.imported == []


BAD_TABLES = (
    ("operators", "9,MobiFone"), ("operators", "090,MobiFone\n090,MobiFone"), ("operators", "090,"), ("operators", "a"),
    ("ported", "x,viettel"), ("ported", "0903000222,viettel,2026-02-31"),
    ("ported", "0903000222,a,2026-03-01\n0903000222,b,2026-03-01"), ("idd", "x,3600"), ("idd", "33,1.5"),
    ("idd", "33,abc\n33,x\n44,1,,"), ("idd", ",5"), ("plan", "a = ["),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), BAD_TABLES)
def test_what_the_box_says_about_a_file_is_said_in_vietnamese(app: Flask, kind: str, text: str) -> None:
    with pytest.raises(RatingInputError) as refused:
        take(RateTables(), kind, text, "giá.csv")
    said = str(refused.value)
    with app.test_request_context():
        assert told(said) != said
        assert ("giá.csv, dòng" in told(said)) is (kind != "plan")
        assert " is " not in told(said)
        assert ("lỗi khác" in told(said)) is ("more)" in said)


def test_a_file_that_is_no_text_is_said_to_be_none(app: Flask) -> None:
    with app.test_request_context():
        assert "UTF-8" in told("ảnh.png: byte 0: not UTF-8")
        assert "byte" not in told("ảnh.png: byte 0: not UTF-8")
        assert told("something new") == "something new"
