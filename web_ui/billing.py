"""Plan and bundles: which price plan holds from which month, voice bundles, counts, the name on the statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from edge.api.messages import GetSettings, ListTables
from web_ui.billing_forms import CANCEL_WORDS, AccountForm, BundleForm, CancelForm, PlanForm, rfc3339
from web_ui.guard import needs
from web_ui.hotlines import own_hotlines
from web_ui.i18n import ZONE, language, month, phone
from web_ui.i18n import gettext as _
from web_ui.money_words import bundle_sentence, plan_name, plan_sentence
from web_ui.parts import parts
from web_ui.refusals import understand
from web_ui.saving import Document, mark, position, save

blueprint = Blueprint("billing", __name__, url_prefix="/billing")

BUNDLES = "billing.bundles"
"""Where the box's advice about bundles stands in the document."""


@blueprint.get("")
@needs("settings")
def page() -> str:
    return _show()


@blueprint.post("/account")
@needs("settings")
def account() -> Response | tuple[str, int]:
    form = AccountForm()

    def change(document: Document) -> None:
        document["billing"]["customer"] = "\n".join(form.customer.data.splitlines()).strip()
        document["billing"]["subscribed"] = form.subscribed()

    return _save("account", form, change, _("Saved: customer and counts."), "billing")


@blueprint.post("/plan")
@needs("settings")
def plan() -> Response | tuple[str, int]:
    form = PlanForm()

    def change(document: Document) -> None:
        chosen = form.entry()
        kept = [each for each in document["billing"]["plans"] if each["first_month"] != chosen["first_month"]]
        document["billing"]["plans"] = sorted([*kept, chosen], key=lambda each: each["first_month"])

    if form.validate():
        return _save("plan", form, change, _("Saved: %(plan)s.", plan=plan_sentence(form.entry())), "")
    return _show({"plan": form}), 400


@blueprint.post("/bundle")
@needs("settings")
def bundle() -> Response | tuple[str, int]:
    form = BundleForm()
    if not form.validate():
        return _show({"bundle": form}), 400
    entry = form.entry()

    def change(document: Document) -> None:
        document["billing"]["bundles"] = sorted(
            [*document["billing"]["bundles"], entry], key=lambda each: (each["hotline"], each["activated_at"])
        )

    return _save("bundle", form, change, _("Saved: %(bundle)s.", bundle=bundle_sentence(entry)), "", BUNDLES)


@blueprint.route("/<any(plans, bundles):part>/<entry>/remove", methods=["GET", "POST"])
@needs("settings")
def remove(part: str, entry: str) -> Response | str:
    """Takes a plan's change or a bundle out of the document."""
    found, revision = _entry(part, entry)
    if found is None:
        return _gone()
    said = plan_sentence(found) if part == "plans" else bundle_sentence(found)
    form = FlaskForm()
    if not form.validate_on_submit():
        return render_template("remove_billing.html", said=said, part=part, mark=entry, revision=revision)

    def change(document: Document) -> None:
        document["billing"][part] = [each for each in document["billing"][part] if mark(each) != entry]

    save(form, f"remove-{part}", change, _("Removed: %(what)s.", what=said), advice=BUNDLES)
    return redirect(url_for(".page"))


@blueprint.post("/bundles/<entry>/<any(stop, renew):wish>")
@needs("settings")
def renewal(entry: str, wish: str) -> Response:
    """Ends a bundle's renewals from now on, or lets it renew again."""
    found, _revision = _entry("bundles", entry)
    form = FlaskForm()
    if found is None or not form.validate_on_submit():
        return _gone()

    def change(document: Document) -> None:
        for each in document["billing"]["bundles"]:
            if mark(each) == entry:
                each["auto_renew_off_at"] = None if wish == "renew" else _now()

    said = _("It renews by itself again.") if wish == "renew" else _("It does not renew any more when its 31 days end.")
    save(form, "bundle-renewal", change, said, advice=BUNDLES)
    return redirect(url_for(".page") + "#bundles")


