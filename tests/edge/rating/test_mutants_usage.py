"""What the quick way of reading takes, and the margins of the strict way: found by putting mistakes into both.

A usage line is read quickly or strictly; either way the record must be the same. The other tests would not notice if
the quick way took nothing any more, for the strict one reads all that it leaves; here it must take what is ordinary.
"""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rating.errors import UsageError
from edge.rating.instant import Instant
from edge.rating.usage import NOBODY, End, Kind, Party, Service, UsageRecord, load_json, parse_usage, shown
from edge.rating.usage_lines import LineReader, Remembered, usage_lines

AT = "2026-11-03T09:15:00+07:00"
MOMENT = Instant(1793672100, "")
COLLEAGUE = {"party": "extension", "endpoint": "mobile", "number": "0903000111", "extension": "512"}
CUSTOMER = {"party": "customer", "number": "0912000222"}
VOICE = {
    "id": "c1.1",
    "kind": "voice",
    "hotline": "0901234567",
    "answered_at": AT,
    "duration_s": 185,
    "service": "outbound",
    "from": COLLEAGUE,
    "to": CUSTOMER,
}
CONFERENCE = VOICE | {"service": "conference", "conference": {"initiator": True}}
NAMED_CONFERENCE = VOICE | {"service": "conference", "conference": {"id": "cf9", "initiator": False}}
UNANSWERED = VOICE | {"answered_at": None}
SMS = {"id": "m", "kind": "sms", "hotline": "0901234567", "at": AT, "parts": 2, "to": CUSTOMER}
REQUEST = {"id": "r", "kind": "request", "at": AT, "count": 3, "product": "ekyc"}
KINDS = {
    "voice": VOICE,
    "conference": CONFERENCE,
    "conference with its id": NAMED_CONFERENCE,
    "unanswered": UNANSWERED,
    "ends that are nobody": VOICE | {"from": None, "to": None},
    "sms": SMS,
    "request": REQUEST,
}
ROAMING: dict[str, dict[str, Any]] = {
    "roaming not said": {},
    "abroad": {"roaming": True},
    "at home": {"roaming": False},
    "roaming null": {"roaming": None},
}


def text(record: dict, **changes: Any) -> str:
    return json.dumps(record | changes, ensure_ascii=False)


def strict(line: str) -> UsageRecord:
    return parse_usage(load_json(line))


def is_taken(line: str) -> None:
    """The quick way reads the line, first anew and then from what it remembers, and as the strict way does."""
    reader = LineReader()
    assert [reader.ordinary(line), reader.ordinary(line)] == [strict(line)] * 2, line


def is_passed_on(line: str) -> None:
    """The quick way leaves the line to the strict one."""
    reader = LineReader()
    assert [reader.ordinary(line), reader.ordinary(line)] == [None, None], line


# ---- what the quick way takes


@pytest.mark.parametrize("roaming", ROAMING.values(), ids=ROAMING)
@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS)
def test_an_ordinary_line_is_taken_however_it_is_laid_out(record, roaming):
    whole = record | roaming
    for layout in (None, (",", ":"), (" , ", " : ")):
        is_taken(json.dumps(whole, separators=layout))
    is_taken(json.dumps(dict(reversed(whole.items()))))
    is_taken(f"\t{text(whole)}\r")


@pytest.mark.parametrize("service", [service for service in Service if service is not Service.CONFERENCE])
def test_every_service_is_taken(service):
    is_taken(text(VOICE, service=service.value))


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-03T09:15:59+07:00",
        "2026-11-03T09:59:00+07:00",
        "2026-11-03t00:00:00z",
        "2099-12-31T23:59:59Z",
        "2000-02-29T12:34:56-11:30",
        "2026-11-03T09:15:07.5Z",
        "2026-11-03T09:15:07.050z",
        "2026-11-03T09:15:07.000+07:00",
        "2026-11-03T09:15:07.123456789012345678901-00:30",
    ],
)
def test_instants_of_this_century_are_taken_in_every_form(written):
    is_taken(text(VOICE, answered_at=written))
    is_taken(text(SMS, at=written))
    is_taken(text(REQUEST, at=written))


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0", 0),
        ("0.0", 0),
        ("185", 185),
        ("42.000", 42),
        ("42.255", 43),
        ("42.0000000000000000000000000001", 43),
        ("999999999", 999_999_999),
        ("999999999.5", 1_000_000_000),
    ],
)
def test_durations_of_up_to_nine_digits_are_taken_and_ceiled(written, seconds):
    line = text(VOICE).replace("185", written)
    is_taken(line)
    assert LineReader().read(line).seconds == seconds


