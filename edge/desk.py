"""Answers the requests of the API socket: reads the live state, changes settings, hands the rest to the engine.

A change of settings is one path for everybody (page, command line, cloud): document → validation → a new revision in
the store → `SettingsApplied` into the engine. It holds from the next call on. Changes are taken one after the other, so
that two at the same time cannot overwrite each other.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, get_args, get_origin, get_type_hints

import msgspec

from edge.api import messages as ask
from edge.api_server import Refused
from edge.boot import Start
from edge.calls import actions as do
from edge.calls import events as ev
from edge.desk_tables import TableDesk
from edge.dialplan.billing_validation import plainly_dated
from edge.dialplan.document import unknown_keys
from edge.dialplan.numbers import NumberClass, classify, normalise
from edge.dialplan.settings import Extension, Settings
from edge.dialplan.validation import SettingsProblem, Severity, validate
from edge.engine import Engine
from edge.live import LiveView
from edge.records import Judge
from edge.store.errors import SettingsRefused
from edge.telephony import CallId, PhoneNumber

LONGEST_SMS = 1000
"""Characters: 15 parts of a Vietnamese message; more is a mistake."""


class SettingsKeeper(Protocol):
    """The settings history in the store; awaited, because it lives in the store's thread."""

    async def save(self, settings: Settings, by: str, origin: str, judge: Judge) -> tuple[int, list[str]]: ...
    async def history(self) -> list[dict[str, Any]]: ...
    async def undo(self, by: str, origin: str, judge: Judge) -> tuple[int, Settings, list[str]]: ...


class OutboxKeeper(Protocol):
    async def strike(self, keys: list[str]) -> int: ...
    async def count_tries(self, keys: list[str]) -> None: ...


class BoardAnswers(Protocol):
    """The board under the modems, as page and command line see it."""

    def status(self) -> dict[str, Any]: ...
    async def answer(self, request: ask.BoardRequest) -> Any: ...


Spending = Callable[[], dict[str, Any]]
"""The answer of `GetSpending`."""
DrawStatement = Callable[[str, str], Awaitable[dict[str, Any]]]
"""Month and who asks → the answer of `DrawStatement`; raises `Refused`."""
ImportGreeting = Callable[[Path], Awaitable[tuple[str, float]]]
"""Makes an uploaded file a greeting; raises `ValueError` with a sentence for the person who uploaded it."""


