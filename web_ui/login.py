"""Signing in and out, changing one's own secret, choosing the language."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_limiter import Limiter
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired

from web_ui import i18n
from web_ui.errors import Refused, UserRefused
from web_ui.guard import TOKEN, current_user, local_path, note, user_or_none
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.parts import parts
from web_ui.security import LOGIN_TRIES
from web_ui.users import SHORTEST_SECRET
from web_ui.wording import refusal

YEAR_S = 365 * 86_400


class LoginForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_l("User name"), [InputRequired(_l("Enter your user name."))])
    secret = PasswordField(_l("Secret"), [InputRequired(_l("Enter your secret."))])


class SecretForm(FlaskForm):  # type: ignore[misc]
    old = PasswordField(_l("Current secret"), [InputRequired(_l("Enter your current secret."))])
    new = PasswordField(_l("New secret"), [InputRequired(_l("Enter a new secret."))])
    again = PasswordField(
        _l("New secret, once more"),
        [InputRequired(_l("Enter the new secret once more.")), EqualTo("new", _l("The two new secrets differ."))],
    )


def make_blueprint(limiter: Limiter) -> Blueprint:
    """The pages; `limiter` counts failed sign-ins per address."""
    pages = Blueprint("login", __name__)
    limited = limiter.limit(LOGIN_TRIES, methods=["POST"], deduct_when=_failed)
    pages.add_url_rule("/login", "sign_in", limited(sign_in), methods=["GET", "POST"])
    pages.add_url_rule("/logout", "sign_out", sign_out, methods=["POST"])
    limited = limiter.limit(LOGIN_TRIES, methods=["POST"], deduct_when=_failed)
    pages.add_url_rule("/account/secret", "secret", limited(secret), methods=["GET", "POST"])
    pages.add_url_rule("/language/<code>", "set_language", set_language)
    return pages


def _failed(response: Response) -> bool:
    return response.status_code in {401, 422}


def sign_in() -> BaseResponse | tuple[str, int] | str:
    onward = local_path(request.args.get("next"))
    if user_or_none() is not None and request.method == "GET":
        return redirect(onward)
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("login.html", form=form), 400 if form.is_submitted() else 200
    user = parts().users.check(form.name.data.strip(), form.secret.data)
    if user is None:
        note("login-refused", form.name.data.strip()[:40])
        form.secret.errors = [_("The user name or the secret is wrong.")]
        return render_template("login.html", form=form), 401
    _begin(user.name)
    note("login", user.name)
    return redirect(url_for("login.secret") if user.must_change else onward)


def sign_out() -> BaseResponse:
    parts().logins.end(session.get(TOKEN))
    session.clear()
    flash(_("You have signed out."), "good")
    return redirect(url_for("login.sign_in"))


def secret() -> BaseResponse | tuple[str, int]:
    user, form = current_user(), SecretForm()
    page = {"form": form, "first": user.must_change, "shortest": SHORTEST_SECRET}
    if not form.validate_on_submit():
        return render_template("secret.html", **page), 400 if form.is_submitted() else 200
    try:
        parts().users.change_secret(user.name, form.old.data, form.new.data)
    except UserRefused as error:
        field = form.old if error.reason is Refused.WRONG else form.new
        field.errors = [refusal(error.reason)]
        return render_template("secret.html", **page), 422 if error.reason is Refused.WRONG else 400
    note("secret-changed")
    _begin(user.name)
    flash(_("Your secret has been changed."), "good")
    return redirect(url_for("live.page"))


def set_language(code: str) -> BaseResponse:
    if code not in i18n.LANGUAGES:
        abort(404)
    answer = make_response(redirect(local_path(request.args.get("next"))))
    answer.set_cookie(i18n.COOKIE, code, max_age=YEAR_S, samesite="Lax", httponly=True, secure=parts().config.secure)
    return answer


def _begin(name: str) -> None:
    """A new token and an empty cookie: whatever was planted before signing in is gone."""
    parts().logins.end(session.get(TOKEN))
    session.clear()
    session[TOKEN] = parts().logins.begin(name)
    session.permanent = True
