"""Saving a form into the settings document: one way for every page that changes a part of it.

The document goes to the box as a whole, with the revision that the form was made from; when another one came in between
nothing is overwritten. What the box objects to stands beside the field it names, with everything typed still there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from flask import flash, request
from flask_wtf import FlaskForm

from edge.api.client import BoxRefused
from edge.api.messages import GetSettings, PutSettings
from web_ui.guard import current_user, note
from web_ui.parts import parts
from web_ui.refusals import Objection, understand, understand_all
from web_ui.settings_history import undo_notice

Document = dict[str, Any]


def save(
    form: FlaskForm,
    what: str,
    change: Callable[[Document], None],
    said: str,
    *,
    prefix: str = "",
    fields: Mapping[str, str] = MappingProxyType({}),
    undoable: bool = True,
    advice: str = "",
) -> bool:
    """Changes the newest document and puts it. True: done, and `said`. False: the form's fields say what is wrong.

    `prefix`: the part of the document that the form is about (`spending.limits[2]`); objections to other parts are
    shown above the page. `fields`: key → field of the form, where they are called differently. `advice`: another part,
    about which the box's advice is told as well, for what is saved here is the reason for it.
    """
    document = parts().box.ask(GetSettings())["settings"]
    change(document)
    wish = PutSettings(
        settings=document, by=current_user().name, origin="page", base_revision=request.form.get("revision", type=int)
    )
    try:
        done = parts().box.ask(wish)
    except BoxRefused as error:
        if error.blame != "input":
            raise
        for objection in understand_all(error.error):
            _object(form, objection, prefix, fields)
        return False
    note("settings", what)
    parts().statements.forget()  # a plan or bundle may have changed what the running month costs
    if undoable:
        undo_notice(said)
    else:
        flash(said, "good")
    for warning in map(understand, done.get("warnings", ())):
        about_this = _field(form, warning, prefix, fields) or (advice and warning.path.startswith(advice))
        if about_this:  # advice about other parts of the document stands with them
            flash(warning.text, "warning")
    return True


def _object(form: FlaskForm, objection: Objection, prefix: str, fields: Mapping[str, str]) -> None:
    name = _field(form, objection, prefix, fields)
    if name:
        form[name].errors = [*form[name].errors, objection.text]
    else:
        flash(objection.text, "bad")


def _field(form: FlaskForm, objection: Objection, prefix: str, fields: Mapping[str, str]) -> str:
    """The field that it is about; empty when it is about none of this form."""
    if prefix and objection.path and not f"{objection.path}.".startswith(f"{prefix}."):
        return ""
    names = (fields.get(objection.key, objection.key), fields.get(objection.field, objection.field))
    return next((name for name in names if name and name in form), "")


def mark(entry: Mapping[str, Any]) -> str:
    """A short name for an entry of a list in the document, made from what it says: it means the same entry wherever
    that stands now, and nothing any more once somebody has changed it."""
    text = json.dumps(entry, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def position(entries: Iterable[Mapping[str, Any]], wanted: str) -> int | None:
    """Where the entry of that mark stands; None when there is none any more."""
    return next((at for at, entry in enumerate(entries) if mark(entry) == wanted), None)
