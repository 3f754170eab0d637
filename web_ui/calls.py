"""The call log: searching it and looking at one call."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import DateField, Form, StringField
from wtforms.validators import Length, Optional, Regexp, ValidationError

from edge.api.queries import CdrFilter
from web_ui import charges, timeline
from web_ui.fields import choice
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.pager import Pager, page_number
from web_ui.parts import parts
from web_ui.wording import DISPOSITIONS

blueprint = Blueprint("calls", __name__, url_prefix="/calls")

PAGE_ROWS = 50
YEARS = range(2000, 2200)
"""A box without a clock begins in 1970; its rows are restamped."""


def _in_our_time(_form: Form, field: DateField) -> None:
    """Not year 2 of somebody who is still typing, nor 9999, after which there is no next day."""
    if field.data and field.data.year not in YEARS:
        raise ValidationError(_("This is no date."))


class FilterForm(Form):  # type: ignore[misc]
    """What the address says is wanted; part of the address, so that a search can be kept as a bookmark."""

    since = DateField(_l("First day"), [Optional(), _in_our_time], invalid_value_message=_l("This is no date."))
    until = DateField(_l("Last day"), [Optional(), _in_our_time], invalid_value_message=_l("This is no date."))
    number = StringField(
        _l("Number"),
        [
            Optional(),
            Length(max=20, message=_l("At most 20 digits.")),
            Regexp(r"[+\d .()-]*$", message=_l("Digits only.")),
        ],
    )
    extension = StringField(_l("Extension"), [Optional(), Regexp(r"\d{1,5}$", message=_l("3 to 5 digits."))])
    result = choice(_l("Result"), {"": _l("All"), **DISPOSITIONS}, default="")
    recorded = choice(_l("Recording"), {"": _l("All"), "yes": _l("Recorded"), "no": _l("Not recorded")}, default="")

    def validate_until(self, field: DateField) -> None:
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("The end lies before the beginning."))


@blueprint.get("")
def log() -> str | tuple[str, int]:
    form = FilterForm(_given(request.args))
    if not form.validate():
        return render_template("calls.html", form=form, rows=[], pager=Pager(1, PAGE_ROWS, 0), filtered=True), 400
    wanted = _wanted(form)
    total = parts().history.count(wanted)
    pager = Pager(page_number(-(-total // PAGE_ROWS)), PAGE_ROWS, total)
    rows = parts().history.cdrs(wanted, limit=PAGE_ROWS, offset=(pager.page - 1) * PAGE_ROWS, newest_first=True)
    outgoing = parts().history.outgoing([row["call"] for row in rows])
    filtered = wanted != CdrFilter()
    return render_template("calls.html", form=form, rows=rows, outgoing=outgoing, pager=pager, filtered=filtered)


@blueprint.get("/<call>")
def details(call: str) -> str | Response:
    row = parts().history.cdr(call)
    if row is None:
        if any(running.call == call for running in parts().feed.state.calls):
            flash(_("This call is still in progress; its details stand here when it is over."), "calm")
            return redirect(url_for("live.page"))
        abort(404)
    legs = {leg["leg"]: leg["number"] for leg in row["legs"]}
    return render_template(
        "call.html",
        row=row,
        steps=timeline.tell(parts().history.timeline(call), legs),
        outgoing=bool(parts().history.outgoing([call])),
        explained={charge["id"]: charges.explain(charge) for charge in row["rating"]},
        earlier={leg: charges.earlier(rated) for leg, rated in parts().history.charge_revisions(call).items()},
    )


def _given(arguments: MultiDict[str, str]) -> MultiDict[str, str]:
    """Blanks around what was typed (or pasted) mean nothing."""
    return MultiDict([(name, value.strip()) for name, value in arguments.items(multi=True)])


def _wanted(form: FilterForm) -> CdrFilter:
    return CdrFilter(
        date_from=_iso(form.since.data),
        date_to=_iso(form.until.data),
        number=form.number.data or None,
        extension=form.extension.data or None,
        disposition=form.result.data or None,
        recorded={"yes": True, "no": False}.get(form.recorded.data),
    )


def _iso(date: dt.date | None) -> str | None:
    return None if date is None else date.isoformat()
