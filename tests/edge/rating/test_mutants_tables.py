"""Data tables, subscriptions and tariff versions at their edges: a line, a day or one more than is allowed."""

from datetime import date, timedelta

import pytest

from edge.rating.command import load_plans
from edge.rating.data_tables import longest_prefix, parse_idd, parse_operators, parse_ported
from edge.rating.errors import TableError, TariffError
from edge.rating.subscriptions import Subscriptions, parse_subscriptions
from edge.rating.tariff import Plan, block_rounded
from edge.rating.tariff_text import parse_tariff

PARSERS = {"operators": parse_operators, "ported": parse_ported, "idd": parse_idd}


def problems(parse, text: str) -> list[str]:
    with pytest.raises(TableError) as caught:
        parse(text, "x")
    return list(caught.value.problems)


# ---- how a table may be written


@pytest.mark.parametrize(
    "text",
    [
        "33,3600\n1268,4500\n",
        "33,3600\n1268,4500",
        "33,3600\r\n1268,4500\r\n",
        "\ufeff33,3600\n1268,4500\n",
        "prefix,vnd_per_min\n33,3600\n1268,4500\n",
        "Prefix;Price\n33;3600\n1268;4500\n",
        "prefix\tvnd_per_min\tdestination\n33\t3600\tFrance\n1268\t4500\t\n",
        "\n# our prices\n\nprefix,vnd_per_min\n  # France\n33,3600\n   \n\t\n#1268,1\n1268,4500\n\n#\n",
        '"33","3600"\n"1268";"4500"\n',
        '33,3600,"France, without its islands"\n1268,4500,Antigua "and" Barbuda\n',
        " +33 , 3600 \n001268,4500\n",
    ],
)
def test_a_table_says_the_same_however_it_is_written(text):
    assert parse_idd(text, "x").prices == {"33": 3600, "1268": 4500}


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("operators", "090\n", ["x: line 1: 1 columns, expected prefix, operator"]),
        ("operators", "090,MobiFone,1993\n", ["x: line 1: 3 columns, expected prefix, operator"]),
        ("operators", ",MobiFone\n", ["x: line 1: prefix: '' is no operator prefix such as 090"]),
        ("operators", "090,\n", ["x: line 1: operator: is missing"]),
        ("operators", "90,MobiFone\n", ["x: line 1: prefix: '90' is no operator prefix such as 090"]),
        ("operators", "0901,MobiFone\n", ["x: line 1: prefix: '0901' is no operator prefix such as 090"]),
        ("operators", "009,MobiFone\n", ["x: line 1: prefix: '009' is no operator prefix such as 090"]),
        ("operators", "090,MobiFone\n090,MobiFone\n", ["x: line 2: prefix: 090 stands in an earlier line"]),
        ("ported", "0912000222\n", ["x: line 1: 1 columns, expected number, operator, since"]),
        ("ported", "0912000222,V,,\n", ["x: line 1: 4 columns, expected number, operator, since"]),
        ("ported", ",V\n", ["x: line 1: number: '' is no number"]),
        ("ported", "0912000222,,2026-11-03\n", ["x: line 1: operator: is missing"]),
        (
            "ported",
            "0912000222,V,2026-11-03\n0912 000 222,M,2026-11-03\n",
            ["x: line 2: number: 0912 000 222 has a row with the same `since` already"],
        ),
        ("idd", "33\n", ["x: line 1: 1 columns, expected prefix, vnd_per_min, destination"]),
        ("idd", "33,1,France,Paris\n", ["x: line 1: 4 columns, expected prefix, vnd_per_min, destination"]),
        ("idd", ",3600\n", ["x: line 1: prefix: '' is no country calling code or longer prefix"]),
        ("idd", "033,3600\n", ["x: line 1: prefix: '033' is no country calling code or longer prefix"]),
        ("idd", f"{10**15},1\n", [f"x: line 1: prefix: '{10**15}' is no country calling code or longer prefix"]),
        ("idd", "33,1000000000\n", ["x: line 1: vnd_per_min: '1000000000' is no whole number of VND"]),
        ("idd", "33,-1\n", ["x: line 1: vnd_per_min: '-1' is no whole number of VND"]),
        ("idd", "33,\n", ["x: line 1: vnd_per_min: '' is no whole number of VND"]),
    ],
)
def test_what_is_wrong_with_a_line(table, text, expected):
    assert problems(PARSERS[table], text) == expected


