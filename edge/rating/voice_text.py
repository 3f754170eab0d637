"""The voice section of a tariff file: block, tier tables, flat prices, and which service costs which of them."""

from __future__ import annotations

from edge.rating.band_text import read_bands
from edge.rating.tariff import Flat, Free, NumberClass, Price, Tiers, Voice
from edge.rating.toml_reader import Section

_SECONDS_PER_MINUTE = 60
_CALLED_CLASSES = (NumberClass.ON_NET, NumberClass.OFF_NET, NumberClass.IP)
_SERVICES = ("connect", "callback", "internal", "forward", "outbound")
_ROLES = ("participant", "initiator")

Row = dict[NumberClass, Price]


def read_voice(section: Section) -> Voice:
    """Read [voice] and everything below it."""
    block = section.table("block")
    first_s, then_s = block.whole("first", least=1), block.whole("then", least=1)
    block.close()
    prices = _read_prices(section)
    services = _read_services(section.table("services"), prices)
    section.close()
    return Voice(first_s, then_s, services)


def _read_prices(section: Section) -> dict[str, Price]:
    prices: dict[str, Price] = {"free": Free()}
    for name, tiers in section.table("tiers").tables() if section.has("tiers") else ():
        counter = tiers.text("counter")
        if counter == "international":
            tiers.fault("counter: 'international' is the count of calls abroad")
        _put(prices, tiers, name, Tiers(read_bands(tiers, name, counter, "vnd_per_min", _SECONDS_PER_MINUTE)))
        tiers.close()
    for name, flat in section.table("flat").tables() if section.has("flat") else ():
        _put(prices, flat, name, Flat(flat.whole("vnd_per_min")))
        flat.close()
    return prices


def _put(prices: dict[str, Price], section: Section, name: str, price: Price) -> None:
    if name in prices:
        section.fault(f"the name {name!r} is taken by another price")
    prices[name] = price


def _read_services(section: Section, prices: dict[str, Price]) -> dict[str, Row]:
    services: dict[str, Row] = {}
    for name in _SERVICES:
        service = section.table(name)
        if name == "internal" and isinstance(service.peek("ip"), dict):
            for caller in _CALLED_CLASSES:  # 3c looks at both ends
                services[f"internal.{caller.value}"] = _read_row(service.table(caller.value), prices)
            service.close()
        else:
            services[name] = _read_row(service, prices)
    conference = section.table("conference")
    for role in _ROLES:
        services[f"conference.{role}"] = _read_row(conference.table(role), prices)
    conference.close()
    section.close()
    return services


def _read_row(section: Section, prices: dict[str, Price]) -> Row:
    row: Row = {}
    for called in _CALLED_CLASSES:
        name = section.text(called.value)
        if name and name not in prices:
            section.fault(f"{called.value}: there is no price {name!r}; there are {', '.join(prices)}")
        row[called] = prices.get(name, Free())
    section.close()
    return row
