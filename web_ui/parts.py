"""What a page reaches: the box, the history, the users. Built once by `web_ui.app`, never global."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import current_app

from web_ui.advisor import Advisor
from web_ui.live_feed import LiveFeed
from web_ui.logins import Logins
from web_ui.papers import Papers
from web_ui.ports import Box, History, Statements
from web_ui.rerater import Rerater
from web_ui.store import WebStore
from web_ui.users import Users

EXTENSION = "tongdai"


@dataclass(frozen=True, slots=True)
class WebConfig:
    data: Path
    box_name: str = "tongdai"
    secure: bool = False
    """Served over TLS: cookies only travel there."""


@dataclass(frozen=True, slots=True)
class Parts:
    config: WebConfig
    box: Box
    history: History
    statements: Statements
    store: WebStore
    users: Users
    logins: Logins
    feed: LiveFeed
    advisor: Advisor
    rerater: Rerater
    papers: Papers
    clock: Callable[[], float] = time.time


def parts() -> Parts:
    """Those of the application that answers this request."""
    return cast("Parts", current_app.extensions[EXTENSION])
