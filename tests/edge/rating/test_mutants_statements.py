"""Statements written out: what each call counts for, what each hotline bears, and what corrections come to."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from edge.rating.bundles import BundleEntry, Period
from edge.rating.charge import Charge, Part, Status
from edge.rating.command import load_plans
from edge.rating.instant import Instant, Month, parse_instant
from edge.rating.statement import Facts, make_statement
from edge.rating.statement_adjust import Adjustment, Corrected, adjustments, invoiced_by_hotline, usage_by_hotline
from edge.rating.statement_held import HeldMonth
from edge.rating.statement_items import Item, bundle_periods
from edge.rating.statement_sums import Person
from edge.rating.tariff import NumberClass, Plan

OCTOBER = Month(2026, 10)
ONE, TWO = "+84901234567", "+84937654321"
VERSION = "onecontact-2019@2019-03-01"
ON_NET, OFF_NET, ABROAD = NumberClass.ON_NET, NumberClass.OFF_NET, NumberClass.INTERNATIONAL
TABLES = {"voice": "voice/outbound.off_net", "sms": "sms/other.off_net"}


@pytest.fixture(scope="module")
def plans(texts: dict[str, str]) -> dict[str, Plan]:
    return dict(load_plans(texts))


def at(text: str) -> Instant:
    """Local: "2026-10-05T09:00"."""
    return parse_instant(f"{text}+07:00" if text.count(":") == 2 else f"{text}:00+07:00")


def item(number: int, kind: str = "voice", amount: int | None = 0, *, s: int = 60, parts: int = 0, **more: Any) -> Item:
    """The number-th item of October; `cls`, `rule`, `bands` are its charge's, `rated=False` leaves that out."""
    rule = f"{VERSION}/{more.pop('rule', TABLES[kind])}"
    cls, bands, rated = more.pop("cls", OFF_NET), more.pop("bands", ()), more.pop("rated", True)
    status = Status.UNRATED if amount is None else Status.RATED
    charge = Charge(f"c{number}", status, amount, s, cls, rule, bands) if rated else None
    found = Item(
        id=f"c{number}",
        kind=kind,
        service="outbound" if kind == "voice" else "sms",
        at=at(f"2026-10-05T09:{number:02}"),
        month=OCTOBER,
        group=ONE,
        extension="511",
        number="+84912000222",
        billed_s=s if kind == "voice" else 0,
        units=parts,
        charge=charge,
        revision=0 if charge is None else 1,
    )
    return found._replace(**more)


