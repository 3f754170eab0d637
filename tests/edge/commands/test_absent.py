"""What a command says when nobody answers at the box's socket."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.cli import main
from edge.places import Places


@contextmanager
def running(data: Path) -> Iterator[Places]:
    """A `tongdai run` whose core does not answer."""
    places = Places.at(data)
    with places.lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield places


def said(data: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["limits", "--data", str(data)]) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert error.count("\n") == 1
    return error


@pytest.mark.parametrize(
    ("ready", "sentence"),
    [
        (None, "does not answer just now; try again in some seconds"),
        ({"board": {"host": "on"}}, "does not answer just now; try again in some seconds"),
        ({"board": {"host": "off"}}, "is off; `tongdai sim board press` starts it"),
    ],
)
def test_a_box_that_runs_is_not_said_to_be_away(
    ready: object, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(tmp_path) as places:
        if ready is not None:
            places.ready_file.write_text(json.dumps(ready))
        error = said(tmp_path, capsys)
        assert sentence in error
        assert "no box runs" not in error


@pytest.mark.parametrize(
    "words", [("statement", "draw", "2026-01"), ("tariff", "import", "--ported", "ported.csv"), ("settings", "export")]
)
def test_every_verb_that_asks_says_so(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ported.csv").write_text("number,operator\n")
    with running(tmp_path):
        words = tuple(str(tmp_path / word) if word.endswith(".csv") else word for word in words)
        assert main([*words, "--data", str(tmp_path)]) == 1
        assert "does not answer just now" in capsys.readouterr().err


def test_a_box_that_does_not_run_is_said_to_be_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running(tmp_path) as places:
        places.ready_file.write_text(json.dumps({"board": {"host": "on"}}))
    assert "no box runs at" in said(tmp_path, capsys)
