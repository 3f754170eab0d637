"""Broken usage files, tariffs and tables: each gives the one line that a person needs, and no partial result."""

import json
import re
from pathlib import Path

import pytest

from edge.rating.command import NamedText, run_rate
from edge.rating.errors import RatingInputError
from edge.rating.file_text import text_from
from edge.rating.invoice_command import run_invoice

DATA = Path(__file__).parent / "data"
AT = "2026-11-03T09:15:00+07:00"


def usage_cases() -> list:
    blocks = _blocks("broken_usage.txt")
    return [pytest.param(block[1:-1], block[-1], id=block[0]) for block in blocks]


def tariff_cases() -> list:
    cases = []
    for title, name, old, new, line in _blocks("broken_tariffs.txt"):
        replacement = new.removeprefix("+ ").removeprefix("+").replace("\\n", "\n")
        cases.append(pytest.param(name, old.removeprefix("- "), replacement, line, id=title))
    return cases


def _blocks(name: str) -> list[list[str]]:
    """Blocks end with their "=>" line; empty lines inside a block belong to the file."""
    blocks: list[list[str]] = []
    block: list[str] = []
    for line in (DATA / name).read_text("utf-8").split("\n"):
        if line.startswith("# ") or (not block and not line):
            continue
        if line.startswith("=> "):
            blocks.append([*block, line.removeprefix("=> ")])
            block = []
        else:
            block.append(line)
    return blocks


def written(line: str, leg, end) -> str:
    good = {
        "VOICE": leg(),
        "SMS": {"id": "m", "kind": "sms", "hotline": "0901234567", "at": AT, "parts": 1, "to": end("off_net")},
        "REQUEST": {"id": "r", "kind": "request", "at": AT, "count": 1, "product": "ekyc"},
    }
    if line == "GOOD":
        return json.dumps(leg())
    match = re.fullmatch(r"(VOICE|SMS|REQUEST)(\{.*\})", line)
    return line if match is None else json.dumps({**good[match[1]], **json.loads(match[2])})


@pytest.mark.parametrize(("lines", "expected"), usage_cases())
def test_broken_usage(lines, expected, texts, leg, end):
    usage = "".join(written(line, leg, end) + "\n" for line in lines)
    with pytest.raises(RatingInputError) as caught:
        run_rate("onecontact-2019", usage, "usage.jsonl", texts)
    assert str(caught.value) == expected


@pytest.mark.parametrize(("name", "old", "new", "expected"), tariff_cases())
def test_broken_tariff(name, old, new, expected, texts, leg):
    assert old in texts[name], "the case no longer fits the shipped file"
    tariffs = {**texts, name: texts[name].replace(old, new)}
    with pytest.raises(RatingInputError) as caught:
        run_rate("onecontact-2019", json.dumps(leg()), "usage.jsonl", tariffs)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("ported", "0912000222\n", "file.csv: line 1: 1 columns, expected number, operator, since"),
        ("ported", "number,operator\nnobody,Viettel\n", "file.csv: line 2: number: 'nobody' is no number"),
        ("ported", "0912000222,\n", "file.csv: line 1: operator: is missing"),
        (
            "ported",
            "0912000222,Viettel,1/3/2026\n",
            "file.csv: line 1: since: '1/3/2026' is no date such as 2026-03-01",
        ),
        (
            "ported",
            "0912000222,Viettel,20261101\n",
            "file.csv: line 1: since: '20261101' is no date such as 2026-03-01",
        ),
        ("ported", "0912000222,V,2026-W44-1\n", "file.csv: line 1: since: '2026-W44-1' is no date such as 2026-03-01"),
        ("ported", "0912000222,V,2026-02-30\n", "file.csv: line 1: since: '2026-02-30' is no date such as 2026-03-01"),
        (
            "ported",
            "0912000222,Viettel\n+84912000222,MobiFone\n",
            "file.csv: line 2: number: +84912000222 has a row with the same `since` already",
        ),
        ("idd", "prefix,vnd_per_min\n33,3600.5\n", "file.csv: line 2: vnd_per_min: '3600.5' is no whole number of VND"),
        ("idd", "33,3600\n0033,3700\n", "file.csv: line 2: prefix: 33 stands in an earlier line"),
        ("idd", "France,3600\n", "file.csv: line 1: prefix: 'France' is no country calling code or longer prefix"),
        ("bundles", "{", "file.csv: is no JSON: Expecting property name"),
        ("bundles", "{}", "file.csv: must be a JSON array of bundles"),
        ("bundles", '[{"hotline": "x"}]', "file.csv: entry 1: hotline: 'x' is no number"),
        (
            "bundles",
            '[{"hotline": "0901234567", "bundle": 99}]',
            "file.csv: entry 1: bundle: 99 is no bundle of plan 3c",
        ),
        ("bundles", '[{"number": "0901234567"}]', "file.csv: entry 1: number: unknown key"),
        (
            "bundles",
            '[{"hotline": "0901234567", "bundle": 3.0}]',
            "file.csv: entry 1: bundle: 3.0 is no bundle of plan 3c",
        ),
        (
            "bundles",
            '[{"hotline": "0901234567", "bundle": 1e9999999999999999999}]',
            "file.csv: entry 1: bundle: NaN is no bundle of plan 3c",
        ),
        (
            "bundles",
            '[{"hotline": "0901234567", "bundle": 1, "when_spent": "tiers", "activated_at": "9999-01-01T00:00:00Z"}]',
            "file.csv: entry 1: activated_at: a bundle cannot begin after 9998",
        ),
        (
            "idd",
            f"{'0' * 999},1\n",
            f"file.csv: line 1: prefix: '{'0' * 56}... is no country calling code or longer prefix",
        ),
        ("bundles", '[{"bundle": 1, "bundle": 2}]', "file.csv: bundle: stands twice in the record"),
    ],
)
def test_broken_table(table, text, expected, texts, leg):
    with pytest.raises(RatingInputError) as caught:
        run_rate("3c", json.dumps(leg()), "usage.jsonl", texts, **{table: NamedText("file.csv", text)})
    assert str(caught.value).startswith(expected)


