"""The application over a box that behaves, and somebody signed in to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from edge.api.messages import GetCalls
from tests.web_ui.fake_box import NOW, FakeBox, FakeHistory, cdr, timeline
from tests.web_ui.fake_money import FakeStatements
from tests.web_ui.fake_papers import FakePapers
from tests.web_ui.fake_rerate import FakeRerate
from tests.web_ui.visitor import SECRET, Visitor, until
from web_ui.advisor import Advisor
from web_ui.app import create_app
from web_ui.live_feed import LiveFeed
from web_ui.logins import Logins
from web_ui.papers import Papers
from web_ui.parts import Parts, WebConfig
from web_ui.rerater import Rerater
from web_ui.server import WebServer
from web_ui.store import WebStore
from web_ui.users import Users

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHEAP_HASH = "scrypt:1024:8:1"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates are compiled once for all tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def box() -> FakeBox:
    return FakeBox()


@pytest.fixture
def history(box: FakeBox) -> FakeHistory:
    fake = FakeHistory(box)
    fake.rows = [cdr(n) for n in range(1, 4)]
    fake.timelines["c1"] = timeline(1)
    return fake


@pytest.fixture
def shelf() -> FakeStatements:
    return FakeStatements()


@pytest.fixture
def rerating(tmp_path: Path) -> FakeRerate:
    return FakeRerate(tmp_path)


@pytest.fixture
def papering(tmp_path: Path) -> FakePapers:
    return FakePapers(tmp_path)


@pytest.fixture
def parts(
    tmp_path: Path,
    box: FakeBox,
    history: FakeHistory,
    shelf: FakeStatements,
    rerating: FakeRerate,
    papering: FakePapers,
) -> Iterator[Parts]:
    def clock() -> float:
        return NOW.timestamp()

    with WebStore(tmp_path / "web.db") as store:
        users = Users(store, hash_method=CHEAP_HASH)
        users.ensure_first()
        logins = Logins(store, users)
        advisor = Advisor(store, box.advise, clock)
        rerater = Rerater(tmp_path, rerating, shelf.forget)
        papers = Papers(tmp_path, papering)
        feed = LiveFeed(box.notices, calls=lambda: box.ask(GetCalls()))
        config, workers = WebConfig(tmp_path, "hộp-1"), (advisor, rerater, papers)
        yield Parts(config, box, history, shelf, store, users, logins, feed, *workers, clock)
        for worker in workers:
            worker.stop()


@pytest.fixture
def feed(parts: Parts) -> Iterator[LiveFeed]:
    parts.feed.start()
    until(lambda: parts.feed.state.reachable)
    yield parts.feed
    parts.feed.stop()


@pytest.fixture
def app(parts: Parts, compiled: FileSystemBytecodeCache) -> Flask:
    return create_app(parts, compiled)


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    return Visitor(app.test_client())


def _signed_in(app: Flask, parts: Parts, name: str, role: str) -> Visitor:
    first = parts.users.first_login()[1] if name == "admin" else parts.users.add(name, role)
    parts.users.change_secret(name, str(first), SECRET)
    visitor = Visitor(app.test_client())
    assert visitor.sign_in(name, SECRET).status_code == 302
    return visitor


@pytest.fixture
def admin(app: Flask, parts: Parts) -> Visitor:
    return _signed_in(app, parts, "admin", "admin").english()


@pytest.fixture
def manager(app: Flask, parts: Parts) -> Visitor:
    return _signed_in(app, parts, "mai", "manager").english()


@pytest.fixture
def viewer(app: Flask, parts: Parts) -> Visitor:
    return _signed_in(app, parts, "vinh", "viewer").english()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # here: the quick tests do without it

    from tests.web_ui.browsing import CHROMIUM, FLAGS

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def address(parts: Parts, tmp_path: Path) -> Iterator[str]:
    server = WebServer(create_app(parts), "127.0.0.1", 0, tmp_path)
    thread = threading.Thread(target=server.serve, daemon=True)
    parts.feed.start()
    thread.start()
    yield server.url
    parts.feed.stop()
    server.stop()
    thread.join(5)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert [each for each in said if "status of 4" not in each] == []  # a broken policy or script would speak here
