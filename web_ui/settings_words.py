"""What differs between two settings documents, in words: for the history of the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from web_ui import money_words
from web_ui.i18n import LANGUAGES, instant, money, phone
from web_ui.i18n import gettext as _
from web_ui.i18n import lazy_gettext as _l
from web_ui.wording import RECORD_MODES, word

SECRET_KEYS = frozenset({"pin"})
KEYS: Mapping[str, str] = {
    "company.name": _l("Company name"),
    "company.greeting": _l("Greeting"),
    "company.language": _l("Language of the prompts"),
    "timers.first_key_s": _l("Wait for the first key (seconds)"),
    "timers.between_keys_s": _l("Wait between keys of an outside number (seconds)"),
    "timers.pin_key_s": _l("Wait for the PIN (seconds)"),
    "timers.ring_employee_s": _l("Ring an employee for (seconds)"),
    "timers.ring_outside_s": _l("Ring an outside number for (seconds)"),
    "menu.tries": _l("Wrong tries before goodbye"),
    "recording.announce": _l("Say that the call is recorded"),
    "recording.keep_days": _l("Keep for (days)"),
    "recording.keep_gb": _l("Keep at most (GB)"),
    "notices.missed_call_sms": _l("Tell employees about missed calls by SMS"),
    "spending.limits": _l("Limits"),
    "spending.barring.international": _l("International calls"),
    "spending.barring.premium": _l("1900 and other premium numbers"),
    "spending.barring.short": _l("Short service numbers"),
    "spending.barring.allowed": _l("Numbers that always pass"),
    "spending.barring.international_prefix": _l("Dial international numbers by"),
    "spending.fraud_guard.hourly_vnd": _l("At most in any hour"),
    "spending.fraud_guard.night_vnd": _l("At most in a night"),
    "spending.fraud_guard.night_begins": _l("Night begins"),
    "spending.fraud_guard.night_ends": _l("Night ends"),
    "spending.fraud_guard.refused_tries": _l("Barred numbers within an hour that raise the alarm"),
    "spending.fraud_guard.alarm_mobile": _l("Mobile for alarms"),
    "billing.plans": _l("Price plan"),
    "billing.bundles": _l("Voice bundles"),
    "billing.customer": _l("Customer on the statements"),
    "billing.cancelled_at": _l("Cancelled at"),
    **{f"billing.subscribed.{name}": text for name, text in money_words.SUBSCRIBED.items()},
}
EXTENSION_KEYS: Mapping[str, str] = {
    "name": _l("Name"),
    "mobile": _l("Mobile number"),
    "department": _l("Department"),
    "record": _l("Record"),
    "pin": _l("PIN for outside calls"),
}
ENTRIES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "spending.limits": money_words.limit_sentence,
    "billing.plans": money_words.plan_sentence,
    "billing.bundles": money_words.bundle_sentence,
}
"""Lists of which only the entries that differ are worth reading."""

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    what: str
    before: str
    after: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """What differs between two documents, in words; secrets are named, never shown."""
    old, new = _flat(before), _flat(after)
    for key in _differing(before, after):
        was, is_now = old.get(key), new.get(key)
        if key[-1] in ENTRIES:
            was, is_now = _only(was or (), is_now or ()), _only(is_now or (), was or ())
        yield Change(_name(key), _shown(key, was), _shown(key, is_now))


def headlines(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs, in a few words each: keys by their names, extensions as added, removed or changed."""
    old, new = _extensions(before), _extensions(after)
    told = [KEYS.get(key[0], key[0]) for key in _differing(before, after) if len(key) == 1] if before else []
    for number in sorted({*old, *new}):
        if number not in old:
            told.append(_("extension %(number)s added", number=number))
        elif number not in new:
            told.append(_("extension %(number)s removed", number=number))
        elif old[number] != new[number]:
            told.append(_("extension %(number)s changed", number=number))
    return [str(each) for each in told] if before else [_("First settings"), *map(str, told)]


def _extensions(document: Mapping[str, Any]) -> dict[str, Any]:
    return {str(extension["number"]): extension for extension in document.get("extensions", ())}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Key]:
    old, new = _flat(before), _flat(after)
    return [key for key in [*old, *(key for key in new if key not in old)] if old.get(key) != new.get(key)]


def _only(these: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    return [each for each in these if each not in others]


def _flat(document: Mapping[str, Any]) -> dict[Key, Any]:
    found: dict[Key, Any] = {}
    for part, values in document.items():
        if part == "extensions":
            for extension in values:
                found |= {(str(extension["number"]), key): extension.get(key) for key in EXTENSION_KEYS}
        elif isinstance(values, Mapping):
            found |= {(key,): value for key, value in _leaves(part, values)}
    return found


def _leaves(path: str, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        here = f"{path}.{key}"
        if isinstance(value, Mapping):
            yield from _leaves(here, value)
        else:
            yield here, value


def _name(key: Key) -> str:
    match key:
        case (number, field):
            return _("Extension %(number)s: %(field)s", number=number, field=word(EXTENSION_KEYS, field))
        case _:
            return word(KEYS, key[0])


def _shown(key: Key, value: Any) -> str:
    last = key[-1].rpartition(".")[2]
    match value:
        case None | "" | [] | ():
            return "–"
        case _ if last in SECRET_KEYS:
            return "••••"
        case True:
            return _("yes")
        case False:
            return _("no")
        case float():
            return f"{value:g}"
        case list() | tuple():
            return "; ".join(ENTRIES.get(key[-1], str)(each) for each in value)
        case _:
            return _as_written(last, value)


def _as_written(last: str, value: Any) -> str:
    """Values that people write in a way of their own."""
    match last:
        case "language":
            return LANGUAGES.get(str(value), str(value))
        case "record":
            return word(RECORD_MODES, str(value))
        case "hourly_vnd" | "night_vnd":
            return money(int(value))
        case "alarm_mobile" | "mobile":
            return phone(str(value))
        case "cancelled_at":
            return instant(str(value))
        case _:
            return str(value)
