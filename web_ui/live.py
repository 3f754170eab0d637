"""The live page: lines and calls in progress, kept current by server-sent events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator

from flask import Blueprint, Response, abort, flash, redirect, render_template, stream_with_context, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from edge.api.client import BoxRefused
from edge.api.messages import EndCall
from web_ui.guard import current_user, needs, note
from web_ui.i18n import gettext as _
from web_ui.i18n import language, ngettext
from web_ui.live_feed import LiveFeed, LiveState
from web_ui.parts import parts

blueprint = Blueprint("live", __name__)

STREAMS = 28
"""Open live pages at most; each holds a thread of the server, and the others must stay free for pages."""
HEARTBEAT_S = 10.0
"""A sign of life at least this often, so that a dead connection is noticed and its thread freed."""
SETTLE_S = 0.1
"""Changes that come together are shown together: at most ten pictures per second."""
RECHECK_S = 60.0
"""A stream ends by itself after this long and the browser opens it again: signing out ends it, too."""

TOLD_S = 3600.0
"""How long a notice about spending stays; what is used up stands on the page of limits all the time."""
TONES = {"alarm": "bad", "reached": "bad"}

_streams = threading.BoundedSemaphore(STREAMS)


@blueprint.get("/")
def page() -> str:
    return render_template("live.html", state=_fresh(), **_view(_fresh()))


@blueprint.get("/live/events")
def events() -> Response | tuple[str, int]:
    if not _streams.acquire(blocking=False):
        return _("Too many live pages are open."), 503
    stream = stream_with_context(_stream(parts().feed))
    answer = Response(stream, mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    answer.call_on_close(_streams.release)
    return answer


@blueprint.route("/live/calls/<call>/end", methods=["GET", "POST"])
@needs("end-call")
def end_call(call: str) -> BaseResponse | str:
    """GET asks (in a dialog where there is JavaScript), POST does it."""
    form = FlaskForm()
    running = next((row for row in parts().feed.state.calls if row.call == call), None)
    if form.validate_on_submit():
        try:
            parts().box.ask(EndCall(call=call, by=current_user().name))
        except BoxRefused:  # the people in it were quicker
            flash(_("This call was over already."), "calm")
        else:
            note("end-call", call)
            flash(_("The call is being ended."), "good")
        return redirect(url_for(".page"))
    if running is None:
        abort(404)
    return render_template("end_call.html", form=form, call=running)


def _fresh() -> LiveState:
    return parts().feed.state


def _view(state: LiveState) -> dict[str, object]:
    return {
        "lines": state.lines,
        "calls": state.calls,
        "employees": state.employees,
        "names": {number: each.name for number, each in state.employees.items()},
        "elapsed": _elapsed(state),
        "told": _told(state),
        "summary": _summary(state),
    }


def _elapsed(state: LiveState) -> float:
    """Seconds since the durations in this state were true."""
    return time.monotonic() - state.received if state.received else 0.0


def _told(state: LiveState) -> list[dict[str, str]]:
    """What the box said about spending lately, in the reader's language."""
    since = time.monotonic() - TOLD_S
    return [
        {"at": each.at, "text": each.en if language() == "en" else each.vi, "tone": TONES.get(each.level, "warning")}
        for each in state.told
        if each.received >= since
    ]


def _summary(state: LiveState) -> str:
    """One sentence for a screen reader; it changes only when something worth saying did."""
    if not state.reachable:
        return _("The switchboard is not reachable.")
    talking = sum(1 for call in state.calls if call.state == "talking")
    ready = sum(1 for line in state.lines if line.state == "up")
    return ", ".join(
        (
            ngettext("%(num)s call in progress", "%(num)s calls in progress", len(state.calls)),
            ngettext("%(num)s talking", "%(num)s talking", talking),
            ngettext("%(num)s line ready", "%(num)s lines ready", ready),
        )
    )


def _stream(feed: LiveFeed) -> Iterator[str]:
    """A picture at once, then one per change. Ends when the server stops."""
    yield "retry: 1500\n\n"
    until = time.monotonic() + RECHECK_S
    version = -1
    while not feed.stopping and time.monotonic() < until:
        state = feed.wait(version, HEARTBEAT_S)
        if state.version == version:
            yield "event: still-here\ndata: {}\n\n"
            continue
        if not feed.stopping and version >= 0:
            time.sleep(SETTLE_S)
            state = feed.state
        version = state.version
        yield f"event: picture\ndata: {json.dumps(_picture(state))}\n\n"


def _picture(state: LiveState) -> dict[str, object]:
    view = _view(state)
    return {
        "reachable": state.reachable,
        "summary": view["summary"],
        "ended": state.ended,
        "parts": {
            "live-trouble": render_template("live_trouble.html", state=state, **view),
            "live-lines": render_template("live_lines.html", state=state, **view),
            "live-calls": render_template("live_calls.html", state=state, **view),
        },
    }
