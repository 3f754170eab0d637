"""The international section of a tariff file: destinations by prefix, and what the plan offers for each."""

from __future__ import annotations

from edge.rating.tariff import Destination, International, Offer
from edge.rating.toml_reader import Section

_LISTED = (Offer.PREFERRED, Offer.EXCLUDED, Offer.DISCOUNT, Offer.IDD)
_SECONDS_PER_MINUTE = 60


def read_international(section: Section) -> International:
    """Read [international]; a prefix in two lists, or one that is no prefix, is a fault."""
    default = Offer(section.choice("default_offer", [Offer.IDD.value, Offer.DISCOUNT.value, Offer.EXCLUDED.value]))
    destinations: dict[str, Destination] = {}
    for offer in _LISTED:
        if section.has(offer.value):
            _read_destinations(section.table(offer.value), offer, destinations)
    offers = {destination.offer for destination in destinations.values()} | {default}
    cap_minutes = section.whole_or_none("cap_minutes", least=1)
    international = International(
        default_offer=default,
        preferred_vnd_per_min=section.whole("preferred_vnd_per_min") if Offer.PREFERRED in offers else None,
        discount_percent=section.whole("discount_percent") if Offer.DISCOUNT in offers else 0,
        cap_s=None if cap_minutes is None else cap_minutes * _SECONDS_PER_MINUTE,
        tier_within=section.text("tier_within") if cap_minutes is not None else "idd",
        tier_beyond=section.text("tier_beyond") if cap_minutes is not None else "idd",
        destinations=destinations,
    )
    if international.discount_percent > 100:
        section.fault(f"discount_percent: {international.discount_percent} is more than 100")
    if cap_minutes is not None and international.tier_within == international.tier_beyond:
        section.fault(f"tier_beyond: {international.tier_beyond!r} is the label of tier_within too")
    section.close()
    return international


def _read_destinations(section: Section, offer: Offer, destinations: dict[str, Destination]) -> None:
    for name in section.keys():  # noqa: SIM118 (a Section is no dict)
        if "/" in name:
            section.fault(f"{name}: a destination's name must not contain /")
        for prefix in section.texts(name):
            if not (prefix.isascii() and prefix.isdigit()) or prefix.startswith("0"):
                section.fault(f"{name}: {prefix!r} is no prefix (country calling code and more, digits only)")
            elif prefix.startswith("84"):
                section.fault(f"{name}: {prefix} lies in Vietnam")
            elif prefix in destinations:
                section.fault(f"{name}: {prefix} belongs to {destinations[prefix].name} already")
            else:
                destinations[prefix] = Destination(name, offer)
