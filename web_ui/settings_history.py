"""Who changed which setting when, what exactly, and taking the newest change back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from edge.api.messages import GetSettings, ListSettingsHistory, UndoSettings
from web_ui.guard import current_user, note
from web_ui.i18n import gettext as _
from web_ui.parts import parts
from web_ui.refusals import understand
from web_ui.settings_words import changes, headlines

blueprint = Blueprint("history", __name__, url_prefix="/settings/history")

BACK = frozenset({"extensions", "limits", "billing"})
"""Pages that offer to take their change back; their reader goes on there."""
SHOWN = 100
"""Newest revisions in the list."""


@blueprint.get("")
def page() -> str:
    _only_for_settings()
    rows = parts().box.ask(ListSettingsHistory())[-SHOWN - 1 :]
    documents = [parts().history.settings_document(row["revision"]) or {} for row in rows]
    told = [
        {**row, "told": headlines(before, after)}
        for row, before, after in zip(rows, [{}, *documents], documents, strict=False)
    ]
    return render_template("history.html", rows=told[: -SHOWN - 1 : -1])


@blueprint.get("/<int:revision>")
def compare(revision: int) -> str:
    """What a revision changed against the one before it."""
    _only_for_settings()
    rows = parts().box.ask(ListSettingsHistory())
    position = next((at for at, row in enumerate(rows) if row["revision"] == revision), None)
    after = parts().history.settings_document(revision)
    if position is None or after is None:
        abort(404)
    earlier = rows[position - 1]["revision"] if position else None
    before = None if earlier is None else parts().history.settings_document(earlier)
    return render_template("revision.html", row=rows[position], changes=list(changes(before or {}, after)))


@blueprint.post("/undo")
def undo() -> Response:
    """Only the newest revision, and only if it is the one that the reader saw."""
    if not current_user().may("extensions"):
        abort(403)
    if not FlaskForm().validate_on_submit():
        abort(400)
    newest = parts().box.ask(GetSettings())["revision"]
    if request.form.get("revision", type=int) != newest:
        flash(_("Somebody has changed the settings since. Look at the history first."), "warning")
    elif not _may_undo(newest):
        abort(403)
    else:
        answer = parts().box.ask(UndoSettings(by=current_user().name, origin="page"))
        note("undo-settings", str(newest))
        flash(_("The change was taken back."), "good")
        for warning in answer["warnings"]:
            flash(understand(warning).text, "warning")
    back = request.form.get("back")
    return redirect(url_for(f"{back}.page" if back in BACK else ".page"))


def undo_notice(text: str) -> None:
    """A flash message with a button that takes the change just made back."""
    revision = parts().box.ask(GetSettings())["revision"]
    flash(f"{revision}\n{text}", "undo")


def _only_for_settings() -> None:
    if not current_user().may("settings"):
        abort(403)


def _may_undo(newest: int) -> bool:
    """An administrator any change; others only what they did themselves."""
    if current_user().may("settings"):
        return True
    row = next((row for row in parts().box.ask(ListSettingsHistory()) if row["revision"] == newest), None)
    return row is not None and row["by"] == current_user().name and row["origin"] == "page"
