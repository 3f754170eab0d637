"""The contract of the command line (architecture §5): statuses, one JSON document, one line of error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.box import Box, CommandFailed

pytestmark = pytest.mark.system


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge.cli", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_no_box(tmp_path: Path) -> None:
    done = _run("status", "--data", str(tmp_path / "nothing"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no box runs at" in done.stderr
    assert done.stderr.count("\n") == 1


def test_data_before_or_after_the_verb_or_in_the_environment(box: Box) -> None:
    for done in (
        _run("--data", str(box.data), "status"),
        _run("status", "--data", str(box.data)),
        _run("status", TONGDAI_DATA=str(box.data)),
    ):
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["pids"] == box.ready["pids"]


def test_ready_names_everything(box: Box) -> None:
    assert set(box.ready) == {"box", "web", "login", "data", "api", "sim", "board", "pids", "lines"}
    assert [row["number"] for row in box.ready["lines"]] == ["+84901234567", "+84937654321"]
    assert set(box.ready["pids"]) == {"run", "core", "web", "sync", "sim"}
    assert all(Path(row["at"]).exists() and Path(row["audio"]).exists() for row in box.ready["lines"])


@pytest.mark.parametrize(
    ("number", "mobile", "names"),
    [
        ("5", "0903000111", "5"),
        ("712", "0903000111", "712"),
        ("100", "0903000111", "100"),
        ("51", "0903000111", "51"),
        ("5123", "0903000111", "512"),
        ("612", "12345", "12345"),
        ("512", "0903000112", "512"),
    ],
)
def test_a_bad_extension_is_refused_and_named(box: Box, number: str, mobile: str, names: str) -> None:
    before = box.tongdai("extension", "list")
    with pytest.raises(CommandFailed) as refused:
        box.tongdai("extension", "add", number, "--name", "X", "--mobile", mobile)
    assert refused.value.status == 2
    assert names in refused.value.error
    assert box.tongdai("extension", "list") == before


def test_adding_and_removing_an_extension(box: Box) -> None:
    added = box.tongdai("extension", "add", "412", "--name", "Bảo vệ", "--mobile", "0912 000 412")
    assert added["mobile"] == "+84912000412"
    assert "412" in [row["number"] for row in box.tongdai("extension", "list")]
    box.tongdai("extension", "remove", "412")
    assert "412" not in [row["number"] for row in box.tongdai("extension", "list")]
    with pytest.raises(CommandFailed) as refused:
        box.tongdai("extension", "remove", "412")
    assert refused.value.status == 2


def test_sms_goes_out_and_comes_in(box: Box) -> None:
    text = "Xin chào, hẹn gặp lúc 9 giờ — " + "dài " * 30
    box.tongdai("sms", "send", "--to", "0912000999", text)
    box.tongdai("sim", "sms", "--from", "0912000999", "--to", "0901234567", "Đồng ý ạ")
    from tests.support.box import eventually

    eventually(lambda: [row["text"] for row in box.tongdai("sim", "messages", "0912000999")] == [text], 15, "the SMS")
    rows = eventually(lambda: [row for row in box.tongdai("messages") if row["direction"] == "in"], 15, "the answer")
    assert rows[-1]["text"] == "Đồng ý ạ"


def test_bad_words_are_bad_input(box: Box) -> None:
    for arguments in (("nonsense",), ("sim", "fault", "gsm-9", "restart"), ("sim", "fault", "gsm-1", "nonsense")):
        done = _run(*arguments, "--data", str(box.data))
        assert done.returncode == 2, (arguments, done.stderr)
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1


def test_a_taken_port_is_told(box: Box, tmp_path: Path) -> None:
    port = box.ready["web"].rpartition(":")[2].strip("/")
    done = _run("run", "--sim", "--web-port", port, "--data", str(tmp_path / "other"))
    assert done.returncode == 1
    assert port in done.stderr
    assert done.stdout == ""


def test_replay_of_an_unknown_call(box: Box) -> None:
    with pytest.raises(CommandFailed) as refused:
        box.tongdai("replay", "c999999")
    assert refused.value.status == 2
