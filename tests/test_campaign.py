"""A campaign goes on where it was, begins anew for other code, and tells the truth on its page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cosmic_ray.work_db import use_db

from tests.campaign import mutants_judged, page
from tests.campaign.mutants_judged import Judgement, Outcome, load_judgements, survivor_of
from tests.campaign.mutants_made import FACING, Mutant, mutants_of, path_of, work_items
from tests.campaign.mutants_tried import Tried, result_of, session_path, still_true
from tests.campaign.state import ROOT, State, revision

RUN = {
    "machine": {
        "processor": "a processor",
        "cores": 2,
        "memory_gb": 4.0,
        "kernel": "6.1",
        "python": "3.11.7",
        "load_1_min": 0.1,
        "code": "1a2b3c",
        "date": "2026-11-22T05:00:00+00:00",
    },
    "small": False,
    "benches": {
        "call_latency": {
            "measured": "from here to there",
            "figures": {
                "clip_to_ata_p50_ms": {"value": 0.8, "aim": 5, "met": True},
                "last_key_to_atd_p50_ms": {"value": 7.1, "aim": 5, "met": False},
            },
            "idle_20_ms_timer_late": {"p50_ms": 0.1, "p99_ms": 0.2},
            "notes": {"calls": 104},
        },
        "rating": {"error": "ValueError: no tariff"},
    },
}


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    state = State.load("abc", tmp_path)
    state.keep("one", {"passed": True, "result": "1 passed"})
    state.keep("two", {"passed": False, "result": "1 failed"})
    again = State.load("abc", tmp_path)
    assert again.passed("one")
    assert not again.passed("two")
    assert not State.load("other", tmp_path).passed("one")
    again.forget()
    assert not State.load("abc", tmp_path).passed("one")


def test_the_revision_stays_while_the_code_does() -> None:
    assert revision() == revision()


def test_the_page_names_what_missed_its_aim_and_what_failed() -> None:
    told = page.text([RUN], {"properties, seed 1": {"passed": True, "result": "90 passed", "took_s": 61.0}})
    assert "| clip_to_ata_p50_ms | 0.8 | ≤ 5 | yes |" in told
    assert "| last_key_to_atd_p50_ms | 7.1 | ≤ 5 | **no** |" in told
    assert "- `last_key_to_atd_p50_ms`: 7.1, aim ≤ 5." in told
    assert "failed: ValueError: no tariff" in told
    assert "Machine A: a processor" in told
    assert "| `1a2b3c` | 2026-11-22 |" in told
    assert "90 passed" in told
    assert "Not proven on hardware" in told


# ---- mutants

SPENT = """\
from dataclasses import dataclass


@dataclass(frozen=True)
class Purse:
    left: int | None

    def covers(self, price: int) -> bool:
        return price <= (self.left or 0)
