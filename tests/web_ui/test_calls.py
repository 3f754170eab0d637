"""The call log, one call, and its recordings."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from flask import Flask

from edge.calls.events import BarReason
from edge.media import prompts
from tests.web_ui.fake_box import FakeHistory, cdr
from tests.web_ui.visitor import Visitor
from web_ui import timeline
from web_ui.parts import Parts

SOUND = bytes(range(256)) * 8


@pytest.fixture
def recorded(history: FakeHistory, tmp_path: Path) -> Path:
    path = tmp_path / "c1.r1.ogg"
    path.write_bytes(SOUND)
    history.rows[0]["recordings"] = [str(path)]
    return path


def test_rows_read_as_people_write(admin: Visitor) -> None:
    page = admin.text("/calls").replace("\u00a0", " ")
    for said in ("22/11/2026 09:14:00", "0912 000 222", "2,775 VND", "3:05", "Answered"):
        assert said in page
    assert page.index("/calls/c1") < page.index("/calls/c3")


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("", 3),
        ("extension=512", 3),
        ("extension=513", 0),
        ("result=busy", 0),
        ("recorded=yes", 1),
        ("recorded=no", 2),
        ("since=2026-11-22&until=2026-11-22", 3),
        ("since=2026-11-23", 0),
        ("number=0912+000", 3),
        ("page=99999999999999999", 3),
        ("page=-1", 3),
    ],
)
def test_filters(admin: Visitor, recorded: Path, query: str, calls: int) -> None:
    assert admin.text(f"/calls?{query}").count('class="row-link"') == calls


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "since=2026-13-45",
        "since=2026-11-22&until=2026-11-01",
        "number=%3Cb%3E",
        "extension=5x",
        "since=0002-11-22",
        "until=9999-12-31",
        "number=" + "1" * 21,
    ],
)
def test_bad_filters_say_so_and_keep_what_was_typed(admin: Visitor, query: str) -> None:
    answer = admin.get(f"/calls?{query}")
    assert answer.status_code == 400
    assert 'class="mistake"' in answer.text
    assert "Field cannot" not in answer.text
    assert "<b>" not in answer.text


def test_pages(admin: Visitor, history: FakeHistory) -> None:
    history.rows = [cdr(n) for n in range(1, 121)]
    first, last = admin.text("/calls?extension=512"), admin.text("/calls?extension=512&page=3")
    assert "1–50 of 120" in first
    assert "/calls?extension=512&amp;page=2" in first
    assert "101–120 of 120" in last
    assert 'rel="next"' not in last


def test_details_explain(admin: Visitor) -> None:
    page = admin.text("/calls/c1").replace("\u00a0", " ")
    for said in (
        "0912 000 222 calls the hotline.",
        "0912 000 222 pressed 512.",
        "Dialling 0938 000 512.",
        "Recording begins.",
        "The box hung up on 0938 000 512.",
        "Incoming calls cost the company nothing.",
        "The hotline reaching an extension, number of another network.",
        "900 VND",
        "1-1000",
        "internet time (NTP)",
    ):
        assert said in page


def test_details_in_vietnamese(admin: Visitor) -> None:
    admin.client.set_cookie("language", "vi")
    page = admin.text("/calls/c1").replace("\u00a0", " ")
    assert "0912 000 222 gọi đến hotline." in page
    assert "Hotline nối đến máy lẻ, số ngoại mạng." in page


def test_call_with_nothing_known(admin: Visitor, history: FakeHistory) -> None:
    history.rows.append(
        cdr(9, caller=None, extension=None, called="+84901234567", answered=None, hotline_answered=None, legs=[],
            rating=[], charge_vnd=None, disposition="something-new", cause=999)
    )  # fmt: skip
    page = admin.text("/calls/c9")
    assert "Withheld number" in page
    assert "something-new" in page
    assert admin.get("/calls/c99").status_code == 404


def test_unrated_leg_says_why(admin: Visitor, history: FakeHistory) -> None:
    unrated = {
        "id": "c9.2",
        "amount_vnd": None,
        "parts": [],
        "rule": "onecontact-2019@2019-03-01/voice/no_idd_price.856",
    }
    rating = [{**history.rows[0]["rating"][1], **unrated}]
    history.rows.append(cdr(9, rating=rating, charge_vnd=None))
    assert "The price table has no price for this destination" in admin.text("/calls/c9")


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [
        (None, 200, SOUND),
        ("bytes=0-99", 206, SOUND[:100]),
        ("bytes=100-", 206, SOUND[100:]),
        ("bytes=-10", 206, SOUND[-10:]),
        ("bytes=99999-", 416, None),
    ],
)
def test_recordings_by_ranges(
    manager: Visitor, recorded: Path, wanted: str | None, status: int, content: bytes | None
) -> None:
    answer = manager.get("/calls/c1/recordings/1", headers={"Range": wanted} if wanted else {})
    assert answer.status_code == status
    if content is not None:
        assert answer.data == content
        assert answer.mimetype == "audio/ogg"
        assert answer.headers["Accept-Ranges"] == "bytes"
    answer.close()


def test_listening_and_downloading_are_noted(manager: Visitor, recorded: Path, parts: Parts) -> None:
    manager.get("/calls/c1/recordings/1").close()
    answer = manager.get("/calls/c1/recordings/1?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=c1-1.ogg")
    answer.close()
    rows = parts.store.rows("SELECT user, action, detail FROM audit ORDER BY id DESC LIMIT 2")
    assert [tuple(row) for row in rows] == [("mai", "download", "c1.1"), ("mai", "listen", "c1.1")]


@pytest.mark.parametrize(
    "path", ["c1/recordings/2", "c1/recordings/0", "c2/recordings/1", "..%2F..%2Fweb.db/recordings/1"]
)
def test_no_other_file_is_given_out(manager: Visitor, recorded: Path, path: str) -> None:
    assert manager.get(f"/calls/{path}").status_code == 404


def test_recording_removed_by_age(manager: Visitor, recorded: Path) -> None:
    recorded.unlink()
    assert manager.get("/calls/c1/recordings/1").status_code == 404


def test_viewer_sees_that_there_is_one_and_no_more(viewer: Visitor, recorded: Path) -> None:
    page = viewer.text("/calls/c1")
    assert "Your role does not include listening" in page
    assert "/recordings/1" not in page


def test_timeline_of_a_call_that_was_interrupted(app: Flask) -> None:
    dial = {"type": "DialLeg", "leg": "c1.2", "line": "gsm-2", "called": "+84903000513"}
    entries = [
        {"at": 1.0, "event": "KeyPressed", "fields": {"leg": "c1.1", "key": "5"}, "actions": []},
        {"at": 2.0, "event": "KeyPressed", "fields": {"leg": "c1.1", "key": "13"}, "actions": [dial]},
        {"at": 3.0, "event": "LegEnded", "fields": {"leg": "c1.2", "cause": 17, "ended_by": "far-end"}, "actions": []},
        {"at": 4.0, "event": "KeyPressed", "fields": {"leg": "c1.1", "key": "•"}, "actions": []},
    ]
    with app.test_request_context(headers={"Cookie": "language=en"}):
        told = [(step.at, step.text.replace("\u00a0", " ")) for step in timeline.tell(entries, {"c1.1": None})]
    assert told == [
        (1.0, "the unknown caller pressed 513."),
        (2.0, "Dialling 0903 000 513."),
        (3.0, "0903 000 513: busy."),
        (4.0, "the unknown caller pressed •."),
    ]


def test_who_calls_out_stands_as_the_caller(admin: Visitor, history: FakeHistory) -> None:
    history.rows = [cdr(1, caller="+84903000512"), cdr(2)]
    history.dialled = {"c1"}
    rows = admin.text("/calls").split("<tr>")[2:]
    assert ['<span class="ext">512' in row.split('data-label="To"')[0] for row in rows] == [True, False]
    page = admin.text("/calls/c1")
    assert "Called by" in page
    assert "Asked for" not in page
    assert "Asked for" in admin.text("/calls/c2")


def test_prompts_and_ends_by_limits_are_told(app: Flask) -> None:
    catalogue = tomllib.loads((Path(prompts.__file__).parent / "prompts" / "catalogue.toml").read_text("utf-8"))
    with app.test_request_context(headers={"Cookie": "language=en"}):
        for name in catalogue:
            if not name.startswith(("digit-", "number-")):
                assert name in timeline.PROMPTS, name
        for reason in BarReason:
            entry = {"at": "", "event": "LegBarred", "fields": {"leg": "c1.2", "reason": reason.value}}
            assert timeline.tell([entry], {})[0].text == f"Not dialled: {timeline.BARRED[reason.value]}."
        spent = timeline.tell([{"at": "", "event": "BudgetSpent", "fields": {"leg": "c1.2"}}], {})
        assert [step.text for step in spent] == ["The limit is used up, so the call is ended."]


def test_the_filter_folds_away(admin: Visitor) -> None:
    assert "in use" not in admin.text("/calls").split('id="results"')[0]
    assert "in use" in admin.text("/calls?result=busy").split('id="results"')[0]
    assert 'data-fold="keep"' in admin.get("/calls?extension=5x").text
