"""`tongdai board update` beside a box that goes away or starts anew in the middle."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pytest

from edge.api.messages import UpdateFirmware
from edge.commands import board
from edge.commands.answers import Failed

SENDING = {"state": "sending", "sent": 10, "bytes": 100, "error": None}


def update_with(monkeypatch: pytest.MonkeyPatch, then: dict[str, Any] | Failed | None) -> None:
    def ask(_options: Namespace, request: Any) -> Any:
        if isinstance(request, UpdateFirmware):
            return SENDING
        if isinstance(then, Failed):
            raise then
        return {"update": then, "supervisor": {"version": "1.2.3"}}

    monkeypatch.setattr(board, "ask", ask)
    monkeypatch.setattr(board, "LOOK_S", 0.0)
    board.update(Namespace(image="new.img"))


def test_a_box_that_started_anew_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failed, match=r"new\.img: the box restarted meanwhile; send it again"):
        update_with(monkeypatch, None)


def test_a_box_that_went_away_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failed, match=r"no box runs.*send it again"):
        update_with(monkeypatch, Failed("no box runs"))


def test_why_it_was_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failed, match=r"new\.img: signature"):
        update_with(monkeypatch, SENDING | {"state": "failed", "error": "signature"})


def test_what_runs_now(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    update_with(monkeypatch, SENDING | {"state": "done"})
    assert '"version": "1.2.3"' in capsys.readouterr().out
