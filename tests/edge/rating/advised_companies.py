"""Random companies, and tariffs of which few calls cross every edge, for the tests of advice."""

import json
import math
import random
import re

from edge.rating.command import NamedText
from edge.rating.instant import Instant, Month, to_local_text

NOVEMBER = Month(2026, 11)
START = 1_793_466_000  # 2026-11-01T00:00:00+07:00
HOTLINES = ["0901234567", "0937654321", "0909000111"]
NUMBERS = ["0903000222", "+84934567890", "84903 000 333", "0912000222", "02438221234", "113", "18001090"]
ABROAD = ["004915112345678", "00380501234567", "0033612345678", "0012425550123", "0085212345678"]
IDD = "49,1800\n380,6001\n33,3607\n"
PORTED = "0912000222,MobiFone,2026-11-10\n0903000222,Viettel,2026-11-20\n"
SERVICES = ["inbound", "connect", "callback", "forward", "internal", "outbound", "outbound", "outbound", "conference"]
SUBSCRIPTIONS = json.dumps(
    {
        "hotlines": [{"number": number, "from": "2026-11-02"} for number in HOTLINES],
        "extensions": [{"from": "2026-10-01", "to": "2026-11-05"}] * 3,
        "users": [{"kind": "call_center", "from": "2026-01-01"}],
    }
)
NO_SUBSCRIPTIONS = NamedText("subs.json", "{}")


def tariffs_of(texts: dict) -> dict[str, dict]:
    """Name → tariff files. `small`: edges at a hundredth; `tiny`: at a thousandth, so that a bundle of ten minutes is
    spent again and again; `changing`: other prices and blocks from the 15th on; `other_bundles`: other bundles then as
    well, the exact rater's business; `volume`: by volume, and both directions of 3c on one counter.
    """
    small, tiny = scaled_all(texts, 100), scaled_all(texts, 1000)
    later = {f"{plan}-later.toml": _from_the_15th(small[f"{plan}.toml"]) for plan in ("onecontact-2019", "3c")}
    changing = small | later
    more = changing["3c-later.toml"].replace("minutes = 100,", "minutes = 130,")
    volume = {name: text.replace('scheme = "graduated"', 'scheme = "volume"') for name, text in small.items()}
    one_counter = re.sub(r'counter = "(on|off)_net"', 'counter = "all"', volume["3c.toml"])
    return {
        "small": small,
        "tiny": tiny,
        "changing": changing,
        "other_bundles": changing | {"3c-later.toml": more},
        "volume": volume | {"3c.toml": one_counter},
    }


def _from_the_15th(text: str) -> str:
    text = re.sub(r"valid_from = \S+", "valid_from = 2026-11-15", text)
    text = text.replace("vnd_per_min = 900 ", "vnd_per_min = 913 ").replace("cap_minutes = 200", "cap_minutes = 90")
    return text.replace("{ first = 6, then = 1 }", "{ first = 10, then = 7 }")


def scaled_all(texts: dict, divisor: int) -> dict[str, str]:
    return {name: _scaled(text, divisor) if name.endswith(".toml") else text for name, text in texts.items()}


def _scaled(text: str, divisor: int) -> str:
    """The tariff with the minutes of every edge, cap and bundle divided."""

    def edge(match: re.Match) -> str:
        key, value = match[1], int(match[2])
        return f"{key} = {math.ceil(value / divisor) if key == 'to' else value // divisor + 1}"

    lines = [
        re.sub(r"\b(from|to) = (\d+)\b", edge, line) if "vnd_per_min" in line or "vnd_per_request" in line else line
        for line in text.split("\n")
    ]
    return re.sub(
        r"\b(minutes|cap_minutes) = (\d+)",
        lambda match: f"{match[1]} = {int(match[2]) // divisor}",
        "\n".join(lines),
    )


def usage_of(dice: random.Random, size: int, *, with_requests: bool = False) -> list[dict]:
    numbers = dice.choice([[*NUMBERS, None], [*NUMBERS, *ABROAD, None], [*ABROAD, "0912000222"], NUMBERS[:4]])
    days = dice.choice([range(-86_400, 31 * 86_400), range(30 * 86_400 - 7000, 30 * 86_400 + 100)])
    moments = [START + dice.choice(days) for _ in range(max(1, size * 2 // 3))]
    kinds = ["voice"] * 12 + ["sms"] + (["request"] if with_requests else [])
    return [record_of(dice, number, numbers, dice.choice(moments), dice.choice(kinds)) for number in range(size)]


def record_of(dice: random.Random, number: int, numbers: list, second: int, kind: str) -> dict:
    fraction = dice.choice(["", "", "5", "000001", "1" * 18, "1" * 18 + "3", "1" * 18 + "03"])
    at = to_local_text(Instant(second, fraction))
    record = {"id": f"r{dice.randrange(10**6)}.{number}", "kind": kind}
    if dice.random() < 0.06:
        record["roaming"] = dice.random() < 0.7
    if kind == "request":
        return record | {"at": at, "count": dice.randrange(1, 90), "product": "ekyc"}
    record["hotline"] = dice.choices(HOTLINES, [6, 3, 1])[0]
    if kind == "sms":
        return record | {"at": at, "parts": dice.randrange(1, 4), "to": person(dice, numbers)}
    record["answered_at"] = None if dice.random() < 0.1 else at
    record["service"] = dice.choice(SERVICES)
    record["duration_s"] = dice.choice([0, 0.4, 3, 6, 7, 59.5, dice.randrange(900), dice.randrange(4000)])
    record["from"], record["to"] = person(dice, numbers), person(dice, numbers)
    if record["service"] == "conference":
        record["conference"] = {"id": "cf", "initiator": dice.random() < 0.4}
        if dice.random() < 0.3:
            record["to"] = {"party": "hotline", "endpoint": "mobile", "number": record["hotline"]}
    return record


def person(dice: random.Random, numbers: list) -> dict:
    number = dice.choice(numbers)
    end = {"party": dice.choice(["customer", "extension"]), "endpoint": "mobile" if number else "ip"}
    return {**end, "number": number} if number else end


def text_of(records: list[dict]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def random_tables(dice: random.Random) -> dict:
    tables = {"idd": IDD, "ported": PORTED, "subscriptions": SUBSCRIPTIONS}
    return {name: text for name, text in tables.items() if dice.random() < 0.6}
