"""Comparing plans: a month under every plan and bundle, cheapest first, with the assumptions of each."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectField

from edge.api.messages import GetSettings
from web_ui.advisor import Advice, Question
from web_ui.guard import current_user, needs, note
from web_ui.i18n import ZONE, language, phone
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.i18n import month as month_words
from web_ui.jobs import Failure
from web_ui.money_words import plan_name
from web_ui.months import first_used_month, months_between
from web_ui.parts import parts

blueprint = Blueprint("advice", __name__, url_prefix="/advice")

SHOWN = 12
"""Choices shown at once; the dearer ones unfold."""
MONTHS = 12
AMOUNTS = (
    "fees_vnd",
    "voice_vnd",
    "sms_vnd",
    "requests_vnd",
    "bundles_vnd",
    "discount_vnd",
    "total_vnd",
    "difference_vnd",
)


class AdviceForm(FlaskForm):  # type: ignore[misc]
    period = SelectField(_l("Month"), validate_choice=False)


@blueprint.get("")
@needs("advice")
def page() -> str:
    form = AdviceForm(formdata=None)
    months = _months()
    form.period.choices = [(each, month_words(each)) for each in months]
    wanted = request.args.get("period", "")
    advisor = parts().advisor
    running = advisor.running
    if wanted not in months:
        wanted = running.job.period if running else _newest(months)
    form.period.data = wanted
    found = advisor.answer(wanted, language())
    failure = None if running else advisor.failure(Question(wanted, language()))
    choices = _choices(found) if found else []
    return render_template(
        "advice.html",
        form=form,
        running=running,
        failure=_said(failure) if failure else "",
        advice=found,
        choices=choices,
        own=any(choice["present"] for choice in choices),
        shown=SHOWN,
        period=wanted,
    )


@blueprint.post("")
@needs("advice")
def reckon() -> Response:
    form = AdviceForm()
    period = str(form.period.data)
    if not form.validate_on_submit() or period not in _months():
        abort(400)
    if parts().advisor.ask(Question(period, language()), current_user().name):
        note("advice", period)
    else:
        flash(_("Plans are being compared already; wait until that is done."), "warning")
    return redirect(url_for(".page", period=period))


@blueprint.post("/cancel")
@needs("advice")
def cancel() -> Response:
    running = parts().advisor.running
    parts().advisor.cancel()
    return redirect(url_for(".page", period=running.job.period if running else None))


@blueprint.get("/<period>.csv")
@needs("advice")
def download(period: str) -> Response:
    found = parts().advisor.answer(period, language())
    if found is None:
        abort(404)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["rank", "plan", "version", "bundles", *AMOUNTS, "unrated", "assumptions"])
    for choice in _ranked(found):
        bundles = ", ".join(f"{each['bundle']} {each['hotline']} {each['when_spent']}" for each in choice["bundles"])
        amounts = [choice.get(name) for name in AMOUNTS]
        writer.writerow(
            [choice["rank"], choice["plan"], choice["version"], bundles, *amounts, _count(choice.get("unrated")),
             " ".join(choice.get("assumptions", ()))]
        )  # fmt: skip
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename=tongdai-advice-{period}.csv"
    return answer


def _ranked(found: Advice) -> list[dict[str, Any]]:
    return sorted(found.answer["choices"], key=lambda choice: int(choice["rank"]))


def _choices(found: Advice) -> list[dict[str, Any]]:
    """Cheapest first, each with whether it is what the company has now, and how much it differs from that (or from the
    cheapest, where the company's own is not among them)."""
    held = parts().box.ask(GetSettings())["settings"]["billing"]
    choices = _ranked(found)
    now = _present(choices, held, found.question.period)
    base = choices[now or 0]["total_vnd"] if choices else 0
    return [
        {
            **choice,
            "title": _title(choice),
            "present": at == now,
            "bundles_differ": at == now and _pairs(choice["bundles"]) != _own_bundles(held, found.question.period),
            "unrated": _count(choice.get("unrated")) + _count(choice.get("unpriced_fees")),
            "difference": choice["total_vnd"] - base,
        }
        for at, choice in enumerate(choices)
    ]


def _present(choices: list[dict[str, Any]], held: Mapping[str, Any], period: str) -> int | None:
    """Where the company's own plan stands, with its own bundles if they are among the choices, else without any."""
    plan = [each["plan"] for each in held["plans"] if each["first_month"] <= period][-1:]
    mine = _own_bundles(held, period)
    for wanted in (mine, []):
        for at, choice in enumerate(choices):
            if [choice["plan"]] == plan and _pairs(choice["bundles"]) == wanted:
                return at
    return None


def _own_bundles(held: Mapping[str, Any], period: str) -> list[tuple[str, int]]:
    return _pairs([each for each in held["bundles"] if each["activated_at"] < f"{period}-32"])


def _pairs(bundles: list[Mapping[str, Any]]) -> list[tuple[str, int]]:
    return sorted((each["hotline"], each["bundle"]) for each in bundles)


def _title(choice: Mapping[str, Any]) -> str:
    return plan_name(choice["plan"]) + "".join(
        " + " + _("bundle %(number)s for %(hotline)s", number=each["bundle"], hotline=phone(each["hotline"]))
        for each in choice["bundles"]
    )


def _said(failure: Failure[Question]) -> str:
    if failure.blame == "time":
        return _("It took too long and was stopped. Try again at night, when the box has less to do.")
    said = failure.sentence.removeprefix("tongdai advise: ").removeprefix("tongdai: ")
    if "no plan that prices this usage" in said:
        return _("There are no prices for the calls of that month. Take a plan's file under Price tables.")
    return said or _("The comparison ended without an answer; the details are in the log of the box.")


def _count(unrated: Any) -> int:
    return len(unrated) if isinstance(unrated, list) else int(unrated or 0)


def _months() -> list[str]:
    """Those with calls, newest first; the running one too."""
    this = dt.datetime.fromtimestamp(parts().clock(), ZONE).strftime("%Y-%m")
    return months_between(first_used_month() or this, this)[::-1][: MONTHS + 1]


def _newest(months: list[str]) -> str:
    """The month that was compared last, else the last whole one."""
    answers = [each.question.period for each in parts().advisor.answers() if each.question.period in months]
    return answers[0] if answers else months[min(1, len(months) - 1)]
