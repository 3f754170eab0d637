"""What may be asked of a running box over its Unix socket, and what it tells unasked. One JSON object per line.

A request is a tagged object (`{"type": "AddExtension", ...}`); the answer is `Answer` (with the request's result as
plain JSON) or `Refusal`. After `Subscribe` the connection carries `Notice` lines until it is closed.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Request(msgspec.Struct, frozen=True, tag=True):
    """Base of all requests."""


class GetStatus(Request, frozen=True, tag=True):
    """-> dict: box, data, uptime_s, lines (as GetLines), calls (as GetCalls), alarms, storage, clock, revision, board
    (as GetBoard, without resets)."""


class GetLines(Request, frozen=True, tag=True):
    """-> list of `LineRow` dicts."""


class GetCalls(Request, frozen=True, tag=True):
    """-> list of `CallRow` dicts: calls in progress, oldest first."""


class GetSettings(Request, frozen=True, tag=True):
    """-> {"revision": int, "settings": document as `edge.dialplan.settings.Settings`, "warnings": [str]}; warnings say
    what stands in it and should be changed.
    """


class PutSettings(Request, frozen=True, tag=True):
    """Replaces the whole document. -> {"revision": int, "warnings": [str]}; refused with the key's path otherwise."""

    settings: dict[str, Any]
    by: str
    origin: str
    """page, command-line or cloud."""
    base_revision: int | None = None
    """Refused when another revision has come in between."""


class ListSettingsHistory(Request, frozen=True, tag=True):
    """-> list of {"revision", "at", "by", "origin", "summary"}, oldest first."""


class UndoSettings(Request, frozen=True, tag=True):
    """Makes the revision before the newest the newest again. -> {"revision": int, "warnings": [str]}; refused when the
    tables do not sell any more what it holds.
    """

    by: str
    origin: str


class AddExtension(Request, frozen=True, tag=True):
    """-> the extension as a dict, plus "warnings"."""

    number: str
    name: str
    mobile: str
    by: str
    origin: str
    record: str = "off"
    pin: str | None = None
    department: str = ""


class ChangeExtension(Request, frozen=True, tag=True):
    """Fields left None stay; pin "" removes it. -> the extension as a dict, plus "warnings"."""

    number: str
    by: str
    origin: str
    new_number: str | None = None
    name: str | None = None
    mobile: str | None = None
    record: str | None = None
    pin: str | None = None
    department: str | None = None


class RemoveExtension(Request, frozen=True, tag=True):
    """-> the extension that was removed, as a dict."""

    number: str
    by: str
    origin: str


class SetGreeting(Request, frozen=True, tag=True):
    """Takes an audio file that libsndfile reads (a path the core can read), makes it 8 kHz mono. None: the default.

    -> {"greeting": file name or null, "seconds": float}.
    """

    path: str | None
    by: str
    origin: str


class SendSms(Request, frozen=True, tag=True):
    """-> {"message": id}; its outcome stands in `messages`."""

    called: str
    text: str
    by: str


class EndCall(Request, frozen=True, tag=True):
    """-> {"call": id}."""

    call: str
    by: str


class ImportTable(Request, frozen=True, tag=True):
    """Takes a plan's version or a number table from a file (a path the core can read); holds for calls rated from now
    on, stored ones keep their charges until `rerate`. -> {"kind", "name", "rows": int, "warnings": [str]}; refused with
    file, line and field.
    """

    kind: str
    """plan, operators, ported, idd or destinations."""
    path: str
    by: str


class ListTables(Request, frozen=True, tag=True):
    """-> list of {"kind", "name", "rows", "origin": shipped|imported, "at", "by", "valid_from", "valid_to"}."""


class ApplyCharges(Request, frozen=True, tag=True):
    """Stores charges that were rated again as new revisions, all or none. `path`: JSON Lines of rating.md §8 objects.

    `basis`: what `ListTables`/the store said when they were reckoned; refused (blame box) when calls have been rated
    since, so that the caller reckons again. -> {"changed": int}.
    """

    path: str
    basis: str
    by: str


class DrawStatement(Request, frozen=True, tag=True):
    """Draws up and closes a past month now. -> {"statement": name, "total_vnd": int}; refused when it is closed."""

    month: str
    by: str


class GetSpending(Request, frozen=True, tag=True):
    """-> {"limits": [{"scope", "subject", "period", "at_end", "vnd", "minutes", "used_vnd", "used_s", "percent",
    "state": ok|warned|reached}], "fraud": {"hour_vnd", "hourly_vnd", "night_vnd", "nightly_vnd", "refused",
    "barred_until"}}.
    """


