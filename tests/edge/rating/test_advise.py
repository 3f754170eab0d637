"""Advice: every total is what the invoice of the same plan and bundles says, to the đồng."""

import json
import random
import re
from collections import Counter

import pytest

from edge.rating.advice.question import Question, advise
from edge.rating.command import NamedText
from edge.rating.data_tables import parse_operators
from edge.rating.errors import RatingInputError
from edge.rating.instant import Month
from edge.rating.invoice_command import invoice_of
from edge.rating.numbers import NumberPlan
from tests.edge.rating.advised_companies import (
    IDD,
    NO_SUBSCRIPTIONS,
    NOVEMBER,
    PORTED,
    SUBSCRIPTIONS,
    random_tables,
    tariffs_of,
    text_of,
    usage_of,
)

KINDS = ("small", "changing", "other_bundles", "volume")


@pytest.fixture(scope="module")
def tariffs(texts):
    return tariffs_of(texts)


def invoice_for(choice: dict, usage: str, tariffs: dict, **tables) -> dict:
    """The invoice of a choice by the exact rater."""
    bundles = [
        {
            "hotline": bundle["hotline"],
            "bundle": bundle["bundle"],
            "activated_at": "2026-11-01T00:00:00+07:00",
            "when_spent": bundle["when_spent"],
        }
        for bundle in choice["bundles"]
    ]
    bought = NamedText("bundles.json", json.dumps(bundles)) if bundles else None
    subscriptions = tables.pop("subscriptions", None) or NO_SUBSCRIPTIONS
    invoice = invoice_of(
        choice["plan"], "2026-11", subscriptions, usage, "usage", tariffs, bundles=bought, **tables
    ).to_json()
    amounts: Counter = Counter()
    names = {"setup": "fees", "monthly": "fees", "bundle": "bundles", "international": "discount"}
    for line in invoice["lines"]:
        table = line["code"].partition(".")[0]
        amounts[names.get(table, table)] += line["amount_vnd"]
    fees_missing = [row["code"] for row in invoice["unrated"] if "code" in row]
    return {
        "total_vnd": invoice["total_vnd"],
        "fees_vnd": amounts["fees"],
        "voice_vnd": amounts["voice"],
        "sms_vnd": amounts["sms"],
        "requests_vnd": amounts["requests"],
        "bundles_vnd": amounts["bundles"],
        "discount_vnd": amounts["discount"],
        "unrated": len(invoice["unrated"]) - len(fees_missing),
        "unpriced_fees": fees_missing,
        "vat": invoice["vat"],
    }


def agree(records: list[dict], tariffs: dict, **tables) -> dict:
    usage = text_of(records)
    named = {key: NamedText(key, text) for key, text in tables.items()}
    answer = advise(Question(NamedText("usage", usage), tariffs, NOVEMBER, **named))
    for choice in answer["choices"]:
        expected = invoice_for(choice, usage, tariffs, **named)
        assert {key: choice[key] for key in expected} == expected, (choice["plan"], choice["bundles"])
    return answer


def whatever(seed: int, tariffs: dict[str, dict]) -> None:
    dice = random.Random(seed)
    records = usage_of(dice, dice.choice([1, 10, 60, 120]), with_requests=dice.random() < 0.3)
    agree(records, tariffs[KINDS[seed % len(KINDS)]], **random_tables(dice))


def test_every_choice_costs_what_its_invoice_says(tariffs):
    for seed in range(8):
        whatever(seed, tariffs)


@pytest.mark.campaign
def test_every_choice_of_800_companies(tariffs):
    for seed in range(1000, 1800):
        whatever(seed, tariffs)


def test_numbers_too_large_for_arrays_are_rated_exactly(tariffs):
    small = tariffs["small"]
    dear = small | {"3c.toml": small["3c.toml"].replace("vnd_per_min = 480", f"vnd_per_min = {10**17}")}
    answer = agree(usage_of(random.Random("dear"), 60), dear, idd=IDD)
    assert answer["choices"][-1]["total_vnd"] > 10**17


def test_what_prices_everything_stands_first(texts, leg):
    answer = agree([leg(to="0085212345678"), leg("b", s=600)], texts)
    assert [(choice["plan"], choice["unrated"]) for choice in answer["choices"][:2]] == [
        ("onecontact-2019", 0),
        ("3c", 1),
    ]
    said = " ".join(answer["choices"][1]["assumptions"])
    assert "1 bản ghi chưa có giá" in said
    assert "tongdai tariff import --idd FILE" in said


def test_plans_without_voice_are_choices_only_for_usage_of_their_kind(texts, leg):
    assert {choice["plan"] for choice in agree([leg()], texts)["choices"]} == {"onecontact-2019", "3c"}
    request = {"id": "q", "kind": "request", "at": "2026-11-03T09:15:00+07:00", "count": 5, "product": "ekyc"}
    assert {choice["plan"] for choice in agree([request], texts)["choices"]} == {"onecontact-2019", "3c", "ekyc"}


