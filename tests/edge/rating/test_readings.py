"""The exact readings of the rating rules (§9), one test or more per numbered reading, named after it.

Readings 12–16 (bundles) stand in test_bundles.py, 11, 16, 21 and 23 also in test_invoice.py.
"""

import json
from decimal import Decimal

import pytest

from edge.rating.command import load_plans, run_rate
from edge.rating.errors import RatingInputError, UsageError
from edge.rating.usage import load_json, parse_usage

NOV = "2026-11-{:02}T{:02}:{:02}:{:02}+07:00"


def at(day: int = 1, hour: int = 0, minute: int = 0, second: int = 0) -> str:
    return NOV.format(day, hour, minute, second)


def sms(end, **more):
    record = {"id": "m", "kind": "sms", "hotline": "0901234567", "at": at(), "parts": 1, "to": end("off_net")}
    return {**record, **more}


# ---- the order of the rules


def test_order_1_unanswered_looks_at_nothing_else(run):
    nonsense = {"id": "u", "kind": "voice", "answered_at": None, "duration_s": -5, "service": "?", "to": 7}
    absent = {"id": "v", "kind": "voice"}
    for charge in run([nonsense, absent]):
        assert (charge["status"], charge["amount_vnd"], charge["billed_s"], charge["class"]) == ("rated", 0, 0, None)


def test_order_2_inbound_numbers_are_not_parsed(run, leg):
    charge = run([leg(service="inbound", to="WITHHELD", s=61, answered_at="1999-01-01T00:00:00Z")])[0]
    assert (charge["amount_vnd"], charge["billed_s"], charge["parts"]) == (0, 61, [])


def test_order_3_zero_seconds_come_before_the_class(run, leg):
    assert run([leg(to="no number at all", s=0)])[0]["amount_vnd"] == 0


def test_order_4_a_bad_number_comes_before_unrated(run, leg):
    with pytest.raises(RatingInputError, match=r"usage\.jsonl: line 1: to\.number: "):
        run([leg(to="no number at all", answered_at="1999-01-01T00:00:00Z", roaming=True)])


def test_order_5_no_version_is_unrated(run, leg):
    charge = run([leg(answered_at="2019-02-28T23:59:59+07:00")])[0]
    assert (charge["status"], charge["amount_vnd"], charge["billed_s"]) == ("unrated", None, 60)


# ---- which end and which row


def test_reading_01_service_alone_chooses_the_row(amounts, leg, end):
    records = [leg("a", to="on_net", **{"from": end("off_net")}), leg("b", service="connect", to="on_net")]
    records.append({**leg("c"), "to": end("on_net", "extension")})
    assert amounts(records) == [440, 0, 440]


def test_reading_02_conference_participant_who_dialled_in_is_from(amounts, leg, end):
    hotline = end("0901234567", "hotline")
    conference = {"id": "cf9", "initiator": False}
    dialled_in = leg("a", service="conference", conference=conference, to="x", **{"from": end("off_net")})
    dialled_in["to"] = hotline
    assert amounts([dialled_in]) == [900]


def test_reading_02_initiator_must_be_said(run, leg):
    with pytest.raises(RatingInputError, match=r"line 1: conference\.initiator: is missing"):
        run([leg(service="conference", conference={"id": "cf9"})])


def test_reading_02_conference_in_3c_moves_the_counter_of_its_direction(amounts, leg):
    conference = {"id": "cf9", "initiator": False}
    records = [
        leg("a", service="conference", to="off_net", s=60_000, conference=conference, answered_at=at(1)),
        leg("b", to="off_net", answered_at=at(2)),
        leg("c", to="on_net", answered_at=at(2)),
    ]
    assert amounts(records, "3c")[1:] == [850, 500]


@pytest.mark.parametrize("service", ["connect", "callback", "internal", "forward", "outbound"])
def test_reading_03_international_whatever_the_service(service, run, leg):
    assert run([leg(service=service, to="004915112345678")])[0]["amount_vnd"] == 900


@pytest.mark.parametrize("initiator", [True, False])
def test_reading_03_international_conference(initiator, amounts, leg):
    assert amounts([leg(service="conference", to="004915112345678", conference={"initiator": initiator})]) == [900]


def test_reading_03_inbound_from_abroad_is_free(amounts, leg):
    assert amounts([leg(service="inbound", to="004915112345678")]) == [0]


@pytest.mark.parametrize("service", ["forward", "outbound"])
def test_reading_03_3c_to_ip_is_free(service, amounts, leg):
    assert amounts([leg(service=service, to="ip")], "3c") == [0]


