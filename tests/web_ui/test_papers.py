"""Long statements as files: made by another process while somebody waits, kept when the month is closed, bounded."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.web_ui.fake_money import FakeStatements, document, long
from tests.web_ui.fake_papers import FakePapers
from tests.web_ui.visitor import Visitor, until
from web_ui import factory_reset
from web_ui.jobs import Rules
from web_ui.papers import OPEN, OPEN_GOOD_S, SHORT, Paper, PaperCommands, Papers, lines_in, paper_of, part_of
from web_ui.parts import Parts
from web_ui.rerater import kept_file

WAIT = "/statements/2026-09/detailed.pdf/wait"
CLOSED = {"drawn": "2026-11-01T00:10:00+07:00", "total_vnd": 944_800}
WAITING = "import time; time.sleep(60)\n"


@pytest.fixture(autouse=True)
def long_months(shelf: FakeStatements) -> None:
    shelf.closed["2026-09"] = long("2026-09")


def made(visitor: Visitor, parts: Parts, kind: str = "pdf", month: str = "2026-09") -> None:
    answer = visitor.get(f"/statements/{month}/detailed.{kind}")
    assert answer.location == f"/statements/{month}/detailed.{kind}/wait"
    assert "data-poll" in visitor.text(answer.location)
    until(lambda: "The file is ready." in visitor.text(answer.location), within_s=20)


def test_made_while_a_page_waits_and_kept(admin: Visitor, parts: Parts, papering: FakePapers) -> None:
    page = admin.text("/statements/2026-09")
    assert 'href="/statements/2026-09/detailed.pdf" aria-label="Detailed PDF">' in page, "no download: a page may come"
    assert "summary.pdf" in page
    made(admin, parts)
    for _ in range(2):
        answer = admin.get("/statements/2026-09/detailed.pdf")
        assert answer.data.startswith(b"%PDF 2026-09-")
        assert answer.headers["Content-Disposition"] == "attachment; filename=statement-detailed-2026-09.pdf"
        assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "no-store")
        answer.close()
    assert len(papering.made) == 1
    (kept,) = (parts.config.data / "web" / "statements").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert admin.get("/statements/2026-09/detailed.csv").location.endswith("/wait")
    assert "data-fetch" in admin.text(WAIT)


def test_each_language_has_its_own_and_json_is_one(admin: Visitor, parts: Parts, papering: FakePapers) -> None:
    for kind in ("pdf", "json"):
        made(admin, parts, kind)
    admin.client.set_cookie("language", "vi")
    assert admin.get("/statements/2026-09/detailed.pdf").location.endswith("/wait")
    answer = admin.get("/statements/2026-09/detailed.json")
    assert answer.headers["Content-Disposition"].endswith("bang-ke-chi-tiet-2026-09.json")
    answer.close()
    assert [each.language for each in papering.made] == ["en", "vi"]


def test_short_ones_are_written_at_once(admin: Visitor, shelf: FakeStatements, papering: FakePapers) -> None:
    shelf.closed["2026-09"] = document("2026-09")
    assert lines_in(document("2026-09")) == 257 <= SHORT
    assert admin.get("/statements/2026-09/detailed.pdf").data.startswith(b"%PDF")
    assert admin.get(WAIT).location == "/statements/2026-09/detailed.pdf"
    assert papering.made == []


def test_an_open_month_is_as_of_a_moment(
    tmp_path: Path, admin: Visitor, parts: Parts, shelf: FakeStatements, papering: FakePapers
) -> None:
    shelf.closed["2026-10"] = long("2026-10")
    paper = paper_of("2026-10", None, "en", "pdf")
    now = [1_000_000.0]
    papers = Papers(tmp_path, papering, lambda: now[0])
    papers.wait(paper, "admin")
    until(lambda: papers.ready(paper), within_s=20)
    path = papers.ready(paper)
    assert path is not None
    os.utime(path, (now[0], now[0]))
    now[0] += OPEN_GOOD_S + 1
    assert papers.ready(paper) is None
    papering.closed = True  # it is closed while its file is made
    papers.wait(paper, "admin")
    until(lambda: not papers._jobs.running, within_s=20)
    assert (papers.ready(paper), papers.failure(paper), len(papering.made)) == (None, None, 2)


def test_one_at_a_time_and_only_while_somebody_waits(tmp_path: Path, papering: FakePapers) -> None:
    papering.first_line = WAITING
    papers = Papers(tmp_path, papering, rules=Rules(at_once=1, unwatched_s=0.5))
    first, second = paper_of("2026-09", CLOSED, "vi", "pdf"), paper_of("2026-09", CLOSED, "en", "pdf")
    running = papers.wait(first, "admin")
    assert running is not None
    assert papers.wait(second, "mai") is None
    until(lambda: papers.wait(second, "mai") is not None, within_s=10)  # nobody waits for the first any more
    assert papers.failure(first) is None
    assert papering.made == [first, second]
    papers.stop()


def test_cancelled(admin: Visitor, parts: Parts, papering: FakePapers) -> None:
    papering.first_line = WAITING
    assert "0 seconds so far" in admin.text(WAIT)
    assert "this one is next" in admin.text(WAIT.replace("pdf", "csv"))
    assert admin.post("/statements/2026-09/detailed.pdf/cancel").location == "/statements/2026-09"
    until(lambda: "seconds so far" in admin.text(WAIT.replace("pdf", "csv")), within_s=10)
    assert not list((parts.config.data / "web" / "statements").glob("[0-9]*"))


def test_what_went_wrong_and_again(admin: Visitor, parts: Parts, papering: FakePapers) -> None:
    papering.first_line = "raise SystemExit('tongdai: DejaVuSans.ttf is not there: apt-get install it')\n"
    admin.text(WAIT)
    until(lambda: "The file could not be made: DejaVuSans.ttf is not there" in admin.text(WAIT), within_s=20)
    assert "data-poll" not in admin.text(WAIT)
    assert len(papering.made) == 1, "not tried again by itself"
    papering.first_line = ""
    assert admin.post(WAIT).location == WAIT
    until(lambda: "The file is ready." in admin.text(WAIT), within_s=20)


def test_only_for_those_who_may_see_single_calls(viewer: Visitor) -> None:
    assert viewer.get("/statements/2026-09/detailed.pdf").status_code == 403
    assert viewer.get(WAIT).status_code == 403
    for action in ("wait", "cancel"):
        assert viewer.post(f"/statements/2026-09/detailed.pdf/{action}").status_code == 403


def put(data: Path, paper: Paper, size: int, fetched: float) -> Path:
    path = data / "web" / "statements" / paper.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (fetched, fetched))
    return path


def test_kept_up_to_a_size(tmp_path: Path, papering: FakePapers) -> None:
    papers = Papers(tmp_path, papering, lambda: 1_000_000.0, most_bytes=210)
    old, fetched, stale = (paper_of(f"2026-0{n}", CLOSED, "vi", "pdf") for n in (1, 2, 3))
    for number, paper in enumerate((old, fetched, replace(stale, stamp=OPEN))):
        put(tmp_path, paper, 100, 1000.0 + number)
    assert papers.ready(fetched) is not None
    new = paper_of("2026-09", CLOSED, "vi", "pdf")
    papers.wait(new, "admin")
    until(lambda: papers.ready(new) and papers.ready(old) is None, within_s=20)
    assert [papers.ready(each) is not None for each in (old, fetched, new)] == [False, True, True]
    assert not list((tmp_path / "web" / "statements").glob(f"*{OPEN}*"))
    papers.stop()


def test_factory_reset_forgets_them(parts: Parts) -> None:
    path = put(parts.config.data, paper_of("2026-01", CLOSED, "vi", "pdf"), 1, 1.0)
    reckoned = kept_file(parts.config.data)
    reckoned.write_bytes(b"")
    (parts.config.data / "factory-reset").touch()
    assert factory_reset.heed(parts.config.data, parts.store, parts.users)
    assert not path.exists()
    assert not reckoned.exists(), "by settings that hold no more"


def test_what_the_command_of_a_killed_page_writes_is_never_taken(tmp_path: Path, papering: FakePapers) -> None:
    """It has a place of its own, which goes: at the start of the page, and with the next file that is made."""
    paper = Paper("2026-09", "abc", "vi", "pdf")
    place = part_of(tmp_path, paper)
    place.parent.mkdir(parents=True)
    theirs = place.with_name(f".{paper.name}.1.part")
    assert theirs != place
    theirs.write_bytes(b"%PDF half")
    papers = Papers(tmp_path, papering)
    assert not theirs.exists()
    theirs.write_bytes(b"%PDF half")
    assert papers.wait(paper, "admin") is not None
    until(lambda: papers.ready(paper) is not None, within_s=20)
    until(lambda: not theirs.exists())
    kept = papers.ready(paper)
    assert kept is not None
    assert kept.read_bytes() == f"%PDF {paper.name}".encode()
    assert [each.name for each in place.parent.iterdir()] == [paper.name]


def test_another_closing_or_renderer_is_another_file() -> None:
    one = paper_of("2026-09", CLOSED, "vi", "pdf")
    assert one == paper_of("2026-09", dict(CLOSED), "vi", "pdf")
    assert one != paper_of("2026-09", CLOSED | {"drawn": "2026-11-02T00:10:00+07:00"}, "vi", "pdf")
    assert paper_of("2026-09", None, "vi", "pdf").stamp == OPEN


def test_the_command_that_writes_them(tmp_path: Path) -> None:
    paper = paper_of("2026-09", CLOSED, "en", "csv")
    with PaperCommands(tmp_path)(paper) as command:
        written = Path(command[command.index("--out") + 1])
        assert written.parent.is_dir()
        assert [*command[3:7], *command[7:11]] == [
            "statement", "show", "2026-09", "--detailed", "--format", "csv", "--language", "en",
        ]  # fmt: skip
        written.write_bytes(b"half")
    assert not written.exists()
    assert json.dumps(paper.name)
