"""The demo company of `tongdai run --sim`: six extensions named by role, their phones, and a little life on the line.

Made only in a data directory that has no company yet; no persons, no real numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.api.client import BoxClient
from edge.api.messages import GetSettings, PutSettings
from edge.commands.world import ask_world

COMPANY = "Công ty Minh Hoạ"
HOTLINE = "0901234567"


@dataclass(frozen=True, slots=True)
class Role:
    number: str
    name: str
    mobile: str
    behaviour: str
    after_s: float


ROLES = (
    Role("511", "Lễ tân", "0903000511", "answer", 3.0),
    Role("512", "Kinh doanh", "0903000512", "answer", 4.0),
    Role("513", "Kế toán", "0903000513", "busy", 0.0),
    Role("514", "Kỹ thuật", "0912000514", "answer", 6.0),
    Role("515", "Kho", "0983000515", "no-answer", 0.0),
    Role("516", "Giám đốc", "0903000516", "answer", 8.0),
)
"""Every way a call can end is among them, so that the page has something to show."""


def declare_people(control: Path) -> None:
    """Declares the employees' phones to the world."""
    for role in ROLES:
        person = {"number": role.mobile, "behaviour": role.behaviour, "after": role.after_s}
        ask_world(control, {"do": "subscriber", **person})


def make_company(api: Path) -> None:
    """Declares the company to a box that has none."""
    with BoxClient(api) as box:
        found = box.ask(GetSettings())
        document = found["settings"]
        if document["company"]["name"] or document["extensions"]:
            return
        document["company"]["name"] = COMPANY
        document["extensions"] = [
            {"number": role.number, "name": role.name, "mobile": role.mobile, "record": "both", "pin": None}
            if role.number == "512"
            else {"number": role.number, "name": role.name, "mobile": role.mobile, "record": "off", "pin": None}
            for role in ROLES
        ]
        box.ask(PutSettings(document, by="demo", origin="command-line", base_revision=found["revision"]))


def start_life(api: Path, control: Path) -> None:
    """An emulated customer calls every 30–90 s, as long as the company has extensions to ask for."""
    with BoxClient(api) as box:
        extensions = box.ask(GetSettings())["settings"]["extensions"]
    life = {"extensions": [row["number"] for row in extensions], "mobiles": [row["mobile"] for row in extensions]}
    ask_world(control, {"do": "life", "hotline": HOTLINE, **life})
