"""The numbers of the company's own SIMs, as the box knows them now."""

from __future__ import annotations

from edge.api.messages import GetLines
from web_ui.parts import parts


def own_hotlines() -> list[str]:
    """E.164, in the order of the lines; without lines whose number is not known. Raises BoxError."""
    return list(dict.fromkeys(str(line["number"]) for line in parts().box.ask(GetLines()) if line["number"]))
