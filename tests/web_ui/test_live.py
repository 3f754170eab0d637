"""The live page: pictures from the core as they come, trouble said, reconnection, an end to every stream."""

from __future__ import annotations

import json
import threading
from dataclasses import replace

from flask import Flask, render_template

from edge.api.messages import CallRow, LegRow
from tests.web_ui.fake_box import FakeBox, call, line
from tests.web_ui.fake_money import used
from tests.web_ui.visitor import Visitor, until
from web_ui.live import _view
from web_ui.live_feed import Employee, LiveFeed, LiveState, Standing
from web_ui.parts import Parts
from web_ui.wording import signal_bars


def pictures(visitor: Visitor):
    """The stream's pictures, one by one."""
    answer = visitor.get("/live/events", buffered=False)
    assert answer.mimetype == "text/event-stream"
    for chunk in answer.response:
        text = chunk.decode() if isinstance(chunk, bytes) else chunk
        if text.startswith("event: picture"):
            yield json.loads(text.split("data: ", 1)[1])
    answer.close()


def test_picture_at_once_and_on_every_change(admin: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    seen = pictures(admin)
    first = next(seen)
    assert "No calls right now" in first["parts"]["live-calls"]
    assert "0901\u00a0234\u00a0567" in first["parts"]["live-lines"]
    box.calls = [call()]
    box.push()
    second = next(seen)
    assert "Extension 512" in second["parts"]["live-calls"]
    assert "Talking" in second["parts"]["live-calls"]
    assert 'data-tick="75.' in second["parts"]["live-calls"]
    assert second["summary"] == "1 call in progress, 1 talking, 2 lines ready"
    seen.close()


def test_core_away_and_back(admin: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    seen = pictures(admin)
    next(seen)
    box.present = False
    gone = next(seen)
    assert not gone["reachable"]
    assert "does not answer" in gone["parts"]["live-trouble"]
    box.present = True
    assert next(seen)["reachable"]
    seen.close()


def test_page_without_core(admin: Visitor) -> None:
    page = admin.text("/")
    assert "The switchboard does not answer" in page
    assert "Not known" in page


def test_what_callers_send_is_text(admin: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    box.lines = [line(operator="<img src=x>", reason="<script>1</script>")]
    box.calls = [call(caller="<b>1</b>")]
    box.push()
    until(lambda: feed.state.calls)
    page = admin.text("/")
    assert "<img" not in page
    assert "<script>1" not in page
    assert "<b>1" not in page


def test_stopping_ends_streams(app: Flask, admin: Visitor, feed: LiveFeed) -> None:
    ended = threading.Event()

    def watch() -> None:
        for _picture in pictures(admin):
            pass
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    feed.stop()
    assert ended.wait(2)


def test_end_call_asks_first(admin: Visitor, viewer: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    box.calls = [call()]
    box.push()
    until(lambda: feed.state.calls)
    assert viewer.get("/live/calls/c17/end").status_code == 403
    assert "/end" not in viewer.text("/")
    assert "End this call?" in admin.text("/live/calls/c17/end")
    assert box.ended == []
    admin.post("/live/calls/c17/end")
    assert box.ended == ["c17"]
    assert admin.get("/live/calls/c99/end").status_code == 404


def test_call_in_progress_has_no_details_yet(admin: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    box.calls = [call()]
    box.push()
    until(lambda: feed.state.calls)
    assert "still in progress" in admin.get("/calls/c17", follow_redirects=True).text


def test_signal_bars() -> None:
    assert [signal_bars(dbm) for dbm in (None, -113, -105, -95, -85, -75, -51)] == [0, 1, 2, 3, 4, 5, 5]


def test_extensions_have_their_names_at_once(box: FakeBox) -> None:
    names = {"512": Employee("Kinh doanh", "+84903000512")}
    feed = LiveFeed(box.notices, lambda: dict(names))
    feed.start()
    try:
        until(lambda: feed.state.employees == names)
        names["512"] = Employee("Bán hàng", "+84903000512")
        box.push("settings")
        until(lambda: feed.state.employees["512"].name == "Bán hàng")
    finally:
        feed.stop()


def test_a_line_says_what_to_do(admin: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    box.lines = [
        line(state="down", signal_dbm=None, reason="/dev/ttyUSB2: the device is gone"),
        line("gsm-2", state="no-service", signal_dbm=None),
    ]
    box.push()
    until(lambda: feed.state.lines[0].state == "down")
    page = admin.text("/")
    assert "unplugged" in page
    assert "Check the antenna" in page
    assert page.count("No operator") == 2


def test_a_call_that_ended_first_is_no_error(admin: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    box.over = True
    assert admin.post("/live/calls/c17/end").location == "/"
    assert "over already" in admin.text("/")


def test_costs_grow_without_an_event(box: FakeBox) -> None:
    """The core says nothing while people talk; the feed asks what it costs by now, and only while there are calls."""
    asked: list[int] = []

    def running() -> list[CallRow]:
        asked.append(1)
        return [call(charge_vnd=100 * len(asked))]

    feed = LiveFeed(box.notices, calls=running, costs_s=0.01)
    feed.start()
    try:
        until(lambda: feed.state.reachable)
        assert asked == []
        box.calls = [call(charge_vnd=0)]
        box.push()
        until(lambda: feed.state.calls and (feed.state.calls[0].charge_vnd or 0) >= 200)
    finally:
        feed.stop()


def test_costs_are_shown_with_calls_and_legs(admin: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    legs = [
        LegRow("c17.1", "gsm-1", "in", "+84912000222", "active", 0),
        LegRow("c17.2", "gsm-2", "out", "+84903000512", "active", 1125),
    ]
    box.calls = [call(charge_vnd=1125, legs=legs), call("c18", charge_vnd=None)]
    box.push()
    until(lambda: feed.state.calls)
    page = admin.text("/").replace("\u00a0", " ")
    assert '<span data-fresh="cost">1,125 VND</span>' in page
    assert '<span data-fresh="cost">no price</span>' in page
    assert 'data-fresh="c17.2">1,125 VND</span>' in page


def test_spending_is_told_in_the_readers_language(admin: Visitor, box: FakeBox, feed: LiveFeed) -> None:
    for number in range(7):
        box.push("spending", vi=f"Máy lẻ {number} hết <hạn mức>", en=f"Extension {number} <used up>", level="reached")
    until(lambda: len(feed.state.told) == 5 and feed.state.told[0].en.startswith("Extension 6"))
    page = admin.text("/")
    assert "Extension 6 &lt;used up&gt;" in page
    assert "Extension 1 " not in page
    assert "flash-bad" in page
    admin.client.set_cookie("language", "vi")
    assert "Máy lẻ 6 hết &lt;hạn mức&gt;" in admin.text("/")


def test_an_employee_who_calls_out_stands_as_the_caller(admin: Visitor, box: FakeBox) -> None:
    employees = {"512": Employee("Kinh doanh", "+84903000512")}
    state = LiveState(reachable=True, employees=employees, calls=(call(caller="+84903000512", called="+84912000999"),))
    with admin.client.application.test_request_context(headers={"Cookie": "language=en"}):
        outgoing = render_template("live_calls.html", state=state, user=_Anybody(), **_view(state))
        incoming = replace(state, calls=(call(),))
        reached = render_template("live_calls.html", state=incoming, user=_Anybody(), **_view(incoming))
    who = outgoing.split('class="call-who">')[1].split("</p>")[0].replace("\u00a0", " ")
    assert who.index("Extension 512") < who.index("0912 000 999")
    who = reached.split('class="call-who">')[1].split("</p>")[0].replace("\u00a0", " ")
    assert who.index("0912 000 222") < who.index("Extension 512")


class _Anybody:
    def may(self, _right: str) -> bool:
        return False


def test_limits_used_up_stand_among_the_alarms(admin: Visitor, box: FakeBox, parts: Parts) -> None:
    standing = [Standing()]
    feed = LiveFeed(box.notices, spending=lambda: standing[0])
    feed.start()
    try:
        until(lambda: feed.state.reachable)
        standing[0] = Standing(
            tuple(used("extension", str(number), 100, "reached") for number in range(512, 520)),
            "2026-11-22T10:00:00+07:00",
        )
        box.push("spending", vi="Hết hạn mức", en="Used up", level="reached")
        until(lambda: feed.state.spending == standing[0])
        with admin.client.application.test_request_context(headers={"Cookie": "language=en"}):
            page = render_template("live_trouble.html", state=feed.state, **_view(feed.state)).replace("\u00a0", " ")
        assert "8 limits are used up:" in page
        assert "Extension 512: 1,000,000 VND per month" in page
        assert "3 more" in page
        assert "Outgoing calls are barred until 22/11/2026 10:00:00." in page
    finally:
        feed.stop()
