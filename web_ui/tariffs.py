"""Price tables: what the box rates by, where it comes from, and taking a new version or table from a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import FileField

from edge.api.client import BoxRefused
from edge.api.messages import ImportTable, ListTables
from web_ui.fields import choice
from web_ui.guard import current_user, needs, note
from web_ui.i18n import gettext as _
from web_ui.i18n import grouped
from web_ui.i18n import lazy_gettext as _l
from web_ui.money_words import TABLE_KINDS, plan_name
from web_ui.parts import parts
from web_ui.rerate import owed_months
from web_ui.table_refusals import told, warned
from web_ui.uploads import handed_over
from web_ui.wording import word

blueprint = Blueprint("tariffs", __name__, url_prefix="/tariffs")

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
LONGEST_NAME = 80
"""Characters of an uploaded file's name that an answer repeats."""


class TableForm(FlaskForm):  # type: ignore[misc]
    kind = choice(_l("What the file holds"), TABLE_KINDS, default="plan")
    file = FileField(_l("File"))


@blueprint.get("")
def page() -> str:
    return _show(TableForm(formdata=None))


@blueprint.post("")
@needs("settings")
def upload() -> Response | tuple[str, int]:
    form = TableForm()
    file: FileStorage | None = request.files.get("file")
    valid = form.validate_on_submit()
    if file is None or not file.filename:
        form.file.errors = [_("Choose a file.")]
        return _show(form), 400
    if not file.stream.read(LONGEST_NAME).strip():  # it would replace a table by nothing
        form.file.errors = [_("This file is empty.")]
    file.stream.seek(0)
    if not valid or form.file.errors:
        return _show(form), 400
    try:
        taken = _import(form.kind.data, file)
    except BoxRefused as error:
        if error.blame != "input":
            raise
        return _show(form, [told(line) for line in error.error.splitlines()]), 400
    note("import-table", f"{taken['kind']} {taken['name']}")
    flash(_taken(taken), "good")
    for warning in taken["warnings"]:
        flash(warned(warning), "warning")
    flash(_("It holds for calls from now on; calls that were rated before keep their charges."), "calm")
    return redirect(url_for(".page", since=taken.get("next")))


def _import(kind: str, file: FileStorage) -> dict[str, Any]:
    """In what the box says, and in BoxRefused, the file has the name that the reader knows."""
    name = PurePath(str(file.filename).replace("\\", "/")).name[:LONGEST_NAME]
    suffix = ".toml" if kind == "plan" else ".csv"
    with handed_over(parts().config.data, file, suffix) as path:

        def named(said: str) -> str:
            return said.replace(str(path), name).replace(path.name, name).replace(path.stem, PurePath(name).stem)

        try:
            taken: dict[str, Any] = parts().box.ask(ImportTable(kind=kind, path=str(path), by=current_user().name))
        except BoxRefused as error:
            raise BoxRefused(named(error.error), error.blame) from error
    return taken | {"warnings": [named(each) for each in taken.get("warnings", ())]}


def _show(form: TableForm, report: list[str] | None = None) -> str:
    """After an import the address says since which month stored charges may differ by it."""
    rows: list[dict[str, Any]] = parts().box.ask(ListTables())
    return render_template(
        "tariffs.html",
        plans=[row for row in rows if row["kind"] == "plan"],
        tables=[row for row in rows if row["kind"] != "plan"],
        form=form,
        report=report,
        since=found if _MONTH.fullmatch(found := request.args.get("since", "")) else "",
        owed=owed_months() if current_user().may("settings") else [],
    )


def _taken(row: Mapping[str, Any]) -> str:
    if row["kind"] == "plan":
        return _("The plan %(plan)s was taken.", plan=plan_name(row["name"]))
    kind = word(TABLE_KINDS, row["kind"])
    what = kind if row["name"] == row["kind"] else f"{kind} {row['name']}"
    return _("%(what)s was taken; rows: %(n)s.", what=what, n=grouped(row["rows"]))