def test_reading_04_short_dialling_makes_an_inbound_and_an_internal_leg(amounts, leg):
    records = [leg("c1.1", service="inbound", to="0901234567", s=70), leg("c1.2", service="internal", to="on_net")]
    assert amounts(records) == [0, 440]


def test_reading_05_ip_whatever_the_number_says(run, leg):
    to = {"party": "extension", "endpoint": "ip", "number": "0912000222"}
    charge = run([{**leg(), "to": to}])[0]
    assert (charge["class"], charge["amount_vnd"]) == ("ip", 0)


def test_reading_05_mobile_or_fixed_is_informational(amounts, leg):
    to = {"party": "customer", "endpoint": "fixed", "number": "0903000222"}
    assert amounts([{**leg(), "to": to}]) == [440]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("kind", {"kind": "fax"}),
        ("service", {"service": "transfer"}),
        ("to.party", {"to": {"party": "friend", "number": "0903000222"}}),
        ("to.endpoint", {"to": {"party": "customer", "endpoint": "satellite", "number": "0903000222"}}),
    ],
)
def test_reading_05_unknown_values_are_bad_input(field, change, run, leg):
    with pytest.raises(RatingInputError, match=f"usage.jsonl: line 1: {field}: "):
        run([{**leg(), **change}])


def test_reading_05_a_kind_without_a_table_is_unrated(run, leg, end):
    request = {"id": "r", "kind": "request", "at": at(), "count": 1, "product": "ekyc"}
    assert [charge["status"] for charge in run([request])] == ["unrated"]
    assert [charge["status"] for charge in run([leg(), sms(end)], "ekyc")] == ["unrated"] * 2
    assert [charge["status"] for charge in run([leg()], "meeting")] == ["unrated"]


def test_reading_06_roaming(run, leg, end):
    paid, free = leg("a", roaming=True), leg("b", service="connect", to="on_net", roaming=True)
    after = leg("c", answered_at=at(5))
    message = sms(end, roaming=True)
    assert [row["amount_vnd"] for row in run([paid, free, after, message])] == [None, 0, 900, None]
    assert [row["amount_vnd"] for row in run([paid, free], "3c")] == [900, 0]


def test_reading_06_roaming_to_a_special_number_has_the_class_of_its_row(run, leg, end, texts):
    special = '[special_numbers]\n"19001234" = { class = "on_net" }\n'
    tariffs = {**texts, "onecontact-2019.toml": texts["onecontact-2019.toml"].replace("[special_numbers]", special)}
    records = [leg("a", to="19001234", roaming=True), leg("b", to="19001234")]
    records.append(sms(end, roaming=True, to=end("19001234")))
    charges = run(records, tariffs=tariffs)
    assert [charge["status"] for charge in charges] == ["unrated", "rated", "unrated"]
    assert {charge["class"] for charge in charges} == {"on_net"}


# ---- counters and order


def test_reading_07_only_tier_priced_seconds_move_a_counter(amounts, leg, end):
    big = 70_000
    idle = [
        leg("free", service="connect", to="on_net", s=big, answered_at=at(1)),
        leg("abroad", to="004915112345678", s=big, answered_at=at(1)),
        leg("unrated", to="0033612345678", s=big, answered_at=at(1)),
        leg("roaming", to="off_net", s=big, roaming=True, answered_at=at(1)),
    ]
    assert amounts([*idle, leg("x", answered_at=at(2))])[-1] == 900
    flat = leg("flat", service="internal", to="on_net", s=big, answered_at=at(1))
    assert amounts([flat, leg("x", to="on_net", answered_at=at(2))], "3c")[-1] == 500


def test_reading_07_the_minimum_applies_once_and_counts_as_billed(run, leg):
    records = [
        leg("a", s=59_997, answered_at=at(1)),
        leg("b", s=1, answered_at=at(2)),
        leg("c", s=1, answered_at=at(3)),
    ]
    charges = run(records)
    assert [[part["seconds"] for part in charge["parts"]] for charge in charges] == [[59_997], [3, 3], [6]]


def test_reading_08_order_compares_instants_then_id(run, leg):
    """The same instant in another zone, and a difference in the twelfth digit, order as they should."""
    first = leg("z", s=60_000, answered_at="2026-11-03T02:15:00.000000000001Z")
    second = leg("a", answered_at="2026-11-03T09:15:00.000000000002+07:00")
    same = leg("b", answered_at="2026-11-03T09:15:00.000000000002000+07:00")
    tiers = {row["id"]: [part["tier"] for part in row["parts"]] for row in run([same, second, first])}
    assert tiers == {"z": ["1-1000"], "a": ["1001-5000"], "b": ["1001-5000"]}
    capital, small = leg("B", s=60_000), leg("a", s=60_000)
    assert [row["amount_vnd"] for row in run([small, capital])] == [850_000, 900_000]


