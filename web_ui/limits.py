"""What telephones may spend: limits with what of them is used, barred numbers, the guard against toll fraud."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from edge.api.client import BoxRefused
from edge.api.messages import GetSettings, GetSpending
from web_ui.guard import needs
from web_ui.hotlines import own_hotlines
from web_ui.i18n import gettext as _
from web_ui.limit_forms import BarringForm, Choices, FraudForm, LimitForm, subjects
from web_ui.money_words import limit_sentence
from web_ui.parts import parts
from web_ui.saving import Document, mark, position, save

log = logging.getLogger(__name__)
blueprint = Blueprint("limits", __name__, url_prefix="/limits")

SHOWN = 5
"""Of a limit that holds for each by itself: so many of those who have used most; the others unfold."""
TERMS = ("scope", "period", "at_end", "minutes", "vnd")
SAME_PLACE: Mapping[str, str] = {"scope": "whose", "subject": "whose"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit as it was decided, and where those stand whom it concerns, most used first."""

    mark: str
    limit: Mapping[str, Any]
    used: tuple[Mapping[str, Any], ...]
    gone: bool = False
    """Whom it names is no longer there: it counts nothing."""

    @property
    def first(self) -> tuple[Mapping[str, Any], ...]:
        return self.used[:SHOWN]

    @property
    def rest(self) -> tuple[Mapping[str, Any], ...]:
        return self.used[SHOWN:]


@blueprint.get("")
def page() -> str:
    return _show()


@blueprint.route("/add", methods=["GET", "POST"])
@needs("limits")
def add() -> Response | str | tuple[str, int]:
    form, answer = LimitForm(), parts().box.ask(GetSettings())
    form.offer(answer["settings"], own_hotlines())
    if request.method == "GET":
        form.warn_percent.data = "80, 90"
    if form.validate_on_submit() and _store(form, len(answer["settings"]["spending"]["limits"])):
        return redirect(url_for(".page"))
    return _edit(form, answer["revision"])


@blueprint.route("/<limit>", methods=["GET", "POST"])
@needs("limits")
def change(limit: str) -> Response | str | tuple[str, int]:
    form, answer = LimitForm(), parts().box.ask(GetSettings())
    limits = answer["settings"]["spending"]["limits"]
    at = position(limits, limit)
    if at is None and request.method == "GET":
        flash(_("Somebody has changed or removed this limit meanwhile."), "warning")
        return redirect(url_for(".page"))
    if request.method == "GET" and at is not None:
        form.fill(limits[at])
    form.offer(answer["settings"], own_hotlines())
    if at is None:  # what was typed is kept, to be added anew
        flash(_("Somebody has changed or removed this limit meanwhile. Saving adds it anew."), "warning")
        form.validate()
        return _edit(form, answer["revision"], status=400)
    if form.validate_on_submit() and _store(form, at):
        return redirect(url_for(".page"))
    return _edit(form, answer["revision"], limit)


@blueprint.route("/<limit>/remove", methods=["GET", "POST"])
@needs("limits")
def remove(limit: str) -> Response | str:
    answer, form = parts().box.ask(GetSettings()), FlaskForm()
    limits = answer["settings"]["spending"]["limits"]
    at = position(limits, limit)
    if at is None:
        flash(_("Somebody has changed or removed this limit meanwhile."), "warning")
        return redirect(url_for(".page"))
    if not form.validate_on_submit():
        return render_template("remove_limit.html", limit=limits[at], mark=limit, revision=answer["revision"])

    def without(document: Document) -> None:
        document["spending"]["limits"] = [each for each in document["spending"]["limits"] if mark(each) != limit]

    save(form, "remove-limit", without, _("The limit was removed: %(limit)s.", limit=limit_sentence(limits[at])))
    return redirect(url_for(".page"))


@blueprint.post("/barring")
@needs("limits")
def barring() -> Response | tuple[str, int]:
    form = BarringForm()

    def changed(document: Document) -> None:
        document["spending"]["barring"].update(form.entry())

    said = _("Saved: which numbers employees may call.")
    if form.validate_on_submit() and save(
        form, "barring", changed, said, prefix="spending.barring", advice="spending.fraud_guard"
    ):
        return redirect(url_for(".page") + "#barring")
    return _show({"barring": form}), 400


@blueprint.post("/fraud")
@needs("limits")
def fraud() -> Response | tuple[str, int]:
    form = FraudForm()

    def changed(document: Document) -> None:
        document["spending"]["fraud_guard"].update(form.entry())

    said = _("Saved: the guard against toll fraud.")
    if form.validate_on_submit() and save(form, "fraud-guard", changed, said, prefix="spending.fraud_guard"):
        return redirect(url_for(".page") + "#fraud")
    return _show({"fraud": form}), 400


def _store(form: LimitForm, at: int) -> bool:
    """Puts the form's limit at a place in the list, or after its end."""

    def changed(document: Document) -> None:
        limits = document["spending"]["limits"]
        limits[at : at + 1] = [form.entry()]

    said = _("The limit was saved: %(limit)s.", limit=limit_sentence(form.entry()))
    return save(form, "limit", changed, said, prefix=f"spending.limits[{at}]", fields=SAME_PLACE)


def _edit(form: LimitForm, revision: int, limit: str | None = None, status: int | None = None) -> tuple[str, int]:
    text = render_template("limit.html", form=form, revision=revision, mark=limit)
    return text, status or (400 if form.is_submitted() else 200)


def _show(tried: Mapping[str, FlaskForm] | None = None) -> str:
    """The whole page; `tried` are forms that were refused, with what was typed and why not."""
    answer = parts().box.ask(GetSettings())
    spending, used = answer["settings"]["spending"], _used()
    forms: dict[str, FlaskForm] = {
        "barring": BarringForm(formdata=None, data=spending["barring"]),
        "fraud": FraudForm(formdata=None, data=spending["fraud_guard"]),
    }
    forms["barring"].fill(spending["barring"])
    forms["fraud"].fill(spending["fraud_guard"])
    return render_template(
        "limits.html",
        rules=rules(spending["limits"], used["limits"], subjects(answer["settings"], own_hotlines())),
        fraud=used["fraud"],
        unknown=used.get("unknown", False),
        guard=spending["fraud_guard"],
        names={str(each["number"]): str(each["name"]) for each in answer["settings"]["extensions"]},
        forms={**forms, **(tried or {})},
        revision=answer["revision"],
    )


def _used() -> dict[str, Any]:
    """What is used of everything. Limits can be read and changed even while the box cannot tell."""
    try:
        found: dict[str, Any] = parts().box.ask(GetSpending())
    except BoxRefused as error:
        log.info("what is used of limits is not known: %s", error)
        return {"limits": [], "fraud": {}, "unknown": True}
    return found


def rules(limits: list[Mapping[str, Any]], used: list[Mapping[str, Any]], known: Choices | None = None) -> list[Rule]:
    """Each limit with those whom it concerns: the named one, or each of them by himself. `known`: all there are."""
    found = []
    there = {value for choices in (known or {}).values() for value, _text in choices}
    for limit in limits:
        mine = [
            row
            for row in used
            if all(row.get(term) == limit.get(term) for term in TERMS)
            and limit.get("subject") in ("", None, row["subject"])
        ]
        named = f"{limit['scope']}:{limit['subject']}" if limit.get("subject") else ""
        gone = bool(known and named and named not in there)
        found.append(Rule(mark(limit), limit, tuple(sorted(mine, key=lambda row: -row["percent"])), gone))
    return found
