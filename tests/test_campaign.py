"""A campaign goes on where it was, begins anew for other code, and tells the truth on its page."""

from __future__ import annotations

from pathlib import Path

from tests.campaign import page
from tests.campaign.state import State, revision

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
