"""A statement as PDF on A4: company, period, plan, charges with right-aligned amounts, and with every call if asked.

Heavy for a long month (60 000 lines take some ten seconds): only in the page's process or a command's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.api.statement_sheet import USABLE_PT, Column, FontMissing, Sheet
from edge.api.statement_words import (
    class_word,
    head_rows,
    minutes_text,
    period_text,
    service_word,
    spoken_instant,
    unit_word,
    word,
)
from edge.api.statements import Language
from edge.local_text import money_text, month_text, number_text

__all__ = ["FontMissing", "render"]

DETAIL_PT = 7.0
"""Size of the letters in tables with many columns."""


def render(document: Mapping[str, Any], language: Language, detailed: bool) -> bytes:
    """The document of `edge.api.statements` as PDF; `detailed` needs its details. Raises `FontMissing`."""
    title = word("title_detailed" if detailed else "title", language)
    mark = "" if document["closed"] else word("not_closed", language)
    named = f"{title} · {document['company']} · {period_text(document, language)}"
    sheet = Sheet(named, document["company"], word("page", language), mark)
    sheet.heading(title, 15)
    sheet.pairs(head_rows(document, language))
    _lines(sheet, document, language)
    _hotlines(sheet, document, language)
    _extensions(sheet, document, language)
    _unrated(sheet, document, language)
    if detailed:
        _items(sheet, document, language)
        _corrected(sheet, document, language)
    return sheet.finish()


def _columns(language: Language, *columns: tuple[str, float, bool]) -> list[Column]:
    """Label, share of the width, whether aligned to the right."""
    whole = sum(share for _, share, _ in columns)
    return [Column(word(label, language), USABLE_PT * share / whole, right) for label, share, right in columns]


def _lines(sheet: Sheet, document: Mapping[str, Any], language: Language) -> None:
    sheet.heading(word("lines", language))
    sheet.table(
        _columns(
            language,
            ("line", 44, False),
            ("hotline", 20, False),
            ("quantity", 16, True),
            ("unit", 16, True),
            ("amount", 24, True),
        )
    )
    for line in document["lines"]:
        is_time = line["unit"] == "second"
        quantity = (minutes_text if is_time else number_text)(line["quantity"], language)
        unit = word("minutes", language).lower() if is_time else unit_word(line["unit"], language)
        amount = number_text(line["amount_vnd"], language)
        sheet.row([line["text"][language], line["hotline"] or "", quantity, unit, amount])
    if not document["lines"]:
        sheet.row([word("nothing", language), "", "", "", ""])
    sheet.row([word("total", language), "", "", "", money_text(document["total_vnd"], language)], bold=True)
    vat = document["vat"]
    if vat["amount_vnd"]:
        sheet.row([word("vat_inside", language), "", "", "", money_text(vat["amount_vnd"], language)])
    sheet.paragraph(vat["text"][language])


def _hotlines(sheet: Sheet, document: Mapping[str, Any], language: Language) -> None:
    if document["hotlines"]:
        sheet.heading(word("hotlines", language))
        sums = ("fees", "bundles", "voice", "sms", "discount", "adjustment", "total")
        sheet.table(_columns(language, ("hotline", 22, False), *((name, 16, True) for name in sums)))
    for row in document["hotlines"]:
        amounts = (
            row["fees_vnd"], row["bundles_vnd"], row["voice_vnd"], row["sms"]["amount_vnd"], row["discount_vnd"],
            row["adjustment_vnd"], row["total_vnd"],
        )  # fmt: skip
        name = row["hotline"] or word("unknown_hotline", language)
        note = " · ".join(_voice(voice, language) for voice in row["voice"])
        sheet.row([name, *(number_text(amount, language) for amount in amounts)], note=note)
    if document["company_fees_vnd"]:
        sheet.pairs([(word("company_fees", language), money_text(document["company_fees_vnd"], language))], 140)


def _voice(voice: Mapping[str, Any], language: Language) -> str:
    name, minutes = class_word(voice["class"], language), minutes_text(voice["seconds"], language)
    return f"{name}: {minutes} {word('minutes', language).lower()}, {money_text(voice['amount_vnd'], language)}"


def _extensions(sheet: Sheet, document: Mapping[str, Any], language: Language) -> None:
    if not document["extensions"]:
        return
    sheet.heading(word("extensions", language))
    sheet.table(
        _columns(
            language,
            ("extension", 14, False),
            ("name", 33, False),
            ("department", 24, False),
            ("calls", 13, True),
            ("minutes", 13, True),
            ("voice", 15, True),
            ("messages", 14, True),
            ("sms", 13, True),
            ("total", 17, True),
        ),
        DETAIL_PT,
    )
    for row in document["extensions"]:
        voice, sms = row["voice"], row["sms"]
        sheet.row(
            [
                row["extension"] or word("nobody", language),
                row["name"],
                row["department"],
                number_text(voice["calls"], language),
                minutes_text(voice["seconds"], language),
                number_text(voice["amount_vnd"], language),
                number_text(sms["messages"], language),
                number_text(sms["amount_vnd"], language),
                number_text(row["total_vnd"], language),
            ]
        )


def _unrated(sheet: Sheet, document: Mapping[str, Any], language: Language) -> None:
    if document["unrated"]:
        sheet.heading(word("unrated", language))
        for row in document["unrated"]:
            sheet.paragraph(f"{number_text(row['items'], language)} × {row['text'][language]}")


def _items(sheet: Sheet, document: Mapping[str, Any], language: Language) -> None:
    sheet.heading(word("items", language))
    if not document["items"]:
        sheet.paragraph(word("nothing", language))
        return
    sheet.table(
        _columns(
            language,
            ("at", 23, False),
            ("service", 19, False),
            ("hotline", 19, False),
            ("extension", 12, False),
            ("number", 20, False),
            ("class", 16, False),
            ("seconds_short", 11, True),
            ("amount_short", 13, True),
        ),
        DETAIL_PT,
    )
    for item in document["items"]:
        sheet.row(
            [
                spoken_instant(item["at"], language),
                service_word(item["service"], language),
                item["hotline"] or "",
                item["extension"] or "",
                item["number"] or "",
                class_word(item["class"], language),
                number_text(item["units"] or item["billed_s"], language),
                _amount(item["amount_vnd"], language),
            ],
            note=item["why"][language],
        )


def _corrected(sheet: Sheet, document: Mapping[str, Any], language: Language) -> None:
    if not document["corrected"]:
        return
    sheet.heading(word("corrected", language))
    sheet.table(
        _columns(
            language,
            ("month", 14, False),
            ("at", 22, False),
            ("hotline", 18, False),
            ("number", 18, False),
            ("before", 17, True),
            ("after", 17, True),
            ("difference", 17, True),
        ),
        DETAIL_PT,
    )
    for row in document["corrected"]:
        month = month_text(row["month"], language).removeprefix("tháng ")
        texts = month, spoken_instant(row["at"], language), row["hotline"] or "", row["number"] or ""
        before = "–" if row["late"] else _amount(row["before_vnd"], language)
        after, difference = _amount(row["after_vnd"], language), number_text(row["difference_vnd"], language)
        note = row["why"][language]
        note = f"{word('late', language)}. {note}" if row["late"] else note
        sheet.row([*texts, before, after, difference], note=note)


def _amount(amount: int | None, language: Language) -> str:
    return "?" if amount is None else number_text(amount, language)
