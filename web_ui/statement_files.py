"""Statements as files: short ones are written at once, long ones by a process of their own while a page says so."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, abort, redirect, render_template, send_file, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from edge.api.statements import Language
from web_ui.guard import current_user, needs, note
from web_ui.i18n import gettext as _
from web_ui.i18n import language
from web_ui.jobs import Failure
from web_ui.papers import SHORT, Paper, lines_in, paper_of
from web_ui.parts import parts
from web_ui.statement_pages import month_document
from web_ui.statement_shelf import as_csv, as_pdf

blueprint = Blueprint("files", __name__, url_prefix="/statements")

FORMATS = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8", "json": "application/json"}
DETAILED = "/<month>/detailed.<any(pdf, csv, json):kind>"


@blueprint.get("/<month>/summary.<any(pdf, csv, json):kind>")
def summary(month: str, kind: str) -> Response:
    return _sent(_written(month_document(month, detailed=False), kind, detailed=False), month, "summary", kind)


@blueprint.get(DETAILED)
@needs("statement-details")
def detailed(month: str, kind: str) -> Response:
    if lines_in(month_document(month, detailed=False)) <= SHORT:
        return _sent(_written(month_document(month, detailed=True), kind, detailed=True), month, "detailed", kind)
    path = parts().papers.ready(_paper(month, kind))
    if path is None:
        return redirect(url_for(".wait", month=month, kind=kind))
    return _sent(send_file(path, mimetype=FORMATS[kind], etag=False, conditional=False), month, "detailed", kind)


@blueprint.get(f"{DETAILED}/wait")
@needs("statement-details")
def wait(month: str, kind: str) -> Response | str:
    """While it is open the file is made, or its turn comes."""
    told = month_document(month, detailed=False)
    lines, paper, papers = lines_in(told), _paper(month, kind), parts().papers
    if lines <= SHORT:
        return redirect(url_for(".detailed", month=month, kind=kind))
    ready, failure, running = papers.ready(paper) is not None, papers.failure(paper), None
    if not ready and failure is None:
        running = papers.wait(paper, current_user().name)
        if running is None:  # it may have come this moment
            ready, failure = papers.ready(paper) is not None, papers.failure(paper)
    return render_template(
        "statement_wait.html",
        month=month,
        kind=kind,
        lines=lines,
        ready=ready,
        running=running,
        failure="" if ready or failure is None else _said(failure),
    )


@blueprint.post(f"{DETAILED}/wait")
@needs("statement-details")
def again(month: str, kind: str) -> Response:
    """After a failure."""
    if not FlaskForm().validate_on_submit():
        abort(400)
    parts().papers.wait(_paper(month, kind), current_user().name)
    return redirect(url_for(".wait", month=month, kind=kind))


@blueprint.post(f"{DETAILED}/cancel")
@needs("statement-details")
def cancel(month: str, kind: str) -> Response:
    if not FlaskForm().validate_on_submit():
        abort(400)
    parts().papers.cancel(_paper(month, kind))
    return redirect(url_for("statements.show", month=month))


def _paper(month: str, kind: str) -> Paper:
    closed = {row["statement"]: row for row in parts().statements.listed()}
    return paper_of(month, closed.get(month), language(), kind)


def _written(found: dict[str, Any], kind: str, *, detailed: bool) -> Response:
    spoken: Language = "en" if language() == "en" else "vi"
    match kind:
        case "pdf":
            content = as_pdf(found, spoken, detailed=detailed)
        case "csv":
            content = as_csv(found, spoken, detailed=detailed)
        case _:
            content = json.dumps(found, ensure_ascii=False, indent=1).encode()
    return Response(content, mimetype=FORMATS[kind])


def _sent(answer: Response, month: str, form: str, kind: str) -> Response:
    note("download-statement", f"{month} {form} {kind}")
    answer.headers["Content-Disposition"] = f"attachment; filename={_file_name(month, form, kind)}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _file_name(month: str, form: str, kind: str) -> str:
    names = {"vi": {"summary": "bang-ke-tong-hop", "detailed": "bang-ke-chi-tiet"}}
    return f"{names.get(language(), {}).get(form, f'statement-{form}')}-{month}.{kind}"


def _said(failure: Failure[Paper]) -> str:
    if failure.blame == "time":
        return _("It took too long and was stopped. Try again at night, when the box has less to do.")
    return failure.sentence.removeprefix("tongdai: ") or _("The details are in the log of the box.")