def rows(made: list[dict[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in keys) for row in made]


# --- sums ---------------------------------------------------------------------------------------------------------


ITEMS = [
    item(1, amount=440, cls=ON_NET),
    item(2, amount=447, s=61, cls=ON_NET, extension=None),
    item(3, amount=885, s=59),
    item(
        4,
        amount=3600,
        cls=ABROAD,
        rule="international/discount.+33",
        bands=(Part(60, 3600, "1-20000"),),
        extension="512",
    ),
    item(5, amount=90, s=30, cls=None),
    item(6, amount=0, s=45, bands=(Part(45, 0, None, 8),)),
    item(7, amount=0, s=20, cls=ON_NET),
    item(8, "sms", 700, parts=2),
    item(9, "sms", 350, parts=1, extension=None),
    item(10, amount=None, cls=ABROAD, rule="unrated/no_idd_price.+33"),
    item(11, "sms", rated=False, parts=1),
    item(12, "sms", 350, parts=1, group=TWO, extension="512"),
    item(13, amount=None, group="", extension=None, rule="none/none", stored_why="the number of the SIM is not known"),
]


@pytest.fixture
def october(plans: dict[str, Plan]) -> dict[str, Any]:
    """Two hotlines of which the second began in October, a bundle of 3C on the first, corrections of September."""
    bundle = plans["3c"].versions[0].bundles[8]
    period = Period(ONE, bundle, "3c@2019-01-01", at("2026-10-01T00:00"), at("2026-11-01T00:00"))
    corrected = [Adjustment(Month(2026, 9), ONE, -500, 3), Adjustment(Month(2026, 8), TWO, 7, 1)]
    held = HeldMonth(((ONE, date(2026, 9, 5)), (TWO, date(2026, 10, 31))), (("513", date(2026, 1, 1)),))
    people = {"511": Person("An", "Bán hàng"), "513": Person("Chi")}
    facts = Facts(OCTOBER, plans["onecontact-2019"], held, ITEMS, [period], corrected, people=people)
    return make_statement(facts, {"kind": "month"})


def test_what_each_hotline_comes_to(october):
    one, two, unknown = october["hotlines"]
    assert rows(one["voice"], "class", "calls", "seconds", "amount_vnd") == [
        ("on_net", 2, 121, 887),
        ("off_net", 1, 59, 885),
        ("international", 1, 60, 3600),
        ("other", 1, 30, 90),
        ("bundle", 1, 45, 0),
        ("free", 1, 20, 0),
    ]
    assert one["sms"] == {"messages": 2, "parts": 3, "amount_vnd": 1050}
    kept = ("fees_vnd", "bundles_vnd", "voice_vnd", "discount_vnd", "adjustment_vnd", "unrated", "total_vnd")
    assert rows([one, two, unknown], "hotline", *kept) == [
        (ONE, 300_000, 8_000_000, 5462, -432, -500, 2, 8_305_580),
        (TWO, 600_000, 0, 0, 0, 7, 0, 600_357),  # the set-up fee stands in its first month
        (None, 0, 0, 0, 0, 0, 1, 0),
    ]
    assert two["sms"] == {"messages": 1, "parts": 1, "amount_vnd": 350}
    assert (october["company_fees_vnd"], october["total_vnd"]) == (15_000, 8_920_937)


def test_what_each_extension_comes_to(october):
    assert rows(october["extensions"], "extension", "name", "department", "unrated", "total_vnd") == [
        ("511", "An", "Bán hàng", 2, 2115),
        ("512", "", "", 0, 3950),
        ("513", "Chi", "", 0, 0),
        (None, "", "", 1, 797),
    ]
    an, _, _, nobody = october["extensions"]
    assert an["voice"] == {"calls": 5, "seconds": 214, "amount_vnd": 1415}
    assert an["sms"] == {"messages": 1, "parts": 2, "amount_vnd": 700}
    assert nobody["sms"] == {"messages": 1, "parts": 1, "amount_vnd": 350}


@pytest.mark.parametrize(
    ("amount", "expected"), [(0, ["511"]), (5, ["511", None]), (None, ["511", None])], ids=["free", "5 VND", "unrated"]
)
def test_what_no_extension_made_is_shown_where_it_costs_or_lacks_a_price(amount, expected, plans):
    items = [item(1), item(2, amount=amount, extension=None)]
    made = make_statement(Facts(OCTOBER, plans["onecontact-2019"], HeldMonth(), items), {})
    assert [one["extension"] for one in made["extensions"]] == expected


def test_the_head_and_the_rest_of_the_document(october):
    assert (october["schema"], october["statement"], october["kind"]) == (1, "2026-10", "month")
    assert october["period"] == {"month": "2026-10", "first_day": "2026-10-01", "last_day": "2026-10-31"}
    assert october["subscriptions"] == {
        "hotlines": [{"number": ONE, "from": "2026-09-05"}, {"number": TWO, "from": "2026-10-31"}],
        "extensions": [{"number": "513", "from": "2026-01-01"}],
        "counts": {},
    }
    assert rows(october["adjustments"], "month", "hotline", "amount_vnd", "items") == [
        ("2026-09", ONE, -500, 3),
        ("2026-08", TWO, 7, 1),
    ]
    adjusted = [line for line in october["lines"] if line["code"].startswith("adjustment")]
    assert rows(adjusted, "code", "quantity", "amount_vnd", "hotline") == [
        ("adjustment.2026-09", 3, -500, ONE),
        ("adjustment.2026-08", 1, 7, TWO),
    ]
    assert [row["item"] for row in october["items"]] == [one.id for one in ITEMS], "in their order"
    assert [(row["text"]["en"], row["items"]) for row in october["unrated"]] == [
        (f"Unrated: the IDD price table has no price for the destination. [{VERSION}]", 1),
        ("Unrated: the number of the SIM is not known.", 1),
        ("Waiting to be rated.", 1),
    ]


@pytest.mark.parametrize(
    ("plan", "first", "fees"),
    [
        ("3c", "2026-10-01", [299_000, 49_000, 49_000, 49_000, 39_000, 39_000]),
        ("onecontact-2019", "2026-10-01", [600_000] * 6),
        ("onecontact-2019", "2026-09-30", [300_000] * 6),
        ("onecontact-2019", "2025-10-01", [300_000] * 6),
        ("ekyc", "2026-10-01", [0] * 6),
    ],
    ids=["by its place in the count", "set up on the 1st", "the day before", "a year before", "no fees"],
)
def test_each_hotline_bears_its_own_fee(plan, first, fees, plans):
    held = HeldMonth(tuple((f"+8490000000{place}", date.fromisoformat(first)) for place in range(6)))
    made = make_statement(Facts(OCTOBER, plans[plan], held, ()), {})
    assert [one["fees_vnd"] for one in made["hotlines"]] == fees
    assert (made["company_fees_vnd"], made["total_vnd"]) == (0, sum(fees))


def test_a_month_in_which_no_version_is_valid_costs_nothing(plans):
    (version,) = plans["onecontact-2019"].versions
    future = Plan("future", (replace(version, valid_from=date(2026, 11, 1)),))
    facts = Facts(OCTOBER, future, HeldMonth(((ONE, date(2026, 10, 1)),)), [item(1, rated=False)])
    made = make_statement(facts, {})
    assert (made["lines"], made["total_vnd"], made["plan"]["version"]) == ([], 0, None)
    assert made["vat"]["mode"] == "unspecified"
    assert (made["company_fees_vnd"], rows(made["hotlines"], "fees_vnd", "unrated")) == (0, [(0, 1)])


@pytest.mark.parametrize("since", ["2026-10-31", "2026-10-02"])
def test_fees_of_a_version_that_begins_in_the_month(since, plans):
    (version,) = plans["onecontact-2019"].versions
    plan = Plan("new", (replace(version, plan="new", valid_from=date.fromisoformat(since)),))
    held = HeldMonth((), (("511", date(2026, 1, 1)),), {"sdk_sets": 2})
    made = make_statement(Facts(OCTOBER, plan, held, ()), {})
    assert (made["total_vnd"], made["plan"]["version"]) == (15_000, f"new@{since}")
    missing = f"Unrated: the plan has no price for SDK, API sets. [new@{since}]"
    assert [(row["code"], row["text"]["en"], row["items"]) for row in made["unrated"]] == [
        ("monthly.sdk_sets", missing, 2)
    ]


# --- items --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (item(1, rated=False), (ONE, None, None, "waiting", None, "Waiting to be rated.")),
        (
            item(1, amount=None, rule="unrated/roaming"),
            (ONE, "off_net", None, "unrated", f"{VERSION}/unrated/roaming", None),
        ),
        (item(1, group="", cls=None), (None, None, 0, "rated", f"{VERSION}/voice/outbound.off_net", None)),
    ],
    ids=["waiting", "unrated", "rated, of an unknown SIM"],
)
def test_an_item_of_the_document(found, shown):
    row = found.to_json()
    *fields, why = shown
    assert [row[key] for key in ("hotline", "class", "amount_vnd", "status", "rule")] == fields
    assert row["why"]["en"] == (why or row["why"]["en"])


