"""Extensions: short numbers of employees. Add, change, remove with undo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from edge.api.client import BoxRefused
from edge.api.messages import AddExtension, ChangeExtension, GetSettings, RemoveExtension
from web_ui.fields import choice
from web_ui.guard import current_user, needs, note
from web_ui.i18n import NO_BREAK, phone
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.limit_forms import departments
from web_ui.parts import parts
from web_ui.refusals import understand, understand_all
from web_ui.settings_history import undo_notice
from web_ui.wording import RECORD_MODES

blueprint = Blueprint("extensions", __name__, url_prefix="/extensions")

PIN = r"\d{4,8}$"


def _trimmed(text: str | None) -> str:
    return " ".join((text or "").split())


class ExtensionForm(FlaskForm):  # type: ignore[misc]
    number = StringField(
        _l("Extension"),
        [
            InputRequired(_l("Enter the extension.")),
            Regexp(r"\s*\d{3,5}\s*$", message=_l("An extension has 3 to 5 digits, and the first is not 0, 7, 8 or 9.")),
        ],
    )
    name = StringField(
        _l("Name"),
        [InputRequired(_l("Enter a name.")), Length(max=60, message=_l("A name has at most 60 characters."))],
    )
    mobile = StringField(
        _l("Mobile number"),
        [
            InputRequired(_l("Enter the employee's mobile number.")),
            Regexp(r"[+\d .()-]{9,20}$", message=_l("This is no Vietnamese mobile number.")),
        ],
    )
    department = StringField(
        _l("Department"), [Length(max=60, message=_l("A name has at most 60 characters."))], filters=[_trimmed]
    )
    record = choice(_l("Record"), RECORD_MODES, default="off")
    pin = StringField(_l("PIN for outside calls"), [Optional(), Regexp(PIN, message=_l("A PIN has 4 to 8 digits."))])
    remove_pin = BooleanField(_l("Remove the PIN"))


@blueprint.get("")
def page() -> str:
    extensions = _extensions()
    found = departments({"extensions": extensions})
    wanted = request.args.get("department", "")
    shown = [each for each in extensions if not wanted or (each.get("department") or "") == wanted]
    return render_template("extensions.html", extensions=shown, all=extensions, departments=found, wanted=wanted)


@blueprint.route("/add", methods=["GET", "POST"])
@needs("extensions")
def add() -> Response | str | tuple[str, int]:
    form = ExtensionForm()
    if not form.validate_on_submit():
        return _edit(form, None)
    by = current_user().name
    wish = AddExtension(
        number=form.number.data.strip(),
        name=form.name.data.strip(),
        mobile=form.mobile.data.strip(),
        department=form.department.data,
        record=form.record.data,
        pin=form.pin.data or None,
        by=by,
        origin="page",
    )
    return _perform(form, None, wish)


@blueprint.route("/<number>", methods=["GET", "POST"])
@needs("extensions")
def change(number: str) -> Response | str | tuple[str, int]:
    found = _must(number)
    form = ExtensionForm(
        data={**found, "mobile": _typed(found["mobile"]), "pin": ""} if request.method == "GET" else None
    )
    if not form.validate_on_submit():
        return _edit(form, found)
    new = form.number.data.strip()
    wish = ChangeExtension(
        number=number,
        new_number=new if new != number else None,
        name=form.name.data.strip(),
        mobile=form.mobile.data.strip(),
        department=form.department.data,
        record=form.record.data,
        pin="" if form.remove_pin.data else form.pin.data or None,
        by=current_user().name,
        origin="page",
    )
    return _perform(form, found, wish)


@blueprint.route("/<number>/remove", methods=["GET", "POST"])
@needs("extensions")
def remove(number: str) -> Response | str:
    found, form = _must(number), FlaskForm()
    if not form.validate_on_submit():
        return render_template("remove_extension.html", extension=found, form=form)
    parts().box.ask(RemoveExtension(number=number, by=current_user().name, origin="page"))
    note("remove-extension", number)
    undo_notice(_("Extension %(number)s (%(name)s) was removed.", number=number, name=found["name"]))
    return redirect(url_for(".page"))


def _perform(
    form: ExtensionForm, found: dict[str, Any] | None, wish: AddExtension | ChangeExtension
) -> Response | tuple[str, int]:
    try:
        done = parts().box.ask(wish)
    except BoxRefused as error:
        if error.blame != "input":
            raise
        for objection in understand_all(error.error):
            field = form[objection.field if objection.field in form else "number"]
            field.errors = [*field.errors, objection.text]
        return _edit(form, found, 400)
    note("add-extension" if found is None else "change-extension", done["number"])
    flash(_("Extension %(number)s was saved.", number=done["number"]), "good")
    for warning in done.get("warnings", ()):
        flash(understand(warning).text, "warning")
    return redirect(url_for(".page"))


def _edit(form: ExtensionForm, found: dict[str, Any] | None, status: int | None = None) -> tuple[str, int]:
    status = status or (400 if form.is_submitted() else 200)
    known = departments(parts().box.ask(GetSettings())["settings"])
    return render_template("extension.html", form=form, extension=found, departments=known), status


def _typed(mobile: str) -> str:
    """As people write it, with plain blanks: what a form shows must be accepted when it comes back."""
    return phone(mobile).replace(NO_BREAK, " ")


def _extensions() -> list[dict[str, Any]]:
    document = parts().box.ask(GetSettings())["settings"]
    return sorted(document.get("extensions", ()), key=lambda extension: str(extension["number"]))


def _must(number: str) -> dict[str, Any]:
    found = next((each for each in _extensions() if each["number"] == number), None)
    if found is None:
        abort(404)
    return found
