"""A finished leg of the switchboard becomes the usage record of the contract."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rating.instant import parse_instant
from edge.rating.leg import FinishedLeg, instant_text, usage_from_leg
from edge.rating.usage import Party, Service, load_json, parse_usage


def finished(**changes) -> FinishedLeg:
    fields = {
        "leg": "c17.2",
        "hotline": "+84901234567",
        "service": "outbound",
        "answered_at": 1793672100.25,
        "duration_s": 184.2,
        "caller": "+84903000111",
        "calling_extension": "512",
        "called": "+84912000222",
        "called_extension": None,
    }
    return FinishedLeg(**{**fields, **changes})


def test_outbound_leg():
    assert usage_from_leg(finished()) == {
        "id": "c17.2",
        "kind": "voice",
        "hotline": "+84901234567",
        "answered_at": "2026-11-03T09:15:00.25+07:00",
        "duration_s": 184.2,
        "service": "outbound",
        "from": {"party": "extension", "endpoint": "mobile", "number": "+84903000111", "extension": "512"},
        "to": {"party": "customer", "endpoint": "mobile", "number": "+84912000222"},
    }


@pytest.mark.parametrize("service", ["inbound", "connect", "outbound", "internal", "forward", "callback"])
def test_every_service_can_be_read_back(service):
    called_extension = "513" if service in ("connect", "internal", "callback") else None
    leg = finished(service=service, calling_extension=None, called_extension=called_extension)
    record = parse_usage(usage_from_leg(leg))
    assert record.service is Service(service)
    party = {"inbound": Party.HOTLINE, "outbound": Party.CUSTOMER, "forward": Party.CUSTOMER}
    assert record.called.party is party.get(service, Party.EXTENSION)


def test_withheld_caller_and_unanswered_leg():
    record = usage_from_leg(finished(service="inbound", caller=None, calling_extension=None, answered_at=None))
    assert record["from"]["number"] is None
    assert record["answered_at"] is None
    assert parse_usage(record).at is None


@given(st.floats(0, 1e6), st.floats(1.5e9, 2.5e9))
def test_the_object_and_its_json_line_are_the_same_record(duration, answered):
    record = usage_from_leg(finished(duration_s=duration, answered_at=answered))
    assert parse_usage(record) == parse_usage(load_json(json.dumps(record)))


@given(st.floats(1.5e9, 2.5e9))
def test_instants_are_exact_to_the_microsecond(posix):
    instant = parse_instant(instant_text(posix))
    exact = instant.second + Fraction(int(instant.fraction or 0), 10 ** len(instant.fraction))
    assert abs(exact - Fraction(posix)) <= Fraction(6, 10**7)
