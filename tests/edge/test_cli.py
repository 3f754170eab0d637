"""The grammar of the command line, without any box."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.cli import main
from edge.store.ledger import Ledger
from tests.edge.store.strategies import T0, cdr, moment


def test_no_box_is_one_line_and_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for verb in (["status"], ["lines"], ["calls"], ["cdrs"], ["outbox"], ["recordings"], ["messages"]):
        assert main([*verb, "--data", str(tmp_path / "none")]) == 1
        out, error = capsys.readouterr()
        assert out == ""
        assert error.startswith(f"tongdai: no box runs at {tmp_path / 'none'}; start one with `tongdai run`")
        assert error.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        [],
        ["sim"],
        ["sim", "call"],
        ["cdrs", "--limit", "0"],
        ["cdrs", "--limit", "x"],
        ["run", "--lines"],
    ],
)
def test_bad_words_are_status_2_and_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["run", "--sim", "--lines", "9"], "--lines 9"),
        (["run", "--sim", "--config", "x.toml"], "--config"),
        (["run", "--sim", "--mqtt", "nonsense"], "--mqtt nonsense"),
        (["run", "--sim", "--mqtt", "host:99999"], "--mqtt host:99999"),
        (["run", "--sim", "--web-port", "70000"], "--web-port 70000"),
        (["run", "--config", "nowhere/tongdai.toml"], "nowhere/tongdai.toml: No such file"),
    ],
)
def test_bad_options_of_run(words: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--data", str(tmp_path)]) == 2
    assert named in capsys.readouterr().err


def test_rate_prints_a_line_per_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = {
        "id": "c17.2",
        "kind": "voice",
        "hotline": "0901234567",
        "answered_at": "2026-11-03T09:15:00+07:00",
        "duration_s": 185,
        "service": "outbound",
        "from": {"party": "extension", "endpoint": "mobile", "number": "0903000111", "extension": "512"},
        "to": {"party": "customer", "endpoint": "mobile", "number": "0912000222"},
    }
    usage = tmp_path / "usage.jsonl"
    usage.write_text(json.dumps(record) + "\n")
    assert main(["rate", "--plan", "onecontact-2019", str(usage)]) == 0
    charge = json.loads(capsys.readouterr().out)
    assert charge["amount_vnd"] == 2775, "185 s at 900 VND a minute"


@pytest.mark.parametrize(
    ("text", "named"), [("nonsense\n", "line 1"), ('{"id": "a", "kind": "voice"', "line 1"), ('{"id": ""}\n', "id")]
)
def test_rate_refuses_bad_usage_whole(
    text: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = tmp_path / "usage.jsonl"
    usage.write_text(text)
    assert main(["rate", "--plan", "onecontact-2019", str(usage)]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert str(usage) in error
    assert named in error
    assert error.count("\n") == 1


def test_rate_with_an_unknown_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    usage = tmp_path / "usage.jsonl"
    usage.write_text("")
    assert main(["rate", "--plan", "nonsense", str(usage)]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_a_store_that_cannot_be_read_is_one_line_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "box.db").write_text("this is no database")
    for verb in ("cdrs", "recordings", "outbox", "messages"):
        assert main([verb, "--data", str(tmp_path)]) == 1
        out, error = capsys.readouterr()
        assert out == ""
        assert error.count("\n") == 1
        assert str(tmp_path) in error


def test_a_limit_gives_the_newest_and_keeps_them_oldest_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Ledger(tmp_path / "box.db", "box", "boot") as ledger:
        for number in (1, 2, 3, 4):
            ledger.close_cdr(cdr(number, at=T0 + 60.0 * number), [], moment(T0 + 60.0 * number))
    for words, calls in (([], ["c1", "c2", "c3", "c4"]), (["--limit", "2"], ["c3", "c4"])):
        assert main(["cdrs", "--data", str(tmp_path), *words]) == 0
        assert [row["call"] for row in json.loads(capsys.readouterr().out)] == calls
