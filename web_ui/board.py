"""The board under the modems: its lights, its power, its watchdog, its log; new firmware and a modem's power."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import FileField

from edge.api.client import BoxRefused
from edge.api.messages import GetBoard, ReadBoardLog, SwitchSlot, UpdateFirmware
from web_ui import board_words as words
from web_ui.guard import current_user, needs, note
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.parts import parts
from web_ui.uploads import handed_over
from web_ui.wording import word

blueprint = Blueprint("board", __name__, url_prefix="/board")

ROWS = 100
"""Newest of the log."""
LONGEST_NAME = 80
UNDER_WAY = ("sending", "trying")


class FirmwareForm(FlaskForm):  # type: ignore[misc]
    file = FileField(_l("Signed image"))


@blueprint.get("")
def page() -> str:
    return _show(FirmwareForm(formdata=None))


@blueprint.post("/firmware")
@needs("settings")
def firmware() -> Response | tuple[str, int]:
    form = FirmwareForm()
    file: FileStorage | None = request.files.get("file")
    if not form.validate_on_submit() or file is None or not file.filename:
        form.file.errors = [_("Choose a file.")]
        return _show(form), 400
    name = PurePath(str(file.filename).replace("\\", "/")).name[:LONGEST_NAME]
    try:
        # The core has read it when it answers: the copy may go.
        with handed_over(parts().config.data, file, ".img") as path:
            parts().box.ask(UpdateFirmware(path=str(path), by=current_user().name))
    except BoxRefused as error:
        form.file.errors = [error.error.replace(str(path), name)]
        return _show(form), 400
    note("update-supervisor", name)
    flash(_("The firmware is being sent; this page shows what becomes of it."), "good")
    return redirect(url_for(".page"))


@blueprint.route("/slots/<int:slot>/cycle", methods=["GET", "POST"])
@needs("settings")
def cycle(slot: int) -> Response | str:
    """GET asks (in a dialog where there is JavaScript), POST does it."""
    found = next((row for row in _board()["slots"] if row["slot"] == slot), None)
    if found is None:
        abort(404)
    form = FlaskForm()
    if not form.validate_on_submit():
        return render_template("board_cycle.html", slot=found)
    try:
        parts().box.ask(SwitchSlot(slot=slot, action="cycle", by=current_user().name))
    except BoxRefused as error:
        flash(error.error, "bad")
    else:
        note("power-cycle", str(found["line"] or slot))
        flash(_("The modem is being switched off and on; it is back within a minute."), "good")
    return redirect(url_for(".page"))


def _board() -> dict[str, Any]:
    board: dict[str, Any] = parts().box.ask(GetBoard())
    return board


def _log(board: dict[str, Any]) -> list[dict[str, Any]]:
    """Newest first; empty while the supervisor is away or busy."""
    if board["supervisor"] is None or _busy(board):
        return []
    try:
        rows: list[dict[str, Any]] = parts().box.ask(ReadBoardLog())
    except BoxRefused:
        return []
    return rows[: -ROWS - 1 : -1]


def _busy(board: dict[str, Any]) -> bool:
    return board["update"] is not None and board["update"]["state"] in UNDER_WAY


def _show(form: FirmwareForm) -> str:
    board = _board()
    readings = board["readings"] or {}
    lines = [
        {**row, "light": words.line_light(row), "state": word(words.SLOT_STATES, row["power"])}
        for row in board["slots"]
    ]
    return render_template(
        "board.html",
        board=board,
        slots=lines,
        power_light="good" if readings.get("supply", "good") == "good" else "failing",
        box_light=board["box_lamp"] or "booting",
        resets=list(reversed(board["resets"])),
        log=_log(board),
        busy=_busy(board),
        form=form,
        words=words,
        word=word,
        detail=words.detail,
    )
