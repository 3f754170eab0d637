"""The Flask application: its pages and what protects them. The composition root of the room (with `__main__`)."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Flask, Request
from jinja2 import BytecodeCache

from web_ui import (
    advice,
    billing,
    board,
    calls,
    components,
    extensions,
    failures,
    guard,
    help_page,
    i18n,
    limits,
    live,
    login,
    messages,
    money_words,
    recordings,
    rerate,
    security,
    settings_history,
    settings_page,
    statement_files,
    statement_pages,
    tariffs,
    user_page,
    wording,
)
from web_ui.logins import LONGEST_S
from web_ui.parts import EXTENSION, Parts

PAGES = (
    live, calls, recordings, extensions, messages, statement_pages, statement_files, limits, advice, tariffs, rerate,
    billing, settings_page, settings_history, user_page, help_page, board,
)  # fmt: skip
LARGEST_FORM = 32 * 1024 * 1024
"""Bytes: more than the core accepts as a greeting (20 MB), so that it is the core that says what is wrong."""
LARGEST_TABLE = 80 * 1024 * 1024
"""Bytes: all ported numbers of the country are some 50 MB."""


class PageRequest(Request):
    """Tables may be larger than other forms."""

    @property
    def max_content_length(self) -> int | None:
        return LARGEST_TABLE if self.path == "/tariffs" else LARGEST_FORM

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        raise AttributeError(f"decided by the address, not set to {value}")


def create_app(parts: Parts, compiled: BytecodeCache | None = None) -> Flask:
    """The application over these parts; starts nothing. `compiled`: templates that another application compiled."""
    app = Flask(__name__)
    app.request_class = PageRequest
    app.config.update(
        SECRET_KEY=_cookie_key(parts),
        SESSION_COOKIE_NAME="tongdai",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=parts.config.secure,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=LONGEST_S),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # SameSite and the token suffice; some proxies and privacy settings strip Referer
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=7),
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "bytecode_cache": compiled}
    app.extensions[EXTENSION] = parts
    app.context_processor(lambda: {"box_name": parts.config.box_name})
    i18n.install(app)
    wording.install(app)
    money_words.install(app)
    limiter = security.install(app)
    guard.install(app)
    failures.install(app, limiter)
    components.install(app)
    for pages in PAGES:
        app.register_blueprint(pages.blueprint)
    app.register_blueprint(login.make_blueprint(limiter))
    return app


def _cookie_key(parts: Parts) -> str:
    """Signs the cookies of this installation; drawn once."""
    key = parts.store.remembered("cookie-key")
    if key is None:
        key = secrets.token_hex(32)
        parts.store.remember("cookie-key", key)
    return key
