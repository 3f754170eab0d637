"""Rating again in two steps: what differs is kept in a file with what a person knows a call by, and applied once."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from edge.api.reckonings import kept_changes, kept_charges, kept_head
from edge.commands.rerate_kept import main
from edge.store.charges import RECKON_AGAIN
from tests.edge.billing.paper_calls import at, call, leg
from tests.edge.commands.table_box import TableBox, in_loop, table_box


async def kept(box: TableBox, verb: str, *words: str) -> int:
    file = ["--data", str(box.data), "--kept", str(box.data / "kept.db")]
    return await asyncio.to_thread(main, [verb, *words, *file])


@pytest.fixture
def ported(tmp_path: Path) -> Path:
    file = tmp_path / "ported.csv"
    file.write_text("number,operator,since\n0912000222,MobiFone,2026-11-05\n", encoding="utf-8")
    return file


async def two_calls_and_a_ported_number(box: TableBox, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await box.ends(call(1, leg("c1.1", at("2026-11-03T09:00"), 60)))
    await box.ends(call(2, leg("c2.1", at("2026-11-06T09:00"), 60)))
    assert await box.command("tariff", "import", "--ported", str(file)) == 0
    capsys.readouterr()


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@in_loop
async def test_reckoned_looked_at_and_applied(tmp_path: Path, ported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, file = tmp_path / "box", tmp_path / "box" / "kept.db"
    data.mkdir()
    async with table_box(data) as box:
        await two_calls_and_a_ported_number(box, ported, capsys)
        assert await kept(box, "reckon", "--from", "2026-10") == 0
        head = said(capsys)
        assert head == kept_head(file)
        assert (head["first"], head["changes"]) == ("2026-10", 1)
        assert [(row["month"], row["difference_vnd"], row["changed"]) for row in head["months"]] == [
            ("2026-11", -460, 1)
        ]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        (change,) = kept_changes(file, None, 10, 0)
        assert (change.month, change.at, change.number) == ("2026-11", "2026-11-06T09:00:00+07:00", "+84912000222")
        assert (change.before["amount_vnd"], change.after["amount_vnd"]) == (900, 440)
        assert "on-net" in change.after["why"]
        assert kept_changes(file, "2026-10", 10, 0) == kept_changes(file, None, 10, 1) == []
        assert [json.loads(each)["id"] for each in kept_charges(file)] == ["c2.1"]

        assert await kept(box, "apply", "--id", "another", "--by", "admin") == 1
        assert "kept no longer" in capsys.readouterr().err
        assert await kept(box, "apply", "--id", head["id"], "--by", "admin") == 0
        assert said(capsys) == {"changed": 1}
        assert box.biller.pending == ()
        assert not list(data.glob("rerate-*")), "nothing is left behind"

        assert await kept(box, "reckon", "--from", "2026-11") == 0
        assert said(capsys)["changes"] == 0
        assert list(kept_charges(file)) == []


@in_loop
async def test_a_call_that_was_rated_meanwhile_is_left_to_whoever_looks(
    tmp_path: Path, ported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with table_box(tmp_path) as box:
        await two_calls_and_a_ported_number(box, ported, capsys)
        await kept(box, "reckon", "--from", "2026-11")
        box.before_apply = [call(3, leg("c3.1", at("2026-11-07T09:00"), 60))]
        assert await kept(box, "apply", "--id", said(capsys)["id"], "--by", "admin") == 1
        assert capsys.readouterr().err.strip().endswith(RECKON_AGAIN)
        assert [row.charges for row in box.biller.pending] == [1], "nothing was applied"
        await kept(box, "reckon", "--from", "2026-11")
        assert await kept(box, "apply", "--id", said(capsys)["id"], "--by", "admin") == 0
        assert box.biller.pending == ()


@in_loop
async def test_what_a_killed_page_left_half_made_is_not_written_into(
    tmp_path: Path, ported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each reckoning has a file of its own; what another one left goes."""
    file, torn = tmp_path / "kept.db", tmp_path / "kept.db.77.part"
    async with table_box(tmp_path) as box:
        await two_calls_and_a_ported_number(box, ported, capsys)
        with torn.open("wb") as theirs:
            assert await kept(box, "reckon", "--from", "2026-11") == 0
            theirs.write(b"half")
        assert kept_head(file) == said(capsys)
        assert not torn.exists()


def test_a_directory_without_a_box(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept_file = tmp_path / "kept.db"
    words = ["--data", str(tmp_path), "--kept", str(kept_file)]
    assert main(["reckon", "--from", "2026-11", *words]) == 1
    assert "no box runs at" in capsys.readouterr().err
    assert main(["reckon", "--from", "11", *words]) == 2
    assert "is no month such as 2026-11" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert kept_head(kept_file) is None
    kept_file.write_bytes(b"damaged" * 1000)
    assert kept_head(kept_file) is None
    assert main(["apply", "--id", "x", "--by", "admin", *words]) == 1
