"""Comparing plans: one run at a time, progress, the kept answer in order, words for what went wrong."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from edge.api.statements import StatementFailed
from tests.web_ui.fake_box import FakeBox, FakeHistory, cdr
from tests.web_ui.fake_money import FakeStatements, document
from tests.web_ui.visitor import Visitor, until
from web_ui.advice_command import AdviceCommand, subscriptions
from web_ui.advisor import Advisor, Question
from web_ui.parts import Parts

WAITING = "import time; time.sleep(60)"
NOTHING = "raise SystemExit('tongdai advise: period: no plan that prices this usage is valid in 2026-10')"


@pytest.fixture(autouse=True)
def calls(history: FakeHistory) -> None:
    history.rows.append(cdr(9, started="2026-09-05T09:00:00+07:00"))


def compare(visitor: Visitor, parts: Parts, period: str = "2026-10") -> str:
    assert visitor.post("/advice", {"period": period}).location == f"/advice?period={period}"
    until(lambda: parts.advisor.running is None, within_s=20)
    return visitor.text(f"/advice?period={period}").replace("\u00a0", " ")


def test_cheapest_first_with_the_present_plan_marked(manager: Visitor, parts: Parts) -> None:
    before = manager.text("/advice")
    assert "Not compared yet" in before
    assert all(month in before for month in ("November 2026", "October 2026", "September 2026"))
    page = compare(manager, parts)
    order = [page.index(f"<strong>{title}") for title in ("3C<", "OneContact 2019", "3C + bundle 8 for 0901 234 567")]
    assert order == sorted(order)
    for said in ("1,234 calls", "Cheapest", "Your plan now", "−500,000 VND", "+7,500,000 VND", "Assumption &lt;1&gt;"):
        assert said in page, said
    assert page.index("Your plan now") > page.index("OneContact 2019")


def test_a_bundle_that_is_no_choice_is_not_passed_over(manager: Visitor, parts: Parts, box: FakeBox) -> None:
    bundle = {"hotline": "+84937654321", "bundle": 3, "activated_at": "2026-10-05T08:00:00+07:00"}
    box.document["billing"]["bundles"] = [bundle]
    assert "Your plan, without your bundles" in compare(manager, parts)


def test_answer_is_kept_in_each_language(manager: Visitor, parts: Parts) -> None:
    compare(manager, parts)
    manager.client.set_cookie("language", "vi")
    assert "Assumption" in manager.text("/advice")  # rather the other language than nothing
    assert "Giả định &lt;1&gt;" in compare(manager, parts)
    assert len(parts.advisor.answers()) == 2


def test_download(manager: Visitor, parts: Parts) -> None:
    assert manager.get("/advice/2026-10.csv").status_code == 404
    compare(manager, parts)
    answer = manager.get("/advice/2026-10.csv")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["rank"], row["plan"], row["total_vnd"]) for row in rows] == [
        ("1", "3c", "1500000"), ("2", "onecontact-2019", "2000000"), ("3", "3c", "9500000"),
    ]  # fmt: skip
    assert rows[2]["bundles"] == "8 +84901234567 tiers"


def test_one_at_a_time_with_progress(manager: Visitor, parts: Parts, box: FakeBox) -> None:
    box.advice_script = WAITING
    manager.post("/advice", {"period": "2026-10"})
    page = manager.text("/advice")
    assert "data-poll" in page
    assert "Comparing October 2026" in page
    assert "being compared already" in manager.post("/advice", {"period": "2026-09"}, follow=True).text
    assert manager.post("/advice/cancel").location == "/advice?period=2026-10"
    until(lambda: parts.advisor.running is None)
    assert "failed" not in manager.text("/advice")
    assert "data-poll" not in manager.text("/advice")


def test_what_the_command_says_is_shown(manager: Visitor, parts: Parts, box: FakeBox) -> None:
    box.advice_script = NOTHING
    page = compare(manager, parts)
    assert "The comparison failed: There are no prices for the calls of that month" in page
    box.advice_script = "print('no json')"
    assert "ended without an answer" in compare(manager, parts)


def test_a_run_that_hangs_is_ended(parts: Parts, box: FakeBox) -> None:
    box.advice_script = WAITING
    advisor = Advisor(parts.store, box.advise, longest_s=0.2)
    assert advisor.ask(Question("2026-10", "vi"), "mai")
    until(lambda: advisor.running is None, within_s=10)
    failure = advisor.failure(Question("2026-10", "vi"))
    assert failure is not None
    assert failure.blame == "time"


def test_only_newest_answers_are_kept(parts: Parts, box: FakeBox) -> None:
    moments = iter((1.0, 2.0))
    advisor = Advisor(parts.store, box.advise, lambda: next(moments), kept=1)
    for period in ("2026-09", "2026-10"):
        advisor.ask(Question(period, "en"), "mai")
        until(lambda: advisor.running is None, within_s=20)
    assert [each.question.period for each in advisor.answers()] == ["2026-10"]


def test_who_may_and_what_months(viewer: Visitor, manager: Visitor) -> None:
    assert viewer.get("/advice").status_code == 403
    assert "/advice" not in viewer.text("/statements")
    for period in ("2020-01", "2027-01", "never", "--apply"):
        assert manager.post("/advice", {"period": period}).status_code == 400


def test_fees_are_compared_by_what_the_month_counts(tmp_path: Path) -> None:
    held = document("2026-10")
    held["subscriptions"] = {
        "hotlines": [{"number": "+84901234567", "from": "2026-03-02"}, {"number": None, "from": "2026-03-02"}],
        "extensions": [{"number": "512", "from": "2026-03-02"}],
        "counts": {"call_center_users": 2, "app_licences": 3},
    }
    shelf = FakeStatements()
    shelf.closed["2026-10"] = held
    with AdviceCommand(tmp_path, shelf)(Question("2026-10", "en")) as command:
        assert command[3:-2] == ["advise", "--data", str(tmp_path), "--period", "2026-10", "--language", "en"]
        told = json.loads(Path(command[-1]).read_text("utf-8"))
    assert not Path(command[-1]).exists()
    assert told == subscriptions(held)
    assert told["hotlines"] == [{"number": "+84901234567", "from": "2026-03-02"}]
    assert told["users"] == [{"kind": "call_center", "from": "2026-10-01"}] * 2
    assert (told["app_licences"], told["sdk_sets"], told["extensions"]) == (3, 0, [{"from": "2026-03-02"}])
    shelf.failure = StatementFailed("no")
    with AdviceCommand(tmp_path, shelf)(Question("2026-10", "en")) as command:
        assert "--subscriptions" not in command