@pytest.mark.parametrize(
    ("stored", "vi", "summed"),
    [
        ("there is no plan", "không có gói cước đã chọn", "Unrated: there is no plan."),
        ("the rater failed: line 3", "lỗi khi tính cước", "Unrated: the rater failed: line 3."),
        (
            "to.number: '0912' is no number",
            "bản ghi có trường không hợp lệ",
            "Unrated: a field of the record is not valid.",
        ),
    ],
)
def test_what_the_box_itself_could_not_rate_is_said_in_full_only_beside_the_call(stored, vi, summed, plans):
    own = item(1, amount=None, rule="none/none", stored_why=stored)
    assert own.why()["en"] == f"Unrated: {stored}."
    assert vi in own.why()["vi"]
    made = make_statement(Facts(OCTOBER, plans["onecontact-2019"], HeldMonth(), [own]), {})
    assert [(row["text"]["en"], row["items"]) for row in made["unrated"]] == [(summed, 1)]
    assert vi in made["unrated"][0]["text"]["vi"]


def entry(hotline: str, number: int = 8, *, renew: bool = True, since: str = "2026-10-01T00:00") -> BundleEntry:
    return BundleEntry("bought", hotline, number, at(since), True, None, renew)


def drawing(number: int, seconds: int, hotline: str = ONE, bundle: int = 8) -> Item:
    """A call that a bundle covers, but for its last minute."""
    bands = (Part(seconds, 0, None, bundle), Part(60, 900, "1-1000"))
    return item(number, amount=900, s=seconds + 60, bands=bands, group=hotline)