class Desk:
    """One per core. `await desk(request)` returns the request's result or raises `Refused`."""

    def __init__(
        self,
        engine: Engine,
        live: LiveView,
        keeper: SettingsKeeper,
        outbox: OutboxKeeper,
        import_greeting: ImportGreeting,
        start: Start,
        tables: TableDesk,
        spending: Spending,
        draw_statement: DrawStatement,
        board: BoardAnswers,
    ) -> None:
        self._engine = engine
        self._live = live
        self._keeper = keeper
        self._outbox = outbox
        self._import_greeting = import_greeting
        self._tables = tables
        self._spending = spending
        self._draw_statement = draw_statement
        self._board = board
        self._revision = start.checkpoint.revision
        self._settings = start.checkpoint.settings
        self._turn = asyncio.Lock()

    async def __call__(self, request: ask.AnyRequest) -> Any:
        match request:
            case ask.GetStatus():
                return self._live.status() | {"revision": self._revision, "board": self._board.status()}
            case ask.GetLines():
                return self._live.lines()
            case ask.GetCalls():
                return self._live.calls()
            case ask.GetSettings():
                return await self._show_settings()
            case ask.ListSettingsHistory():
                return await self._keeper.history()
            case ask.StrikeOutbox(keys=keys):
                return {"struck": await self._outbox.strike(keys)}
            case ask.CountOutboxTry(keys=keys):
                await self._outbox.count_tries(keys)
                return {}
            case ask.GetSpending() | ask.ListTables() | ask.ImportTable() | ask.ApplyCharges() | ask.DrawStatement():
                return await self._about_money(request)
            case ask.GetBoard() | ask.ReadBoardLog() | ask.UpdateFirmware() | ask.SwitchSlot():
                return await self._board.answer(request)
            case ask.SendSms():
                return self._send_sms(request)
            case ask.EndCall():
                return self._end_call(request)
            case _:
                async with self._turn:
                    return await self._change(request)

    async def _change(self, request: ask.AnyRequest) -> Any:
        match request:
            case ask.PutSettings():
                return await self._put(request)
            case ask.UndoSettings(by=by, origin=origin):
                return await self._undo(by, origin)
            case ask.AddExtension():
                return await self._add_extension(request)
            case ask.ChangeExtension():
                return await self._change_extension(request)
            case ask.RemoveExtension():
                return await self._remove_extension(request)
            case ask.SetGreeting():
                return await self._set_greeting(request)
            case _:
                raise Refused(f"{type(request).__name__}: not a request that changes anything")

    async def _about_money(
        self, request: ask.GetSpending | ask.ListTables | ask.ImportTable | ask.ApplyCharges | ask.DrawStatement
    ) -> Any:
        match request:
            case ask.GetSpending():
                return self._spending()
            case ask.ListTables():
                return self._tables.listed()
            case ask.ImportTable():
                return await self._tables.take(request)
            case ask.ApplyCharges():
                return await self._tables.apply(request)
            case ask.DrawStatement(month=month, by=by):
                return await self._draw_statement(month, by)

    def retention(self) -> tuple[int, float]:
        """Days and GB for which recordings are kept, as decided now."""
        policy = self._settings.recording
        return policy.keep_days, policy.keep_gb

    # --- settings -------------------------------------------------------------------------------------------------

    async def _show_settings(self) -> dict[str, Any]:
        """`warnings`: what stands in the document and should be changed."""
        warnings = await self._tables.risks()
        return {"revision": self._revision, "settings": msgspec.to_builtins(self._settings), "warnings": warnings}

    async def _apply(self, settings: Settings, by: str, origin: str) -> list[str]:
        """Validates, stores, applies. Returns the warnings. Raises `Refused` with the first error."""
        problems = validate(settings, self._live.own_numbers())
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if errors:
            raise Refused("; ".join(_sentence(problem) for problem in errors[:3]))
        warnings = [_sentence(problem) for problem in problems]
        if settings == self._settings:
            return warnings
        revision, said = await self._keeper.save(settings, by, origin, self._tables.judge)
        self._take(revision, settings)
        return warnings + said

    def _take(self, revision: int, settings: Settings) -> None:
        self._revision, self._settings = revision, settings
        self._engine.post(ev.SettingsApplied(revision, settings))

    async def _put(self, request: ask.PutSettings) -> dict[str, Any]:
        if request.base_revision is not None and request.base_revision != self._revision:
            raise Refused(
                f"settings: revision {request.base_revision} was changed by somebody else meanwhile "
                f"(now {self._revision}); load the page again and repeat the change"
            )
        warnings = await self._apply(_normalised(_read(request.settings)), request.by, request.origin)
        return {"revision": self._revision, "warnings": warnings}

    async def _undo(self, by: str, origin: str) -> dict[str, Any]:
        """What was held once may not be sold any more: the tables, and time, have gone on since."""
        try:
            revision, settings, warnings = await self._keeper.undo(by, origin, self._tables.judge)
        except SettingsRefused as error:
            raise Refused(str(error)) from error
        self._take(revision, settings)
        return {"revision": revision, "warnings": warnings}

    # --- extensions -----------------------------------------------------------------------------------------------

    async def _add_extension(self, request: ask.AddExtension) -> dict[str, Any]:
        document = {"number": request.number, "name": request.name, "mobile": request.mobile}
        made = _extension(
            document | {"record": request.record, "pin": request.pin or None, "department": request.department}
        )
        return await self._with_extensions((*self._settings.extensions, made), made, request.by, request.origin)

    async def _change_extension(self, request: ask.ChangeExtension) -> dict[str, Any]:
        before = self._find(request.number)
        given = {
            "number": request.new_number,
            "name": request.name,
            "mobile": request.mobile,
            "record": request.record,
            "department": request.department,
        }
        document = msgspec.to_builtins(before) | {key: value for key, value in given.items() if value is not None}
        if request.pin is not None:
            document["pin"] = request.pin or None
        made = _extension(document)
        rows = tuple(made if row is before else row for row in self._settings.extensions)
        return await self._with_extensions(rows, made, request.by, request.origin)

    async def _remove_extension(self, request: ask.RemoveExtension) -> dict[str, Any]:
        before = self._find(request.number)
        rows = tuple(row for row in self._settings.extensions if row is not before)
        await self._with_extensions(rows, before, request.by, request.origin)
        found: dict[str, Any] = msgspec.to_builtins(before)
        return found

    async def _with_extensions(
        self, rows: tuple[Extension, ...], made: Extension, by: str, origin: str
    ) -> dict[str, Any]:
        ordered = tuple(sorted(rows, key=lambda row: row.number))
        settings = dataclasses.replace(self._settings, extensions=ordered)
        warnings = await self._apply(settings, by, origin)
        about = f"extensions[{ordered.index(made)}]" if made in ordered else None
        mine = [warning for warning in warnings if about is not None and warning.startswith(about)]
        return {**msgspec.to_builtins(made), "warnings": mine}

    def _find(self, number: str) -> Extension:
        for row in self._settings.extensions:
            if row.number == number:
                return row
        raise Refused(f"extension {number}: there is none; `tongdai extension list` shows all")

    async def _set_greeting(self, request: ask.SetGreeting) -> dict[str, Any]:
        name, seconds = None, 0.0
        if request.path is not None:
            try:
                name, seconds = await self._import_greeting(Path(request.path))
            except (OSError, ValueError) as error:
                raise Refused(f"greeting: {error}") from error
        company = dataclasses.replace(self._settings.company, greeting=name)
        await self._apply(dataclasses.replace(self._settings, company=company), request.by, request.origin)
        return {"greeting": name, "seconds": seconds}

    # --- calls and messages ---------------------------------------------------------------------------------------

    def _send_sms(self, request: ask.SendSms) -> dict[str, Any]:
        called = normalise(request.called)
        if called is None or classify(called) is not NumberClass.MOBILE:
            # Toll fraud: abroad and service numbers stay shut until cost control opens them.
            raise Refused(f"to {request.called!r}: not a Vietnamese mobile number")
        if not request.text.strip():
            raise Refused("text: an SMS needs a text")
        if len(request.text) > LONGEST_SMS:
            raise Refused(f"text: {len(request.text)} characters; at most {LONGEST_SMS}")
        for action in self._engine.ask(ev.SmsRequested(called, request.text, request.by)):
            match action:
                case do.SendMessage(message=message):
                    return {"message": message}
                case do.RejectMessage(reason=reason):
                    raise Refused(f"SMS to {request.called}: {reason}", "box")
        return {"message": None}

    def _end_call(self, request: ask.EndCall) -> dict[str, Any]:
        if not any(row["call"] == request.call for row in self._live.calls()):
            raise Refused(f"call {request.call}: no such call in progress")
        self._engine.post(ev.CallEndRequested(CallId(request.call), request.by))
        return {"call": request.call}