"""


@pytest.fixture
def purse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one module and one test file."""
    monkeypatch.setitem(FACING, "purse", ("purse",))
    for name, text in (
        (path_of("purse"), SPENT),
        ("tests/edge/rating/test_purse.py", "a test"),
        ("tests/conftest.py", ""),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_no_mutants_of_annotations_and_of_promises(purse: Path) -> None:
    made = mutants_of("purse", purse)
    assert {mutant.operator for mutant in made if mutant.row < 9} == {"RemoveDecorator"}
    swaps = {mutant.operator.rpartition("_")[2] for mutant in made if "Comparison" in mutant.operator}
    assert swaps == {"Eq", "NotEq", "Lt", "Gt", "GtE"}


def a_mutant(purse: Path, operator: str = "ReplaceComparisonOperator_LtE_Lt") -> Mutant:
    return next(mutant for mutant in mutants_of("purse", purse) if mutant.operator == operator)


def test_a_survivor_is_told_by_its_line_and_what_became_of_it(purse: Path) -> None:
    survivor = survivor_of(a_mutant(purse), SPENT)
    assert (survivor.function, survivor.mutant.row) == ("Purse.covers", 9)
    assert survivor.line == "return price <= (self.left or 0)"
    assert survivor.becomes == "return price < (self.left or 0)"
    assert survivor_of(a_mutant(purse, "RemoveDecorator"), SPENT).becomes == ""


def judgement(**other: str | None) -> Judgement:
    fields = {
        "file": path_of("purse"),
        "function": "Purse.covers",
        "operator": "ReplaceComparisonOperator_LtE_Lt",
        "line": "return price <= (self.left or 0)",
        "becomes": None,
        "verdict": "equivalent",
        "because": "nobody pays with the last coin",
    }
    return Judgement(**{**fields, **other})  # type: ignore[arg-type]


def test_a_survivor_without_a_judgement_is_found_and_a_judgement_without_a_survivor_too(purse: Path) -> None:
    survivor = survivor_of(a_mutant(purse), SPENT)
    outcome = Outcome("purse", mutants=8, tried=8, killed=7, timeouts=1, survivors=(survivor,))
    right, wrong = judgement(becomes=survivor.becomes), judgement(line="return True")
    assert mutants_judged.not_judged([outcome], [wrong]) == [survivor]
    assert mutants_judged.not_judged([outcome], [right]) == []
    assert mutants_judged.out_of_date([outcome], [right, wrong]) == [wrong]
    told = mutants_judged.page([outcome], [wrong])
    assert "| purse | 8 | 8 | 7 | 1 | 1 |" in told
    assert "**not judged**" in told
    assert "*equivalent*: nobody pays with the last coin" in mutants_judged.page([outcome], [right])


def test_a_kill_holds_while_its_killer_does_and_a_survival_while_all_tests_do(purse: Path) -> None:
    test = "tests/edge/rating/test_purse.py"
    lived, died = list(work_items("purse", purse))[:2]
    with use_db(str(session_path("purse", purse, purse))) as session:
        session.add_work_items([lived, died])
        session.set_result(lived.job_id, result_of(Tried("", 0.1), [test], purse))
        session.set_result(died.job_id, result_of(Tried(f"{test}::test_it", 0.1), [test], purse))
        assert still_true(session, [test], purse) == {lived.job_id: "", died.job_id: f"{test}::test_it"}
        fresh = "tests/edge/rating/test_fresh.py"
        (purse / fresh).write_text("one more test", encoding="utf-8")
        assert still_true(session, [test, fresh], purse) == {died.job_id: f"{test}::test_it"}
        (purse / test).write_text("another test", encoding="utf-8")
        assert still_true(session, [test], purse) == {}


def test_every_judgement_can_be_read_and_its_line_stands_in_its_file() -> None:
    for each in load_judgements(ROOT / "tests" / "campaign" / "judgements"):
        lines = (ROOT / each.file).read_text(encoding="utf-8").split("\n")
        assert each.line.strip() in " ".join(line.strip() for line in lines), each


@pytest.mark.parametrize("lacking", ["verdict", "because", "line"])
def test_a_judgement_that_lacks_something_is_refused(lacking: str, tmp_path: Path) -> None:
    fields = {"file": "f", "function": "g", "operator": "o", "line": "l", "verdict": "slower", "because": "so"}
    text = "".join(f'{name} = "{value}"\n' for name, value in fields.items() if name != lacking)
    (tmp_path / "mutants.toml").write_text("[[judged]]\n" + text, encoding="utf-8")
    with pytest.raises(ValueError, match="judged 1"):
        load_judgements(tmp_path)


@pytest.mark.system
def test_the_first_mutants(tmp_path: Path) -> None:
    """Some of those of the prices themselves, for some seconds; `make campaign` tries all modules."""
    command = [sys.executable, "-m", "tests.campaign.mutants", "--every", "20", "--sessions", str(tmp_path)]
    done = subprocess.run(
        [*command, "--only", "pricing", "bands", "rater"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
