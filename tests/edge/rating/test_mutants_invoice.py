"""Whole invoices, word by word, and the first day of things: what mistakes put into invoice.py would spoil."""

import json
from fractions import Fraction

import pytest

from edge.rating.command import NamedText
from edge.rating.invoice import half_up
from edge.rating.invoice_command import run_invoice

AT = "2026-11-03T09:15:00+07:00"
BUNDLE = {"hotline": "0901234567", "bundle": 8, "activated_at": "2026-11-01T00:00:00+07:00", "when_spent": "tiers"}


@pytest.fixture
def invoice(texts):
    def make(plan, subscriptions=None, records=(), period="2026-11", tariffs=None, **tables):
        usage = "".join(json.dumps(record) + "\n" for record in records)
        held = NamedText("subs.json", json.dumps(subscriptions or {}))
        named = {name: NamedText(name, text) for name, text in tables.items()}
        return json.loads(run_invoice(plan, period, held, usage, "usage.jsonl", tariffs or texts, **named))

    return make


def printed(made: dict) -> list[str]:
    order = ("code", "description", "quantity", "unit", "amount_vnd")
    return [" | ".join(str(line[field]) for field in order) for line in made["lines"]]


def test_an_invoice_of_two_hotlines(invoice, leg, end):
    message = {"id": "m", "kind": "sms", "hotline": "0901234567", "at": AT, "parts": 3, "to": end("off_net")}
    records = [
        leg("a", to="on_net", s=61),
        leg("b", to="off_net", s=59),
        leg("c", to="off_net", s=60, hotline="0937654321"),
        leg("d", to="international", s=60),
        leg("nothing", to="on_net", s=0),
        message,
    ]
    held = {"hotlines": [{"number": "0901234567", "from": "2026-11-01"}]}
    made = invoice("onecontact-2019", held, records, idd="33,3600\n")
    assert printed(made) == [
        "setup.hotlines | Set-up, hotlines | 1 | hotline | 300000",
        "monthly.hotlines | Monthly fee, hotlines | 1 | hotline | 300000",
        "sms.off_net | sms, off-net, hotline +84901234567 | 3 | part | 1050",
        "voice.international | voice, international, hotline +84901234567 | 60 | second | 3600",
        "voice.off_net | voice, off-net, hotline +84901234567 | 59 | second | 885",
        "voice.on_net | voice, on-net, hotline +84901234567 | 61 | second | 447",
        "voice.off_net | voice, off-net, hotline +84937654321 | 60 | second | 900",
        "international.discount | Discount, international calls, hotline +84901234567 | 1 | month | -432",
    ]
    assert made["total_vnd"] == 606_450


def test_an_invoice_of_requests(invoice):
    records = [{"id": f"r{n}", "kind": "request", "at": AT, "count": 2, "product": "ekyc"} for n in range(2)]
    assert printed(invoice("ekyc", records=records)) == ["requests.ekyc | requests, ekyc | 4 | request | 4000"]


def test_an_invoice_of_a_bundle_and_of_what_the_plan_does_not_sell(invoice):
    made = invoice("3c", {"rooms": {"count": 1, "months": 6}}, bundles=json.dumps([BUNDLE]))
    about = "Bundle 8, 10000 minutes off_net, hotline +84901234567"
    assert printed(made) == [f"bundle.8 | {about} | 1 | bundle | 8000000"]
    assert made["vat"] == {"mode": "included", "percent": 10, "amount_vnd": 727_273}  # 727 272.73
    why = "Unrated: the plan has no price for it. [3c@2019-01-01]"
    missing = {"code": "rooms.6", "status": "unrated", "quantity": 1, "amount_vnd": None, "why": why}
    assert made["unrated"] == [missing]


def test_an_invoice_of_rooms(invoice):
    made = invoice("meeting", {"rooms": {"count": 2, "months": 6}})
    assert printed(made) == ["rooms.6 | Meeting rooms, 6 months in advance | 2 | room | 5400000"]


@pytest.mark.parametrize("valid", ["valid_from = 2026-11-30", "valid_from = 2019-03-01\nvalid_to = 2026-11-02"])
def test_a_version_of_a_single_day_of_the_month_makes_its_invoice(valid, invoice, texts):
    text = texts["onecontact-2019.toml"].replace("valid_from = 2019-03-01", valid)
    held = {"hotlines": [{"number": "0901234567", "from": "2019-01-01"}]}
    made = invoice("onecontact-2019", held, tariffs={**texts, "onecontact-2019.toml": text})
    assert [line["code"] for line in made["lines"]] == ["monthly.hotlines"]


def test_half_a_dong_is_rounded_away_from_nothing():
    amounts = [Fraction(1, 2), Fraction(-1, 2), Fraction(49, 100), Fraction(-49, 100)]
    assert [half_up(amount) for amount in amounts] == [1, -1, 0, 0]


def test_what_has_no_set_up_fee_is_set_up_for_nothing(invoice):
    made = invoice("onecontact-2019", {"users": [{"kind": "call_center", "from": "2026-11-02"}]})
    assert (made["lines"], [row["code"] for row in made["unrated"]]) == ([], ["monthly.call_center_users"])


def test_a_product_and_a_tier_may_be_called_what_they_like(invoice, leg, texts):
    """A slash in a product's name is no part of the rule; of a discounted call only the tier under the cap counts."""
    requests = {"id": "r", "kind": "request", "at": AT, "count": 2, "product": "e/kyc"}
    ekyc = texts["ekyc.toml"].replace("[requests.ekyc]", '[requests."e/kyc"]')
    made = invoice("ekyc", records=[requests], tariffs={**texts, "ekyc.toml": ekyc})
    assert printed(made) == ["requests.e/kyc | requests, e/kyc | 2 | request | 2000"]
    for within, beyond in (("a", "b"), ("b", "a")):
        text = texts["onecontact-2019.toml"].replace("cap_minutes = 20000", "cap_minutes = 1")
        text = text.replace('tier_within = "1-20000"', f'tier_within = "{within}"')
        tariffs = {**texts, "onecontact-2019.toml": text.replace('tier_beyond = ">20000"', f'tier_beyond = "{beyond}"')}
        lines = invoice("onecontact-2019", {}, [leg(to="international", s=90)], tariffs=tariffs, idd="33,6000\n")[
            "lines"
        ]
        assert [line["amount_vnd"] for line in lines] == [9000, -720]


def test_each_call_has_the_discount_of_its_own_version(invoice, leg, texts):
    """12 % until the 14th, 20 % from the 15th on."""
    text = texts["onecontact-2019.toml"].replace("discount_percent = 12", "discount_percent = 20")
    later = text.replace("valid_from = 2019-03-01", "valid_from = 2026-11-15")
    days = [f"2026-11-{day}T23:59:59+07:00" for day in (14, 15)]
    records = [leg(f"c{place}", to="international", answered_at=day) for place, day in enumerate(days)]
    made = invoice("onecontact-2019", {}, records, tariffs={**texts, "later.toml": later}, idd="33,3600\n")
    assert [line["amount_vnd"] for line in made["lines"]] == [7200, -432 - 720]