@pytest.mark.parametrize("units", [1, 2, 9, 10, 10**12])
def test_units_are_taken_from_one_to_a_million_million(units):
    is_taken(text(SMS, parts=units))
    is_taken(text(REQUEST, count=units))


PLAIN = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"\\'), min_size=1)
NUMBERS = st.text("0123456789+ ()", max_size=16)
ENDS = st.fixed_dictionaries(
    {"party": st.sampled_from(Party)},
    optional={"endpoint": st.sampled_from(["mobile", "fixed", "ip"]), "number": NUMBERS, "note": PLAIN},
)


@given(st.data())
def test_any_text_without_quotes_and_backslashes_is_taken(data):
    record = data.draw(st.sampled_from(list(KINDS.values())))
    changes = {"id": data.draw(PLAIN), "from": data.draw(ENDS), "to": data.draw(ENDS), "product": data.draw(PLAIN)}
    line = text(record, **{field: value for field, value in changes.items() if field in record})
    is_taken(line)


# ---- what it must leave to the strict way


@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS)
def test_a_key_that_stands_twice_is_never_taken_even_if_both_say_the_same(record):
    members = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in record.items()]
    for key, member in zip(record, members, strict=True):
        for twice in ([member, *members], [*members, member], [f'"{key}": null', *members]):
            line = "{" + ", ".join(twice) + "}"
            is_passed_on(line)
            with pytest.raises(UsageError, match="stands twice in the record"):
                LineReader().read(line)


@pytest.mark.parametrize("again", ["true", "false", "1"])
def test_nor_one_inside_a_conference(again):
    line = text(CONFERENCE).replace('"initiator": true', f'"initiator": true, "initiator": {again}')
    is_passed_on(line)
    with pytest.raises(UsageError, match="stands twice"):
        LineReader().read(line)


@pytest.mark.parametrize("value", [None, 5, "", "x", [], {}, {"a": "b"}])
@pytest.mark.parametrize("record", KINDS.values(), ids=KINDS)
def test_an_unknown_key_is_passed_on_and_harmless(record, value):
    line = text(record, extra=value)
    is_passed_on(line)
    assert LineReader().read(line) == strict(text(record))


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        pytest.param(VOICE, {"conference": {"initiator": True}}, id="a conference beside another service"),
        pytest.param(VOICE, {"service": "inbound", "hotline": "reception"}, id="an inbound hotline that is no number"),
        pytest.param(CONFERENCE, {"conference": {"initiator": True, "extra": 1}}, id="more about a conference"),
        pytest.param(VOICE, {"answered_at": "1999-12-31T23:59:59Z"}, id="an instant of another century"),
        pytest.param(VOICE, {"answered_at": "2016-12-31T23:59:60Z"}, id="a leap second"),
        pytest.param(VOICE, {"duration_s": 10**9}, id="the longest leg that there can be"),
        pytest.param(VOICE, {"duration_s": 1e-7}, id="an exponent"),
        pytest.param(VOICE, {"id": 'a"b'}, id="a backslash"),
        pytest.param(UNANSWERED, {"service": "transfer"}, id="an unanswered leg of an unknown service"),
        pytest.param(UNANSWERED, {"from": 5}, id="an unanswered leg from nobody knows where"),
    ],
)
def test_a_line_that_needs_a_thought_is_passed_on_and_right(record, changes):
    line = text(record, **changes)
    is_passed_on(line)
    assert LineReader().read(line) == strict(line)


@pytest.mark.parametrize(
    ("record", "changes", "sentence"),
    [
        (VOICE, {"id": ""}, "id: must be a non-empty text"),
        (SMS, {"id": ""}, "id: must be a non-empty text"),
        (REQUEST, {"id": ""}, "id: must be a non-empty text"),
        (CONFERENCE, {"conference": None}, "conference: is missing"),
        (CONFERENCE, {"conference": {"initiator": 1}}, "conference.initiator: must be true or false"),
        (VOICE, {"hotline": "reception"}, "hotline: 'reception' is no number"),
        (SMS, {"hotline": "reception"}, "hotline: 'reception' is no number"),
        (SMS, {"to": {"number": "0912000222"}}, "to.party: is missing"),
        (SMS, {"parts": 0}, "parts: must be a whole number from 1 up, not 0"),
        (SMS, {"parts": 2.0}, "parts: must be a whole number from 1 up, not 2.0"),
        (SMS, {"parts": True}, "parts: must be a whole number from 1 up, not True"),
        (REQUEST, {"count": 10**12 + 1}, "count: must be a whole number from 1 up, not 1000000000001"),
        (REQUEST, {"product": ""}, "product: must be a non-empty text"),
        (REQUEST, {"product": 5}, "product: must be a non-empty text"),
        (REQUEST, {"product": ["ekyc"]}, "product: must be a non-empty text"),
        (VOICE, {"duration_s": 10**9 + 1}, "duration_s: 1000000001 s is longer than a call can last"),
        (VOICE, {"roaming": "true"}, "roaming: must be true or false, not 'true'"),
        (VOICE, {"answered_at": "2026-11-03T09:60:00Z"}, "answered_at: '2026-11-03T09:60:00Z' has an hour, minute,"),
        (VOICE, {"answered_at": "2026-11-03T24:00:00Z"}, "answered_at: '2026-11-03T24:00:00Z' has an hour, minute,"),
    ],
)
def test_a_fault_is_told_by_the_strict_way(record, changes, sentence):
    line = text(record, **changes)
    is_passed_on(line)
    with pytest.raises(UsageError) as caught:
        LineReader().read(line)
    assert caught.value.sentence.startswith(sentence)


