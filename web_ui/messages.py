"""SMS: those that came in, those that the box sent, and writing one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from edge.api.client import BoxRefused
from edge.api.messages import SendSms
from web_ui import charges
from web_ui.guard import current_user, needs, note
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.parts import parts
from web_ui.refusals import understand

blueprint = Blueprint("messages", __name__, url_prefix="/messages")

ROWS = 200
"""Newest shown."""
LONGEST = 670
"""Ten parts of 67 characters, as a Vietnamese text goes over the air (23.040 §9.2.3.24.1)."""


class MessageForm(FlaskForm):  # type: ignore[misc]
    called = StringField(
        _l("Recipient"),
        [
            InputRequired(_l("Enter a number.")),
            Regexp(r"[+\d .()-]{3,20}$", message=_l("This is no telephone number.")),
        ],
    )
    text = TextAreaField(
        _l("Text"),
        [
            InputRequired(_l("Enter a text.")),
            Length(max=LONGEST, message=_l("A message has at most %(max)d characters.")),
        ],
    )


@blueprint.get("")
def page() -> str:
    rows = parts().history.messages(ROWS, newest_first=True)
    explained = {row["message"]: charges.explain(row["rating"]) for row in rows if row.get("rating")}
    return render_template("messages.html", rows=rows, explained=explained)


@blueprint.route("/write", methods=["GET", "POST"])
@needs("messages")
def write() -> Response | str | tuple[str, int]:
    form = MessageForm(data={"called": request.args.get("to", "")} if request.method == "GET" else None)
    if not form.validate_on_submit():
        return render_template("message.html", form=form, longest=LONGEST), 400 if form.is_submitted() else 200
    try:
        parts().box.ask(SendSms(called=form.called.data.strip(), text=form.text.data, by=current_user().name))
    except BoxRefused as error:
        objection = understand(error.error)
        form[objection.field if objection.field in form else "text"].errors = [objection.text]
        return render_template("message.html", form=form, longest=LONGEST), 400
    note("send-message")
    flash(_("The message is on its way; its outcome stands below."), "good")
    return redirect(url_for(".page"))
