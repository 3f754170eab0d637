"""Who asks, and whether he may: nothing but the login page, the language switch and the style is open to strangers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from web_ui.parts import parts
from web_ui.users import User

PUBLIC = frozenset({"static", "login.sign_in", "login.set_language"})
BEFORE_CHANGE = PUBLIC | {"login.secret", "login.sign_out"}
"""What somebody reaches who must still change his secret."""
TOKEN = "login"  # noqa: S105 - the name of the cookie's entry

P = ParamSpec("P")
R = TypeVar("R")


def install(app: Flask) -> None:
    app.before_request(_admit)
    app.context_processor(lambda: {"user": user_or_none()})


def user_or_none() -> User | None:
    """Asks once per request, even one refused before it comes to `_admit` (a stale form, a huge file)."""
    if "user" not in g:
        g.user = None  # should asking fail, the page that says so must not ask again
        g.user = parts().logins.user(session.get(TOKEN))
    found: User | None = g.user
    return found


def current_user() -> User:
    found = user_or_none()
    if found is None:
        abort(403)
    return found


def needs(right: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only for those whose role has the right; others get the 403 page."""

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*given: P.args, **named: P.kwargs) -> R:
            if not current_user().may(right):
                abort(403)
            return view(*given, **named)

        return guarded

    return wrap


def note(action: str, detail: str = "") -> None:
    """One line of the audit trail about this request."""
    found = user_or_none()
    name = "" if found is None else found.name
    parts().store.note(parts().clock(), name, request.remote_addr or "", action, detail)


def local_path(target: str | None) -> str:
    """Where to go on, only ever within this site: `//evil.example` and `https:…` are not paths."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\n" in target or "\r" in target:
        return url_for("live.page")
    split = urlsplit(target)
    return url_for("live.page") if split.scheme or split.netloc else target


def _page_of_form() -> str | None:
    """The page of this site that a form was sent from."""
    came = urlsplit(request.referrer or "")
    return came.path if came.netloc == request.host else None


def _admit() -> BaseResponse | None:
    if request.endpoint == "static":
        return None
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    asking = user_or_none()
    if asking is None:
        if request.endpoint == "live.events":  # no page: its script must learn that nobody is signed in
            return Response(status=401)
        wanted = request.full_path.rstrip("?") if request.method == "GET" else _page_of_form()
        return redirect(url_for("login.sign_in", next=wanted))
    if asking.must_change and request.endpoint not in BEFORE_CHANGE:
        return redirect(url_for("login.secret"))
    return None
