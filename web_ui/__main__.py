"""`python -m web_ui --data DIR --host 127.0.0.1 --port 8080 [--box NAME]`: the page, in a process of its own.

Prints one line when it answers — READY {"web": url, "login": {"user", "secret"}}, the secret null once it has been
changed — and ends cleanly on SIGTERM or Ctrl-C. A port that is taken: exit 1 with one sentence on stderr.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from web_ui import factory_reset
from web_ui.advice_command import AdviceCommand
from web_ui.advisor import Advisor
from web_ui.app import create_app
from web_ui.box_link import BoxLink, StoreLink
from web_ui.errors import CannotListen
from web_ui.live_feed import LiveFeed
from web_ui.logins import Logins
from web_ui.papers import PaperCommands, Papers
from web_ui.parts import Parts, WebConfig
from web_ui.rerater import RerateCommands, Rerater
from web_ui.server import WebServer, is_loopback
from web_ui.statement_shelf import StatementShelf
from web_ui.store import WebStore
from web_ui.users import Users


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s web %(levelname)s %(message)s")
    data: Path = given.data.absolute()
    stop = threading.Event()

    def asked_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked_to_stop)
    signal.signal(signal.SIGINT, asked_to_stop)
    with ExitStack() as opened:
        parts = _open(data, given.box, given.host, opened)
        try:
            server = WebServer(create_app(parts), given.host, given.port, data)
        except CannotListen as error:
            sys.stderr.write(f"{error}\n")
            return 1
        _serve(server, parts, stop)
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m web_ui", description="The page of the box.")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the box's data directory")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; HTTPS unless it is loopback")
    parser.add_argument("--port", type=int, default=8080, help="0: any free one")
    parser.add_argument("--box", default="tongdai", metavar="NAME", help="the box's name, shown on every page")
    return parser.parse_args(arguments)


def _open(data: Path, box_name: str, host: str, opened: ExitStack) -> Parts:
    store = opened.enter_context(WebStore(data / "web.db"))
    users = Users(store)
    users.ensure_first()
    factory_reset.heed(data, store, users)
    box, history = BoxLink(data), StoreLink(data)
    opened.callback(history.close)
    statements = StatementShelf(data)
    advisor = Advisor(store, AdviceCommand(data, statements))
    opened.callback(advisor.stop)
    rerater = Rerater(data, RerateCommands(data), statements.forget)
    opened.callback(rerater.stop)
    papers = Papers(data, PaperCommands(data))
    opened.callback(papers.stop)
    return Parts(
        config=WebConfig(data=data, box_name=box_name, secure=not is_loopback(host)),
        box=box,
        history=history,
        statements=statements,
        store=store,
        users=users,
        logins=Logins(store, users),
        feed=LiveFeed(box.notices, box.employees, box.calls, box.spending),
        advisor=advisor,
        rerater=rerater,
        papers=papers,
    )


def _serve(server: WebServer, parts: Parts, stop: threading.Event) -> None:
    """Serves until asked to stop: streams end first, so that no thread is left in one."""
    thread = threading.Thread(target=server.serve, name="web-server", daemon=True)
    parts.feed.start()
    thread.start()
    user, secret = parts.users.first_login()
    sys.stdout.write("READY " + json.dumps({"web": server.url, "login": {"user": user, "secret": secret}}) + "\n")
    sys.stdout.flush()
    while thread.is_alive() and not stop.wait(1.0):
        factory_reset.heed(parts.config.data, parts.store, parts.users)
    parts.feed.stop()
    server.stop()
    thread.join()


if __name__ == "__main__":
    sys.exit(main())
