"""Ordinary lines are read another way than strict ones, and written another way: nobody must see a difference."""

import json
import random

import pytest

from edge.rating.charge import Charge, Part, Status
from edge.rating.columns import read_columns
from edge.rating.errors import RatingInputError, UsageError
from edge.rating.instant import Instant
from edge.rating.tariff import NumberClass
from edge.rating.usage import load_json, parse_usage
from edge.rating.usage_lines import LineReader, usage_lines

AT = "2026-11-03T09:15:00+07:00"
VOICE = {
    "id": "c1.1",
    "kind": "voice",
    "hotline": "0901234567",
    "answered_at": AT,
    "duration_s": 185,
    "service": "outbound",
    "from": {"party": "extension", "endpoint": "mobile", "number": "0903000111", "extension": "512"},
    "to": {"party": "customer", "endpoint": "mobile", "number": "0912000222"},
}
TO = {"party": "customer", "number": "1"}
SMS = {"id": "m", "kind": "sms", "hotline": "0901234567", "at": AT, "parts": 2, "to": TO}
REQUEST = {"id": "r", "kind": "request", "at": AT, "count": 3, "product": "ekyc"}
CONFERENCE = VOICE | {"service": "conference", "conference": {"id": "cf9", "initiator": True}}
UNANSWERED, INBOUND = VOICE | {"answered_at": None}, VOICE | {"service": "inbound", "roaming": True}
KINDS = [VOICE, SMS, REQUEST, CONFERENCE, UNANSWERED, INBOUND]

INSTANTS = """
2026-11-03t09:15:00z 2026-11-03T09:15:59.5Z 2026-11-03T09:15:00.000-00:30 2026-12-31T23:59:60Z 2016-12-31T23:59:60Z
2026-11-03T09:15:00 2026-02-29T00:00:00Z 2026-11-03T24:00:00Z 2026-11-03T09:60:00Z 2026-11-03T09:15:00.Z
2026-11-03T09:15:00.²Z 2026-11-03T09:15:00.5 9999-12-31T16:59:59Z 9999-12-31T17:00:00Z 0001-01-01T00:00:00+07:00
2026-11-03T09:15:00+24:00 2026-11-03T09:15:00+0700 2026-11-03T09-15:00Z 2026-11-03T09:15-00Z 2026-11-03T09:1५:00Z
2026-11-03T09:15:00.123456789012345678901Z 20 2026-11-03T09:15:00+07:00 2026-11-03_09:15:00Z
"""
NUMBERS = """
185 0 -0 -1 0.0 6.0000000000000000000000001 5.999 1e3 1E-2 1e999 1e-999 01 1. .5 +1 - 1-2 999999999.5 1000000000
1000000000.0000001 1000000001 NaN Infinity -Infinity true null [] {} tru 123456789012345678901234567890
"""
STRINGS = ["185", "é", "a:b", ":", "", " ", "voice", "conference", "reception", "0901234567", "+84 90 123 45 67"]
VALUES = [
    *NUMBERS.split(),
    "9" * 5000,
    *map(json.dumps, STRINGS),
    *map(json.dumps, INSTANTS.split()),
    *('"\\ud800"', '"\x01"', '{"a": 1, "a": 2}', '{"number": "0912000222", "number": "1"}', '{"number": 5}'),
    *('{"party": "hotline"}', '{"party": "friend"}', '{"initiator": false}', '{"initiator": 1}'),
]
DAMAGE = ["", '"', ":", ",", "{", "}", " ", "\\", "\t", "\r", "\x00", "0", "-", "é", "\u2028", "\ud800", "null"]


def written(pairs: list[str]) -> str:
    return "{" + ", ".join(pairs) + "}"


def outcome(read, line: str):
    try:
        return read(line)
    except UsageError as error:
        return error.field, error.message


def strict(line: str):
    return parse_usage(load_json(line))


def same(lines: list[str]) -> None:
    read = LineReader().read
    for line in lines:
        for _ in range(2):  # the second time from the caches
            assert outcome(read, line) == outcome(strict, line), line


def test_every_value_in_every_field():
    lines = []
    for kind in KINDS:
        for key in {**kind, "roaming": 0, "conference": 0, "extra": 0}:
            for value in VALUES:
                pairs = [f'"{name}": {json.dumps(old)}' for name, old in kind.items() if name != key]
                lines.append(written([*pairs, f'"{key}": {value}']))
    same(lines)


