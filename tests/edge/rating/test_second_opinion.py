"""A second, literal implementation agrees: every second of every call is priced one by one, with Fraction.

It shares no code with the product. The tariffs are the shipped ones with their edges moved to a hundredth of the
minutes, so that forty short calls cross all of them. The plain run does the first 2 %.
"""

import json
import math
import random
import re
from collections import Counter
from fractions import Fraction

import pytest

from edge.rating.command import run_rate
from edge.rating.instant import Instant, to_local_text

PEOPLE = {
    "0903000222": "on_net",
    "+84934567890": "on_net",
    "0912000222": "off_net",
    "02438221234": "off_net",
    "113": "off_net",
    "004915112345678": "Germany",
    "00380501234567": "Ukraine",
    "0033612345678": "France",
    "0012425550123": "Bahamas",
    "": "ip",
}
IDD = {"Germany": 1800, "Ukraine": 6001, "France": 3607, "Bahamas": None}
CAP_S = 200 * 60
STEPS = {
    "onecontact-2019": {
        "on_net": [(10, 440), (50, 400), (100, 350), (150, 300), (200, 250), (10**9, 200)],
        "off_net": [(10, 900), (50, 850), (100, 800), (150, 750), (200, 725), (10**9, 700)],
    },
    "3c": {
        "on_net": [(10, 500), (50, 480), (100, 460), (10**9, 440)],
        "off_net": [(10, 900), (50, 850), (100, 800), (10**9, 780)],
    },
}
REQUEST_STEPS = [(50, 1000), (100, 950), (200, 900), (300, 850), (500, 800), (10**9, 750)]
BUNDLES = {1: ("on_net", 100), 2: ("on_net", 200), 8: ("off_net", 100), 9: ("off_net", 200)}
MONTH_31_S = 31 * 86_400
START = 1_793_466_000  # 2026-11-01T00:00:00+07:00
DECEMBER = START + 30 * 86_400


def scaled(text: str) -> str:
    """The tariff with every edge at a hundredth of its minutes."""

    def edge(match: re.Match) -> str:
        key, value = match[1], int(match[2])
        return f"{key} = {math.ceil(value / 100) if key == 'to' else value // 100 + 1}"

    lines = [
        re.sub(r"\b(from|to) = (\d+)\b", edge, line) if "vnd_per_min" in line or "vnd_per_request" in line else line
        for line in text.split("\n")
    ]
    text = "\n".join(lines)
    return re.sub(r"\b(minutes|cap_minutes) = (\d+)00\b", r"\1 = \2", text)


@pytest.fixture(scope="module")
def small_tariffs(texts):
    return {name: scaled(text) if name.endswith(".toml") else text for name, text in texts.items()}


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def price_at(steps: list, unit: int) -> int:
    """The price of the unit with that number, counted from 1."""
    return next(price for last, price in steps if unit <= last)


class LiteralBundle:
    """One hotline's bundle, asked second by second."""

    def __init__(self, entry: dict) -> None:
        self.entry = entry
        self.direction, self.minutes = BUNDLES[entry["bundle"]]
        self.start, self.left, self.alive = entry["second"], self.minutes * 60, True

    def time_passes(self, now: int) -> None:
        while self.alive and now >= self.start + MONTH_31_S:
            if self.entry["auto_renew"]:
                self.start, self.left = self.start + MONTH_31_S, self.minutes * 60
            else:
                self.alive, self.left = False, 0

    def covers_one(self, direction: str, now: int) -> bool:
        """Take the second that ends at `now`, if there is one to take."""
        if not self.alive or direction != self.direction or self.left == 0:
            return False
        self.left -= 1
        if self.left == 0 and self.entry["when_spent"] == "renew":
            end = self.start + MONTH_31_S
            if now < end:
                self.start, self.left = max(now, self.start), self.minutes * 60
            elif self.entry["auto_renew"]:
                self.start, self.left = end, self.minutes * 60
        return True