def test_reading_08_ids_are_unique_and_not_empty(run, leg):
    with pytest.raises(RatingInputError, match=r"usage\.jsonl: line 2: id: 'a' stands in line 1 already"):
        run([leg("a"), leg("a")])
    with pytest.raises(RatingInputError, match="line 1: id: "):
        run([leg("")])


@pytest.mark.parametrize("bad", ["185", True, -1, None, [], -0.001])
def test_reading_08_bad_durations(bad, run, leg):
    with pytest.raises(RatingInputError, match="line 1: duration_s: "):
        run([leg(s=bad)])


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-Infinity", "1e400000"])
def test_reading_08_no_number_at_all(bad, texts, leg):
    line = json.dumps(leg()).replace('"duration_s": 60', f'"duration_s": {bad}')
    with pytest.raises(RatingInputError, match=r"usage\.jsonl: line 1: "):
        run_rate("onecontact-2019", line, "usage.jsonl", texts)


def test_reading_08_a_duration_is_ceiled_once_and_exactly(leg):
    line = json.dumps(leg()).replace('"duration_s": 60', '"duration_s": 60.00000000000000000000000000000000000000001')
    assert parse_usage(load_json(line)).seconds == 61
    assert parse_usage(leg(s=Decimal("1e-999999"))).seconds == 1


@pytest.mark.parametrize(
    "bad",
    [
        "2026-11-03T09:15:00",
        "2026-11-03",
        "2026-11-03 09:15:00+07:00",
        "2026-13-03T09:15:00Z",
        "2026-02-30T09:15:00Z",
        "2026-11-03T24:00:00Z",
        "2026-11-03T09:15:00+0700",
        "2026-11-03T09:15:60Z",
        "yesterday",
        1793672100,
    ],
)
def test_reading_08_bad_instants(bad, leg):
    with pytest.raises(UsageError, match="answered_at"):
        parse_usage(leg(answered_at=bad))


def test_reading_09_hotlines_are_compared_normalised(amounts, leg):
    records = [leg("a", s=60_000, hotline="+84 901 234 567", answered_at=at(1)), leg("b", answered_at=at(2))]
    assert amounts(records)[1] == 850
    assert amounts([records[0], leg("b", hotline="0937654321", answered_at=at(2))])[1] == 900


def test_reading_09_voice_and_sms_need_a_hotline(run, leg, end):
    without = leg()
    del without["hotline"]
    message = sms(end)
    del message["hotline"]
    for record in (without, message, leg(hotline="reception")):
        with pytest.raises(RatingInputError, match="line 1: hotline: "):
            run([record])


def next_version(texts, valid_from="2026-11-02", **replace):
    text = texts["onecontact-2019.toml"].replace("valid_from = 2019-03-01", f"valid_from = {valid_from}")
    for old, new in replace.items():
        text = text.replace(old, new)
    return {**texts, "later.toml": text}


def test_reading_10_counters_run_on_over_a_version_change(run, leg, texts):
    tariffs = next_version(texts, **{"vnd_per_min = 850": "vnd_per_min = 777"})
    records = [
        leg("a", s=59_970, answered_at="2026-11-01T23:59:59.999+07:00"),
        leg("b", s=60, answered_at="2026-11-02T00:00:00+07:00"),
    ]
    charges = run(records, tariffs=tariffs)
    assert [(part["seconds"], part["vnd_per_min"]) for part in charges[1]["parts"]] == [(30, 900), (30, 777)]
    versions = [charge["rule"].partition("/")[0] for charge in charges]
    assert versions == ["onecontact-2019@2019-03-01", "onecontact-2019@2026-11-02"]


def test_reading_10_valid_to_is_exclusive_and_local(run, leg, texts):
    ended = texts["onecontact-2019.toml"].replace(
        "valid_from = 2019-03-01", "valid_from = 2019-03-01\nvalid_to = 2026-11-02"
    )
    tariffs = {**texts, "onecontact-2019.toml": ended}
    records = [leg("a", answered_at="2026-11-01T16:59:59Z"), leg("b", answered_at="2026-11-01T17:00:00Z")]
    assert [charge["status"] for charge in run(records, tariffs=tariffs)] == ["rated", "unrated"]


@pytest.mark.parametrize("plan", ["3c", "meeting", "ekyc"])
def test_reading_10_plans_without_a_start_date_begin_in_2019(plan, texts):
    assert load_plans(texts)[plan].versions[0].valid_from.isoformat() == "2019-01-01"


