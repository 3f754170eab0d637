"""The destination table: what a plan offers for a country or territory, by prefix, other than its file says.

    destinations.csv   plan,offer,name,prefix       onecontact-2019,preferred,Japan,81

A row overrides the plan's own row of the same prefix; prefixes that it does not name stay as the tariff file has them.
The table is laid over the tariff's text, not over its values: what a box rates by can be written down as tariff files
and gives the same charges anywhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from edge.rating.data_tables import read_lines
from edge.rating.tariff import Offer, Plan

COLUMNS = ("plan", "offer", "name", "prefix")
_PREFIX = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class DestinationRow:
    """One line of the table."""

    plan: str
    offer: Offer
    name: str
    prefix: str
    """Country calling code and more, digits only."""


def parse_destinations(text: str, source: str, plans: Mapping[str, Plan]) -> list[DestinationRow]:
    """The rows, in their order. Raises TableError with every bad line; `plans` are those that there are."""
    rows: list[DestinationRow] = []
    seen: set[tuple[str, str]] = set()

    def read(cells: list[str]) -> str | None:
        plan, offer, name, written = cells
        prefix = written.removeprefix("+").removeprefix("00")
        problem = _problem(plan, offer, name, prefix, plans)
        if problem is not None:
            return problem
        if (plan, prefix) in seen:
            return f"prefix: {prefix} of plan {plan} stands in an earlier line"
        seen.add((plan, prefix))
        rows.append(DestinationRow(plan, Offer(offer), name, prefix))
        return None

    read_lines(text, source, COLUMNS, len(COLUMNS), read)
    return rows


def _problem(plan: str, offer: str, name: str, prefix: str, plans: Mapping[str, Plan]) -> str | None:
    if plan not in plans:
        return f"plan: {plan!r} is unknown; there are: {', '.join(sorted(plans))}"
    sections = [version.international for version in plans[plan].versions if version.international is not None]
    if not sections:
        return f"plan: {plan} has no international section"
    if offer not in tuple(Offer):
        return f"offer: {offer!r} is none of {', '.join(Offer)}"
    if offer == Offer.PREFERRED and any(section.preferred_vnd_per_min is None for section in sections):
        return f"offer: plan {plan} has no price for preferred destinations"
    if offer == Offer.DISCOUNT and not all(section.discount_percent for section in sections):
        return f"offer: plan {plan} has no discount for destinations"
    if not name or "/" in name:
        return f"name: {name!r} must be a name without /"
    if not _PREFIX.fullmatch(prefix):
        return f"prefix: {prefix!r} is no country calling code or longer prefix"
    return f"prefix: {prefix} lies in Vietnam" if prefix.startswith("84") else None


def destinations_text(rows: Iterable[DestinationRow]) -> str:
    """The rows as a file that `parse_destinations` reads."""
    lines = [(row.plan, row.offer.value, row.name, row.prefix) for row in rows]
    return "".join(f"{','.join(map(_cell, line))}\n" for line in (COLUMNS, *lines))


def _cell(text: str) -> str:
    """Quoted where it must be (RFC 4180 §2)."""
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if any(mark in text for mark in ',;\t"#') else text


def with_destinations(tariff_text: str, rows: Iterable[DestinationRow]) -> str:
    """The text of a tariff file (one that reads without fault) with the rows of its plan laid over it.

    A file without an international section, or of another plan, stays as it is. Comments are lost: the text is written
    anew from its values.
    """
    data = tomllib.loads(tariff_text)
    section = data.get("international")
    mine = {row.prefix: row for row in rows if row.plan == data.get("plan")}
    if section is None or not mine:
        return tariff_text
    for offer in Offer:
        kept = {
            name: left
            for name, prefixes in section.pop(offer.value, {}).items()
            if (left := [prefix for prefix in prefixes if prefix not in mine])
        }
        for row in mine.values():
            if row.offer is offer:
                kept.setdefault(row.name, []).append(row.prefix)
        if kept:
            section[offer.value] = kept
    if Offer.PREFERRED.value not in section:
        section.pop("preferred_vnd_per_min", None)
    if Offer.DISCOUNT.value not in (section["default_offer"], *section):
        section.pop("discount_percent", None)
    return to_toml(data)


def to_toml(data: Mapping[str, Any]) -> str:
    """A document as TOML that reads back equal. Values are texts, whole numbers, truth values, days, lists, tables."""
    return "\n".join([*_lines(data, ()), ""])


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    if path and (lines or not table):
        lines = ["", f"[{'.'.join(map(_key, path))}]", *lines]
    for key, value in table.items():
        if isinstance(value, Mapping):
            lines += _lines(value, (*path, key))
    return lines


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _text(value)
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case Mapping():
            return f"{{ {', '.join(f'{_key(key)} = {_value(inner)}' for key, inner in value.items())} }}"
        case date() if not isinstance(value, datetime):
            return value.isoformat()
        case _:
            raise TypeError(f"a tariff file holds no {type(value).__name__}")


def _text(text: str) -> str:
    """A basic string (TOML 1.0 §String)."""
    marks = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return '"' + "".join(marks.get(sign, sign if sign.isprintable() else f"\\U{ord(sign):08X}") for sign in text) + '"'