def row_of(plan: str, record: dict) -> object:
    """ "free", a direction, a flat price, or a country."""
    called = PEOPLE[record["to"].get("number", "")]
    service = record["service"]
    if service == "inbound":
        return "free"
    if called in IDD:
        return called
    if plan == "3c" and service == "internal":
        calling = PEOPLE[record["from"].get("number", "")]
        calling = "off_net" if calling in IDD else calling
        if called == "off_net":
            return "off_net"
        if calling == "off_net" or (calling, called) == ("ip", "ip"):
            return "free"
        return 200
    if called == "ip":
        return "free"
    if called == "on_net" and (service in ("connect", "callback") or record.get("conference", {}).get("initiator")):
        return "free"
    return called


def opinion(plan: str, records: list[dict], bundles: list[dict]) -> dict[str, int | None]:
    """Every record's amount, None for unrated."""
    counters: Counter = Counter()
    bought = {entry["hotline"]: LiteralBundle(entry) for entry in bundles}
    amounts: dict[str, int | None] = {}
    for record in sorted(records, key=lambda record: (record["second"], record["id"])):
        month = record["second"] >= DECEMBER
        match record["kind"]:
            case "voice":
                amounts[record["id"]] = voice(plan, record, month, counters, bought.get(record["hotline"]))
            case "sms":
                amounts[record["id"]] = sms(plan, record)
            case "request":
                amounts[record["id"]] = request(plan, record, month, counters)
    return amounts


def voice(plan: str, record: dict, month: bool, counters: Counter, bundle: LiteralBundle | None) -> int | None:
    if plan not in STEPS:
        return 0 if record["service"] == "inbound" or record["duration_s"] == 0 else None
    seconds = math.ceil(Fraction(str(record["duration_s"])))
    seconds = max(6, seconds) if seconds else 0
    row = row_of(plan, record)
    if row == "free" or seconds == 0:
        return 0
    if record.get("roaming") and plan == "onecontact-2019":
        return None
    if isinstance(row, int):
        return half_up(Fraction(seconds * row, 60))
    if row in IDD:
        return abroad(plan, record["hotline"], str(row), seconds, month, counters)
    if bundle is not None and record["second"] >= bundle.entry["second"]:
        bundle.time_passes(record["second"])
    counter = (record["hotline"], month, "both" if plan == "onecontact-2019" else row)
    amount = Fraction(0)
    for second in range(1, seconds + 1):
        active = bundle is not None and record["second"] >= bundle.entry["second"]
        if active and bundle.covers_one(row, record["second"] + second):
            continue
        counters[counter] += 1
        minute = (counters[counter] - 1) // 60 + 1
        amount += Fraction(price_at(STEPS[plan][row], minute), 60)
    return half_up(amount)


def abroad(plan: str, hotline: str, country: str, seconds: int, month: bool, counters: Counter) -> int | None:
    idd = IDD[country]
    if plan == "3c":
        return None if idd is None else half_up(Fraction(seconds * idd, 60))
    counter = (hotline, month, "abroad")
    prices = []
    for second in range(1, seconds + 1):
        under_the_cap = counters[counter] + second <= CAP_S
        prices.append(900 if country == "Germany" and under_the_cap else idd)
    if None in prices:
        return None
    counters[counter] += seconds
    return half_up(Fraction(sum(prices), 60))


def sms(plan: str, record: dict) -> int | None:
    called = PEOPLE[record["to"].get("number", "")]
    if plan not in STEPS or called == "ip" or called in IDD:
        return None
    if called == "off_net":
        price = 350
    elif record["to"]["party"] == "extension":
        price = 0
    else:
        price = 350 if plan == "onecontact-2019" else 290
    return None if price and record.get("roaming") and plan == "onecontact-2019" else price * record["parts"]


def request(plan: str, record: dict, month: bool, counters: Counter) -> int | None:
    if plan != "ekyc":
        return None
    amount = 0
    for _ in range(record["count"]):
        counters[month] += 1
        amount += price_at(REQUEST_STEPS, counters[month])
    return amount


# ---- random companies


