"""A box that behaves: settings with revisions and the core's own validation, live notices, a history to search."""

from __future__ import annotations

import copy
import queue
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec

from edge.api.client import HEARTBEAT, BoxAbsent, BoxRefused
from edge.api.messages import (
    AddExtension,
    CallRow,
    ChangeExtension,
    DrawStatement,
    EndCall,
    GetCalls,
    GetLines,
    GetSettings,
    GetSpending,
    GetStatus,
    ImportTable,
    LegRow,
    LineRow,
    ListSettingsHistory,
    ListTables,
    Notice,
    PutSettings,
    RemoveExtension,
    SendSms,
    SetGreeting,
    UndoSettings,
)
from edge.api.queries import CdrFilter
from edge.dialplan.numbers import NumberClass, classify, normalise
from edge.dialplan.settings import Settings
from edge.dialplan.validation import errors, validate, warnings
from tests.web_ui import fake_money
from web_ui.advisor import Question

VIETNAM = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 22, 9, 15, tzinfo=VIETNAM)


def line(name: str = "gsm-1", number: str = "+84901234567", **changed: Any) -> LineRow:
    row = LineRow(name, number, "sim7600", "up", "MobiFone", -71, "ready", False, "/dev/ttyUSB2", None, "86")
    return msgspec.structs.replace(row, **changed)


def call(name: str = "c17", **changed: Any) -> CallRow:
    row = CallRow(
        name, "+84912000222", "+84901234567", "+84903000512", "512", "talking", NOW.isoformat(), NOW.isoformat(), 75.4,
        True,
        [
            LegRow(f"{name}.1", "gsm-1", "in", "+84912000222", "active"),
            LegRow(f"{name}.2", "gsm-2", "out", "+84903000512", "active"),
        ],
    )  # fmt: skip
    return msgspec.structs.replace(row, **changed)