def test_an_unknown_plan_names_those_that_exist(texts):
    with pytest.raises(RatingInputError, match="plan: '4c' is unknown; there are: 3c, ekyc, meeting, onecontact-2019"):
        run_rate("4c", "", "usage.jsonl", texts)


def test_versions_that_overlap_are_refused(texts):
    other = texts["3c.toml"].replace("2019-01-01 ", "2018-01-01\nvalid_to = 2019-06-01 ", 1)
    with pytest.raises(RatingInputError, match=r"old\.toml: valid_to: 2019-06-01 overlaps 3c\.toml"):
        run_rate("3c", "", "usage.jsonl", {**texts, "old.toml": other})
    with pytest.raises(RatingInputError, match=r"twin\.toml is valid from 2019-01-01 too|3c\.toml is valid from"):
        run_rate("3c", "", "usage.jsonl", {**texts, "twin.toml": texts["3c.toml"]})


def test_no_operators_beside_the_tariffs(texts):
    without = {name: text for name, text in texts.items() if name != "operators.csv"}
    with pytest.raises(RatingInputError, match=r"operators\.csv: is missing"):
        run_rate("3c", "", "usage.jsonl", without)


def test_a_byte_order_mark_and_windows_line_ends_are_harmless(texts, leg):
    usage = "\ufeff" + json.dumps(leg()) + "\r\n"
    assert len(run_rate("onecontact-2019", usage, "usage.jsonl", texts)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"rooms": {"count": 1, "months": 1.0}}', "subs.json: rooms.months: must be 1, 6 or 12, not 1.0"),
        ('{"rooms": 0}', "subs.json: rooms: must be an object"),
        ('{"hotlines": {}}', "subs.json: hotlines: must be a list"),
        ('{"sdk_sets": 1, "sdk_sets": 2}', "subs.json: sdk_sets: stands twice in the record"),
        ('{"sdk_sets": 1e9999999999999999999}', "subs.json: sdk_sets: must be a whole number from 0 up, not NaN"),
        ('{"sdk_sets": 2.0}', "subs.json: sdk_sets: must be a whole number from 0 up, not 2.0"),
        (
            '{"extensions": [{"from": "20261101"}]}',
            "subs.json: extensions, entry 1: from: '20261101' is no date such as 2026-11-02",
        ),
    ],
)
def test_broken_subscriptions(text, expected, texts):
    with pytest.raises(RatingInputError) as caught:
        run_invoice("meeting", "2026-11", NamedText("subs.json", text), "", "usage.jsonl", texts)
    assert str(caught.value) == expected


def test_bytes_that_are_no_text_are_blamed_by_line():
    with pytest.raises(RatingInputError) as caught:
        text_from(b"\xef\xbb\xbfabc\n\ndef\xff\n", "usage.jsonl")
    assert str(caught.value) == "usage.jsonl: line 3: byte 11 of the file is not UTF-8"


def test_a_mark_at_the_beginning_is_left_out_and_line_ends_stay():
    assert text_from(b"\xef\xbb\xbfa\r\nb\rc\n", "file.csv") == "a\r\nb\rc\n"
