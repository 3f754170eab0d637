"""SMS: listed newest first, sent by the box, refusals at their field."""

from __future__ import annotations

from tests.web_ui.fake_box import FakeBox, FakeHistory, at
from tests.web_ui.visitor import Visitor


def sms(message: str, **changed: object) -> dict[str, object]:
    row = {"message": message, "direction": "in", "line": "gsm-1", "number": "+84912000222", "text": "Xin chào"}
    row |= {"at": at(0), "sent_at": None, "state": "received", "reason": None, "about": None, "by": "system"}
    return {**row, **changed}


def test_list(admin: Visitor, history: FakeHistory) -> None:
    history.sms = [
        sms("m1"),
        sms("m2", number="<i>Bank</i>", text="<script>", direction="out", state="failed", about="c1"),
    ]
    page = admin.text("/messages")
    assert page.index("&lt;i&gt;Bank") < page.index("0912\u00a0000\u00a0222")
    assert "<script>" not in page.replace('<script src="', "")
    assert 'href="/calls/c1"' in page


def test_write(admin: Visitor, box: FakeBox) -> None:
    wish = {"called": "0903 000 512", "text": "Gọi lại giúp nhé"}
    assert admin.post("/messages/write", wish).location == "/messages"
    assert [(each.called, each.text, each.by) for each in box.sent] == [("0903 000 512", "Gọi lại giúp nhé", "admin")]


def test_mistakes_keep_the_text(admin: Visitor, box: FakeBox) -> None:
    for called in ("x", "12 34"):
        answer = admin.post("/messages/write", {"called": called, "text": "a long <text>"})
        assert answer.status_code == 400
        assert "a long &lt;text&gt;" in answer.text
        assert 'id="called-error"' in answer.text
    assert box.sent == []


def test_parts_and_charge(admin: Visitor, history: FakeHistory) -> None:
    plan = "onecontact-2019@2019-03-01"
    abroad = {"id": "m3", "amount_vnd": None, "billed_s": 0, "class": "international", "parts": [], "why": "w",
              "rule": f"{plan}/sms/sms_international"}  # fmt: skip
    history.sms = [
        sms("m1"),
        sms("m2", direction="out", state="sent", parts=2, charge_vnd=700),
        sms("m3", direction="out", state="sent", parts=1, charge_vnd=None, rating=abroad),
    ]
    page = admin.text("/messages").replace("\u00a0", " ")
    assert "2 parts · 700 VND" in page
    assert "1 part · no price" in page
    assert "no price for a message to another country" in page
