"""Rating again: the difference is reckoned, shown month by month and call by call, and applied as it was seen."""

from __future__ import annotations

import pytest

from edge.store.charges import RECKON_AGAIN as CORE_SAYS
from tests.web_ui.fake_box import FakeBox, FakeHistory, cdr
from tests.web_ui.fake_money import FakeStatements
from tests.web_ui.fake_rerate import FakeRerate, change, charge
from tests.web_ui.visitor import Visitor, until
from web_ui.parts import Parts
from web_ui.rerate import ROWS
from web_ui.rerater import RECKON_AGAIN, Apply, Reckon, Rerater, kept_file

OWED = "billing: 12 stored charges of 2026-10 are not by the tables and settings of today; `tongdai rerate` shows it"
WAITING = "import sys, time; print('tongdai: 20000 records read', file=sys.stderr, flush=True); time.sleep(60)\n"


@pytest.fixture(autouse=True)
def calls(history: FakeHistory) -> None:
    history.rows.append(cdr(9, started="2026-09-05T09:00:00+07:00"))


def rated_again(visitor: Visitor, parts: Parts, first: str = "2026-10") -> str:
    assert visitor.post("/tariffs/rerate", {"first": first}).location == f"/tariffs/rerate?first={first}"
    return finished(visitor, parts)


def finished(visitor: Visitor, parts: Parts, address: str = "/tariffs/rerate") -> str:
    until(lambda: parts.rerater.running is None, within_s=20)
    return visitor.text(address).replace("\u00a0", " ")


def test_before_after_and_difference_by_month_and_by_call(admin: Visitor, parts: Parts) -> None:
    assert "Not rated again yet" in admin.text("/tariffs/rerate")
    page = rated_again(admin, parts)
    for said in ("1,000,000 VND", "999,540 VND", "−460 VND", "−920 VND", "999,080 VND", "900 VND", "440 VND",
                 "0912 000 222", "05/11/2026 09:00:01", "/calls/c2", "OneContact 2019 (01/03/2019) → 01/11/2026",
                 "A call to an outside number",
                 "number of another network → MobiFone number"):  # fmt: skip
        assert said in page, said
    assert page.index("/calls/c1") < page.index("/calls/c2")
    assert "The statement of October 2026 is closed and stays as it is" in page
    assert 'href="/tariffs/rerate?month=2026-10#changes"' in page
    assert "/calls/c1" not in admin.text("/tariffs/rerate?month=2026-10")


def test_applied_after_a_question(admin: Visitor, parts: Parts, rerating: FakeRerate, shelf: FakeStatements) -> None:
    rated_again(admin, parts)
    question = admin.text("/tariffs/rerate/apply")
    assert "Change 2 charges?" in question
    assert "The statement of October 2026 is closed" in question
    assert rerating.applied == []
    answer = admin.post("/tariffs/rerate/apply?reckoning=r1", form_on="/tariffs/rerate/apply")
    assert answer.location == "/tariffs/rerate"
    page = finished(admin, parts)
    assert "2 charges were changed." in page
    assert "Apply" not in page.split("<main")[1].replace("until you apply", "")
    assert (rerating.applied, shelf.forgotten) == ([Apply("r1", "admin")], 1)
    assert not kept_file(rerating.data).exists()
    assert admin.get("/tariffs/rerate/apply").status_code == 404
    page = rated_again(admin, parts)
    assert "Nothing differs" in page
    assert "were changed" not in page


def test_calls_that_were_rated_meanwhile(admin: Visitor, parts: Parts, rerating: FakeRerate) -> None:
    rated_again(admin, parts)
    rerating.moved = True
    admin.post("/tariffs/rerate/apply?reckoning=r1")
    page = finished(admin, parts)
    assert "A call was rated, or prices or settings changed meanwhile, so nothing was applied." in page
    assert '<input type="hidden" name="first" value="2026-10">' in page, "one press reckons again"
    assert "A call was rated" not in rated_again(admin, parts)
    admin.post("/tariffs/rerate/apply?reckoning=r2")
    assert "2 charges were changed." in finished(admin, parts)


def test_only_what_was_seen_is_applied(admin: Visitor, parts: Parts, rerating: FakeRerate) -> None:
    rated_again(admin, parts)
    rated_again(admin, parts, "2026-11")
    for other in ("?reckoning=r1", ""):
        assert "Look at the difference once more" in admin.post(f"/tariffs/rerate/apply{other}", follow=True).text
    assert rerating.applied == []


def test_first_month_is_the_earliest_that_is_known_to_differ(admin: Visitor, box: FakeBox) -> None:
    assert '<option selected value="2026-09">' in admin.text("/tariffs/rerate"), "the first with calls"
    box.alarms = [OWED.replace("2026-10", "2026-11"), OWED, "something else"]
    assert '<option selected value="2026-10">' in admin.text("/tariffs/rerate")
    assert '<option selected value="2026-11">' in admin.text("/tariffs/rerate?first=2026-11")
    page = admin.text("/tariffs")
    assert "Stored charges of October 2026, November 2026 differ" in page
    assert 'href="/tariffs/rerate"' in page


