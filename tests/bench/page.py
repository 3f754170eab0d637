"""The Calls page over a long history: the page's own process, asked over HTTP by somebody who is signed in."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from json import loads
from pathlib import Path
from random import Random
from sqlite3 import Connection
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, build_opener

from edge.api.filters import VIETNAM
from edge.store.ledger import Ledger
from edge.telephony import CallId, ClockSource, Disposition, PhoneNumber, RecordingId
from tests.bench.figures import Report, percentile
from tests.edge.store.strategies import T0, cdr, charge, moment

AIM_MS = 200
SECRET = "ba con meo nho 9"
DAYS = 180
COPIES = 50
INSTANTS = ("started", "hotline_answered", "answered", "ended")
PAGES = {
    "first": "",
    "last": "page=100000",
    "days": "since={day}&until={day}",
    "number": "number=45678",
    "number_nobody_has": "number=00000000001",
    "extension": "extension=513",
    "result": "result=busy",
    "recorded": "recorded=yes",
    "all_filters": "since={day}&number=09&extension=512&result=answered&recorded=no",
}


def measure(small: bool) -> Report:
    rows, rounds = (2_000, 3) if small else (100_000, 30)
    report = Report("HTTP GET on loopback to the last byte, one request at a time: session, query, count, template")
    folder = Path(tempfile.mkdtemp(prefix="tongdai-bench-"))
    try:
        began = time.perf_counter()
        fill(folder, rows)
        report.notes = {"rows": rows, "generated_in_s": round(time.perf_counter() - began, 1)}
        with page_process(folder) as (address, secret):
            visitor = sign_in(address, secret)
            for name, query in PAGES.items():
                times = list(_times_ms(visitor, f"{address}/calls", query, rounds))
                report.add(f"page_{name}_p95_ms", percentile(times, 95), AIM_MS)
    finally:
        shutil.rmtree(folder)
    return report


def _times_ms(visitor: OpenerDirector, address: str, query: str, rounds: int) -> Iterator[float]:
    middle = dt.datetime.fromtimestamp(T0 + DAYS / 2 * 86_400, VIETNAM).date().isoformat()
    url = f"{address}?{query.format(day=middle)}" if query else address
    for _ in range(rounds):
        began = time.perf_counter()
        with visitor.open(url, timeout=30) as answer:
            body = answer.read()
        yield 1000 * (time.perf_counter() - began)
        if "/calls" not in answer.geturl() or b"</html>" not in body:
            raise AssertionError(f"{url}: not the Calls page but {answer.geturl()}")


def fill(folder: Path, rows: int) -> None:
    """A history as the store keeps it: half a year, every fifth call recorded, some six extensions.

    One stretch goes through the ledger itself; the others are copies of it, later and under other names.
    """
    rng = Random(3)
    dispositions = [Disposition.ANSWERED] * 6 + [each for each in Disposition if each is not Disposition.ANSWERED]
    stretch = rows // COPIES
    with Ledger(folder / "box.db", "box", "boot") as ledger:
        connection = ledger.database.conn
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        for number in range(1, stretch + 1):
            at = T0 + DAYS / COPIES * 86_400 * number / stretch
            call = cdr(
                number,
                at=at,
                caller=rng.choice([None, *(PhoneNumber(f"+849{rng.randrange(10**8):08}") for _ in range(12))]),
                called=PhoneNumber(f"+8490300{rng.randrange(10**4):04}"),
                extension=rng.choice([None, "511", "512", "513", "514", "515", "516"]),
                disposition=rng.choice(dispositions),
            )
            if number % 5 == 0:
                _record(ledger, call.call, at)
            ledger.close_cdr(call, [charge(f"c{number}.1", 0), charge(f"c{number}.2", 450)], moment(at))
        for copy in range(1, COPIES):
            _copy(connection, copy * stretch, copy * DAYS / COPIES * 86_400, stretch)
        connection.execute("COMMIT")


def _copy(connection: Connection, by: int, later_s: float, stretch: int) -> None:
    """Every row of the first stretch once more: call c7 becomes c(7 + by)."""
    renamed = f"'c' || (CAST(substr(call, 2) AS INTEGER) + {by})"
    changed = {
        "cdr": {"id": f"id + {by}", "call": renamed, **{name: f"{name} + {later_s}" for name in INSTANTS}},
        "cdr_row": {"id": f"id + {by}", "row": f"replace(row, '\"c' || id, '\"c' || (id + {by}))"},
        "recording": {"call": renamed, "recording": f"{renamed} || '.r1'"},
    }
    for table, columns in changed.items():
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(columns.get(name, f'"{name}"') for name in names)
        own = f"CAST(substr(call, 2) AS INTEGER) <= {stretch}" if "call" in names else f"id <= {stretch}"
        connection.execute(f"INSERT INTO {table} SELECT {values} FROM {table} WHERE {own}")


def _record(ledger: Ledger, call: CallId, at: float) -> None:
    name = RecordingId(f"{call}.r1")
    ledger.recordings.add(name, call, Path(f"recordings/{name}.part"), moment(at), ClockSource.NTP)
    ledger.recordings.finish(name, Path(f"recordings/{name}.ogg"), 30.0, 40_000)


@contextmanager
def page_process(folder: Path) -> Iterator[tuple[str, str]]:
    """`python -m web_ui` over this store; its address and the secret of the first login."""
    command = [sys.executable, "-m", "web_ui", "--data", str(folder), "--port", "0"]
    with (folder / "web.log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        word, _, said = process.stdout.readline().partition(" ")
        if word != "READY":
            raise AssertionError(f"the page did not start: {(folder / 'web.log').read_text()[-2000:]}")
        ready = loads(said)
        yield ready["web"].rstrip("/"), ready["login"]["secret"]
    finally:
        process.terminate()
        process.communicate(timeout=15)


def sign_in(address: str, first_secret: str) -> OpenerDirector:
    """A browser as far as cookies and forms go, signed in with a secret of its own."""
    visitor = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
    _post(visitor, f"{address}/login", {"name": "admin", "secret": first_secret})
    _post(visitor, f"{address}/account/secret", {"old": first_secret, "new": SECRET, "again": SECRET})
    return visitor


def _post(visitor: OpenerDirector, url: str, fields: dict[str, str]) -> None:
    page = visitor.open(url, timeout=30).read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if token is None:
        raise AssertionError(f"{url}: no form there")
    visitor.open(url, urlencode({"csrf_token": token[1], **fields}).encode(), timeout=30).read()
