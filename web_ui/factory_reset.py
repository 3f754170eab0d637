"""The button's factory reset, as far as the page goes: the first login is made anew, and what the page keeps goes."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from edge.api.factory_reset import marker
from web_ui.errors import UnknownUser
from web_ui.papers import forget_papers
from web_ui.rerater import kept_file
from web_ui.store import WebStore
from web_ui.users import FIRST_USER, Users

log = logging.getLogger("web")


def heed(data: Path, store: WebStore, users: Users) -> bool:
    """True when the core asked for it: the secret stands readable in `web.db` again until it is changed."""
    wanted = marker(data)
    if not wanted.exists():
        return False
    try:
        secret = users.reset(FIRST_USER)
        users.set_role(FIRST_USER, "admin")
    except UnknownUser:
        secret = users.add(FIRST_USER, "admin")
    store.remember("first-secret", secret)
    forget_papers(data)
    kept_file(data).unlink(missing_ok=True)
    store.note(time.time(), "", "button", "factory-reset")
    wanted.unlink(missing_ok=True)
    log.warning("factory reset by the button: the first login was made anew")
    return True
