"""Monthly statements: the list, one of them, its calls for those who may see them, drawing one up now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from edge.api.client import BoxRefused
from edge.api.messages import DrawStatement
from edge.api.queries import StoreAbsent
from edge.api.statements import StatementFailed
from web_ui.guard import current_user, needs, note
from web_ui.i18n import ZONE
from web_ui.i18n import gettext as _
from web_ui.months import first_used_month, months_between
from web_ui.pager import Pager, page_number
from web_ui.papers import SHORT, lines_in
from web_ui.parts import parts
from web_ui.refusals import understand

blueprint = Blueprint("statements", __name__, url_prefix="/statements")

Document = dict[str, Any]

ITEMS = 100
"""Calls and messages on a page of the detailed form."""


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
    found = month_document(month, detailed=False)
    may_draw = not found["closed"] and month in _drawable()
    return render_template("statement.html", month=month, told=found, may_draw=may_draw, long=lines_in(found) > SHORT)


@blueprint.get("/<month>/total")
def total(month: str) -> str:
    """The total of an open month, for the list: fetched by the page when it stands there already."""
    return render_template("statement_total.html", told=month_document(month, detailed=False))


@blueprint.get("/<month>/details")
@needs("statement-details")
def details(month: str) -> str:
    with _understood():
        found = parts().statements.details(month)
    pager = Pager(page_number(-(-len(found) // ITEMS)), ITEMS, len(found))
    return render_template(
        "statement_details.html",
        month=month,
        items=found.items(pager.first, pager.last) if len(found) else [],
        corrected=found.corrected if pager.page == 1 else [],
        pager=pager,
    )


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


def month_document(month: str, *, detailed: bool) -> Document:
    """404 for what is no month of the box."""
    with _understood():
        return parts().statements.document(month, detailed=detailed)


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except StatementFailed as error:
        if error.blame == "input":
            abort(404)
        raise BoxRefused(str(error), "box") from error
