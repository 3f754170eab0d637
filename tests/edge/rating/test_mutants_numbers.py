"""Numbers, instants and sums at their edges: one digit, second or sixtieth more makes another class, day or VND."""

import pytest

from edge.rating.charge import Part, minutes_vnd
from edge.rating.command import NamedText, load_numbers
from edge.rating.instant import Month, local_day, local_month, parse_day, parse_instant, to_local_text
from edge.rating.number_text import canonical_number, parse_number

NOON = parse_instant("2026-11-03T12:00:00+07:00")

# ---- what a writing means (rating rules §2 and reading 17)


@pytest.mark.parametrize(
    ("written", "canonical", "because"),
    [
        ("12", None, "a short service number has three digits at least"),
        ("123", "123", "three"),
        ("123456", "123456", "six at most"),
        ("1234567", "+841234567", "seven are a local number"),
        ("0113", None, "no short number begins with 0"),
        ("+113", None, "nor with +"),
        ("1900123", "+841900123", "1900 and three digits: too short for a service number"),
        ("1900 1234", "19001234", "1900 and four"),
        ("1800 123 456", "1800123456", "1800 and six"),
        ("18001234567", None, "1800 and seven: too long"),
        ("+84 1800 1090", "18001090", "a service number after the country code"),
        ("0084 1900 123456", "1900123456", "and after 00"),
        ("+61 1800 123 456", "+611800123456", "free of charge in Australia, a number abroad here"),
        ("+91 1800 123 456", "+911800123456", "the same in India"),
        ("131800 33 6 12 34 56 78", "+33612345678", "1318 before 00 is cut off, whatever stands between"),
        ("13180084903000111", "+84903000111", "also where it leads home"),
        ("131800", None, "1318 and 00 alone lead nowhere"),
        ("1318", "1318", "1318 alone is a short number"),
        ("+1318001", None, "after + nothing is cut off: no number in America is that short"),
        ("0903 " + 60 * " " + "000111", "+84903000111", "blanks are not counted"),
        (1000 * "9", None, "nobody has a thousand digits"),
        ("(0903) 000/111", "+84903000111", "brackets and strokes"),
        ("+(84) 903 000 111", "+84903000111", "brackets after the sign"),
        ("0903\t000\t111", None, "a tab is no part of a number"),
        ("٠٩٠٣٠٠٠١١١", None, "nor are the digits of other scripts"),
    ],
)
def test_what_a_writing_means(written, canonical, because):
    assert canonical_number(written) == canonical, because


@pytest.mark.parametrize(
    ("written", "is_mobile", "because"),
    [
        ("0903000111", True, "nine national digits"),
        ("090300011", False, "eight"),
        ("+849030001112", False, "ten"),
        ("0303000111", True, "03"),
        ("0503000111", True, "05"),
        ("0703000111", True, "07"),
        ("0803000111", True, "08"),
        ("02438221234", False, "a fixed number"),
        ("0243822123", False, "a fixed number of nine digits"),
        ("999", False, "a short number"),
        ("+33712345678", False, "a mobile number of France, nine digits and a 7 too"),
        ("+94712345678", False, "of Sri Lanka, whose code comes after Vietnam's"),
    ],
)
def test_only_nine_digits_of_a_mobile_range_are_a_vietnamese_mobile_number(written, is_mobile, because):
    number = parse_number(written)
    assert number is not None
    assert number.is_vietnamese_mobile is is_mobile, because


# ---- what a number is to the operator (§2 and reading 18)


@pytest.mark.parametrize(
    ("written", "ported", "number_class", "because"),
    [
        ("0903000111", "", "on_net", "090 is MobiFone's"),
        ("090300011", "", "off_net", "a prefix counts only before nine national digits"),
        ("0592000111", "", "off_net", "Gmobile, which comes before MobiFone in the alphabet"),
        ("0912000222", "", "off_net", "VinaPhone, which comes after"),
        ("0903000111", "0903 000 111,Gmobile", "off_net", "it left MobiFone"),
        ("0912000222", "+84 912 000 222,MOBI-fone", "on_net", "it came to MobiFone, however that is written"),
        ("0912000222", "0912000222,MobiFone Global", "off_net", "another company with a name that begins like it"),
        ("0912000222", "0912000223,MobiFone", "off_net", "the table speaks of another number"),
        ("+33712345678", "+33712345678,MobiFone", "international", "a number abroad cannot be ported"),
        ("02438221234", "02438221234,MobiFone", "off_net", "nor can a fixed one"),
        ("19001234", "19001234,MobiFone", "off_net", "nor a service number"),
    ],
)
def test_class_of_a_number(written, ported, number_class, because, texts):
    known = load_numbers(texts, NamedText("ported", ported)).classify(written, NOON)
    assert known is not None
    assert known[1] == number_class, because


