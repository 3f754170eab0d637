"""From the text of a tariff file (TOML) to a Tariff, or to every fault in it.

The file is the operator's to edit, so each message names file, table and row, and nothing is guessed: unknown keys,
missing prices, gaps between bands, prices for tables that do not exist are refused.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

from edge.rating.band_text import read_bands
from edge.rating.errors import TariffError
from edge.rating.international_text import read_international
from edge.rating.number_text import canonical_number
from edge.rating.tariff import Bundle, NumberClass, Sms, SpecialNumber, Tariff, Vat
from edge.rating.toml_reader import Section
from edge.rating.voice_text import read_voice

COUNTED = (
    "hotlines",
    "call_center_users",
    "contact_center_users",
    "extensions",
    "app_licences",
    "recording_storage_users",
    "data_storage_users",
    "sdk_sets",
)
"""What can have a set-up or monthly fee."""
_ROOM_MONTHS = ("1", "6", "12")


def parse_tariff(text: str, source: str) -> Tariff:
    """Read one tariff version; `source` is the file's name in messages.

    Raises TariffError with every problem, each naming file, table and row.
    """
    problems: list[str] = []
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TariffError([f"{source}: is no TOML: {error}"]) from None
    tariff = _read(Section(source, "", data, problems), data)
    if problems:
        raise TariffError(problems)
    return tariff


def _read(root: Section, data: dict[str, Any]) -> Tariff:
    name = root.table("name")
    bundles, days, warnings = _read_bundles(root)
    tariff = Tariff(
        plan=root.text("plan"),
        source=root.source,
        name_vi=name.text("vi"),
        name_en=name.text("en"),
        valid_from=root.day("valid_from"),
        valid_to=_read_valid_to(root),
        vat=_read_vat(root.table("vat")),
        roaming_unrated=root.has("roaming") and root.choice("roaming", ("ignored", "unrated")) == "unrated",
        voice=read_voice(root.table("voice")) if root.has("voice") else None,
        sms=_read_sms(root.table("sms")) if root.has("sms") else None,
        requests={
            product: _read_fee_table(section, product, "vnd_per_request")
            for product, section in (root.table("requests").tables() if root.has("requests") else ())
        },
        international=read_international(root.table("international")) if root.has("international") else None,
        special_numbers=_read_special(root.table("special_numbers")) if root.has("special_numbers") else {},
        bundles=bundles,
        bundle_days=days,
        setup_vnd=_read_setup(root.table("setup")) if root.has("setup") else {},
        monthly=_read_monthly(root.table("monthly")) if root.has("monthly") else {},
        rooms=_read_rooms(root.table("rooms")) if root.has("rooms") else {},
        decisions=root.texts("decisions") if root.has("decisions") else (),
        warnings=warnings,
    )
    name.close()
    root.close()
    _check_names(root, data, tariff)
    return tariff


def _read_valid_to(root: Section) -> date | None:
    if not root.has("valid_to"):
        return None
    end = root.day("valid_to")
    start = root.day("valid_from")
    if end <= start:
        root.fault(f"valid_to: {end} is not after valid_from {start} (valid_to itself is no longer valid)")
    return end


def _read_vat(section: Section) -> Vat:
    mode = section.choice("mode", ("unspecified", "included", "none"))
    percent = section.whole("percent") if mode == "included" else None
    section.close()
    return Vat(mode, percent)


def _read_sms(section: Section) -> Sms:
    sms = Sms(_read_part_prices(section.table("to_extension")), _read_part_prices(section.table("to_other")))
    section.close()
    return sms


def _read_part_prices(section: Section) -> dict[NumberClass, int]:
    prices = {cls: section.whole(cls.value) for cls in (NumberClass.ON_NET, NumberClass.OFF_NET)}
    section.close()
    return prices


def _read_fee_table(section: Section, name: str, price_key: str) -> Any:
    table = read_bands(section, name, name, price_key, 1)
    section.close()
    return table


def _read_special(section: Section) -> dict[str, SpecialNumber]:
    numbers = {}
    for written, row in section.tables():
        number = canonical_number(written)
        if number is None:
            row.fault(f"{written!r} is no number")
        chosen = row.has("class")
        cls = row.choice("class", ("off_net", "on_net")) if chosen else NumberClass.OFF_NET.value
        if chosen and row.has("vnd_per_min"):
            row.fault("has a class or a price, not both")
        special = SpecialNumber(
            NumberClass(cls),
            None if chosen else row.whole("vnd_per_min"),
            row.whole_or_none("vnd_per_part"),
        )
        row.close()
        numbers[number or written] = special
    return numbers


def _read_bundles(root: Section) -> tuple[dict[int, Bundle], int, tuple[str, ...]]:
    if not root.has("bundles"):
        return {}, 0, ()
    section = root.table("bundles")
    days = section.whole("days", least=1)
    bundles: dict[int, Bundle] = {}
    warnings = []
    for row in section.rows("list"):
        bundle = Bundle(
            row.whole("number", least=1), row.text("direction"), row.whole("minutes", least=1), row.whole("vnd")
        )
        listed = row.whole_or_none("listed_vnd_per_min")
        row.close()
        if bundle.number in bundles:
            row.fault(f"number: {bundle.number} stands in an earlier row")
        bundles[bundle.number] = bundle
        if listed is not None and listed * bundle.minutes != bundle.price_vnd:
            warnings.append(
                f"{row.source}: {row.where}: bundle {bundle.number}: {listed} VND/min × {bundle.minutes} min is "
                f"{listed * bundle.minutes}, not its price {bundle.price_vnd}; the price is what is charged"
            )
    section.close()
    return bundles, days, tuple(warnings)


def _read_setup(section: Section) -> dict[str, int]:
    fees = {key: section.whole(key) for key in COUNTED if section.has(key)}
    section.close()
    return fees


def _read_monthly(section: Section) -> dict[str, Any]:
    tables = {key: _read_fee_table(section.table(key), key, "vnd_per_month") for key in COUNTED if section.has(key)}
    section.close()
    return tables


def _read_rooms(section: Section) -> dict[int, Any]:
    tables = {
        int(key): _read_fee_table(section.table(key), "rooms", "vnd_per_month")
        for key in _ROOM_MONTHS
        if section.has(key)
    }
    section.close()
    return tables


def _check_names(root: Section, data: dict[str, Any], tariff: Tariff) -> None:
    """A bundle's direction must be one of the tier tables."""
    voice = data.get("voice")
    tiers = voice.get("tiers", {}) if isinstance(voice, dict) else {}
    for bundle in tariff.bundles.values():
        if bundle.direction not in tiers:
            table = f"[voice.tiers.{bundle.direction}]"
            root.fault(f"[bundles]: bundle {bundle.number}: direction: there is no table {table}")
    if "/" in tariff.plan or "@" in tariff.plan:
        root.fault("plan: must not contain / or @")
