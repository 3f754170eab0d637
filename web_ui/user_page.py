"""Users: adding, roles, a new secret, disabling. For administrators."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from web_ui.errors import Refused, UnknownUser, UserRefused
from web_ui.fields import choice
from web_ui.guard import current_user, needs, note
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.parts import parts
from web_ui.wording import ROLES, refusal

blueprint = Blueprint("users", __name__, url_prefix="/users")


class UserForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("User name"), [InputRequired(_l("Enter a user name."))])
    role = choice(_l("Role"), ROLES, default="viewer")


class RoleForm(FlaskForm):  # type: ignore[misc]
    role = choice(_l("Role"), ROLES)


@blueprint.get("")
@needs("users")
def page() -> str:
    return render_template("users.html", users=parts().users.all(), form=UserForm(formdata=None))


@blueprint.post("/add")
@needs("users")
def add() -> str | tuple[str, int]:
    form = UserForm()
    if form.validate_on_submit():
        try:
            name = form.name.data.strip()
            secret = parts().users.add(name, form.role.data)
        except UserRefused as error:
            field = form.role if error.reason is Refused.ROLE else form.name
            field.errors = [refusal(error.reason)]
        else:
            note("add-user", f"{name} {form.role.data}")
            return render_template("user_secret.html", name=name, secret=secret)
    return render_template("users.html", users=parts().users.all(), form=form), 400


@blueprint.route("/<name>", methods=["GET", "POST"])
@needs("users")
def change(name: str) -> Response | str:
    found = parts().users.get(name)
    if found is None:
        abort(404)
    form = RoleForm(data={"role": found.role})
    if form.validate_on_submit():
        try:
            parts().users.set_role(name, form.role.data)
        except UserRefused as error:
            form.role.errors = [refusal(error.reason)]
        else:
            note("set-role", f"{name} {form.role.data}")
            flash(_("Saved."), "good")
            return redirect(url_for(".page"))
    return render_template("user.html", who=found, form=form, self=found.name == current_user().name)


@blueprint.post("/<name>/reset")
@needs("users")
def reset(name: str) -> str:
    if not FlaskForm().validate_on_submit() or name.lower() == current_user().name.lower():
        abort(400)
    try:
        secret = parts().users.reset(name)
    except UnknownUser:
        abort(404)
    note("reset-secret", name)
    return render_template("user_secret.html", name=name, secret=secret)


@blueprint.post("/<name>/<any(disable, enable):wish>")
@needs("users")
def switch(name: str, wish: str) -> Response:
    if not FlaskForm().validate_on_submit():
        abort(400)
    if wish == "disable" and name.lower() == current_user().name.lower():
        flash(_("You cannot disable yourself."), "bad")
        return redirect(url_for(".page"))
    try:
        parts().users.set_disabled(name, wish == "disable")
    except UnknownUser:
        abort(404)
    except UserRefused as error:
        flash(refusal(error.reason), "bad")
    else:
        note(wish + "-user", name)
        flash(_("Saved."), "good")
    return redirect(url_for(".page"))
