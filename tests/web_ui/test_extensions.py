"""Extensions: what is typed stays until the box accepts it, and nothing is lost for good."""

from __future__ import annotations

from html import escape

import pytest

from tests.web_ui.fake_box import FakeBox
from tests.web_ui.visitor import Visitor, token_in

GOOD = {"number": "512", "name": "Kinh doanh", "mobile": "0903 000 512", "record": "both", "pin": ""}


def numbers(box: FakeBox) -> list[str]:
    return [each["number"] for each in box.document["extensions"]]


def test_add_change_remove_undo(admin: Visitor, box: FakeBox) -> None:
    page = admin.post("/extensions/add", GOOD, follow=True).text
    assert "Extension 512 was saved." in page
    assert "may call outside without a PIN" in page  # the box's advice, in the reader's words
    assert box.document["extensions"][0]["mobile"] == "+84903000512"
    admin.post("/extensions/512", {**GOOD, "number": "513", "name": "Kho", "pin": "4711"})
    assert box.document["extensions"][0] == {
        "number": "513", "name": "Kho", "mobile": "+84903000512", "record": "both", "pin": "4711", "department": ""
    }  # fmt: skip
    removed = admin.post("/extensions/513/remove", follow=True).text
    assert numbers(box) == []
    undo = {"csrf_token": token_in(removed), "revision": str(len(box.revisions)), "back": "extensions"}
    assert f'name="revision" value="{undo["revision"]}"' in removed
    assert "taken back" in admin.client.post("/settings/history/undo", data=undo, follow_redirects=True).text
    assert numbers(box) == ["513"]


def test_pin_is_kept_unless_asked_and_never_shown(admin: Visitor, box: FakeBox) -> None:
    admin.post("/extensions/add", {**GOOD, "pin": "4711"})
    admin.post("/extensions/512", GOOD)
    assert box.document["extensions"][0]["pin"] == "4711"
    assert "4711" not in admin.text("/extensions/512") + admin.text("/extensions")
    admin.post("/extensions/512", {**GOOD, "remove_pin": "y"})
    assert box.document["extensions"][0]["pin"] is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "912"}, "the first is not 0, 7, 8 or 9"),
        ({"number": "100"}, "short codes"),
        ({"number": "60"}, "3 to 5 digits"),
        ({"number": "6011"}, "begins with extension 601"),
        ({"number": "601"}, "Extension 601 exists"),
        ({"name": ""}, "Enter a name."),
        ({"mobile": "024 3822 1111"}, "no Vietnamese mobile number"),
        ({"mobile": "12"}, "no Vietnamese mobile number"),
        ({"mobile": "0901234567"}, "is a line of this box"),
        ({"mobile": "0988000601"}, "belongs to extension 601"),
        ({"pin": "12"}, "A PIN has 4 to 8 digits."),
        ({"record": "sometimes"}, "Choose one of these."),
    ],
)
def test_mistakes_stand_at_their_field(admin: Visitor, box: FakeBox, wrong: dict[str, str], said: str) -> None:
    admin.post("/extensions/add", {**GOOD, "number": "601", "mobile": "0988000601"})
    answer = admin.post("/extensions/add", {**GOOD, **wrong})
    assert answer.status_code == 400
    field = next(iter(wrong))
    mistake = answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert said in mistake
    typed = {**GOOD, **wrong}["number"]
    assert f'value="{escape(typed)}"' in answer.text
    assert numbers(box) == ["601"]


def test_names_are_text_not_markup(admin: Visitor) -> None:
    evil = '<script>alert("x")</script>'
    admin.post("/extensions/add", {**GOOD, "name": evil})
    for page in ("/extensions", "/extensions/512", "/extensions/512/remove", "/settings/history/2"):
        text = admin.text(page)
        assert evil not in text
        assert "&lt;script&gt;" in text


def test_undo_of_an_old_picture_changes_nothing(admin: Visitor, box: FakeBox) -> None:
    admin.post("/extensions/add", GOOD)
    admin.post("/extensions/add", {**GOOD, "number": "601", "mobile": "0988000601"})
    page = admin.post("/settings/history/undo", {"revision": "2"}, follow=True).text
    assert "Somebody has changed the settings" in page
    assert numbers(box) == ["512", "601"]


def test_manager_undoes_only_his_own(manager: Visitor, box: FakeBox) -> None:
    box._keep(box.document, "admin", "page", "something")
    assert manager.post("/settings/history/undo", {"revision": str(len(box.revisions))}).status_code == 403


def test_box_away(admin: Visitor, box: FakeBox) -> None:
    box.present = False
    answer = admin.get("/extensions")
    assert answer.status_code == 503
    assert "The switchboard is not running" in answer.text


def test_unknown_extension(admin: Visitor) -> None:
    assert admin.get("/extensions/999").status_code == 404


def test_departments(admin: Visitor, box: FakeBox) -> None:
    admin.post("/extensions/add", GOOD)
    assert 'id="department"' not in admin.text("/extensions")  # nothing to choose from yet
    admin.post("/extensions/512", {**GOOD, "department": "  Bán   hàng <1> "})
    admin.post("/extensions/add", {**GOOD, "number": "601", "mobile": "0988000601", "name": "Kho"})
    assert [each["department"] for each in box.document["extensions"]] == ["Bán hàng <1>", ""]
    assert "Bán hàng &lt;1&gt;" in admin.text("/extensions/601")  # offered while typing
    page = admin.text("/extensions?department=B%C3%A1n+h%C3%A0ng+%3C1%3E")
    assert "Kinh doanh" in page
    assert "Kho" not in page.split('id="extensions"')[1]
    assert "Nobody in this department" in admin.text("/extensions?department=x")
    admin.post("/extensions/512", {**GOOD, "department": ""})
    assert box.document["extensions"][0]["department"] == ""
    assert admin.post("/extensions/512", {**GOOD, "department": "x" * 61}).status_code == 400
