"""What all rating tests share: the shipped tariff files, and short ways to write a usage record and to rate some."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import edge.rating
from edge.rating.command import load_numbers, load_plans, run_rate
from edge.rating.data_tables import IddTable
from edge.rating.rows import RowFinder

NUMBERS = {"on_net": "0903000222", "off_net": "0912000222", "international": "0033612345678"}


def _leg(record_id: str = "c1.1", *, service: str = "outbound", to: str = "off_net", s: Any = 60, **more: Any) -> dict:
    record = {
        "id": record_id,
        "kind": "voice",
        "hotline": "0901234567",
        "answered_at": "2026-11-03T09:15:00+07:00",
        "duration_s": s,
        "service": service,
        "from": end("on_net", "extension"),
        "to": end(to),
    }
    return {**record, **more}


def end(what: str, party: str = "customer") -> dict:
    """An end by its class, or by its number as it stands."""
    if what == "ip":
        return {"party": party, "endpoint": "ip"}
    return {"party": party, "endpoint": "mobile", "number": NUMBERS.get(what, what)}


@pytest.fixture(name="end", scope="session")
def end_fixture() -> Callable:
    return end


@pytest.fixture(scope="session")
def leg() -> Callable:
    """leg(id, service=, to=class or number, s=duration, any other field=…) → a voice record."""
    return _leg


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """The shipped tariff files."""
    folder = Path(edge.rating.__file__).parent / "tariffs"
    return {path.name: path.read_text("utf-8") for path in folder.iterdir() if path.suffix in {".toml", ".csv"}}


@pytest.fixture(scope="session")
def finder(texts) -> Callable:
    """finder(plan, idd prices) → RowFinder."""
    plans, numbers = load_plans(texts), load_numbers(texts, None)
    return lambda plan="onecontact-2019", idd=None: RowFinder(plans[plan], numbers, IddTable(idd or {}))


@pytest.fixture(scope="session")
def run(texts) -> Callable:
    """run(records, plan=, ported=, idd=, bundles=, tariffs=) → the printed objects."""

    def rate_them(records: list[dict], plan: str = "onecontact-2019", tariffs: dict | None = None, **tables: Any):
        usage = "".join(json.dumps(record) + "\n" for record in records)
        if isinstance(tables.get("bundles"), list):
            tables["bundles"] = json.dumps(tables["bundles"])
        lines = run_rate(plan, usage, "usage.jsonl", tariffs or texts, **tables)
        return [json.loads(line) for line in lines]

    return rate_them


@pytest.fixture(scope="session")
def amounts(run) -> Callable:
    """As run, the amounts only."""
    return lambda records, *args, **tables: [row["amount_vnd"] for row in run(records, *args, **tables)]