def test_the_best_choice_is_cheaper_than_any_other_bundle(texts, leg):
    # 12 000 off-net minutes on one hotline: bundle 8 holds 10 000 of them.
    records = [
        leg(f"c{number}", s=7200, answered_at=f"2026-11-{number % 28 + 1:02}T08:00:00Z") for number in range(100)
    ]
    answer = agree(records, texts)
    best = next(choice for choice in answer["choices"] if choice["plan"] == "3c")
    assert best["bundles"] == [{"hotline": "+84901234567", "bundle": 8, "when_spent": "tiers"}]
    assert best["total_vnd"] == 8_000_000 + 1000 * 900 + 1000 * 850
    assert len(answer["choices"]) <= 20
    ranked = [choice["total_vnd"] for choice in answer["choices"]]
    assert ranked == sorted(ranked)
    assert [choice["difference_vnd"] for choice in answer["choices"]] == [total - ranked[0] for total in ranked]


def test_the_order_of_the_file_changes_nothing(tariffs):
    dice = random.Random("order")
    records = usage_of(dice, 150, with_requests=True)
    answers = []
    for _ in range(3):
        dice.shuffle(records)
        answers.append(advise(Question(NamedText("usage", text_of(records)), tariffs["tiny"], NOVEMBER)))
    assert answers[0] == answers[1] == answers[2]


def test_numbers_that_are_written_plainly_are_what_phonenumbers_says(texts):
    dice = random.Random("numbers")
    numbers = NumberPlan(parse_operators(texts["operators.csv"], "operators.csv"))
    for first in "2357899":
        for second in "0123456789":
            national = first + second + "".join(dice.choices("0123456789", k=8 if first == "2" else 7))
            for written in ("0", "84", "+84", "0084"):
                number = numbers.identify(written + national)
                assert (number.canonical, number.national) == (f"+84{national}", national)
                assert number.is_vietnamese_mobile is (first != "2")


def test_a_month_of_many_distinct_ways_to_write_a_number(texts, leg):
    written = [
        "0912 000 222",
        "84912000222",
        "0084912000222",
        "(024) 3822-1234",
        "1900545481",
        "+84 903 000 222",
        "115",
    ]
    answer = agree([leg(f"c{place}", to=number, s=90) for place, number in enumerate(written)], texts, ported=PORTED)
    assert {choice["unrated"] for choice in answer["choices"]} == {0}


def test_the_period_is_the_last_whole_month_of_the_usage(texts, leg):
    usage = text_of([leg("a", answered_at="2026-10-31T23:00:00+07:00"), leg("b"), leg("c", answered_at=None)])
    question = Question(NamedText("usage", usage), texts, current=Month(2026, 11))
    assert (advise(question)["period"], advise(question)["calls"]) == ("2026-10", 1)
    assert advise(Question(NamedText("usage", usage), texts))["period"] == "2026-11"


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ("", "usage: nothing was used; name a month with --period"),
        ("{", "usage: line 1: is no JSON: Expecting property name"),
    ],
)
def test_bad_input_is_said_in_one_line(usage, expected, texts):
    with pytest.raises(RatingInputError) as caught:
        advise(Question(NamedText("usage", usage), texts))
    assert str(caught.value).startswith(expected)


def test_a_bad_number_is_said_with_its_line(texts, leg):
    usage = text_of([leg("a"), leg("b", to="nobody"), leg("c", to="nobody else")])
    with pytest.raises(RatingInputError, match=r"usage: line 2: to\.number: 'nobody' is no number"):
        advise(Question(NamedText("usage", usage), texts))


def test_the_last_month_of_all_is_no_period(texts, leg):
    usage = text_of([leg(answered_at="9999-12-31T00:00:00Z")])
    with pytest.raises(RatingInputError, match="period: '9999-12' is no month such as 2026-11"):
        advise(Question(NamedText("usage", usage), texts))


def test_a_month_without_a_plan(texts, leg):
    usage = text_of([leg(answered_at="2018-03-01T00:00:00Z")])
    with pytest.raises(RatingInputError, match="period: no plan that prices this usage is valid in 2018-03"):
        advise(Question(NamedText("usage", usage), texts))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_assumptions_name_what_was_taken_for_granted(language, texts, leg):
    usage = NamedText("usage", text_of([leg(s=3600), leg("m", to="0085212345678", roaming=True)]))
    words = {
        "vi": [
            "thuế GTGT (VAT)",
            "tháng 11/2026",
            "00:00 ngày 1",
            "31 ngày",
            "thuê bao",
            "giữ nguyên",
            "Không gồm",
            "Không mua gói",
        ],
        "en": [
            "VAT",
            "November 2026",
            "00:00 on the 1st",
            "31 days",
            "ubscriptions",
            "as it was",
            "Not included",
            "No bundle",
        ],
    }[language]
    for subscriptions in (None, NamedText("subs", SUBSCRIPTIONS)):
        answer = advise(Question(usage, texts, NOVEMBER, subscriptions=subscriptions, language=language))
        said = " ".join(sentence for choice in answer["choices"] for sentence in choice["assumptions"])
        assert [word for word in words if word not in said] == []
        assert "{" not in said
        assert re.search(r"\d{4,} ?(đ|VND)", said) is None, "thousands are marked"
        assert "2026-11" not in said
