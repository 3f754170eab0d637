"""Settings: the company, its greeting, recording, timers. Each card is a form of its own and saves the whole document.

A form carries the revision it was made from; when another one came in between nothing is overwritten: the reader sees
what he typed and is told to look again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import BooleanField, FileField, StringField
from wtforms.validators import Length

from edge.api.client import BoxRefused
from edge.api.messages import GetSettings, SetGreeting
from web_ui.fields import DecimalField, choice, decimal, whole
from web_ui.guard import current_user, needs, note
from web_ui.i18n import LANGUAGES
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.parts import parts
from web_ui.recordings import send_audio
from web_ui.refusals import understand
from web_ui.saving import Document, save
from web_ui.uploads import handed_over

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


class CompanyForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("Company name"), [Length(max=60, message=_l("A name has at most 60 characters."))])
    language = choice(_l("Language of the prompts"), LANGUAGES)


class RecordingForm(FlaskForm):  # type: ignore[misc]
    announce = BooleanField(_l("Say that the call is recorded"))
    keep_days = whole(_l("Keep for (days)"), 1, 3650)
    keep_gb = decimal(_l("Keep at most (GB)"), 0.1, 2000, _l("From %(min)s to %(max)s."))


def _seconds(label: str, low: float, high: float) -> DecimalField:
    return decimal(label, low, high, _l("From %(min)s to %(max)s seconds."))


class CallsForm(FlaskForm):  # type: ignore[misc]
    first_key_s = _seconds(_l("Wait for the first key (seconds)"), 2, 60)
    between_keys_s = _seconds(_l("Wait between keys of an outside number (seconds)"), 1, 15)
    pin_key_s = _seconds(_l("Wait for the PIN (seconds)"), 2, 60)
    ring_employee_s = _seconds(_l("Ring an employee for (seconds)"), 5, 60)
    ring_outside_s = _seconds(_l("Ring an outside number for (seconds)"), 5, 120)
    tries = whole(_l("Wrong tries before goodbye"), 1, 9)
    missed_call_sms = BooleanField(_l("Tell employees about missed calls by SMS"))


class GreetingForm(FlaskForm):  # type: ignore[misc]
    file = FileField(_l("Sound file"))


@blueprint.get("")
@needs("settings")
def page() -> str:
    return _show()


@blueprint.post("/company")
@needs("settings")
def company() -> Response | tuple[str, int]:
    form = CompanyForm()

    def change(document: Document) -> None:
        document["company"].update(name=form.name.data.strip(), language=form.language.data)

    return _save("company", form, change)


@blueprint.post("/recording")
@needs("settings")
def recording() -> Response | tuple[str, int]:
    form = RecordingForm()

    def change(document: Document) -> None:
        document["recording"].update(
            announce=form.announce.data, keep_days=form.keep_days.data, keep_gb=form.keep_gb.data
        )

    return _save("recording", form, change)


@blueprint.post("/calls")
@needs("settings")
def calls() -> Response | tuple[str, int]:
    form = CallsForm()

    def change(document: Document) -> None:
        for name in document["timers"]:
            if name in form:
                document["timers"][name] = form[name].data
        document["menu"]["tries"] = form.tries.data
        document["notices"]["missed_call_sms"] = form.missed_call_sms.data

    return _save("calls", form, change)


@blueprint.post("/greeting")
@needs("settings")
def greeting() -> Response | tuple[str, int]:
    form = GreetingForm()
    file: FileStorage | None = request.files.get("file")
    if not form.validate_on_submit() or file is None or not file.filename:
        form.file.errors = [_("Choose a sound file.")]
        return _show({"greeting": form}), 400
    try:
        with handed_over(parts().config.data, file) as path:
            parts().box.ask(SetGreeting(path=str(path), by=current_user().name, origin="page"))
    except BoxRefused as error:
        if error.blame != "input":
            raise
        form.file.errors = [understand(error.error).text]
        return _show({"greeting": form}), 400
    note("set-greeting")
    flash(_("The new greeting holds from the next call on. Listen to it below."), "good")
    return redirect(url_for(".page") + "#greeting")


@blueprint.post("/greeting/remove")
@needs("settings")
def remove_greeting() -> Response:
    parts().box.ask(SetGreeting(path=None, by=current_user().name, origin="page"))
    note("remove-greeting")
    flash(_("Callers hear the default greeting again."), "good")
    return redirect(url_for(".page") + "#greeting")


@blueprint.get("/greeting/audio")
@needs("settings")
def greeting_audio() -> Response:
    name = parts().box.ask(GetSettings())["settings"]["company"].get("greeting")
    if not name or Path(name).name != name:
        abort(404)
    path = parts().config.data / "greetings" / name
    if not path.is_file():
        abort(404)
    return send_audio(path)


def _save(card: str, form: FlaskForm, change: Callable[[Document], None]) -> Response | tuple[str, int]:
    if not form.validate_on_submit():
        return _show({card: form}), 400
    if not save(form, card, change, _("Saved. It holds from the next call on."), undoable=False):
        return _show({card: form}), 400
    return redirect(url_for(".page") + f"#{card}")


def _show(tried: Mapping[str, FlaskForm] | None = None) -> str:
    """All cards; `tried` are forms that were refused, with what was typed and why not."""
    answer = parts().box.ask(GetSettings())
    document = answer["settings"]
    fields = {**document["timers"], **document["menu"], **document["notices"]}
    forms: dict[str, FlaskForm] = {
        "company": CompanyForm(formdata=None, data=document["company"]),
        "recording": RecordingForm(formdata=None, data=document["recording"]),
        "calls": CallsForm(formdata=None, data=fields),
        "greeting": GreetingForm(formdata=None),
        **(tried or {}),
    }
    return render_template("settings.html", forms=forms, document=document, revision=answer["revision"])