class GetBoard(Request, frozen=True, tag=True):
    """-> {"kind": none|supervisor|gpio, "vm": what plays the supervisor, null on real hardware, "supervisor": {…} or
    null, "lost": why it does not answer, or null, "readings": {"supply_mv", "supercap_mv", "temperature_c", "watchdog",
    "uptime_s", "resets_this_hour", …} or null, "box_lamp", "slots": [{"slot", "line", "lamp", "power", "reason",
    "brown_outs", "vanished"}], "update": {"state", "sent", "bytes", "error"} or null, "resets": the rows of the log
    that tell of one, oldest first}.
    """


class ReadBoardLog(Request, frozen=True, tag=True):
    """-> [{"number", "uptime_s", "code", "slot", "value", "detail", "at"}], oldest first; refused (blame box) where no
    supervisor answers."""


class UpdateFirmware(Request, frozen=True, tag=True):
    """Sends an image (a path the core can read) to the supervisor, which verifies and tries it. -> as
    `GetBoard`'s update, at once; what becomes of it stands there: sending, trying, then done or failed.
    """

    path: str
    by: str


class SwitchSlot(Request, frozen=True, tag=True):
    """-> {"slot", "action"}, at once; what becomes of it stands in `GetBoard`."""

    slot: int
    """From 0, as `GetBoard` says."""
    action: str
    """on, off or cycle."""
    by: str


BoardRequest = GetBoard | ReadBoardLog | UpdateFirmware | SwitchSlot


class StrikeOutbox(Request, frozen=True, tag=True):
    """The sync process reports keys that the broker acknowledged. -> {"struck": int}."""

    keys: list[str]


class CountOutboxTry(Request, frozen=True, tag=True):
    """The sync process reports keys it has sent (again). -> {}."""

    keys: list[str]


class Subscribe(Request, frozen=True, tag=True):
    """-> {"subscribed": true}, then `Notice` lines: one `snapshot` at once, later ones when something changed."""


AnyRequest = (
    GetStatus
    | GetLines
    | GetCalls
    | GetSettings
    | PutSettings
    | ListSettingsHistory
    | UndoSettings
    | AddExtension
    | ChangeExtension
    | RemoveExtension
    | SetGreeting
    | SendSms
    | EndCall
    | ImportTable
    | ListTables
    | ApplyCharges
    | DrawStatement
    | GetSpending
    | GetBoard
    | ReadBoardLog
    | UpdateFirmware
    | SwitchSlot
    | StrikeOutbox
    | CountOutboxTry
    | Subscribe
)


class Answer(msgspec.Struct, frozen=True, tag=True):
    result: Any


class Refusal(msgspec.Struct, frozen=True, tag=True):
    """`blame` tells the exit status: "input" 2, "box" 1. `error` is one line naming what and where."""

    error: str
    blame: str = "input"


class LineRow(msgspec.Struct, frozen=True):
    line: str
    number: str | None
    family: str | None
    state: str
    """As `edge.telephony.LineState`."""
    operator: str
    signal_dbm: int | None
    sim: str
    busy: bool
    at: str
    audio: str | None
    imei: str
    reason: str = ""
    """Why it is not up, for people."""


class LegRow(msgspec.Struct, frozen=True):
    leg: str
    line: str
    direction: str
    number: str | None
    state: str
    """As `edge.telephony.CallState`."""
    charge_vnd: int | None = None
    """What it would cost if it ended now; None while it is not answered or has no price."""


class CallRow(msgspec.Struct, frozen=True):
    """A call in progress (`tongdai calls`)."""

    call: str
    caller: str | None
    hotline: str | None
    called: str | None
    extension: str | None
    state: str
    """greeting, menu, pin, ringing, talking, farewell, ending."""
    started: str
    """ISO 8601 with zone."""
    answered: str | None
    duration_s: float
    recording: bool
    legs: list[LegRow]
    charge_vnd: int | None = 0
    """Sum of the legs as they stand; None when one of them is answered and has no price."""


class Notice(msgspec.Struct, frozen=True, tag=True):
    """What a subscriber is told: `kind` is snapshot (lines and calls as they are now), cdr, message, settings,
    statement, spending (a level or cap was reached: detail {"vi", "en", "level"}) or alarm; `cdr` carries the id of the
    row that is new in the store."""

    kind: str
    at: str
    lines: list[LineRow] = []
    calls: list[CallRow] = []
    alarms: list[str] = []
    detail: dict[str, Any] = {}


NoticeOrAnswer = Answer | Refusal | Notice
