"""Spending control through the whole box in virtual time: from the last key to what the modem dials, from a spent
budget to the hung-up telephones, and the alarm that goes out although every line is in a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from edge.calls import actions as do
from edge.calls import events as ev
from edge.cashier import Cashier
from edge.dialplan.limits import Barring, FraudGuard, Limit, LimitEnd, LimitPeriod, LimitScope, Spending
from edge.dialplan.settings import Extension, Settings
from edge.engine import OpenPurse
from edge.spending.legs import LegInProgress
from edge.telephony import Cause, Disposition, LegId, Moment, PhoneNumber
from sim_hardware.person import Behaviour, Script, parse_keys
from tests.support.virtual_box import VirtualBox
from tests.support.virtual_time import LoopClock, eventually, run_virtually

EMPLOYEE, MANAGER = PhoneNumber("+84903000111"), PhoneNumber("+84903000119")
CUSTOMER, LONDON = "+84912000222", "+442071234567"
COMPANY = Settings(extensions=(Extension("512", "Sales", EMPLOYEE),))
ABROAD_OPEN = replace(COMPANY, spending=Spending(barring=Barring(international=True)))
ALARM = "Cảnh báo: chi phí gọi ra trong 60 phút đã vượt 1.000.000 đ. Các cuộc gọi ra đang bị chặn. Hãy kiểm tra ngay."
KEYS_FROM_S = 6.0
"""Well after the box has answered; the greeting may be interrupted."""


class MeteredPurse(OpenPurse):
    """A real cashier in small: warns after 10 s of talk, cuts after 40."""

    def __init__(self, post: Callable[[ev.Event], None]) -> None:
        super().__init__(post)
        self._post_event = post
        self.released: list[do.ReleaseLeg] = []

    def perform(self, action: do.SpendingAction, now: Moment) -> None:
        super().perform(action, now)
        loop = asyncio.get_running_loop()
        match action:
            case do.MeterLeg(leg):
                loop.call_later(10.0, self._post_event, ev.BudgetRunningOut(leg, 30))
                loop.call_later(40.0, self._post_event, ev.BudgetSpent(leg))
            case do.ReleaseLeg():
                self.released.append(action)
            case _:
                pass


def _keys(keys: str) -> Script:
    return Script(keys=parse_keys(f"{KEYS_FROM_S}:{keys}"))


class Flat:
    """15 đ a second, always."""

    def __call__(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        return [15 * leg.billed_s for leg in legs]

    def dearest(self, legs: Sequence[LegInProgress]) -> list[int | None]:
        return self(legs)


def _dialled(box: VirtualBox) -> list[do.DialLeg]:
    return [action for _, _, _, done in box.records.entries for action in done if isinstance(action, do.DialLeg)]


def test_a_call_abroad_goes_by_1318_and_ends_with_its_budget() -> None:
    async def story() -> None:
        box = VirtualBox(2, ABROAD_OPEN, cashier=MeteredPurse)
        await box.up()
        box.world.describe(LONDON, Script(Behaviour.ANSWER))
        box.world.place_call(EMPLOYEE, "0901234567", _keys("00442071234567#"))
        await box.quiet()
        (cdr,) = box.records.cdrs
        (dial,) = _dialled(box)
        assert (dial.called, dial.dial_string) == (LONDON, "131800442071234567")
        assert (cdr.called, cdr.disposition, cdr.cause) == (LONDON, Disposition.ANSWERED, Cause.BARRED)
        assert cdr.billable_s == pytest.approx(40.0, abs=1.0)
        assert _warned(box) == [cdr.legs[0].leg]
        assert isinstance(box.cashier, MeteredPurse)
        assert [each.leg for each in box.cashier.released] == [cdr.legs[1].leg]
        assert box.replay() is None
        await box.close()

    run_virtually(story())


def _warned(box: VirtualBox) -> list[LegId]:
    done = [action for entry in box.records.entries for action in entry[3] if isinstance(action, do.PlayPrompts)]
    return [each.leg for each in done if each.prompts == ("budget-warning",)]


def test_the_cashier_itself_warns_cuts_and_then_bars() -> None:
    """One minute a day for extension 512, at a price of 15 đ a second."""
    limit = Limit(LimitScope.EXTENSION, LimitPeriod.DAY, minutes=1, at_end=LimitEnd.CUT)
    spending = Spending((limit,), Barring(international=True), FraudGuard(alarm_mobile=MANAGER))
    company = replace(COMPANY, spending=spending)

    def till(post: Callable[[ev.Event], None]) -> Cashier:
        loop = asyncio.get_running_loop()
        return Cashier(loop, LoopClock(loop), Flat(), company, post, lambda _kind, _detail: None)

    async def story() -> None:
        box = VirtualBox(2, company, cashier=till)
        await box.up()
        box.world.describe(LONDON, Script(Behaviour.ANSWER))
        for _ in range(2):
            box.world.place_call(EMPLOYEE, "0901234567", _keys("00442071234567#"))
            await asyncio.sleep(100)
            await box.quiet()
        first, second = box.records.cdrs
        assert (first.disposition, first.cause) == (Disposition.ANSWERED, Cause.BARRED)
        assert first.billable_s == pytest.approx(59.0, abs=0.9), "never a second beyond the limit"
        assert _warned(box) == [first.legs[0].leg]
        assert (second.disposition, second.cause, len(second.legs)) == (Disposition.FAILED, Cause.BARRED, 1)
        assert len(box.world.messages[MANAGER]) == 3, "80 %, 90 %, used up"
        assert box.replay() is None
        assert isinstance(box.cashier, Cashier)
        box.cashier.close()
        await box.close()

    run_virtually(story())


def test_the_answer_costs_no_time_between_the_last_key_and_the_dialling() -> None:
    async def story() -> None:
        box = VirtualBox(2, ABROAD_OPEN)
        await box.up()
        box.world.place_call(EMPLOYEE, "0901234567", _keys("131800442071234567#"))
        await eventually(lambda: bool(_dialled(box)), 60)
        dial = next(index for index, entry in enumerate(box.records.entries) if any(map(_is_dial, entry[3])))
        (_, key_at, key, _), (_, dialled_at, answer, _) = box.records.entries[dial - 1 : dial + 1]
        assert (type(key), type(answer)) == (ev.KeyPressed, ev.LegAuthorised)
        assert dialled_at.mono == key_at.mono
        await box.close()

    run_virtually(story())


def _is_dial(action: do.Action) -> bool:
    return isinstance(action, do.DialLeg)


@pytest.mark.parametrize("lines", [1, 2])
def test_an_alarm_goes_out_within_10_s_though_every_line_is_in_a_call(lines: int) -> None:
    """One line: beside the customer who hears the menu. Two: one rings an outside telephone, the other talks."""

    async def story() -> None:
        box = VirtualBox(lines, COMPANY)
        await box.up()
        if lines == 1:
            box.world.place_call(CUSTOMER, "0901234567", Script(hang_up_after_s=60.0))
        else:
            box.world.place_call(EMPLOYEE, "0901234567", _keys("0988777666#"))
            await eventually(lambda: bool(_dialled(box)), 60)
        await eventually(lambda: bool(box.records.count(ev.LegAnswered)), 30)
        assert all(each.busy for each in box.engine.board.lines)
        asked_at = asyncio.get_running_loop().time()
        box.engine.post(ev.SpendingNoticed(MANAGER, ALARM))
        await eventually(lambda: MANAGER in box.world.messages, 10.0)
        assert box.world.messages[MANAGER] == [ALARM]
        assert asyncio.get_running_loop().time() - asked_at < 10.0
        assert all(each.busy for each in box.engine.board.lines), "the calls went on"
        box.world.stop()
        await box.close()

    run_virtually(story())


def test_an_alarm_while_the_only_line_rings() -> None:
    """The modem puts an SMS off while a call is being decided about, for five seconds at most."""

    async def story() -> None:
        box = VirtualBox(1, COMPANY)
        await box.up()
        box.world.place_call(CUSTOMER, "0901234567", Script(hang_up_after_s=60.0))
        await eventually(lambda: bool(box.records.count(ev.CallOffered)), 30, 0.001)
        box.engine.post(ev.SpendingNoticed(MANAGER, ALARM))
        await eventually(lambda: MANAGER in box.world.messages, 10.0)
        box.world.stop()
        await box.close()

    run_virtually(story())