def test_a_field_that_is_missing_or_stands_twice():
    lines = []
    for kind in KINDS:
        for key in kind:
            pairs = [f'"{name}": {json.dumps(old)}' for name, old in kind.items()]
            without = [pair for pair, name in zip(pairs, kind, strict=True) if name != key]
            lines.append(written(without))
            for again in pairs:
                lines += [written([*pairs, again]), written([again, *without])]
            lines.append(f'{{{", ".join(pairs)}, "{key}" :null}}')
    same(lines)


def damaged(dice: random.Random, line: str) -> str:
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(line) + 1)
        length = dice.choice([0, 0, 1, 1, 5, 30])
        put = dice.choice([*DAMAGE, line[:40]])
        line = line[:place] + put + line[place + length :]
    return line


@pytest.mark.parametrize("seeds", [range(2_000), pytest.param(range(2_000, 400_000), marks=pytest.mark.campaign)])
def test_damaged_lines(seeds):
    whole = [json.dumps(kind) for kind in KINDS]
    whole += [json.dumps(VOICE, separators=(",", ":")), json.dumps(SMS, indent=1)]
    read = LineReader().read
    for seed in seeds:
        dice = random.Random(seed)
        line = damaged(dice, dice.choice(whole))
        assert outcome(read, line) == outcome(strict, line), (seed, line)


@pytest.mark.parametrize(
    "text", ["", "\n", "a", "a\n", "a\nb", "a\r\nb\r\n", "\n\na", "\ufeffa\n", "\u2028\x0b\n\x1c", "a\n\n"]
)
def test_only_a_line_feed_ends_a_line(text):
    expected = text.removeprefix("\ufeff").split("\n")
    if expected[-1] == "":
        expected.pop()
    assert list(usage_lines(text)) == expected


def test_lines_of_a_text_that_is_read_in_pieces(monkeypatch):
    monkeypatch.setattr("edge.rating.usage_lines._PIECE", 3)
    dice = random.Random("pieces")
    for _ in range(500):
        text = "".join(dice.choice("ab\n") for _ in range(dice.randrange(20)))
        test_only_a_line_feed_ends_a_line(text)


@pytest.mark.parametrize("number_class", [None, *NumberClass])
@pytest.mark.parametrize("status", Status)
def test_a_charge_is_written_as_json_writes_it(status, number_class):
    parts = (
        Part(60, 900, "1-1000"),
        Part(5, 0, None, 8),
        Part(2, 350, None, per_minute=False),
        Part(7, 10**30, '"bậc"\\\n'),
    )
    for amount in (None, 0, 10**30):
        for chosen in ((), parts[:1], parts):
            charge = Charge('é"\\\ud800\x7f', status, amount, 65, number_class, "p@1/voice/Đ.x", chosen)
            why = "Gọi ra ngoài: \u2028 “x”\n"
            assert charge.to_text(why) == json.dumps(charge.to_json(why))


def test_columns_keep_every_field_that_a_price_depends_on():
    lines = [json.dumps(kind | {"id": f"{number}"}) for number, kind in enumerate(KINDS)]
    lines.append(json.dumps(VOICE | {"id": "f", "answered_at": "2026-11-03T09:15:00.1234567890123456789Z"}))
    lines.append(json.dumps(CONFERENCE | {"id": "g", "answered_at": "2026-11-03T09:15:00.000000000000000009Z"}))
    columns = read_columns("\n".join(lines), "usage")
    kept = {columns.ids[row]: columns.record(row) for row in range(len(columns.ids))}
    assert columns.unanswered == 1
    for line in lines:
        record = strict(line)
        if record.at is None:
            continue
        found = kept[record.id]
        assert (found.at, found.kind, found.seconds, found.units) == (
            record.at,
            record.kind,
            record.seconds,
            record.units,
        )
        assert (found.hotline, found.service, found.product) == (record.hotline, record.service, record.product)
        assert (found.roaming, found.is_initiator) == (record.roaming, record.is_initiator)
    assert (kept["g"].caller, kept["g"].called) == (strict(lines[3]).caller, strict(lines[3]).called)
    assert kept["f"].at == Instant(1793697300, "1234567890123456789")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([json.dumps(VOICE), json.dumps(VOICE)], "usage: line 2: id: 'c1.1' stands in line 1 already"),
        ([json.dumps(VOICE), "", "{}"], "usage: line 2: is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ([json.dumps(VOICE | {"duration_s": -1})], "usage: line 1: duration_s: -1 is negative or no number"),
    ],
)
def test_columns_say_what_is_wrong(lines, expected):
    with pytest.raises(RatingInputError) as caught:
        read_columns("\n".join(lines), "usage")
    assert str(caught.value) == expected