def _read(document: dict[str, Any]) -> Settings:
    """Raises `Refused` with the key's path for a value of the wrong kind and for a key that means nothing."""
    try:
        settings = msgspec.convert(document, Settings)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        path = path.rstrip("`")
        if what.startswith(_NO_CHOICE):
            what = f"{what.removeprefix(_NO_CHOICE)} is none of {', '.join(_choices(path))}"
        raise Refused(f"{path or 'settings'}: {what}") from error
    for path in unknown_keys(document, Settings):
        raise Refused(f"{path}: there is no such setting; `tongdai settings export` shows all")
    return settings


_NO_CHOICE = "Invalid enum value "


def _choices(path: str) -> list[str]:
    """The values of an enumeration at a path such as `spending.limits[0].period`."""
    kind: Any = Settings
    for name in re.findall("[a-z_]+", path):
        kind = get_type_hints(kind)[name]
        kind = get_args(kind)[0] if get_origin(kind) is tuple else kind
    return [each.value for each in kind]


def _sentence(problem: SettingsProblem) -> str:
    return f"{problem.path}: {problem.message_en}"


def _extension(document: dict[str, Any]) -> Extension:
    try:
        return _normalised_extension(msgspec.convert(document, Extension))
    except msgspec.ValidationError as error:
        raise Refused(f"extension {document['number']}: {error}") from error


def _normalised_extension(row: Extension) -> Extension:
    """Spaces and the national form of a number are how people write; a number that is none stays for validation."""
    mobile = normalise(row.mobile) or PhoneNumber(row.mobile)
    number, name, department = row.number.strip(), row.name.strip(), row.department.strip()
    return dataclasses.replace(row, number=number, name=name, mobile=mobile, department=department)


def _normalised(settings: Settings) -> Settings:
    rows = tuple(sorted(map(_normalised_extension, settings.extensions), key=lambda row: row.number))
    return dataclasses.replace(settings, extensions=rows, billing=plainly_dated(settings.billing))