def test_reading_11_sms_and_requests_use_at(amounts):
    one = {"kind": "request", "product": "ekyc"}
    october = {**one, "id": "a", "at": "2026-10-31T23:59:59+07:00", "count": 5000}
    november = {**one, "id": "b", "at": "2026-10-31T17:00:00Z", "count": 1}
    assert amounts([october, november], "ekyc") == [5_000_000, 1000]
    assert amounts([october, {**november, "at": "2026-10-31T16:59:59.5Z"}], "ekyc")[1] == 950


# ---- numbers and international


def test_reading_17_special_numbers(run, leg, texts):
    special = '[special_numbers]\n"18001090" = { class = "on_net" }\n"1900 1234" = { vnd_per_min = 1000 }\n'
    tariffs = {**texts, "onecontact-2019.toml": texts["onecontact-2019.toml"].replace("[special_numbers]", special)}
    records = [leg("a", to="18001090"), leg("b", to="19001234"), leg("c", to="1080")]
    assert [charge["amount_vnd"] for charge in run(records, tariffs=tariffs)] == [440, 1000, 900]


def test_reading_18_the_ported_row_valid_at_the_answer_counts(run, leg):
    ported = (
        "number,operator,since\n0912000222,MobiFone,2026-11-03\n0912000222,Viettel,2026-11-05\n02438221234,MobiFone\n"
    )
    days = [leg(f"d{day}", to="0912 000 222", answered_at=at(day)) for day in (2, 3, 4, 5)]
    fixed = leg("fixed", to="02438221234")
    assert [charge["class"] for charge in run([*days, fixed], ported=ported)] == [
        "off_net",
        "on_net",
        "on_net",
        "off_net",
        "off_net",
    ]


def test_reading_18_without_a_date_a_row_holds_always(run, leg):
    charges = run([leg("a", to="0903000222")], ported="0903000222;Viettel\n")
    assert charges[0]["class"] == "off_net"


def test_reading_19_plus_one_outside_usa_and_canada(run, leg):
    numbers = {"0012025550123": 900, "0014165550123": 900, "0018765550123": None, "0017675550123": None}
    records = [leg(number, to=number) for number in numbers]
    assert {charge["id"]: charge["amount_vnd"] for charge in run(records)} == numbers


def test_reading_20_the_cap_counts_every_rated_second(run, leg):
    idd = "380,6000\n49,1800\n"
    records = [
        leg("excluded", to="00380501234567", s=600_000, answered_at=at(1)),
        leg("unrated", to="0033612345678", s=600_000, answered_at=at(2)),
        leg("preferred", to="004915112345678", s=599_970, answered_at=at(3)),
        leg("across", to="004915112345678", s=60, answered_at=at(20)),
    ]
    charges = run(records, idd=idd)
    assert [charge["status"] for charge in charges] == ["rated", "unrated", "rated", "rated"]
    assert charges[3]["parts"] == [
        {"seconds": 30, "vnd_per_min": 900, "tier": "1-20000"},
        {"seconds": 30, "vnd_per_min": 1800, "tier": ">20000"},
    ]


def test_reading_20_one_part_without_a_price_and_the_record_counts_nothing(run, leg):
    records = [
        leg("a", to="004915112345678", s=1_199_990, answered_at=at(1)),
        leg("b", to="004915112345678", s=60, answered_at=at(20)),
        leg("c", to="004915112345678", s=10, answered_at=at(21)),
    ]
    assert [charge["amount_vnd"] for charge in run(records)] == [17_999_850, None, 150]


def test_reading_21_rate_prints_international_before_the_discount(amounts, leg):
    assert amounts([leg(to="0033612345678")], idd="33,3600") == [3600]


# ---- output


def test_reading_22_fields_and_their_order(run, leg):
    charge = run([leg(s=61_000)])[0]
    assert list(charge) == ["id", "status", "amount_vnd", "billed_s", "class", "rule", "parts", "why"]
    assert charge["rule"] == "onecontact-2019@2019-03-01/voice/outbound.off_net"
    assert charge["parts"][1] == {"seconds": 1000, "vnd_per_min": 850, "tier": "1001-5000"}


def test_reading_22_billed_seconds_of_every_answered_leg(run, leg, end):
    records = [
        leg("in", service="inbound", s=3),
        leg("free", service="connect", to="on_net", s=3),
        leg("unrated", to="0033612345678", s=3),
        leg("zero", s=0),
        sms(end),
    ]
    assert [charge["billed_s"] for charge in run(records)] == [6, 6, 6, 0, 0]


def test_reading_24_sms_parts(run, end):
    for bad in (0, -1, 1.5, "1", True, None):
        with pytest.raises(RatingInputError, match="line 1: parts: "):
            run([sms(end, parts=bad)])
    for nowhere in ("ip", "international"):
        assert run([sms(end, to=end(nowhere))])[0]["status"] == "unrated"
