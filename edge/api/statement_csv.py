"""A statement as CSV, made to be opened by a double click.

Excel takes a file for UTF-8 only by its byte order mark, and splits columns at the list separator of the person's
regional settings: ";" where the decimal sign is a comma (Vietnamese), "," for English. So the mark stands first and the
separator follows the language; a first line `sep=;` would make Excel forget the mark. Amounts are plain integers, which
every spreadsheet takes for numbers.

Texts that a spreadsheet would run as a formula (they begin with = + - @, a tab or a line break) get an apostrophe in
front: names of extensions are typed by people. So `'+84901234567` is how a number looks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from edge.api.statement_words import (
    bands_text,
    class_word,
    head_rows,
    instant_text,
    kind_word,
    service_word,
    unit_word,
    word,
)
from edge.api.statements import Language

BOM = "\ufeff"
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | int | None
_DETAIL_COLUMNS = (
    "at", "kind", "service", "hotline", "extension", "number", "class", "seconds", "parts", "bands", "amount", "why",
    "id",
)  # fmt: skip


def render(document: Mapping[str, Any], language: Language, detailed: bool) -> str:
    """The document of `edge.api.statements` as CSV text, byte order mark included; `detailed` needs its details."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if language == "vi" else ",")
    for row in _rows(document, language, detailed=detailed):
        writer.writerow([_safe(cell) for cell in row])
    return BOM + text.getvalue()


def _safe(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS):
        return f"'{cell}"
    return cell


def _rows(document: Mapping[str, Any], language: Language, *, detailed: bool) -> Iterable[Sequence[Cell]]:
    yield (word("title_detailed" if detailed else "title", language),)
    yield from head_rows(document, language)
    yield ()
    yield from _lines(document, language)
    yield from _hotlines(document, language)
    yield from _extensions(document, language)
    yield from _unrated(document, language)
    if detailed:
        yield from _items(document, language)
        yield from _corrected(document, language)


def _titles(language: Language, title: str, *columns: str) -> Iterable[Sequence[Cell]]:
    yield (word(title, language),)
    yield tuple(word(column, language) for column in columns)


def _lines(document: Mapping[str, Any], language: Language) -> Iterable[Sequence[Cell]]:
    yield from _titles(language, "lines", "line", "code", "hotline", "quantity", "unit", "amount")
    for line in document["lines"]:
        words = line["text"][language], line["code"], line["hotline"]
        yield (*words, line["quantity"], unit_word(line["unit"], language), line["amount_vnd"])
    yield word("total", language), None, None, None, None, document["total_vnd"]
    vat = document["vat"]
    if vat["amount_vnd"]:
        yield word("vat_inside", language), None, None, None, None, vat["amount_vnd"]
    yield word("vat", language), vat["text"][language]
    yield ()


def _hotlines(document: Mapping[str, Any], language: Language) -> Iterable[Sequence[Cell]]:
    yield from _titles(
        language,
        "hotlines",
        "hotline",
        "fees",
        "bundles",
        "voice",
        "messages",
        "sms",
        "discount",
        "adjustment",
        "total",
    )
    for row in document["hotlines"]:
        name = row["hotline"] or word("unknown_hotline", language)
        sms = row["sms"]
        used = row["fees_vnd"], row["bundles_vnd"], row["voice_vnd"], sms["messages"], sms["amount_vnd"]
        yield (name, *used, row["discount_vnd"], row["adjustment_vnd"], row["total_vnd"])
    fees = document["company_fees_vnd"]
    yield word("company_fees", language), fees, None, None, None, None, None, None, fees
    yield ()
    yield from _titles(language, "voice_class", "hotline", "class", "calls", "seconds", "amount")
    for row in document["hotlines"]:
        name = row["hotline"] or word("unknown_hotline", language)
        for voice in row["voice"]:
            yield name, class_word(voice["class"], language), voice["calls"], voice["seconds"], voice["amount_vnd"]
    yield ()


def _extensions(document: Mapping[str, Any], language: Language) -> Iterable[Sequence[Cell]]:
    yield from _titles(
        language,
        "extensions",
        "extension",
        "name",
        "department",
        "calls",
        "seconds",
        "voice",
        "messages",
        "sms",
        "total",
    )
    for row in document["extensions"]:
        who = row["extension"] or word("nobody", language), row["name"], row["department"]
        voice, sms = row["voice"], row["sms"]
        used = voice["calls"], voice["seconds"], voice["amount_vnd"], sms["messages"], sms["amount_vnd"]
        yield (*who, *used, row["total_vnd"])
    yield ()


def _unrated(document: Mapping[str, Any], language: Language) -> Iterable[Sequence[Cell]]:
    if document["unrated"]:
        yield from _titles(language, "unrated", "what_is_missing", "quantity")
        for row in document["unrated"]:
            yield row["text"][language], row["items"]
        yield ()


def _items(document: Mapping[str, Any], language: Language) -> Iterable[Sequence[Cell]]:
    yield from _titles(language, "items", *_DETAIL_COLUMNS)
    for item in document["items"]:
        yield (
            instant_text(item["at"]),
            kind_word(item["kind"], language),
            service_word(item["service"], language),
            item["hotline"],
            item["extension"],
            item["number"],
            class_word(item["class"], language),
            item["billed_s"],
            item["units"],
            bands_text(item["bands"], language),
            item["amount_vnd"],
            item["why"][language],
            item["item"],
        )
    yield ()


def _corrected(document: Mapping[str, Any], language: Language) -> Iterable[Sequence[Cell]]:
    if document["corrected"]:
        names = "month", "at", "hotline", "extension", "number", "before", "after", "difference", "why", "id"
        yield from _titles(language, "corrected", *names)
        for row in document["corrected"]:
            who = row["month"], instant_text(row["at"]), row["hotline"], row["extension"], row["number"]
            before = word("late", language) if row["late"] else row["before_vnd"]
            amounts = before, row["after_vnd"], row["difference_vnd"]
            yield (*who, *amounts, row["why"][language], row["item"])