@pytest.mark.parametrize("heading", ["prefix,operator", "number,operator"])
def test_only_the_first_line_with_data_can_be_a_header(heading):
    """Two files put together have a second header; it is said and not passed over."""
    text = f"# ours\n{heading}\n0912000222,Viettel\n\n{heading}\n0912000333,Viettel\n"
    assert problems(parse_ported, text) == [f"x: line 5: number: '{heading[:6]}' is no number"]


def test_every_bad_line_is_named_with_its_number_in_the_file():
    text = "prefix,vnd_per_min\n\n# cheap\n33,free\n49,1800\nx,1\n"
    assert problems(parse_idd, text) == [
        "x: line 4: vnd_per_min: 'free' is no whole number of VND",
        "x: line 6: prefix: 'x' is no country calling code or longer prefix",
    ]


def test_the_smallest_and_the_largest_that_a_price_table_holds():
    longest = "9" * 15
    assert parse_idd(f"7,0\n{longest},999999999\n", "x").prices == {"7": 0, longest: 999_999_999}


# ---- what a table says


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_several_rows_of_a_number_the_newest_begun_holds(order):
    rows = ["0912 000 222,First", "+84912000222,Second,2026-11-03", "84912000222,Third,2026-11-05"]
    table = parse_ported("\n".join(rows[place] for place in order), "x")
    days = [date.min, date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 5), date.max]
    found = [table.operator("+84912000222", day) for day in days]
    assert found == ["First", "First", "Second", "Second", "Third", "Third"]


def test_before_its_first_row_a_number_is_not_ported():
    table = parse_ported("0912000222,MobiFone,2026-11-03\n0912000333,MobiFone,2026-11-03\n", "x")
    for number in ("+84912000222", "+84912000333"):
        assert table.operator(number, date(2026, 11, 2)) is None
        assert table.operator(number, date(2026, 11, 3)) == "MobiFone"
    assert table.operator("+84912000444", date(2026, 11, 3)) is None


def test_two_operators_take_numbers_on_the_same_day():
    table = parse_ported("0912000222,MobiFone,2026-11-03\n0912000333,Viettel,2026-11-03\n", "x")
    found = [table.operator(number, date(2026, 11, 3)) for number in ("+84912000222", "+84912000333")]
    assert found == ["MobiFone", "Viettel"]


@pytest.mark.parametrize(
    ("digits", "prefix"),
    [("12685551234", "1268"), ("1268", "1268"), ("126", "1"), ("1", "1"), ("33612345678", None), ("", None)],
)
def test_the_longest_prefix_wins(digits, prefix):
    assert longest_prefix({"1": 0, "1268": 0}, digits) == prefix


# ---- subscriptions


def subscribed(text: str) -> Subscriptions:
    return parse_subscriptions(text, "subs.json")


def subscription_fault(text: str) -> str:
    with pytest.raises(TableError) as caught:
        subscribed(text)
    return str(caught.value)


def test_who_subscribes_to_nothing_has_no_rooms_and_holds_nothing():
    nothing, empty = Subscriptions(), subscribed("{}")
    for one in (nothing, empty):
        assert (one.held, one.room_count, one.room_months) == ((), 0, 1)
    assert not any((empty.counts or {}).values())


@pytest.mark.parametrize("key", ["hotlines", "users", "extensions"])
@pytest.mark.parametrize("row", ["5", "null", '"0901234567"', "[]"])
def test_an_entry_that_is_no_object(key, row):
    good = '{"number": "0901234567", "kind": "call_center", "from": "2026-11-02"}'
    place = f"subs.json: {key}, entry 2: must be an object"
    assert subscription_fault(f'{{"{key}": [{good}, {row}]}}') == place


@pytest.mark.parametrize(
    ("first", "last", "is_held"),
    [
        ("2026-11-30", "2026-11-30", True),
        ("2026-11-01", "2026-11-01", True),
        ("2026-10-05", "2026-11-01", True),
        ("2026-10-05", "2026-10-31", False),
        ("2026-11-30", "2027-01-31", True),
        ("2026-12-01", "2026-12-01", False),
    ],
)
def test_a_single_day_of_the_month_is_enough(first, last, is_held):
    held = subscribed(f'{{"extensions": [{{"from": "{first}", "to": "{last}"}}]}}').held[0]
    assert held.in_month(date(2026, 11, 1), date(2026, 11, 30)) is is_held


def test_nothing_ends_before_it_begins():
    fault = subscription_fault('{"extensions": [{"from": "2026-11-02", "to": "2026-11-01"}]}')
    assert fault == "subs.json: extensions, entry 1: to: 2026-11-01 lies before from 2026-11-02"


