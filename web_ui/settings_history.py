"""Who changed which setting when, what exactly, and taking the newest change back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from edge.api.messages import GetSettings, ListSettingsHistory, UndoSettings
from web_ui.guard import current_user, note
from web_ui.i18n import LANGUAGES
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.parts import parts
from web_ui.wording import RECORD_MODES, word

blueprint = Blueprint("history", __name__, url_prefix="/settings/history")

SECRET_KEYS = frozenset({"pin"})
KEYS: Mapping[str, str] = {
    "company.name": _l("Company name"),
    "company.greeting": _l("Greeting"),
    "company.language": _l("Language of the prompts"),
    "timers.first_key_s": _l("Wait for the first key (seconds)"),
    "timers.between_keys_s": _l("Wait between keys of an outside number (seconds)"),
    "timers.pin_key_s": _l("Wait for the PIN (seconds)"),
    "timers.ring_employee_s": _l("Ring an employee for (seconds)"),
    "timers.ring_outside_s": _l("Ring an outside number for (seconds)"),
    "menu.tries": _l("Wrong tries before goodbye"),
    "recording.announce": _l("Say that the call is recorded"),
    "recording.keep_days": _l("Keep for (days)"),
    "recording.keep_gb": _l("Keep at most (GB)"),
    "notices.missed_call_sms": _l("Tell employees about missed calls by SMS"),
}
EXTENSION_KEYS: Mapping[str, str] = {
    "name": _l("Name"),
    "mobile": _l("Mobile number"),
    "record": _l("Record"),
    "pin": _l("PIN for outside calls"),
}


SHOWN = 100
"""Newest revisions in the list."""


@dataclass(frozen=True, slots=True)
class Change:
    what: str
    before: str
    after: str


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
        parts().box.ask(UndoSettings(by=current_user().name, origin="page"))
        note("undo-settings", str(newest))
        flash(_("The change was taken back."), "good")
    back = request.form.get("back")
    return redirect(url_for("extensions.page" if back == "extensions" else ".page"))


def undo_notice(text: str) -> None:
    """A flash message with a button that takes the change just made back."""
    revision = parts().box.ask(GetSettings())["revision"]
    flash(f"{revision}\n{text}", "undo")


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """What differs between two documents, in words; secrets are named, never shown."""
    old, new = _flat(before), _flat(after)
    for key in _differing(before, after):
        yield Change(_name(key), _shown(key, old.get(key)), _shown(key, new.get(key)))


def headlines(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs, in a few words each: keys by their names, extensions as added, removed or changed."""
    old, new = _extensions(before), _extensions(after)
    told = [KEYS.get(key[0], key[0]) for key in _differing(before, after) if len(key) == 1] if before else []
    for number in sorted({*old, *new}):
        if number not in old:
            told.append(_("extension %(number)s added", number=number))
        elif number not in new:
            told.append(_("extension %(number)s removed", number=number))
        elif old[number] != new[number]:
            told.append(_("extension %(number)s changed", number=number))
    return [str(each) for each in told] if before else [_("First settings"), *map(str, told)]


def _extensions(document: Mapping[str, Any]) -> dict[str, Any]:
    return {str(extension["number"]): extension for extension in document.get("extensions", ())}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, ...]]:
    old, new = _flat(before), _flat(after)
    return [key for key in [*old, *(key for key in new if key not in old)] if old.get(key) != new.get(key)]


def _flat(document: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for part, values in document.items():
        if part == "extensions":
            for extension in values:
                found |= {(str(extension["number"]), key): extension.get(key) for key in EXTENSION_KEYS}
        elif isinstance(values, Mapping):
            found |= {(f"{part}.{key}",): value for key, value in values.items()}
    return found


def _name(key: tuple[str, ...]) -> str:
    match key:
        case (number, field):
            return _("Extension %(number)s: %(field)s", number=number, field=word(EXTENSION_KEYS, field))
        case _:
            return word(KEYS, key[0])


def _shown(key: tuple[str, ...], value: Any) -> str:
    match value:
        case None | "":
            return "–"
        case _ if key[-1] in SECRET_KEYS:
            return "••••"
        case True:
            return _("yes")
        case False:
            return _("no")
        case float():
            return f"{value:g}"
        case _ if key[-1] == "company.language":
            return LANGUAGES.get(str(value), str(value))
        case _ if key[-1] == "record":
            return word(RECORD_MODES, str(value))
        case _:
            return str(value)


def _only_for_settings() -> None:
    if not current_user().may("settings"):
        abort(403)


def _may_undo(newest: int) -> bool:
    """An administrator any change; others only what they did themselves."""
    if current_user().may("settings"):
        return True
    row = next((row for row in parts().box.ask(ListSettingsHistory()) if row["revision"] == newest), None)
    return row is not None and row["by"] == current_user().name and row["origin"] == "page"
