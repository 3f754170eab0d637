"""Warning levels: who is told, in which words, and that each is told once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.dialplan.limits import FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.dialplan.limits_validation import MOST_VND
from edge.spending.actions import SendNotice, TellPage
from edge.spending.budgets import Budgets
from edge.spending.calendar import day_of
from edge.spending.events import ChargesStored, LegRequested, SettingsChanged
from edge.spending.guard import SpendingGuard
from edge.spending.spent import Spent
from edge.spending.wording import ONE_PART, level_words
from edge.telephony import LegId, Moment, PhoneNumber, Service
from tests.edge.spending.plan import OFF_NET, Plan
from tests.edge.spending.world import ALARM, EXTENSIONS, HOTLINE, NOON, SALES, CallPlan, World

GUARD = FraudGuard(hourly_vnd=None, night_vnd=None, refused_tries=None, alarm_mobile=ALARM)
PER_DAY = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "", None, 10_000, (50, 80, 90), LimitEnd.BLOCK)
DEPARTMENT = "Phòng chăm sóc khách hàng khu vực miền Trung và Tây Nguyên"
NOW = Moment(50.0, NOON)


def spending(*limits: Limit) -> Spending:
    return Spending(limits=limits, fraud_guard=GUARD)


def charge(item: str, vnd: int, at: float = NOON - 3000, extension: str | None = "512") -> Spent:
    return Spent(item, HOTLINE, extension, None, at, 60, vnd, outgoing=True)


def texts(actions: list[object]) -> list[tuple[str, str]]:
    return [(each.called, each.text) for each in actions if isinstance(each, SendNotice)]


def test_levels_are_told_as_they_are_passed() -> None:
    world = World(spending(PER_DAY))
    world.call(CallPlan(at=0, rings_s=0, lasts_s=700))  # 10 500 VND
    world.run()
    to_alarm = [(when, text) for when, called, text in world.sms if called == ALARM]
    assert [text for _, text in to_alarm] == [
        "Máy lẻ 512 đã dùng 50% hạn mức 10.000 đ ngày 22/11.",
        "Máy lẻ 512 đã dùng 80% hạn mức 10.000 đ ngày 22/11.",
        "Máy lẻ 512 đã dùng 90% hạn mức 10.000 đ ngày 22/11.",
        "Máy lẻ 512 hết hạn mức 10.000 đ ngày 22/11: chặn gọi ra.",
    ]
    for (when, _), due_s in zip(to_alarm, (334, 534, 600, 667), strict=True):
        assert due_s - 1 <= when <= due_s, "the second in which it is reached has begun"
    assert [text for _, called, text in world.sms if called == SALES.mobile] == [text for _, text in to_alarm]


@pytest.mark.parametrize("rings_s", [0.0, 3.0, 7.5])
@pytest.mark.parametrize("period", LimitPeriod)
def test_a_level_is_told_in_the_second_in_which_it_is_reached(period: LimitPeriod, rings_s: float) -> None:
    """Also where others talk, and when the guard is woken for something else."""
    limit = Limit(LimitScope.EXTENSION, period, "512", 5, 100_000, (10, 50), LimitEnd.WARN)
    world = World(spending(limit))
    world.call(CallPlan(at=0, rings_s=rings_s, lasts_s=200))
    for at in (3, 8, 17):
        world.call(CallPlan(at=at, extension="520", lasts_s=9, rings_s=1.3))
    world.run()
    told = [when for when, called, _ in world.sms if called == ALARM]
    assert told == [pytest.approx(rings_s + 29, abs=1.001), pytest.approx(rings_s + 149, abs=1.001)]


def test_levels_jumped_over_are_told_as_one() -> None:
    guard = SpendingGuard(Plan(), spending(PER_DAY), EXTENSIONS)
    guard.load([], NOW)
    said = texts(list(guard.handle(ChargesStored((charge("c1.1", 9500),)), NOW)))
    assert [text for _, text in said] == ["Máy lẻ 512 đã dùng 90% hạn mức 10.000 đ ngày 22/11."] * 2


def test_a_revision_tells_only_what_is_new() -> None:
    guard = SpendingGuard(Plan(), spending(PER_DAY), EXTENSIONS)
    guard.load([], NOW)
    guard.handle(ChargesStored((charge("c1.1", 5500),)), NOW)
    assert guard.handle(ChargesStored((charge("c1.1", 6500),)), NOW) == []
    assert guard.handle(ChargesStored((charge("c1.1", 4000),)), NOW) == []
    assert guard.handle(ChargesStored((charge("c1.1", 5500),)), NOW) == []
    assert texts(list(guard.handle(ChargesStored((charge("c2.1", 3000),)), NOW))) != []


def test_after_a_restart_levels_are_not_told_again() -> None:
    guard = SpendingGuard(Plan(), spending(PER_DAY), EXTENSIONS)
    guard.load([charge("c1.1", 8500)], NOW)
    assert guard.handle(ChargesStored((charge("c2.1", 100),)), NOW) == []
    said = texts(list(guard.handle(ChargesStored((charge("c3.1", 500),)), NOW)))
    assert [text for _, text in said] == ["Máy lẻ 512 đã dùng 90% hạn mức 10.000 đ ngày 22/11."] * 2


def test_after_a_restart_a_limit_with_less_than_a_block_left_is_told_already() -> None:
    guard = SpendingGuard(Plan(), spending(PER_DAY), EXTENSIONS)
    guard.load([charge("c1.1", 9950)], NOW)
    request = LegRequested(LegId("c2.1"), HOTLINE, PhoneNumber(OFF_NET), Service.OUTBOUND, "512")
    assert [type(each).__name__ for each in guard.handle(request, NOW)] == ["Bar"]


def test_a_barred_call_tells_that_the_limit_is_reached_once() -> None:
    world = World(spending(PER_DAY))
    world.call(CallPlan(at=0, rings_s=0, lasts_s=662))  # 9 930: a first block does not fit
    for at in (700, 720, 740):
        world.call(CallPlan(at=at))
    world.run()
    reached = [text for _, called, text in world.sms if called == ALARM and "hết" in text]
    assert reached == ["Máy lẻ 512 hết hạn mức 10.000 đ ngày 22/11: chặn gọi ra."]


def test_a_new_day_is_told_anew() -> None:
    world = World(spending(PER_DAY))
    for at in (0, 86_400):
        world.call(CallPlan(at=at, rings_s=0, lasts_s=350))
    world.run()
    said = [text for _, called, text in world.sms if called == ALARM]
    assert [text[-6:] for text in said] == ["22/11.", "23/11."]


def test_a_limit_set_below_what_is_spent_tells_at_once() -> None:
    guard = SpendingGuard(Plan(), spending(), EXTENSIONS)
    guard.load([charge("c1.1", 8500)], NOW)
    actions = guard.handle(SettingsChanged(spending(PER_DAY), EXTENSIONS, "en"), NOW)
    assert texts(list(actions)) == [
        (ALARM, "Extension 512 has used 80% of its 10,000 VND of 22/11."),
        (SALES.mobile, "Extension 512 has used 80% of its 10,000 VND of 22/11."),
    ]
    assert guard.handle(SettingsChanged(spending(PER_DAY), EXTENSIONS, "en"), NOW) == []


def test_messages_count_for_hotline_and_company() -> None:
    limits = [Limit(scope, LimitPeriod.MONTH, "", None, 1000, (80,)) for scope in LimitScope]
    guard = SpendingGuard(Plan(), spending(*limits), EXTENSIONS)
    guard.load([], NOW)
    sms = Spent("m5", HOTLINE, None, None, NOON, 0, 850, outgoing=True)
    said = [text for _, text in texts(list(guard.handle(ChargesStored((sms,)), NOW)))]
    assert said == [
        "Hotline 0901234567 đã dùng 80% hạn mức 1.000 đ tháng 11/2026.",
        "Công ty đã dùng 80% hạn mức 1.000 đ tháng 11/2026.",
    ]


def test_calls_that_came_in_count_nowhere() -> None:
    guard = SpendingGuard(Plan(), spending(replace(PER_DAY, scope=LimitScope.HOTLINE, vnd=None, minutes=1)), EXTENSIONS)
    guard.load([], NOW)
    inbound = replace(charge("c1.1", 0, extension=None), billed_s=600, outgoing=False)
    assert guard.handle(ChargesStored((inbound,)), NOW) == []


@pytest.mark.parametrize("at_end", LimitEnd)
@pytest.mark.parametrize("period", LimitPeriod)
@pytest.mark.parametrize("scope", LimitScope)
@pytest.mark.parametrize("level", [5, 90, 100])
def test_every_text_fits_one_sms(scope: LimitScope, period: LimitPeriod, at_end: LimitEnd, level: int) -> None:
    staff = (replace(SALES, number="51234", department=DEPARTMENT),)
    limit = Limit(scope, period, "", 100_000, 1_000_000_000, (5, 90), at_end)
    budgets = Budgets((limit,), staff).of("51234", HOTLINE, day_of(NOON), "c17.2")
    (budget,) = budgets
    for vnd, seconds in ((999_999_999, 0), (0, 5_999_999)):
        words = level_words(budget, level, vnd, seconds)
        assert len(words.vi) <= ONE_PART, words.vi
        assert len(words.en) <= 2 * ONE_PART, words.en


def test_a_name_is_shortened_only_in_the_language_that_needs_it() -> None:
    limit = Limit(LimitScope.DEPARTMENT, LimitPeriod.DAY, "Kinh doanh", None, 1500, (), LimitEnd.CUT)
    (budget,) = Budgets((limit,), EXTENSIONS).of("512", HOTLINE, day_of(NOON))
    words = level_words(budget, 100, 1500, 0)
    assert words.vi == "Bộ phận Kinh doanh hết hạn mức 1.500 đ ngày 22/11: chặn gọi ra."
    assert words.en == "Department Kinh doanh used up its 1,500 VND of 22/11: outgoing calls barred."


def test_the_page_gets_both_languages() -> None:
    guard = SpendingGuard(Plan(), spending(PER_DAY), EXTENSIONS)
    guard.load([], NOW)
    (told,) = [each for each in guard.handle(ChargesStored((charge("c1.1", 5000),)), NOW) if isinstance(each, TellPage)]
    assert told.vi == "Máy lẻ 512 đã dùng 50% hạn mức 10.000 đ ngày 22/11."
    assert told.en == "Extension 512 has used 50% of its 10,000 VND of 22/11."


@pytest.mark.parametrize(
    ("period", "said"),
    [
        (LimitPeriod.DAY, "Số 02439345678 hết hạn mức 10.000.000.000 đ ngày 22/11: chặn gọi ra."),
        (LimitPeriod.MONTH, "Số 02439345678 hết hạn mức 10.000.000.000 đ tháng 11: chặn gọi ra."),
    ],
)
def test_the_longest_number_with_the_largest_amount_still_fits(period: LimitPeriod, said: str) -> None:
    hotline = PhoneNumber("+842439345678")
    limit = Limit(LimitScope.HOTLINE, period, hotline, None, MOST_VND, (), LimitEnd.CUT)
    (budget,) = Budgets((limit,), EXTENSIONS).of("512", hotline, day_of(NOON))
    words = level_words(budget, 100, MOST_VND, 0)
    assert words.vi == said
    assert len(words.vi) <= ONE_PART


def test_a_month_is_named_with_its_year_where_there_is_room() -> None:
    limit = Limit(LimitScope.EXTENSION, LimitPeriod.MONTH, "", 1200, None, (), LimitEnd.CUT)
    (budget,) = Budgets((limit,), EXTENSIONS).of("512", HOTLINE, day_of(NOON))
    words = level_words(budget, 90, 0, 65_000)
    assert words.vi == "Máy lẻ 512 đã dùng 90% hạn mức 1.200 phút tháng 11/2026."
    assert words.en == "Extension 512 has used 90% of its 1,200 min of November 2026."


def test_a_budget_that_calls_leave_unused_is_open_again_and_its_levels_are_told() -> None:
    """Six calls hold all of it for a moment, so one is cut; then everybody hangs up early."""
    limit = Limit(LimitScope.DEPARTMENT, LimitPeriod.DAY, "Kinh doanh", 2, None, (50, 80), LimitEnd.CUT)
    world = World(spending(limit))
    for at in range(6):
        world.call(CallPlan(at=at / 10, extension="512" if at % 2 else "513", rings_s=1, lasts_s=12))
    world.run(until_s=5)
    assert [use.state for use in world.guard.usage(world.now).limits] == ["ok"], "nobody has been cut yet"
    world.run(until_s=8)
    used_up = "Bộ phận Kinh doanh hết hạn mức 2 phút ngày 22/11: chặn gọi ra."
    assert [text for _, _, text in world.sms] == [used_up]
    assert [use.state for use in world.guard.usage(world.now).limits] == ["reached"]
    world.run(until_s=30)
    (use,) = world.guard.usage(world.now).limits
    assert (use.percent, use.state) == (47, "ok")
    world.call(CallPlan(at=30, rings_s=1, lasts_s=100))
    world.run()
    assert [when for when, _, _ in world.sms] == pytest.approx([6.4, 31, 69, 92], abs=1.001)
    (use,) = world.guard.usage(world.now).limits
    assert (use.percent, use.state) == (100, "reached")
    assert [text for _, _, text in world.sms[1:]] == [
        "Bộ phận Kinh doanh đã dùng 50% hạn mức 2 phút ngày 22/11.",
        "Bộ phận Kinh doanh đã dùng 80% hạn mức 2 phút ngày 22/11.",
        used_up,
    ]


def test_a_closed_budget_is_told_once_however_often_calls_are_barred() -> None:
    limit = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "512", None, 480, (50, 90), LimitEnd.BLOCK)
    world = World(spending(limit))
    world.guard.handle(ChargesStored((charge("c0.1", 440),)), world.now)  # 40 VND are less than a first block
    tries = [world.call(CallPlan(at=at)) for at in range(1, 5)]
    world.run()
    assert all(world.story(each).barred for each in tries)
    assert [text for _, called, text in world.sms if called == ALARM] == [
        "Máy lẻ 512 hết hạn mức 480 đ ngày 22/11: chặn gọi ra."
    ]
    (use,) = world.guard.usage(world.now).limits
    assert (use.percent, use.state) == (91, "reached")


def test_a_budget_whose_charges_are_revised_downwards_is_open_again() -> None:
    world = World(spending(replace(PER_DAY, vnd=480)))
    world.guard.handle(ChargesStored((charge("c0.1", 440),)), world.now)
    world.call(CallPlan(at=1))
    world.run()
    states = {use.subject: use.state for use in world.guard.usage(world.now).limits}
    assert states["512"] == "reached"
    world.guard.handle(ChargesStored((charge("c0.1", 100),)), world.now)
    states = {use.subject: use.state for use in world.guard.usage(world.now).limits}
    assert states["512"] == "ok"


@pytest.mark.parametrize("at_end", LimitEnd)
def test_after_a_restart_close_to_the_end_the_end_is_still_told(at_end: LimitEnd) -> None:
    """90 VND are left, the price of a first block: nobody was barred yet."""
    world = World(spending(Limit(LimitScope.EXTENSION, LimitPeriod.DAY, "512", None, 300, (50,), at_end)))
    world.call(CallPlan(at=0, rings_s=0, lasts_s=14))
    world.restart(20)
    world.call(CallPlan(at=30, rings_s=0, lasts_s=6))
    world.run()
    assert (world.guard.usage(world.now).limits[0].used_vnd, world.guard.usage(world.now).limits[0].state) == (
        300,
        "reached",
    )
    told = [text for _, called, text in world.sms if called == ALARM]
    assert told[0] == "Máy lẻ 512 đã dùng 50% hạn mức 300 đ ngày 22/11."
    assert [text.partition(":")[0] for text in told[1:]] == [
        "Máy lẻ 512 đã dùng hết hạn mức 300 đ ngày 22/11."
        if at_end is LimitEnd.WARN
        else "Máy lẻ 512 hết hạn mức 300 đ ngày 22/11"
    ]
