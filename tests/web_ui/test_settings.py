"""Settings: saved as a whole, never over somebody else's change, every change comparable and undoable."""

from __future__ import annotations

import io

import pytest

from tests.web_ui.fake_box import FakeBox
from tests.web_ui.visitor import Visitor
from web_ui.parts import Parts
from web_ui.settings_words import changes

CALLS = {
    "first_key_s": "8,5", "between_keys_s": "3", "pin_key_s": "7", "ring_employee_s": "30", "ring_outside_s": "60",
    "tries": "4",
}  # fmt: skip


def revision(box: FakeBox) -> str:
    return str(len(box.revisions))


def test_company(admin: Visitor, box: FakeBox) -> None:
    form = {"name": " Công ty <An Bình> ", "language": "en", "revision": revision(box)}
    assert admin.post("/settings/company", form).location == "/settings#company"
    assert box.document["company"]["name"] == "Công ty <An Bình>"
    assert box.document["company"]["language"] == "en"
    assert "Công ty &lt;An Bình&gt;" in admin.text("/settings")


def test_timers_take_a_decimal_comma(admin: Visitor, box: FakeBox) -> None:
    admin.post("/settings/calls", {**CALLS, "revision": revision(box)})
    assert box.document["timers"]["first_key_s"] == 8.5
    assert box.document["menu"]["tries"] == 4
    assert box.document["notices"]["missed_call_sms"] is False
    assert 'value="8.5"' in admin.text("/settings")
    assert 'value="30"' in admin.text("/settings")


@pytest.mark.parametrize(("field", "typed"), [("first_key_s", "soon"), ("tries", "0"), ("ring_employee_s", "nan")])
def test_mistakes_stay_where_they_were_typed(admin: Visitor, box: FakeBox, field: str, typed: str) -> None:
    answer = admin.post("/settings/calls", {**CALLS, field: typed, "revision": revision(box)})
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert len(box.revisions) == 1


def test_announcement_off_warns(admin: Visitor, box: FakeBox) -> None:
    form = {"keep_days": "30", "keep_gb": "4", "revision": revision(box)}
    page = admin.post("/settings/recording", form, follow=True).text
    assert box.document["recording"] == {"announce": False, "keep_days": 30, "keep_gb": 4.0}
    assert page.count("recorded without telling") == 2  # once as the answer, and from now on beside the switch


def test_nobodys_change_is_overwritten(admin: Visitor, box: FakeBox) -> None:
    before = revision(box)
    box._put({**box.document, "menu": {"tries": 5}}, type("By", (), {"by": "lan", "origin": "page"}), "menu")
    answer = admin.post("/settings/company", {"name": "Mine", "language": "vi", "revision": before})
    assert answer.status_code == 400
    assert 'value="Mine"' in answer.text
    assert box.document["company"]["name"] == ""
    assert box.document["menu"]["tries"] == 5


def test_greeting_goes_to_the_box_and_leaves_no_copy(admin: Visitor, box: FakeBox, parts: Parts) -> None:
    folder = parts.config.data / "greetings"
    folder.mkdir()
    (folder / "greeting-1.wav").write_bytes(b"RIFF....sound")
    sound = {"file": (io.BytesIO(b"RIFF....sound"), "../../evil.wav")}
    assert admin.post("/settings/greeting", sound).status_code == 302
    assert box.uploads == [b"RIFF....sound"]
    assert list((parts.config.data / "web").iterdir()) == []
    answer = admin.get("/settings/greeting/audio", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (206, b"RIFF")
    answer.close()
    admin.post("/settings/greeting/remove")
    assert box.document["company"]["greeting"] is None
    assert admin.get("/settings/greeting/audio").status_code == 404


@pytest.mark.parametrize("files", [{}, {"file": (io.BytesIO(b""), "")}, {"file": (io.BytesIO(b"text"), "a.wav")}])
def test_what_is_no_greeting_is_refused(admin: Visitor, box: FakeBox, files: dict[str, object]) -> None:
    answer = admin.post("/settings/greeting", files)
    assert answer.status_code == 400
    assert 'id="file-error"' in answer.text
    assert box.document["company"]["greeting"] is None


def test_greeting_outside_its_folder_is_not_served(admin: Visitor, box: FakeBox, parts: Parts) -> None:
    box.document["company"]["greeting"] = "../web.db"
    assert admin.get("/settings/greeting/audio").status_code == 404


def test_history_compares_and_undoes(admin: Visitor, box: FakeBox) -> None:
    admin.post("/settings/company", {"name": "An Bình", "language": "vi", "revision": revision(box)})
    compared = admin.text("/settings/history/2")
    assert "Company name" in compared
    assert "An Bình" in compared
    assert admin.get("/settings/history/99").status_code == 404
    admin.post("/settings/history/undo", {"revision": revision(box)})
    assert box.document["company"]["name"] == ""


def test_compared_pins_are_named_and_not_shown(app) -> None:
    old = {"extensions": [{"number": "512", "name": "A", "mobile": "+84903000512", "record": "off", "pin": "1234"}]}
    new = {"extensions": [{**old["extensions"][0], "pin": "9876"}]}
    with app.test_request_context(headers={"Cookie": "language=en"}):
        found = list(changes(old, new))
    assert [(each.what, each.before, each.after) for each in found] == [
        ("Extension 512: PIN for outside calls", "••••", "•••• ")
    ] or [each.before for each in found] == ["••••"]
    assert "1234" not in str(found)
    assert "9876" not in str(found)