def test_the_alarm_leads_here(admin: Visitor, viewer: Visitor, box: FakeBox, feed: object, parts: Parts) -> None:
    box.alarms = [OWED]
    box.push()
    until(lambda: parts.feed.state.alarms)
    page = admin.text("/")
    assert "12 charges of October 2026 were reckoned by older prices or settings." in page
    assert 'href="/tariffs/rerate?first=2026-10"' in page
    assert "/tariffs/rerate" not in viewer.text("/")


def test_long_lists_by_pages(admin: Visitor, parts: Parts, rerating: FakeRerate) -> None:
    rerating.changes = [change(number, 900, 440) for number in range(ROWS + 7)]
    page = rated_again(admin, parts)
    assert page.count("0912 000 222") == ROWS
    assert f"1–{ROWS} of {ROWS + 7}" in page
    assert finished(admin, parts, "/tariffs/rerate?page=2").count("0912 000 222") == 7
    assert finished(admin, parts, "/tariffs/rerate?page=99&month=never").count("0912 000 222") == 7


def test_messages_and_charges_without_a_price(admin: Visitor, parts: Parts, rerating: FakeRerate) -> None:
    lost = charge("m5", None, status="unrated", rule="3c@2019-01-01/unrated/no_sms", parts=[])
    told = change(1, 350, None)
    rerating.changes = [type(told)(told.month, told.at, None, "+84912000222", charge("m5", 350), lost)]
    page = rated_again(admin, parts)
    assert "The plan has no prices for messages, so the cost is not known." in page
    assert "No price" in page
    assert "/calls/m5" not in page


def test_one_at_a_time_with_progress_and_cancel(admin: Visitor, parts: Parts, rerating: FakeRerate) -> None:
    rerating.first_line = WAITING
    admin.post("/tariffs/rerate", {"first": "2026-10"})
    until(lambda: "20,000 records so far" in admin.text("/tariffs/rerate"))
    assert "data-poll" in admin.text("/tariffs/rerate")
    assert "being rated again already" in admin.post("/tariffs/rerate", {"first": "2026-09"}, follow=True).text
    admin.post("/tariffs/rerate/cancel")
    page = finished(admin, parts)
    assert "failed" not in page
    assert "data-poll" not in page


def test_what_is_applied_is_not_cancelled(admin: Visitor, parts: Parts, rerating: FakeRerate) -> None:
    rated_again(admin, parts)
    rerating.first_line = "import time; time.sleep(0.5)\n"
    admin.post("/tariffs/rerate/apply?reckoning=r1")
    page = admin.text("/tariffs/rerate")
    assert "Applying" in page
    assert "/cancel" not in page
    admin.post("/tariffs/rerate/cancel")
    assert "2 charges were changed." in finished(admin, parts)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ("no box runs at /x; start one with `tongdai run`", "The switchboard is not running"),
        ("what is stored cannot be rated: odd", "Rating again failed: what is stored cannot be rated: odd"),
    ],
)
def test_what_went_wrong_in_one_sentence(
    admin: Visitor, parts: Parts, rerating: FakeRerate, refusal: str, said: str
) -> None:
    rerating.refusal = refusal
    assert said in rated_again(admin, parts)


def test_one_that_hangs_is_ended(rerating: FakeRerate) -> None:
    rerating.first_line = WAITING
    slow = Rerater(rerating.data, rerating, lambda: None, longest_s=0.2)
    slow.ask(Reckon("2026-10"), "admin")
    until(lambda: slow.running is None, within_s=10)
    assert slow.failure is not None
    assert slow.failure.blame == "time"


def test_only_administrators(manager: Visitor, viewer: Visitor) -> None:
    for visitor in (manager, viewer):
        assert visitor.get("/tariffs/rerate").status_code == 403
        assert visitor.post("/tariffs/rerate", {"first": "2026-10"}).status_code == 403
        assert visitor.get("/tariffs/rerate/apply").status_code == 403
        assert visitor.post("/tariffs/rerate/apply?reckoning=r1").status_code == 403
        assert "/tariffs/rerate" not in visitor.text("/tariffs")


@pytest.mark.parametrize("first", ["2020-01", "2027-01", "never", "--apply", ""])
def test_months_that_there_are_not(admin: Visitor, first: str) -> None:
    assert admin.post("/tariffs/rerate", {"first": first}).status_code == 400


def test_the_refusal_is_known_by_the_words_that_the_core_uses() -> None:
    assert RECKON_AGAIN == CORE_SAYS