@pytest.mark.parametrize("ported", ["", "0912000222,MobiFone"])
def test_what_is_no_number_has_no_class_with_ported_numbers_as_without(ported, texts):
    plan = load_numbers(texts, NamedText("ported", ported))
    assert plan.classify("reception", NOON) is None
    assert plan.identify("reception") is None


def test_a_number_is_identified_as_it_is_read_alone(texts):
    plan = load_numbers(texts, None)
    for written in ("0903 000 111", "113", "+33612345678"):
        for _ in range(2):  # the second time from the cache
            assert plan.identify(written) == parse_number(written)


@pytest.mark.parametrize(
    ("at", "number_class"),
    [
        ("2026-11-02T16:59:59.999Z", "off_net"),
        ("2026-11-02T17:00:00Z", "on_net"),
        ("2026-11-03T23:59:59.999+07:00", "on_net"),
        ("2026-11-04T00:00:00+07:00", "off_net"),
    ],
)
def test_a_number_changes_hands_at_midnight_of_vietnam(at, number_class, texts):
    rows = "0912000222,Viettel,2026-11-04\n0912000222,MobiFone,2026-11-03\n"
    known = load_numbers(texts, NamedText("ported", rows)).classify("0912000222", parse_instant(at))
    assert known is not None
    assert known[1] == number_class


# ---- instants (RFC 3339)

LEAP = 1_483_228_800  # 2017-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("text", "second", "fraction"),
    [
        ("1970-01-01T00:00:00Z", 0, ""),
        ("1970-01-01T00:00:00-00:00", 0, ""),  # the zone is unknown, the moment is not (§4.3)
        ("1970-01-01t07:00:00.000+07:00", 0, ""),
        ("1969-12-31T23:59:59.9z", -1, "9"),
        ("1970-01-01T23:59:59+23:59", 59, ""),
        ("1970-01-01T00:00:00-23:59", 86_340, ""),
        ("1970-01-01T00:00:00-00:01", 60, ""),
        ("1970-01-01T00:00:00." + 40 * "0" + "10Z", 0, 40 * "0" + "1"),
        ("2016-12-31T23:59:59Z", LEAP - 1, ""),
        ("2016-12-31T23:59:60.5Z", LEAP, "5"),  # POSIX has no number of its own for a leap second
        ("2017-01-01T06:59:60+07:00", LEAP, ""),
        ("0001-01-01T00:00:00+07:00", -62_135_622_000, ""),
        ("9999-12-31T23:59:59.999+07:00", 253_402_275_599, "999"),
    ],
)
def test_instant(text, second, fraction):
    assert parse_instant(text) == (second, fraction)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2026-11-03T24:00:00Z", "out of range"),
        ("2026-11-03T09:60:00Z", "out of range"),
        ("2026-11-03T09:15:61Z", "out of range"),
        ("2016-12-31T23:59:61Z", "out of range"),
        ("2026-11-03T09:15:00+24:00", "out of range"),
        ("2026-11-03T09:15:00-24:00", "out of range"),
        ("2026-11-03T09:15:00+07:60", "out of range"),
        ("2026-11-03T09:15:60Z", "second 60 exists only at 23:59:60Z"),
        ("2026-11-03T23:59:60+07:00", "second 60 exists only at 23:59:60Z"),
        ("2026-11-03T09:15:00", "has no zone: write Z or"),
        ("2026-11-03t09:15:00.25", "has no zone: write Z or"),
        ("2026-11-03", "is no RFC 3339 instant such as"),
        ("2026-11-03T09:15Z", "is no RFC 3339 instant such as"),
        ("2026-11-03T09:15:00.Z", "is no RFC 3339 instant such as"),
        ("2026-11-03T09:15:00+0700", "is no RFC 3339 instant such as"),
        ("2026-11-03T09:15:00Z ", "is no RFC 3339 instant such as"),
        ("2026-11-03T09:1५:00Z", "is no RFC 3339 instant such as"),
        ("2026-11-31T09:15:00Z", "is no date of the calendar"),
        ("2026-02-29T09:15:00Z", "is no date of the calendar"),
        ("0000-01-01T00:00:00Z", "is no date of the calendar"),
        ("0001-01-01T00:00:00+07:01", "lies outside the years 1 to 9999"),
        ("9999-12-31T17:00:00Z", "lies outside the years 1 to 9999"),
        ("9999-12-31T23:59:59-23:59", "lies outside the years 1 to 9999"),
    ],
)
def test_what_is_wrong_with_an_instant(text, fault):
    with pytest.raises(ValueError, match=fault) as caught:
        parse_instant(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2026-11-03T16:59:59Z", "2026-11-03T23:59:59+07:00"),
        ("2026-11-03T16:59:59.125Z", "2026-11-03T23:59:59.125+07:00"),
        ("2026-11-03T17:00:00.0Z", "2026-11-04T00:00:00+07:00"),
        ("2026-11-03T23:00:00-05:00", "2026-11-04T11:00:00+07:00"),
        ("2026-12-31T17:59:59Z", "2027-01-01T00:59:59+07:00"),
        ("0001-01-01T00:00:00+07:00", "0001-01-01T00:00:00+07:00"),
        ("9999-12-31T23:59:59+07:00", "9999-12-31T23:59:59+07:00"),
    ],
)
def test_an_instant_in_vietnam(text, local):
    instant = parse_instant(text)
    assert to_local_text(instant) == local
    assert local_day(instant).isoformat() == local[:10]
    assert str(local_month(instant)) == local[:7]


