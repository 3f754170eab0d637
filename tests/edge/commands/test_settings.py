"""`tongdai settings …` and `extension change`: what they ask of a box, and what they print."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.api import messages as ask
from edge.api_server import ApiServer
from edge.cli import main
from edge.dialplan.settings import Extension, Settings
from edge.places import Places
from edge.telephony import PhoneNumber
from tests.edge.commands.table_box import in_loop

KHO = Extension("512", "Kho", PhoneNumber("+84903000512"), pin="4321")
BAN = Extension("513", "Ban", PhoneNumber("+84903000513"))


class SettingsBox:
    """A desk that keeps one document and remembers what it was asked."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.document: dict[str, Any] = json.loads(msgspec.json.encode(Settings(extensions=(KHO, BAN))))
        self.asked: list[Any] = []

    async def answer(self, request: Any) -> Any:
        self.asked.append(request)
        match request:
            case ask.GetSettings():
                return {"revision": 7, "settings": self.document}
            case ask.PutSettings(settings=document):
                self.document = document
                return {"revision": 8, "warnings": []}
            case ask.ListSettingsHistory():
                return [{"revision": 1, "by": "lan"}]
            case ask.UndoSettings():
                return {"revision": 9}
            case _:
                return msgspec.to_builtins(KHO) | {"warnings": []}

    async def command(self, *words: str) -> int:
        return await asyncio.to_thread(main, [*words, "--data", str(self.data)])


@asynccontextmanager
async def settings_box(data: Path) -> AsyncIterator[SettingsBox]:
    box = SettingsBox(data)
    server = ApiServer(Places.at(data).socket("api"), box.answer, lambda: ask.Notice("snapshot", "now"))
    await server.start()
    try:
        yield box
    finally:
        await server.close()


def write(path: Path, document: object) -> str:
    path.write_text(json.dumps(document))
    return str(path)


@in_loop
async def test_export_and_import_leave_everything_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with settings_box(tmp_path) as box:
        before = box.document
        assert await box.command("settings", "export") == 0
        exported = json.loads(capsys.readouterr().out)
        assert [row["pin"] for row in exported["extensions"]] == [True, None], "a PIN is never printed unasked"
        assert await box.command("settings", "import", write(tmp_path / "s.json", exported)) == 0
        assert json.loads(capsys.readouterr().out) == {"revision": 8, "warnings": []}
        assert box.document == before
        assert box.asked[-1].base_revision == 7, "somebody else's change in between is not overwritten"


@in_loop
async def test_pins_go_to_another_box_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with settings_box(tmp_path) as box:
        assert await box.command("settings", "export", "--with-pins") == 0
        assert json.loads(capsys.readouterr().out) == box.document


@in_loop
async def test_sections_that_are_not_named_stay(tmp_path: Path) -> None:
    async with settings_box(tmp_path) as box:
        assert await box.command("settings", "import", write(tmp_path / "s.json", {"menu": {"tries": 2}})) == 0
        assert box.document["menu"] == {"tries": 2}
        assert [row["number"] for row in box.document["extensions"]] == ["512", "513"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "not JSON"),
        ("[]", "a settings document is a JSON object"),
        ('{"extensions": [{"number": "513", "pin": true}]}', "extensions[0].pin: true stands for the PIN"),
        ('{"extensions": [{"pin": true}]}', "extensions[0].pin"),
        ('{"spending": {"fraud_guard": {"hourly_vnd": 1e400}}}', "1e400 is no number"),
        ('{"spending": {"fraud_guard": {"hourly_vnd": Infinity}}}', "Infinity is no number"),
        ('{"spending": {"fraud_guard": {"hourly_vnd": NaN}}}', "NaN is no number"),
        ('{"menu": {"tries": 2, "tries": 3}}', '"tries" stands twice'),
        ('{"company": {"name": "\\ud83d"}}', "surrogates not allowed"),
        ("[" * 100_000, "recursion"),
        ('{"extensions": [{"number": "5\\n\\u001b[2J", "pin": true}]}', r"extension 5\n\x1b[2J has"),
    ],
)
@in_loop
async def test_a_file_that_is_no_document_is_status_2_and_one_line(
    text: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with settings_box(tmp_path) as box:
        (tmp_path / "s.json").write_text(text)
        assert await box.command("settings", "import", str(tmp_path / "s.json")) == 2
        out, error = capsys.readouterr()
        assert out == ""
        assert error.count("\n") == 1
        assert named in error


@in_loop
async def test_a_document_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    async with settings_box(tmp_path) as box:
        (tmp_path / "s.json").write_text('{"menu": {"tries": 2}}', encoding="utf-8-sig")
        assert await box.command("settings", "import", str(tmp_path / "s.json")) == 0
        assert box.document["menu"] == {"tries": 2}


@in_loop
async def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with settings_box(tmp_path) as box:
        assert await box.command("settings", "import", str(tmp_path / "none.json")) == 2
        assert capsys.readouterr().err == f"tongdai: {tmp_path / 'none.json'}: No such file or directory\n"


@in_loop
async def test_history_and_undo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with settings_box(tmp_path) as box:
        assert await box.command("settings", "history") == 0
        assert json.loads(capsys.readouterr().out) == [{"revision": 1, "by": "lan"}]
        assert await box.command("settings", "undo") == 0
        assert json.loads(capsys.readouterr().out) == {"revision": 9}
        assert box.asked[-1].origin == "command-line"


@in_loop
async def test_extensions_are_added_to_and_moved_between_departments(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with settings_box(tmp_path) as box:
        words = ("512", "--name", "Kho", "--mobile", "0903000512", "--department", "Kho vận")
        assert await box.command("extension", "add", *words) == 0
        assert box.asked[-1].department == "Kho vận"
        assert await box.command("extension", "change", "512", "--department", "", "--pin", "1234") == 0
        change = box.asked[-1]
        assert (change.number, change.department, change.pin) == ("512", "", "1234")
        assert (change.name, change.mobile, change.record, change.new_number) == (None, None, None, None)
        assert '"pin": true' in capsys.readouterr().out.splitlines()[-1], "only whether there is one"