def person(dice: random.Random, numbers: list[str]) -> dict:
    number = dice.choice(numbers)
    end = {"party": dice.choice(["customer", "extension"]), "endpoint": "mobile" if number else "ip"}
    return {**end, "number": number} if number else end


def company(dice: random.Random, size: int) -> tuple[list[dict], list[dict]]:
    """Usage of one company in November and December, and perhaps bundles; `second` is for the second opinion only."""
    records = []
    abroad = [number for number, called in PEOPLE.items() if called in IDD]
    numbers = dice.choice([list(PEOPLE), list(PEOPLE), [*abroad, "0912000222"]])
    hotlines = ["0901234567", "0937654321"]
    moments = [START + dice.randrange(45 * 86_400) for _ in range(max(1, size * 2 // 3))]
    for number in range(size):
        kind = dice.choices(["voice", "sms", "request"], [12, 1, 1])[0]
        second = dice.choice(moments)
        record = {"id": f"r{dice.randrange(10**6)}.{number}", "kind": kind, "hotline": dice.choice(hotlines)}
        record["second"] = second
        record["answered_at" if kind == "voice" else "at"] = to_local_text(Instant(second, ""))
        if kind == "voice":
            services = ["inbound", "connect", "callback", "forward", "internal", "outbound", "outbound", "conference"]
            record["service"] = dice.choice(services)
            record["duration_s"] = dice.choice([0, 0.4, 3, 6, 7, 59.5, dice.randrange(900), dice.randrange(2400)])
            record["from"], record["to"] = person(dice, numbers), person(dice, numbers)
            if record["service"] == "conference":
                record["conference"] = {"id": "cf", "initiator": dice.random() < 0.4}
        elif kind == "sms":
            record |= {"parts": dice.randrange(1, 4), "to": person(dice, numbers)}
        else:
            record |= {"count": dice.randrange(1, 60), "product": "ekyc"}
        if dice.random() < 0.05:
            record["roaming"] = True
        records.append(record)
    return records, [bundle(dice, hotline) for hotline in hotlines if dice.random() < 0.8]


def bundle(dice: random.Random, hotline: str) -> dict:
    second = START + dice.choice([-20, -1, 0, 3]) * 86_400 + dice.randrange(3)
    return {
        "hotline": hotline,
        "bundle": dice.choice(list(BUNDLES)),
        "activated_at": to_local_text(Instant(second, "")),
        "second": second,
        "auto_renew": dice.random() < 0.7,
        "when_spent": dice.choice(["renew", "tiers"]),
    }


def product_amounts(plan, records, bundles, tariffs) -> dict[str, int | None]:
    idd = "49,1800\n380,6001\n33,3607\n"
    bare = [{key: value for key, value in entry.items() if key != "second"} for entry in bundles]
    usage = "".join(json.dumps(record) + "\n" for record in records)
    lines = run_rate(plan, usage, "usage", tariffs, idd=idd, bundles=json.dumps(bare) if plan == "3c" else None)
    rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == [record["id"] for record in records]
    for row in rows:
        timed = sum(Fraction(part["seconds"] * part["vnd_per_min"], 60) for part in row["parts"] if "seconds" in part)
        counted = sum(part["units"] * part["vnd_per_unit"] for part in row["parts"] if "units" in part)
        assert (row["amount_vnd"] or 0) == half_up(timed + counted), row
    return {row["id"]: row["amount_vnd"] for row in rows}


def agree(seed: int, tariffs: dict, size: int = 50) -> None:
    dice = random.Random(seed)
    plan = dice.choices(["onecontact-2019", "3c", "ekyc", "meeting"], [4, 5, 1, 0.3])[0]
    records, bundles = company(dice, size)
    if plan != "3c":
        bundles = []
    expected = opinion(plan, records, bundles)
    assert product_amounts(plan, records, bundles, tariffs) == expected, f"seed {seed}, plan {plan}"


def test_the_first_2_000_records(small_tariffs):
    for seed in range(40):
        agree(seed, small_tariffs)


@pytest.mark.campaign
def test_100_000_records(small_tariffs):
    for seed in range(2000):
        agree(seed, small_tariffs)
