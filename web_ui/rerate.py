"""Rating again: stored charges by today's prices beside what stands, month by month and call by call; then applied."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField

from edge.api.messages import GetStatus
from edge.api.reckonings import KeptChange
from web_ui.charges import Explained, explain
from web_ui.guard import current_user, needs, note
from web_ui.i18n import ZONE, money
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.i18n import month as month_words
from web_ui.jobs import Failure
from web_ui.money_words import plan_name, version_day
from web_ui.months import first_used_month, months_between
from web_ui.pager import Pager, page_number
from web_ui.parts import parts
from web_ui.rerater import RECKON_AGAIN, Apply, Reckon, Reckoned, Task, owed_month, records_read
from web_ui.wording import CLASSES, word

blueprint = Blueprint("rerate", __name__, url_prefix="/tariffs/rerate")

ROWS = 25
"""Changed charges on a page."""


class RerateForm(FlaskForm):  # type: ignore[misc]
    first = SelectField(_l("From month"), validate_choice=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One charge that differs, for people."""

    at: str | None
    extension: str | None
    number: str | None
    call: str | None
    """None: a message."""
    before: Explained
    after: Explained
    differs: tuple[tuple[str, str], ...]
    """In what else the two differ, before and after."""


@blueprint.get("")
@needs("settings")
def page() -> str:
    rerater = parts().rerater
    running = rerater.running
    reckoned = None if running else rerater.reckoned
    failure = None if running else rerater.failure
    form, months = RerateForm(formdata=None), _months()
    form.first.choices = [(each, month_words(each)) for each in months]
    form.first.data = _first(months, running.job if running else None, reckoned)
    shown: dict[str, object] = {
        "form": form,
        "running": running,
        "reckoned": reckoned,
        "applied": rerater.applied,
        "records": 0,
    }
    if running is not None:
        shown |= {"applying": isinstance(running.job, Apply), "records": records_read(running)}
    if failure is not None:
        shown |= {"failure": _said(failure), "moved": _moved(failure)}
    if reckoned is not None:
        shown |= _changes(reckoned)
    return render_template("rerate.html", **shown)


@blueprint.post("")
@needs("settings")
def reckon() -> Response:
    form = RerateForm()
    first = str(form.first.data)
    if not form.validate_on_submit() or first not in _months():
        abort(400)
    if parts().rerater.ask(Reckon(first), current_user().name):
        note("rerate", first)
    else:
        _busy()
    return redirect(url_for(".page", first=first))


@blueprint.post("/cancel")
@needs("settings")
def cancel() -> Response:
    parts().rerater.cancel()
    return redirect(url_for(".page"))


@blueprint.route("/apply", methods=["GET", "POST"])
@needs("settings")
def apply() -> Response | str:
    """Asked first; applies what the question was about, and nothing that was reckoned since."""
    rerater = parts().rerater
    reckoned = rerater.reckoned
    if FlaskForm().validate_on_submit():
        if reckoned is None or request.args.get("reckoning") != reckoned.id:
            flash(_("It was rated again meanwhile. Look at the difference once more."), "warning")
        elif rerater.ask(Apply(reckoned.id, current_user().name), current_user().name):
            note("apply-rerate", f"{reckoned.first}: {reckoned.changes} charges")
        else:
            _busy()
        return redirect(url_for(".page"))
    if reckoned is None or not reckoned.changes:
        abort(404)
    return render_template("apply_rerate.html", reckoned=reckoned)


def owed_months() -> list[str]:
    """Months whose stored charges differ from today's tables, as far as the box has noticed; oldest first."""
    alarms = parts().box.ask(GetStatus())["alarms"]
    return sorted({month for alarm in alarms if (month := owed_month(alarm)) is not None})


def _busy() -> None:
    flash(_("Calls are being rated again already; wait until that is done."), "warning")


def _months() -> list[str]:
    """Newest first, as far back as there are calls."""
    this = dt.datetime.fromtimestamp(parts().clock(), ZONE).strftime("%Y-%m")
    return months_between(first_used_month() or this, this)[::-1]


def _first(months: Sequence[str], running: Task | None, reckoned: Reckoned | None) -> str:
    """The month asked for or being reckoned, else the earliest that the box knows to differ, else all there is."""
    if isinstance(running, Reckon):
        return running.first
    wanted = [request.args.get("first"), reckoned.first if reckoned else None, *owed_months()]
    return next((month for month in wanted if month in months), None) or months[-1]


def _changes(reckoned: Reckoned) -> dict[str, object]:
    """The changed charges that the address asks for: of one month or all, by pages."""
    of_month = next((row["month"] for row in reckoned.months if row["month"] == request.args.get("month")), None)
    total = reckoned.changes_in(of_month)
    pager = Pager(page_number(-(-total // ROWS)), ROWS, total)
    found = parts().rerater.changes(of_month, ROWS, max(0, pager.first - 1)) if total else []
    return {"rows": [_row(each) for each in found], "pager": pager, "of_month": of_month}


def _row(change: KeptChange) -> Row:
    item = str(change.after["id"])
    call = item.partition(".")[0] if "." in item else None
    before, after = explain(change.before), explain(change.after)
    return Row(change.at, change.extension, change.number, call, before, after, tuple(_differs(change)))


def _differs(change: KeptChange) -> Iterator[tuple[str, str]]:
    """Version of the plan, class of the number, place among the bands."""
    before, after = _version(change.before), _version(change.after)
    if before != after:
        same_plan = before.partition("@")[0] == after.partition("@")[0]
        yield plan_name(before), version_day(after) if same_plan else plan_name(after)
    for words in (_class, _bands):
        before, after = words(change.before), words(change.after)
        if before != after:
            yield before, after


def _version(charge: Mapping[str, Any]) -> str:
    """`3c@2019-01-01`"""
    return str(charge.get("rule") or "").partition("/")[0]


def _class(charge: Mapping[str, Any]) -> str:
    return word(CLASSES, charge.get("class")) or "–"


def _bands(charge: Mapping[str, Any]) -> str:
    """The price a minute or piece in each band; minutes of a bundle by its name."""
    return ", ".join(_band(part) for part in charge["parts"]) or "–"


def _band(part: Mapping[str, Any]) -> str:
    if part.get("bundle") is not None:
        return _("bundle %(number)s", number=part["bundle"])
    if "vnd_per_min" in part:
        return _("%(price)s a minute", price=money(part["vnd_per_min"]))
    return _("%(price)s a part", price=money(part["vnd_per_unit"]))


def _moved(failure: Failure[Task]) -> bool:
    return isinstance(failure.job, Apply) and failure.sentence.endswith(RECKON_AGAIN)


def _said(failure: Failure[Task]) -> str:
    said = failure.sentence.removeprefix("tongdai: ")
    if _moved(failure):
        return _(
            "A call was rated, or prices or settings changed meanwhile, so nothing was applied. Rate again, and apply "
            "what is shown then."
        )
    if failure.blame == "time":
        return _("It took too long and was stopped. Try again at night, when the box has less to do.")
    if "no box runs at" in said:
        return _("The switchboard is not running, so nothing was done. Try again when it is back.")
    return said or _("Rating again ended without an answer; the details are in the log of the box.")
