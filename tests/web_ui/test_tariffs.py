"""Price tables: what the box rates by, and files taken as a whole or refused with what is wrong in them."""

from __future__ import annotations

import io

import pytest
from flask import Flask, request

from tests.web_ui.fake_box import FakeBox
from tests.web_ui.visitor import Visitor
from web_ui.app import LARGEST_FORM, LARGEST_TABLE
from web_ui.parts import Parts


def test_list(viewer: Visitor) -> None:
    page = viewer.text("/tariffs").replace("\u00a0", " ")
    for said in ("OneContact 2019 (2019-03-01)", "01/03/2019", "further notice", "01/01/2027", "1.234", "20/11/2026",
                 "came with the box"):  # fmt: skip
        assert said in page, said
    assert 'type="file"' not in page


def test_a_table_is_taken_and_its_copy_is_gone(admin: Visitor, box: FakeBox, parts: Parts) -> None:
    sent = {"kind": "idd", "file": (io.BytesIO(b"1,3600\n81,4500\n"), "C:\\bang\\idd.csv")}
    page = admin.post("/tariffs", sent, follow=True).text
    assert box.imported == [("idd", "1,3600\n81,4500\n", "admin")]
    assert list((parts.config.data / "web").iterdir()) == []
    assert "International prices (IDD) idd was taken: 2 rows." in page
    assert "bundle 3: 420 listed" in page
    assert "tongdai rerate --from 2026-09" in page


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