@pytest.mark.parametrize(
    ("begin", "seconds", "end"),
    [
        ("2026-02-28T23:59:59.25+07:00", 1, "2026-03-01T00:00:00.25+07:00"),
        ("2026-11-01T00:00:00+07:00", 31 * 86_400, "2026-12-02T00:00:00+07:00"),
        ("2026-11-01T00:00:00+07:00", 0, "2026-11-01T00:00:00+07:00"),
    ],
)
def test_later_by_seconds(begin, seconds, end):
    assert to_local_text(parse_instant(begin).plus(seconds)) == end


@pytest.mark.parametrize("text", ["0001-01-01", "2024-02-29", "9999-12-31"])
def test_a_day_as_it_is_written(text):
    assert parse_day(text).isoformat() == text


@pytest.mark.parametrize(
    "text",
    ["0000-01-01", "10000-01-01", "2026-02-29", "2026-13-01", "2026-2-1", "20260201", "2026-W05-7", " 2026-02-01"],
)
def test_what_is_no_day(text):
    with pytest.raises(ValueError, match=r"date|month|day|year"):
        parse_day(text)


def test_a_month_has_four_and_two_digits():
    assert str(Month(7, 3)) == "0007-03"


# ---- half a VND (§1: exact, then rounded half-up once)


@pytest.mark.parametrize(
    ("parts", "amount_vnd"),
    [
        ([], 0),
        ([(29, 1)], 0),
        ([(30, 1)], 1),
        ([(89, 1)], 1),
        ([(90, 1)], 2),
        ([(15, 1), (15, 1)], 1),  # two quarters: the sum is rounded, not the parts
        ([(14, 1), (15, 1)], 0),
        ([(30, 1), (30, 1)], 1),
        ([(6, 725)], 73),
        ([(1, 10**12)], 16_666_666_667),
    ],
)
def test_sixtieths_of_a_dong_are_rounded_half_up_once(parts, amount_vnd):
    assert minutes_vnd(tuple(Part(seconds, price_vnd, None) for seconds, price_vnd in parts)) == amount_vnd


def test_six_seconds_at_725_a_minute_are_seventy_two_and_a_half(amounts, leg):
    used = leg("a", s=15_000 * 60, answered_at="2026-11-01T00:00:00+07:00")
    assert amounts([used, leg("b", s=6), leg("c", s=60)])[1:] == [73, 725]