def _as_json(settings: Settings) -> dict[str, Any]:
    """As it comes over the socket: lists, no tuples."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(settings))
    return document


class FakeBox:
    """`present = False` makes it absent, `over = True` means that calls end before one asks for it.

    `push` sends a snapshot to whoever listens; `objection` is what it has against every change of the settings.
    """

    def __init__(self) -> None:
        self.present = True
        self.over = False
        self.revisions: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.ended: list[str] = []
        self.sent: list[SendSms] = []
        self.uploads: list[bytes] = []
        self._listeners: list[queue.SimpleQueue[Notice]] = []
        self.lines = [line(), line("gsm-2", "+84937654321", signal_dbm=-93)]
        self.calls: list[CallRow] = []
        self.alarms: list[str] = []
        self.spending: dict[str, Any] = fake_money.spending()
        self.tables = fake_money.tables()
        self.imported: list[tuple[str, str, str]] = []
        self.warnings: Sequence[str] = ["bundle 3: 420 listed"]
        """Of an import; TAKEN stands for the file."""
        self.drawn: list[str] = []
        self.objection: BoxRefused | None = None
        self.advice: list[str] = []
        """What it says about every change of the settings that it takes."""
        self.risks: list[str] = []
        """What it says about the settings that hold."""
        self.advice_script = fake_money.ADVICE
        self._keep(_as_json(Settings()), "system", "command-line", "first settings")

    # --- requests -------------------------------------------------------------------------------------------------

    def ask(self, request: Any) -> Any:
        if not self.present:
            raise BoxAbsent("no box runs here")
        match request:
            case GetSettings():
                document = copy.deepcopy(self.document)
                return {"revision": len(self.revisions), "settings": document, "warnings": self.risks}
            case PutSettings():
                if request.base_revision not in {None, len(self.revisions)}:
                    raise BoxRefused("settings: revision 1 was changed by somebody else meanwhile")
                return self._put(request.settings, request, "settings")
            case AddExtension() | ChangeExtension() | RemoveExtension():
                return self._extension(request)
            case ListSettingsHistory():
                return [row for row, _document in self.revisions]
            case UndoSettings():
                self._put(copy.deepcopy(self.revisions[-2][1]), request, "undo")
                return {"revision": len(self.revisions), "warnings": self.risks}
            case SetGreeting():
                return self._greeting(request)
            case SendSms():
                called = normalise(request.called)
                if called is None or classify(called) is not NumberClass.MOBILE:
                    raise BoxRefused(f"to {request.called!r}: not a Vietnamese mobile number")
                self.sent.append(request)
                return {"message": f"m{len(self.sent)}"}
            case EndCall():
                return self._end(request)
            case _:
                return self._ask_about_money(request)

    def _ask_about_money(self, request: Any) -> Any:
        match request:
            case GetCalls():
                return self.calls
            case GetStatus():
                return {"alarms": self.alarms}
            case GetLines():
                return [msgspec.to_builtins(row) for row in self.lines]
            case GetSpending():
                if not self.spending:
                    raise BoxRefused("the meter does not answer", "box")
                return self.spending
            case ListTables():
                return self.tables
            case ImportTable():
                return self._import(request)
            case DrawStatement():
                return self._draw(request)
        raise AssertionError(request)

    def _import(self, request: ImportTable) -> dict[str, Any]:
        content = Path(request.path).read_text("utf-8")
        if "wrong" in content:
            raise BoxRefused(f"{request.path}, line 2, vnd_per_min: must be a whole number; {request.path}, line 5: ?")
        self.imported.append((request.kind, content, request.by))
        return {
            "kind": request.kind,
            "name": "idd",
            "rows": content.count("\n"),
            "next": "2026-09",
            "warnings": [each.replace("TAKEN", request.path) for each in self.warnings],
        }

    def _draw(self, request: DrawStatement) -> dict[str, Any]:
        if self.objection is not None:
            raise self.objection
        if request.month in self.drawn:
            raise BoxRefused(f"the statement of {request.month} is closed already; it is never drawn twice")
        self.drawn.append(request.month)
        return {"statement": request.month, "total_vnd": 0}

    @contextmanager
    def advise(self, question: Question) -> Iterator[list[str]]:
        """The command line that answers, instead of the real one."""
        yield [sys.executable, "-c", self.advice_script, question.period, question.language]

    def _end(self, request: EndCall) -> dict[str, Any]:
        if self.over:
            raise BoxRefused(f"call {request.call}: no such call in progress")
        self.ended.append(request.call)
        return {"call": request.call}

    @property
    def document(self) -> dict[str, Any]:
        return self.revisions[-1][1]

    def _keep(self, document: dict[str, Any], by: str, origin: str, summary: str) -> None:
        row = {"revision": len(self.revisions) + 1, "at": NOW.isoformat(), "by": by, "origin": origin}
        self.revisions.append(({**row, "summary": summary}, document))

    def _put(self, document: dict[str, Any], request: Any, summary: str) -> dict[str, Any]:
        if self.objection is not None:
            raise self.objection
        settings = msgspec.convert(document, Settings)
        problems = validate(settings, tuple(row.number for row in self.lines))
        if wrong := errors(problems):
            raise BoxRefused("; ".join(f"{each.path}: {each.message_en}" for each in wrong[:3]))
        self._keep(_as_json(settings), request.by, request.origin, summary)
        told = [f"{each.path}: {each.message_en}" for each in warnings(problems)] + self.advice
        return {"revision": len(self.revisions), "warnings": told}

    def _extension(self, request: AddExtension | ChangeExtension | RemoveExtension) -> dict[str, Any]:
        document = copy.deepcopy(self.document)
        rows = document["extensions"] = list(document["extensions"])
        match request:
            case AddExtension():
                row = {"number": request.number, "name": request.name, "mobile": normalise(request.mobile)}
                row |= {"record": request.record, "pin": request.pin, "department": request.department}
                if row["mobile"] is None:
                    raise BoxRefused(f'extensions: "{request.mobile}" is no Vietnamese mobile number')
                rows.append(row)
            case ChangeExtension():
                row = next(each for each in rows if each["number"] == request.number)
                row["number"] = request.new_number or row["number"]
                row["name"] = request.name or row["name"]
                row["mobile"] = normalise(request.mobile or row["mobile"])
                row["record"] = request.record or row["record"]
                row["department"] = row["department"] if request.department is None else request.department
                row["pin"] = row["pin"] if request.pin is None else request.pin or None
            case RemoveExtension():
                row = next(each for each in rows if each["number"] == request.number)
                rows.remove(row)
        done = self._put(document, request, f"extension {row['number']}")
        told = [each for each in done["warnings"] if f"extension {row['number']} " in each]
        return {**row, "warnings": told}

    def _greeting(self, request: SetGreeting) -> dict[str, Any]:
        document = copy.deepcopy(self.document)
        if request.path is None:
            document["company"]["greeting"] = None
        else:
            with open(request.path, "rb") as file:  # noqa: PTH123
                content = file.read()
            if not content.startswith(b"RIFF"):
                raise BoxRefused("greeting: this is no audio file that can be read")
            self.uploads.append(content)
            document["company"]["greeting"] = "greeting-1.wav"
        self._put(document, request, "greeting")
        return {"greeting": document["company"]["greeting"], "seconds": 1.0}

    # --- notices --------------------------------------------------------------------------------------------------

    def notices(self) -> Iterator[Notice]:
        if not self.present:
            raise BoxAbsent("no box runs here")
        mine: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._listeners.append(mine)
        yield self.snapshot()
        while self.present:
            try:
                yield mine.get(timeout=0.05)
            except queue.Empty:
                yield Notice(kind=HEARTBEAT, at="")
        raise BoxAbsent("the box has gone")

    def snapshot(self) -> Notice:
        return Notice("snapshot", NOW.isoformat(), lines=self.lines, calls=self.calls, alarms=self.alarms)

    def push(self, kind: str = "snapshot", **detail: str) -> None:
        for listener in self._listeners:
            listener.put(msgspec.structs.replace(self.snapshot(), kind=kind, detail=detail))


class FakeHistory:
    def __init__(self, box: FakeBox) -> None:
        self.box = box
        self.rows: list[dict[str, Any]] = []
        self.timelines: dict[str, list[dict[str, Any]]] = {}
        self.dialled: set[str] = set()
        self.revisions: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self.sms: list[dict[str, Any]] = []

    def cdrs(self, wanted: CdrFilter, *, limit: int, offset: int, newest_first: bool) -> list[dict[str, Any]]:
        rows = sorted(filter(lambda row: _wanted(row, wanted), self.rows), key=lambda row: row["started"])
        return (rows[::-1] if newest_first else rows)[offset : offset + limit]

    def count(self, wanted: CdrFilter) -> int:
        return sum(_wanted(row, wanted) for row in self.rows)

    def cdr(self, call: str) -> dict[str, Any] | None:
        return next((row for row in self.rows if row["call"] == call), None)

    def outgoing(self, calls: Sequence[str]) -> set[str]:
        return self.dialled.intersection(calls)

    def charge_revisions(self, call: str) -> dict[str, list[dict[str, Any]]]:
        return self.revisions.get(call, {})

    def timeline(self, call: str) -> list[dict[str, Any]]:
        return self.timelines.get(call, [])

    def messages(self, limit: int, *, newest_first: bool) -> list[dict[str, Any]]:
        return (self.sms[::-1] if newest_first else self.sms)[:limit]

    def settings_document(self, revision: int) -> dict[str, Any] | None:
        return next((document for row, document in self.box.revisions if row["revision"] == revision), None)


def _wanted(row: dict[str, Any], wanted: CdrFilter) -> bool:
    day = row["started"][:10]
    return (
        (not wanted.date_from or day >= wanted.date_from)
        and (not wanted.date_to or day <= wanted.date_to)
        and (not wanted.number or wanted.number.replace(" ", "").lstrip("0") in f"{row['caller']} {row['called']}")
        and (not wanted.extension or row["extension"] == wanted.extension)
        and (not wanted.disposition or row["disposition"] == wanted.disposition)
        and (wanted.recorded is None or bool(row["recordings"]) is wanted.recorded)
    )


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def cdr(number: int, **changed: Any) -> dict[str, Any]:
    """Call number n began n minutes before nine fifteen."""
    name, began = f"c{number}", -60.0 * number
    row = {
        "call": name, "caller": "+84912000222", "hotline": "+84901234567", "called": "+84938000512",
        "extension": "512", "started": at(began), "hotline_answered": at(began + 2), "answered": at(began + 14),
        "ended": at(began + 199), "duration_s": 199.2, "billable_s": 185.0, "disposition": "answered", "cause": 16,
        "legs": [
            {"leg": f"{name}.1", "line": "gsm-1", "direction": "in", "number": "+84912000222", "started": at(began),
             "alerting": None, "answered": at(began + 2), "ended": at(began + 199), "cause": 16, "ended_by": "far-end"},
            {"leg": f"{name}.2", "line": "gsm-2", "direction": "out", "number": "+84938000512",
             "started": at(began + 8), "alerting": at(began + 10), "answered": at(began + 14),
             "ended": at(began + 199), "cause": 16, "ended_by": "us"},
        ],
        "recordings": [], "charge_vnd": 2775,
        "rating": [
            {"id": f"{name}.1", "status": "rated", "amount_vnd": 0, "billed_s": 197, "class": None,
             "rule": "onecontact-2019@2019-03-01/general/inbound", "parts": [], "why": "inbound legs cost nothing"},
            {"id": f"{name}.2", "status": "rated", "amount_vnd": 2775, "billed_s": 185, "class": "off_net",
             "rule": "onecontact-2019@2019-03-01/voice/connect.off_net",
             "parts": [{"seconds": 185, "vnd_per_min": 900, "tier": "1-1000"}], "why": "off_net tiers"},
        ],
        "clock": "ntp",
    }  # fmt: skip
    return {**row, **changed}


def timeline(number: int) -> list[dict[str, Any]]:
    name, began = f"c{number}", -60.0 * number

    def entry(after: float, event: str, fields: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
        return {"seq": int(after * 10), "at": at(began + after), "event": event, "fields": fields, "actions": actions}

    dial = {"type": "DialLeg", "leg": f"{name}.2", "line": "gsm-2", "called": "+84938000512"}
    greet = {"type": "PlayPrompts", "leg": f"{name}.1", "player": 1, "prompts": ["company-greeting"], "language": "vi"}
    return [
        entry(0, "CallOffered", {"line": "gsm-1", "caller": "+84912000222", "caller_id": "shown"}),
        entry(2, "LegAnswered", {"leg": f"{name}.1"}, greet),
        entry(5, "KeyPressed", {"leg": f"{name}.1", "key": "5"}),
        entry(6, "KeyPressed", {"leg": f"{name}.1", "key": "1"}),
        entry(7, "KeyPressed", {"leg": f"{name}.1", "key": "2"}, dial),
        entry(10, "LegAlerting", {"leg": f"{name}.2"}),
        entry(14, "LegAnswered", {"leg": f"{name}.2"}, {"type": "StartRecording", "recording": f"{name}.r1"}),
        entry(199, "LegEnded", {"leg": f"{name}.1", "cause": 16, "ended_by": "far-end"}),
        entry(199.1, "LegEnded", {"leg": f"{name}.2", "cause": 16, "ended_by": "us"}),
    ]
