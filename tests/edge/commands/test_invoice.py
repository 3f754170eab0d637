"""`tongdai invoice` and the warnings of `rate`: the same files, the same ways to end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.cli import main

USAGE = {
    "id": "a",
    "kind": "voice",
    "hotline": "0901234567",
    "answered_at": "2026-11-03T09:15:00+07:00",
    "duration_s": 60,
    "service": "outbound",
    "from": {"party": "extension", "endpoint": "mobile", "number": "0903000111"},
    "to": {"party": "customer", "endpoint": "mobile", "number": "0912000222"},
}


def given(folder: Path, subscriptions: object, *records: object) -> list[str]:
    (folder / "subs.json").write_text(json.dumps(subscriptions), encoding="utf-8")
    (folder / "usage.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in records), encoding="utf-8")
    return ["--subscriptions", str(folder / "subs.json"), str(folder / "usage.jsonl")]


def test_an_invoice_is_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hotline = {"number": "0901234567", "from": "2026-10-01", "to": None}
    files = given(tmp_path, {"hotlines": [hotline]}, USAGE)
    assert main(["invoice", "--plan", "onecontact-2019", "--period", "2026-11", *files]) == 0
    out, error = capsys.readouterr()
    made = json.loads(out)
    assert (made["plan"], made["period"], made["total_vnd"]) == ("onecontact-2019", "2026-11", 300_900)
    assert sum(line["amount_vnd"] for line in made["lines"]) == made["total_vnd"]
    assert error == ""


def test_a_plan_that_contradicts_itself_is_warned_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = given(tmp_path, {}, USAGE)
    assert main(["invoice", "--plan", "3c", "--period", "2026-11", *files]) == 0
    assert "warning: 3c.toml: [bundles" in capsys.readouterr().err
    assert main(["rate", "--plan", "3c", files[-1]]) == 0
    out, error = capsys.readouterr()
    assert "bundle 3" in error
    assert json.loads(out)["amount_vnd"] == 900


@pytest.mark.parametrize(
    ("period", "subscriptions", "record", "named"),
    [
        ("2026-13", {}, USAGE, "period: '2026-13'"),
        ("2026-11", {"rooms": 3}, USAGE, "subs.json: rooms"),
        ("2026-11", {}, USAGE | {"duration_s": -1}, "usage.jsonl: line 1: duration_s"),
        ("2018-01", {}, USAGE, "no version of plan onecontact-2019"),
    ],
)
def test_bad_input_is_one_line_and_nothing_on_stdout(
    period: str,
    subscriptions: object,
    record: object,
    named: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = given(tmp_path, subscriptions, record)
    assert main(["invoice", "--plan", "onecontact-2019", "--period", period, *files]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert named in error
    assert error.count("\n") == 1


def test_a_missing_file_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = given(tmp_path, {})
    (tmp_path / "subs.json").unlink()
    assert main(["invoice", "--plan", "3c", "--period", "2026-11", *files]) == 2
    assert "subs.json: No such file" in capsys.readouterr().err


def test_windows_files_are_read_and_a_lone_cr_ends_no_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bought = {"hotline": "0901234567", "bundle": 1, "activated_at": "2026-11-01T00:00:00Z", "when_spent": "tiers"}
    (tmp_path / "bundles.json").write_text(f"\ufeff{json.dumps([bought])}", encoding="utf-8")
    second = json.dumps(USAGE | {"id": "b"}).replace(', "kind"', ',\r"kind"')
    (tmp_path / "usage.jsonl").write_bytes(f"\ufeff{json.dumps(USAGE)}\r\n{second}\r\n".encode())
    bundles, usage = str(tmp_path / "bundles.json"), str(tmp_path / "usage.jsonl")
    assert main(["rate", "--plan", "3c", "--bundles", bundles, usage]) == 0
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ["a", "b"]


def test_bytes_that_are_no_text_name_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "usage.jsonl").write_bytes(f"{json.dumps(USAGE)}\n".encode() + b"\xff\n")
    assert main(["rate", "--plan", "3c", str(tmp_path / "usage.jsonl")]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert "usage.jsonl: line 2: byte" in error
