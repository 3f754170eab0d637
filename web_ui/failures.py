"""Pages for what does not work: not found, not allowed, too many tries, the core away, our own bugs."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, make_response, render_template, request
from flask_limiter import Limiter
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from edge.api.client import BoxAbsent, BoxRefused
from edge.api.queries import StoreAbsent
from web_ui import i18n
from web_ui.guard import user_or_none
from web_ui.i18n import gettext as _
from web_ui.refusals import understand

log = logging.getLogger(__name__)

LONGEST_WAIT_S = 300.0
TOKEN_FIELD = "csrf_token"  # noqa: S105 - the name of a form's field
SECRET_PAGES = frozenset({"login", "users"})
"""Blueprints whose forms hold secrets or decide who may sign in."""


def install(app: Flask, limiter: Limiter) -> None:
    app.register_error_handler(BoxAbsent, _absent)
    app.register_error_handler(StoreAbsent, _absent)
    app.register_error_handler(BoxRefused, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(RateLimitExceeded, lambda _error: _too_many(limiter))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


Typed = Sequence[tuple[str, str]]


def _page(status: int, title: str, text: str, again: Typed = ()) -> Response:
    """`again`: what a form said that can be sent once more by a press of the reader."""
    shown = render_template("failure.html", status=status, title=title, text=text, again=again)
    answer = make_response(shown, status)
    # The answer to a form depends on who sent it, and a failure may be over in a second.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _absent(error: BoxAbsent | StoreAbsent) -> Response:
    log.warning("a page could not be shown: %s", error)
    return _page(
        503,
        _("The switchboard is not running"),
        _(
            "The page is here, but the part of the box that makes calls does not answer. It is started again by "
            "itself; try again in a few seconds. If this stays, restart the box."
        ),
    )


def _refused(error: BoxRefused) -> Response:
    return _page(400 if error.blame == "input" else 500, _("The box refused this"), understand(error.error).text)


def _stale_form(error: CSRFError) -> Response:
    log.info("form without its mark: %s", error.description)
    why = _("The form was opened before you signed in, or in another window. Nothing was changed.")
    again = _typed()
    kept, lost = _("What you typed is still here: send it again."), _("Go back, reload the page and send it again.")
    return _page(400, _("This page was too old"), f"{why} {kept if again else lost}", again)


def _typed() -> Typed:
    """The fields of a form of this very site, from somebody who is signed in; no secrets, no files.

    Nothing is done by it until the reader presses a button, and no other site can put that button before him: a form of
    another origin is not offered again, and no page here may be framed.
    """
    if user_or_none() is None or not _from_here() or request.files or request.blueprint in SECRET_PAGES:
        return ()
    return [(name, value) for name, value in request.form.items(multi=True) if name != TOKEN_FIELD]


def _from_here() -> bool:
    return urlsplit(request.headers.get("Origin") or "").netloc == request.host


def _too_many(limiter: Limiter) -> Response:
    broken = limiter.current_limit
    reset = time.time() + LONGEST_WAIT_S if broken is None else float(broken.reset_at)
    left = max(1, round(reset - time.time()))
    answer = _page(
        429,
        _("Too many failed tries"),
        _("Try again in %(wait)s minutes, at %(time)s.", wait=i18n.duration(left), time=i18n.clock_time(reset)),
    )
    answer.headers["Retry-After"] = str(left)
    return answer


def _http(error: HTTPException) -> Response:
    match error.code:
        case 403:
            return _page(403, _("Not allowed"), _("Your role does not include this. An administrator can change it."))
        case 404:
            return _page(404, _("Not found"), _("There is nothing at this address. Perhaps it was removed."))
        case 405:
            return _page(405, _("Not possible"), _("This address cannot be opened that way."))
        case 413:
            return _page(413, _("The file is too large"), _("A greeting may have at most 20 MB, a table 80 MB."))
        case 416:
            return error.get_response()
        case code:
            return _page(code or 500, _("This did not work"), error.description or "")


def _bug(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _page(
        500,
        _("Something went wrong here"),
        _("This is a fault of the page. Calls are not affected. The details are in the log of the box."),
    )