@pytest.mark.parametrize(
    ("items", "until", "starts"),
    [
        ([], "2026-10-31T23:59:59", [ONE, TWO]),
        ([], "2026-11-01T00:00:00", [ONE, ONE, TWO, TWO]),
        ([drawing(1, 599_999), item(2, amount=90, s=600)], "2026-10-31T00:00:00", [ONE, TWO]),
        ([drawing(1, 599_999), drawing(2, 1)], "2026-10-31T00:00:00", [ONE, ONE, TWO]),
        ([drawing(2, 1), drawing(1, 599_999)], "2026-10-05T09:02:00", [ONE, TWO]),
        ([drawing(2, 1), drawing(1, 599_999)], "2026-10-05T09:02:01", [ONE, ONE, TWO]),
        ([drawing(1, 600_000, TWO)], "2026-10-31T00:00:00", [ONE, TWO]),
        ([drawing(1, 600_000, bundle=77)], "2026-10-31T00:00:00", [ONE, TWO]),
        ([item(1, rated=False), drawing(2, 600_000)], "2026-10-31T00:00:00", [ONE, ONE, TWO]),
    ],
    ids=[
        "unused, before they end",
        "unused, renewed after 31 days",
        "what no bundle covered moves nothing",
        "used up to the second",
        "a second before the next begins",
        "in the second in which it begins",
        "used up and not to be renewed",
        "a bundle that the plan does not know",
        "beside a call that waits",
    ],
)
def test_bundle_periods_as_stored_charges_drew_from_them(items, until, starts, plans):
    bought = [entry(TWO, renew=False), entry(ONE)]
    found = bundle_periods(plans["3c"], bought, items, at(until))
    assert [period.hotline for period in found] == starts


# --- corrections --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "invoiced", "lines"),
    [
        ({ONE: 900}, {ONE: 900}, []),
        ({ONE: 900}, {ONE: 1000}, [("adjustment.2026-10", ONE, -100, 1)]),
        ({ONE: 900, TWO: 5}, {ONE: 1}, [("adjustment.2026-10", ONE, 899, 1), ("adjustment.2026-10", TWO, 5, 1)]),
        ({}, {ONE: 900}, [("adjustment.2026-10", ONE, -900, 1)]),
    ],
    ids=["as invoiced", "given back", "owed, and a hotline that was not invoiced", "nothing of it is left"],
)
def test_the_adjustment_is_what_it_costs_now_less_what_was_invoiced(now, invoiced, lines):
    """Items are counted that are of the hotline and of the month."""
    corrected = [Corrected(item(1), True, 5), Corrected(item(2, group=TWO), True, 5)]
    corrected += [Corrected(item(3, month=Month(2026, 9)), True, 5)]
    made = [one.line() for one in adjustments(OCTOBER, now, invoiced, corrected)]
    assert [(line.code, line.hotline, line.amount_vnd, line.quantity) for line in made] == lines


@pytest.mark.parametrize(
    ("before", "after", "difference"), [(900, 885, -15), (None, 885, 885), (900, None, -900), (None, None, 0)]
)
def test_a_corrected_item_tells_the_difference(before, after, difference):
    told = Corrected(item(1, amount=after), before is not None, before).to_json()
    kept = ("before_vnd", "after_vnd", "difference_vnd", "late", "month")
    assert [told[key] for key in kept] == [before, after, difference, before is None, "2026-10"]


def test_what_was_invoiced_is_the_usage_of_its_own_statement_and_every_adjustment_since():
    def document(month: str, *lines: tuple[str, str | None, int]) -> dict[str, Any]:
        return {
            "period": {"month": month},
            "lines": [{"code": code, "hotline": hotline, "amount_vnd": vnd} for code, hotline, vnd in lines],
        }

    statements = [
        document("2026-09", ("voice.off_net", ONE, 10_000)),
        document(
            "2026-10",
            ("monthly.hotlines", None, 300_000),
            ("voice.off_net", ONE, 900),
            ("sms", ONE, 350),
            ("voice", TWO, 5),
            ("adjustment.2026-09", ONE, 70_000),
        ),
        document("2026-11", ("voice.off_net", ONE, 40_000), ("adjustment.2026-10", ONE, -100)),
    ]
    assert invoiced_by_hotline(OCTOBER, statements) == {ONE: 1150, TWO: 5}


def test_what_a_month_comes_to_now_is_its_usage_by_hotline_and_no_fees(plans):
    plan = plans["onecontact-2019"]
    assert usage_by_hotline(plan, OCTOBER, ITEMS, ()) == {ONE: 5462 + 1050 - 432, TWO: 350}
    assert usage_by_hotline(plan, Month(2019, 2), ITEMS, ()) == {}, "no version was valid"