@pytest.mark.parametrize("count", [0, 1, 10_000_000])
def test_a_count_that_can_be(count):
    assert (subscribed(f'{{"sdk_sets": {count}}}').counts or {})["sdk_sets"] == count
    assert subscribed(f'{{"rooms": {{"count": {count}, "months": 12}}}}').room_count == count


@pytest.mark.parametrize(
    ("count", "fault"),
    [
        ("10000001", "10000001 is more than 10000000"),
        ("1" + "0" * 100, "1" + "0" * 56 + "... is more than 10000000"),
        ("-1", "must be a whole number from 0 up, not -1"),
        ("true", "must be a whole number from 0 up, not True"),
        ('"1"', "must be a whole number from 0 up, not '1'"),
        ("null", "must be a whole number from 0 up, not None"),
    ],
)
def test_a_count_that_cannot_be(count, fault):
    assert subscription_fault(f'{{"sdk_sets": {count}}}') == f"subs.json: sdk_sets: {fault}"
    assert subscription_fault(f'{{"rooms": {{"count": {count}}}}}') == f"subs.json: rooms.count: {fault}"


# ---- versions of a tariff (reading 10)


def version(texts, valid_from: str, valid_to: str | None = None):
    ends = "" if valid_to is None else f"\nvalid_to = {valid_to}"
    text = texts["ekyc.toml"].replace("valid_from = 2019-01-01", f"valid_from = {valid_from}{ends}")
    return parse_tariff(text, f"{valid_from}.toml")


def test_each_day_has_the_version_that_is_valid_then(texts):
    """The second follows the first at once, the third after a year without any."""
    years = [("2019-01-01", "2020-01-01"), ("2020-01-01", "2021-01-01"), ("2022-01-01", None)]
    plan = Plan("ekyc", tuple(version(texts, *days) for days in years))
    expected = {
        "0001-01-01": None,
        "2018-12-31": None,
        "2019-01-01": "ekyc@2019-01-01",
        "2019-12-31": "ekyc@2019-01-01",
        "2020-01-01": "ekyc@2020-01-01",
        "2020-12-31": "ekyc@2020-01-01",
        "2021-01-01": None,
        "2021-01-02": None,
        "2021-12-31": None,
        "2022-01-01": "ekyc@2022-01-01",
        "9999-12-31": "ekyc@2022-01-01",
    }
    found = {day: plan.at(date.fromisoformat(day)) for day in expected}
    assert {day: at and at.version for day, at in found.items()} == expected


def test_a_version_that_has_ended_never_comes_back(texts):
    plan = Plan("ekyc", (version(texts, "2019-01-01", "2020-01-01"),))
    days = [date(2020, 1, 1) + timedelta(days) for days in (-1, 0, 1, 3650)]
    assert [plan.at(day) is not None for day in days] == [True, False, False, False]


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [
        (("2019-01-01", "2020-01-02"), ("2020-01-01", None), "valid_to: 2020-01-02 overlaps 2020-01-01.toml"),
        (("2019-01-01", "2030-01-01"), ("2020-01-01", "2021-01-01"), "valid_to: 2030-01-01 overlaps 2020-01-01.toml"),
        (("2020-01-01", None), ("2020-01-01", None), "valid_from: 2020-01-01.toml is valid from 2020-01-01 too"),
    ],
)
def test_two_versions_of_one_day_are_refused(first, second, fault, texts):
    for order in ((first, second), (second, first)):
        with pytest.raises(TariffError, match=fault) as caught:
            Plan("ekyc", tuple(version(texts, *days) for days in order))
        assert len(caught.value.problems) == 1


def test_an_open_version_ends_where_the_next_begins(texts):
    plan = Plan("ekyc", (version(texts, "2019-01-01"), version(texts, "2020-01-01")))
    assert [plan.at(day) for day in (date(2019, 12, 31), date(2020, 1, 1))] == list(plan.versions)


def test_which_plans_sell_bundles(texts):
    found = {name: plan.has_bundles for name, plan in load_plans(texts).items()}
    assert found == {"3c": True, "ekyc": False, "meeting": False, "onecontact-2019": False}


@pytest.mark.parametrize("name", ["3c.toml", "ekyc.toml", "meeting.toml", "onecontact-2019.toml"])
def test_a_text_read_twice_is_the_same_tariff(name, texts):
    assert parse_tariff(texts[name], name) == parse_tariff(texts[name], name)


@pytest.mark.parametrize(
    ("seconds", "billed_s"), [(-1, 0), (0, 0), (1, 30), (29, 30), (30, 30), (31, 40), (40, 40), (41, 50)]
)
def test_blocks_of_thirty_and_ten_seconds(seconds, billed_s):
    assert block_rounded(seconds, 30, 10) == billed_s