# ---- what the quick way remembers, and how long


def test_what_comes_again_is_not_read_again():
    read = LineReader().read
    first, second = read(text(VOICE)), read(text(VOICE, id="c2.1", answered_at="2026-11-03T09:15:08+07:00"))
    assert first.called == End(Party.CUSTOMER, is_ip=False, number="0912000222")
    assert second.caller is first.caller
    assert second.called is first.called
    assert second.hotline is first.hotline


def test_a_full_memory_is_emptied_before_it_grows():
    made: list[int] = []

    def square(number: int) -> int:
        made.append(number)
        return number**2

    squares = Remembered(square, limit=3)
    assert [squares[number] for number in (1, 2, 3, 1, 2, 3)] == [1, 4, 9, 1, 4, 9]
    assert made == [1, 2, 3]
    assert (squares[4], dict(squares)) == (16, {4: 16})
    assert (squares[1], made) == (1, [1, 2, 3, 4, 1])


def test_what_cannot_be_made_is_not_remembered_and_drives_nothing_out():
    thirds = Remembered(lambda number: 3 // number, limit=1)
    assert thirds[3] == 1
    with pytest.raises(ZeroDivisionError):
        thirds[0]
    assert dict(thirds) == {3: 1}


def test_a_long_text_is_never_split_whole():
    usage = f"{'x' * 999}\n" * 6_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in usage_lines(usage)) == 6_000
        assert tracemalloc.get_traced_memory()[1] < len(usage) / 2
    finally:
        tracemalloc.stop()


# ---- the margins of the strict way


TO_CUSTOMER = End(Party.CUSTOMER, is_ip=False, number="0912000222")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (UNANSWERED, ("c1.1", Kind.VOICE, None, "", None, 0, NOBODY, NOBODY, False, False, 0, "")),
        (SMS, ("m", Kind.SMS, MOMENT, "+84901234567", None, 0, NOBODY, TO_CUSTOMER, False, False, 2, "")),
        (REQUEST, ("r", Kind.REQUEST, MOMENT, "", None, 0, NOBODY, NOBODY, False, False, 3, "ekyc")),
    ],
    ids=["unanswered", "sms", "request"],
)
def test_what_a_kind_does_not_have_is_nothing(record, said):
    assert parse_usage(record) == UsageRecord(*said)


def test_a_leg_has_no_units_and_leads_no_conference():
    leg = parse_usage(VOICE)
    assert (leg.units, leg.is_initiator, leg.roaming, leg.product) == (0, False, False, "")


@pytest.mark.parametrize(
    ("record", "field", "value", "is_right"),
    [
        (VOICE, "duration_s", 0, True),
        (VOICE, "duration_s", 10**9, True),
        (VOICE, "duration_s", 10**9 + 1, False),
        (VOICE, "duration_s", -1, False),
        (SMS, "parts", 1, True),
        (SMS, "parts", 0, False),
        (REQUEST, "count", 10**12, True),
        (REQUEST, "count", 10**12 + 1, False),
        (REQUEST, "count", 9 * 10**12, False),
    ],
)
def test_the_least_and_the_most_that_a_record_may_say(record, field, value, is_right):
    given_record = record | {field: value}
    if is_right:
        used = parse_usage(given_record)
        assert (used.seconds if field == "duration_s" else used.units) == value
    else:
        with pytest.raises(UsageError, match=f"{value}"):
            parse_usage(given_record)


@pytest.mark.parametrize(
    ("value", "words"),
    [("a" * 58, f"'{'a' * 58}'"), ("a" * 59, f"'{'a' * 56}..."), ("a" * 5_000, f"'{'a' * 56}...")],
    ids=["60 characters", "61 characters", "5002 characters"],
)
def test_a_value_is_shown_in_sixty_characters_at_most(value, words):
    assert shown(value) == words
    assert len(words) == 60
