"""Monthly statements: the list, one of them, its calls for those who may see them, downloads, drawing one up now."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from edge.api.client import BoxRefused
from edge.api.messages import DrawStatement
from edge.api.queries import StoreAbsent
from edge.api.statements import Language, StatementFailed
from web_ui.guard import current_user, needs, note
from web_ui.i18n import ZONE, language
from web_ui.i18n import gettext as _
from web_ui.months import first_used_month, months_between
from web_ui.pager import Pager, page_number
from web_ui.parts import parts
from web_ui.refusals import understand
from web_ui.statement_shelf import as_csv, as_pdf

blueprint = Blueprint("statements", __name__, url_prefix="/statements")

Document = dict[str, Any]

ITEMS = 100
"""Calls and messages on a page of the detailed form."""
FORMATS = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class Row:
    month: str
    running: bool
    """The month is not over yet."""
    closed: Mapping[str, Any] | None
    """As the store lists it; None: open, to be reckoned."""


@blueprint.get("")
def page() -> str:
    rows = _rows()
    return render_template("statements.html", rows=rows, unclosed=[each for each in rows if each.closed is None])


@blueprint.get("/<month>")
def show(month: str) -> str:
    found = _document(month, detailed=False)
    may_draw = not found["closed"] and month in _drawable()
    return render_template("statement.html", month=month, told=found, may_draw=may_draw)


@blueprint.get("/<month>/total")
def total(month: str) -> str:
    """The total of an open month, for the list: fetched by the page when it stands there already."""
    return render_template("statement_total.html", told=_document(month, detailed=False))


@blueprint.get("/<month>/details")
@needs("statement-details")
def details(month: str) -> str:
    found = _document(month, detailed=True)
    items, corrected = found.get("items", []), found.get("corrected", [])
    pager = Pager(page_number(-(-len(items) // ITEMS)), ITEMS, len(items))
    return render_template(
        "statement_details.html",
        month=month,
        told=found,
        items=items[pager.first - 1 : pager.last] if items else [],
        corrected=corrected if pager.page == 1 else [],
        pager=pager,
    )


@blueprint.get("/<month>/<any(summary, detailed):form>.<any(pdf, csv, json):kind>")
def download(month: str, form: str, kind: str) -> Response:
    detailed = form == "detailed"
    if detailed and not current_user().may("statement-details"):
        abort(403)
    found = _document(month, detailed=detailed)
    note("download-statement", f"{month} {form} {kind}")
    spoken: Language = "en" if language() == "en" else "vi"
    match kind:
        case "pdf":
            content = as_pdf(found, spoken, detailed=detailed)
        case "csv":
            content = as_csv(found, spoken, detailed=detailed)
        case _:
            content = json.dumps(found, ensure_ascii=False, indent=1).encode()
    answer = Response(content, mimetype=FORMATS[kind])
    answer.headers["Content-Disposition"] = f"attachment; filename={_file_name(month, form, kind)}"
    return answer


@blueprint.route("/<month>/draw", methods=["GET", "POST"])
@needs("settings")
def draw(month: str) -> Response | str | tuple[str, int]:
    """Draws up and closes a past month; asked first, since a closed month is never opened again."""
    if month not in _drawable():
        abort(404)
    if not FlaskForm().validate_on_submit():
        return render_template("draw_statement.html", month=month)
    try:
        parts().box.ask(DrawStatement(month=month, by=current_user().name))
    except BoxRefused as error:
        if error.blame != "input":
            raise
        flash(understand(error.error).text, "bad")
        return redirect(url_for(".page"))
    parts().statements.forget()
    note("draw-statement", month)
    flash(_("The statement was drawn up. It no longer changes; corrections stand in the next one."), "good")
    return redirect(url_for(".show", month=month))


def this_month() -> str:
    return dt.datetime.fromtimestamp(parts().clock(), ZONE).strftime("%Y-%m")


def _rows() -> list[Row]:
    """The running month first, then back to the first one with calls or a statement."""
    try:
        closed = {row["statement"]: row for row in parts().statements.listed()}
    except StoreAbsent:
        closed = {}
    now = this_month()
    first = min([now, *closed, *filter(None, [first_used_month()])])
    return [Row(month, month == now, closed.get(month)) for month in reversed(months_between(first, now))]


def _drawable() -> set[str]:
    """Past months that are not closed yet."""
    return {row.month for row in _rows() if row.closed is None and not row.running}


def _document(month: str, *, detailed: bool) -> Document:
    try:
        return parts().statements.document(month, detailed=detailed)
    except StatementFailed as error:
        if error.blame == "input":
            abort(404)
        raise BoxRefused(str(error), "box") from error


def _file_name(month: str, form: str, kind: str) -> str:
    names = {"vi": {"summary": "bang-ke-tong-hop", "detailed": "bang-ke-chi-tiet"}}
    return f"{names.get(language(), {}).get(form, f'statement-{form}')}-{month}.{kind}"