@blueprint.route("/cancel", methods=["GET", "POST"])
@needs("settings")
def cancel() -> Response | str | tuple[str, int]:
    form, answer = CancelForm(), parts().box.ask(GetSettings())

    def change(document: Document) -> None:
        document["billing"]["cancelled_at"] = _now()

    said = _("The subscription is cancelled. Its last statement is drawn up 120 minutes from now.")
    if form.validate_on_submit() and save(form, "cancel-subscription", change, said, prefix="billing"):
        return redirect(url_for(".page"))
    shown = render_template(
        "cancellation.html", form=form, revision=answer["revision"], word=CANCEL_WORDS.get(language(), "CANCEL")
    )
    return shown, 400 if form.is_submitted() else 200


@blueprint.post("/resume")
@needs("settings")
def resume() -> Response:
    form = FlaskForm()

    def change(document: Document) -> None:
        document["billing"]["cancelled_at"] = None

    if form.validate_on_submit():
        save(form, "resume-subscription", change, _("The cancellation was withdrawn."))
    return redirect(url_for(".page"))


def _save(
    card: str, form: FlaskForm, change: Callable[[Document], None], said: str, prefix: str, advice: str = ""
) -> Response | tuple[str, int]:
    if form.validate_on_submit() and save(form, card, change, said, prefix=prefix, advice=advice):
        return redirect(url_for(".page") + f"#card-{card}")
    return _show({card: form}), 400


def _show(tried: Mapping[str, FlaskForm] | None = None) -> str:
    """All cards; `tried` are forms that were refused, with what was typed and why not."""
    answer = parts().box.ask(GetSettings())
    held = answer["settings"]["billing"]
    forms: dict[str, FlaskForm] = {
        "account": AccountForm(formdata=None, data={"customer": held["customer"], **held["subscribed"]}),
        "plan": PlanForm(formdata=None, data={"first_month": _next_month()}),
        "bundle": BundleForm(formdata=None, data={"activated_at": _local(), "auto_renew": True}),
        **(tried or {}),
    }
    forms["plan"].plan.choices = [(name, plan_name(name)) for name in _plans(held)]
    forms["bundle"].hotline.choices = [(number, phone(number)) for number in _hotlines(held)]
    return render_template(
        "billing.html",
        forms=forms,
        held=held,
        plans=[(mark(each), each) for each in held["plans"]],
        bundles=[(mark(each), each) for each in held["bundles"]],
        risks=[understand(each).text for each in answer["warnings"] if each.startswith(BUNDLES)],
        this_month=_this_month(),
        revision=answer["revision"],
    )


def _entry(part: str, wanted: str) -> tuple[dict[str, Any] | None, int]:
    answer = parts().box.ask(GetSettings())
    entries = answer["settings"]["billing"][part]
    at = position(entries, wanted)
    return (None if at is None else entries[at]), answer["revision"]


def _gone() -> Response:
    flash(_("Somebody has changed or removed this meanwhile."), "warning")
    return redirect(url_for(".page"))


def _plans(held: Mapping[str, Any]) -> list[str]:
    """Those that the box has prices for, and those chosen already."""
    known = [str(row["name"]).partition("@")[0] for row in parts().box.ask(ListTables()) if row["kind"] == "plan"]
    return list(dict.fromkeys([*known, *(each["plan"] for each in held["plans"])]))


def _hotlines(held: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*own_hotlines(), *(each["hotline"] for each in held["bundles"])]))


def _local() -> dt.datetime:
    """Now, by the clock on the wall."""
    return dt.datetime.fromtimestamp(parts().clock(), ZONE).replace(microsecond=0, tzinfo=None)


def _now() -> str:
    return rfc3339(_local())


def _this_month() -> str:
    return _local().strftime("%Y-%m")


def _next_month() -> str:
    return month((_local().replace(day=1) + dt.timedelta(days=32)).strftime("%Y-%m"))
