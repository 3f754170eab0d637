"""Help: what a customer and an employee can do on the telephone, what the words on the pages mean."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
def page() -> str:
    return render_template("help.html")
