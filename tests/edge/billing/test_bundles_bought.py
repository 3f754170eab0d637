"""A bundle is sold only when the one before it is over for certain, whichever way it is bought."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from edge.api_server import Refused
from edge.billing.rerate import reckon
from edge.billing.statements import Books
from edge.billing.usage import to_month
from edge.dialplan.billing import Billing, BundlePurchase, PlanChoice
from edge.store.usage_rows import open_for_reading
from tests.edge.billing.paper_calls import HOTLINE, ON_NET, SECOND
from tests.edge.billing.shop import ALL_MINUTES_S, ON_NET_BUNDLE, PLANS, billing, bought, renewing, shop, spoken
from tests.edge.commands.table_box import in_loop

FIRST = bought("2026-11-01T00:00")
"""Its 31 days end on 2026-12-02 at 00:00, unless its minutes are spent before."""
SECOND_ONE = bought("2026-12-15T08:00", bundle=ON_NET_BUNDLE)
SPENT = spoken(1, "2026-11-03T00:00", ALL_MINUTES_S)
"""Spends them at 22:40 on 2026-11-09: the 31 days that begin then end on 2026-12-10 at 22:40."""


def sold_from(instant: str, place: str = "billing.bundles[1]") -> str:
    return (
        f"{place}: activated_at: hotline {HOTLINE} has bundle 8, which begins anew as soon as its minutes are spent "
        "(billing.bundles[0].when_spent), so its end is not certain before it has come; bundle 1 can be entered from "
        f"{instant} on, to begin then or later"
    )


def stop_first(ends: str) -> str:
    return (
        f"billing.bundles[1]: activated_at: hotline {HOTLINE} has bundle 8, which begins anew as soon as its minutes "
        f"are spent (billing.bundles[0].when_spent), and by itself on {ends}: end that first "
        "(billing.bundles[0].auto_renew_off_at); bundle 1 can be entered when the period that runs then is over"
    )


def too_early(ends: str) -> str:
    return (
        f"billing.bundles[1]: activated_at: hotline {HOTLINE} had bundle 8 until {ends}; "
        "bundle 1 can begin then at the earliest"
    )


DEC_2, DEC_10 = "2026-12-02T00:00:00+07:00", "2026-12-10T22:40:00+07:00"


@pytest.mark.parametrize(
    ("first", "is_spent", "now", "second", "said"),
    [
        # Before it is over nobody knows whether its minutes will last, whenever the next one is to begin.
        (FIRST, False, "2026-11-20T12:00", "2026-12-15T08:00", sold_from(DEC_2)),
        (FIRST, False, "2026-11-20T12:00", "2028-01-01T00:00", sold_from(DEC_2)),
        (FIRST, False, "2026-10-20T12:00", "2026-12-15T08:00", sold_from(DEC_2)),
        (FIRST, True, "2026-12-05T12:00", "2026-12-15T08:00", sold_from(DEC_10)),
        (FIRST, True, "2026-12-05T12:00", "2026-12-05T12:00", sold_from(DEC_10)),
        # In the second in which it is over the next one can be entered, and begin.
        (FIRST, False, "2026-12-02T00:00", "2026-12-02T00:00", None),
        (FIRST, False, "2026-12-05T12:00", "2026-12-15T08:00", None),
        (FIRST, False, "2026-12-05T12:00", "2026-12-02T00:00", None),
        (FIRST, True, "2026-12-11T12:00", "2026-12-15T08:00", None),
        (FIRST, False, "2026-12-05T12:00", "2026-12-01T08:00", too_early(DEC_2)),
        (FIRST, True, "2026-12-11T12:00", "2026-12-09T08:00", too_early(DEC_10)),
        # One that renews by itself never ends, unless that is switched off before its period does.
        (renewing(FIRST), False, "2026-11-20T12:00", "2026-12-15T08:00", stop_first(DEC_2)),
        (renewing(FIRST), True, "2026-11-20T12:00", "2026-12-15T08:00", stop_first(DEC_10)),
        (renewing(FIRST), False, "2026-12-15T12:00", "2026-12-15T12:00", stop_first("2027-01-02T00:00:00+07:00")),
        (renewing(FIRST, "2026-12-20T00:00"), False, "2026-11-20T12:00", "2027-03-01T00:00", stop_first(DEC_2)),
        (renewing(FIRST, "2026-11-10T00:00"), False, "2026-11-20T12:00", "2026-12-15T08:00", sold_from(DEC_2)),
        (renewing(FIRST, "2026-11-10T00:00"), False, "2026-12-05T12:00", "2026-12-15T08:00", None),
        # One that goes on at the plan's prices ends by the calendar: the next one can be entered at any time.
        (replace(FIRST, when_spent="tiers"), True, "2026-11-20T12:00", "2026-12-15T08:00", None),
        (replace(FIRST, when_spent="tiers"), True, "2026-11-20T12:00", "2026-12-02T00:00", None),
        (replace(FIRST, hotline=SECOND), True, "2026-11-20T12:00", "2026-11-15T08:00", None),
    ],
)
@in_loop
async def test_the_next_bundle_is_sold_when_the_one_before_is_over(
    first: BundlePurchase, is_spent: bool, now: str, second: str, said: str | None, tmp_path: Path
) -> None:
    async with shop(tmp_path) as box:
        await box.put(billing(first))
        await box.ends(SPENT if is_spent else spoken(1, "2026-11-03T00:00"))
        box.it_is(now)
        wanted = billing(first, replace(SECOND_ONE, activated_at=f"{second}:00+07:00"))
        if said is None:
            await box.put(wanted)
            assert await box.held() == wanted
            await box.ends(spoken(2, "2026-12-20T09:00"), spoken(3, "2026-12-20T09:00", to=ON_NET))
            assert all(charge["status"] == "rated" for charge in (await box.charges()).values())
        else:
            with pytest.raises(Refused) as refused:
                await box.put(wanted)
            assert str(refused.value) == said
            assert await box.held() == billing(first)


@in_loop
async def test_two_that_overlap_by_the_calendar_are_refused_as_ever(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        with pytest.raises(Refused, match=r"another one can start on 2026-12-02T00:00:00\+07:00 at the earliest"):
            await box.put(billing(bought("2026-11-01T00:00", "tiers"), bought("2026-12-01T00:00")))


@pytest.mark.parametrize("when_spent", ["renew", "tiers"])
@in_loop
async def test_one_that_would_end_in_no_calendar_is_refused(when_spent: str, tmp_path: Path) -> None:
    last = [bought(begins, when_spent) for begins in ("9999-01-01T00:00", "9999-12-31T00:00", "9998-12-31T23:59")]
    async with shop(tmp_path) as box:
        for bundles in ([last[0]], last[1:2], last[:2]):
            with pytest.raises(Refused) as refused:
                await box.put(billing(*bundles))
            assert str(refused.value).split("; ") == [
                f"billing.bundles[{index}]: activated_at: a bundle cannot begin after 9998"
                for index in range(len(bundles))
            ]
        await box.put(billing(last[2]))


@in_loop
async def test_a_plan_that_sells_none_names_the_bundle(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        with pytest.raises(Refused) as refused:
            await box.put(Billing(plans=(PlanChoice("onecontact-2019", "0001-01"),), bundles=(FIRST,)))
        assert str(refused.value) == "billing.bundles[0]: plan onecontact-2019 has no bundles"


@in_loop
async def test_the_place_is_where_the_later_one_is_written(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        with pytest.raises(Refused, match=r"^billing\.bundles\[0\]: .* \(billing\.bundles\[1\]\.when_spent\)"):
            await box.put(billing(SECOND_ONE, FIRST))


@pytest.mark.parametrize(
    ("edited", "is_refused"),
    [
        (FIRST, True),  # from tiers to renew
        (bought("2026-11-02T00:00"), True),
        (bought("2026-11-02T00:00", "tiers"), False),
        (bought("2026-11-01T00:00", "tiers", bundle=9), False),
    ],
)
@in_loop
async def test_an_edit_of_the_first_is_judged_while_the_second_stands(
    edited: BundlePurchase, is_refused: bool, tmp_path: Path
) -> None:
    async with shop(tmp_path) as box:
        await box.put(billing(bought("2026-11-01T00:00", "tiers"), SECOND_ONE))
        if is_refused:
            with pytest.raises(Refused, match=r"^billing\.bundles\[1\]: activated_at: .* begins anew"):
                await box.put(billing(edited, SECOND_ONE))
        else:
            await box.put(billing(edited, SECOND_ONE))


@in_loop
async def test_what_stood_before_is_not_refused_but_warned_of(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        await box.stored_by_an_older_box(billing(FIRST, SECOND_ONE))
        (warning,) = await box.put(billing(FIRST, SECOND_ONE, customer="An Bình"))
        assert warning == (
            f"billing.bundles[1]: activated_at: hotline {HOTLINE} has bundle 8, which begins anew as soon as its "
            "minutes are spent (billing.bundles[0].when_spent): if that reaches bundle 1, which begins on "
            "2026-12-15T08:00:00+07:00, calls will have no price; remove billing.bundles[1] and enter it when the "
            "other one is over"
        )
        assert await box.warned() == [warning]
        other = bought("2026-11-05T00:00", hotline=SECOND)
        assert await box.put(billing(other, FIRST, SECOND_ONE)) == [warning.replace("[1]", "[2]").replace("[0]", "[1]")]
        await box.put(billing(FIRST))
        assert await box.warned() == []


@in_loop
async def test_a_plan_between_two_bundles_decides_what_the_first_is_drawn_for(tmp_path: Path) -> None:
    other, again = PlanChoice("onecontact-2019", "2026-12"), PlanChoice("3c", "2027-01")
    two = (FIRST, bought("2027-01-15T00:00"))
    async with shop(tmp_path) as box:
        await box.stored_by_an_older_box(billing(*two))
        await box.put(Billing(plans=(*PLANS, again), bundles=two))
        with pytest.raises(Refused, match=r"^billing\.bundles\[1\]: .* begins anew"):
            await box.put(Billing(plans=(*PLANS, other, again), bundles=two))


@in_loop
async def test_a_warning_ends_when_time_has_settled_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        await box.stored_by_an_older_box(billing(FIRST, SECOND_ONE))
        assert len(await box.warned()) == 1
        box.it_is("2026-12-03T00:00")
        assert await box.warned() == []


@in_loop
async def test_undo_sells_nothing_either(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        await box.stored_by_an_older_box(billing(FIRST, SECOND_ONE))
        await box.put(billing(FIRST))
        with pytest.raises(Refused) as refused:
            await box.undo()
        assert str(refused.value) == sold_from(DEC_2)
        assert await box.held() == billing(FIRST)
        box.it_is("2026-12-03T00:00")
        await box.undo()
        assert await box.held() == billing(FIRST, SECOND_ONE)


@in_loop
async def test_undo_asks_the_tables_as_well(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        with pytest.raises(Refused, match="nothing to undo"):
            await box.undo()
        await box.stored_by_an_older_box(Billing(plans=(PlanChoice("4d", "0001-01"),)))
        await box.put(billing(FIRST))
        with pytest.raises(Refused, match=r"^billing\.plans: '4d' is unknown"):
            await box.undo()
        await box.put(billing(FIRST, customer="An Bình"))
        assert await box.undo() == []


@in_loop
async def test_a_problem_that_stood_before_refuses_nothing_else(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        unknown = (*PLANS, PlanChoice("4d", "2027-01"))
        await box.stored_by_an_older_box(Billing(plans=unknown, bundles=(FIRST,)))
        await box.put(Billing(plans=unknown, bundles=(FIRST,), customer="An Bình"))
        with pytest.raises(Refused, match="'5e' is unknown"):
            await box.put(Billing(plans=(*unknown, PlanChoice("5e", "2027-02")), bundles=(FIRST,)))


STAY = (
    "billing.bundles: calls that were rated before keep their charges; `tongdai rerate --from 2026-11` shows what "
    "would change, --apply stores it"
)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ((FIRST,), (), True),
        ((FIRST,), (bought("2026-11-02T00:00"),), False),  # the call of 3 November is covered by this one too
        ((FIRST,), (bought("2026-11-04T00:00"),), True),
        ((FIRST,), (replace(FIRST, bundle=ON_NET_BUNDLE),), True),
        ((FIRST,), (replace(FIRST, bundle=9),), True),  # the charge names the bundle
        ((FIRST,), (replace(FIRST, hotline=SECOND),), True),
        ((FIRST,), (renewing(FIRST),), False),
        ((), (FIRST,), True),
        ((), (bought("2026-11-10T00:00"),), False),
        ((bought("2026-11-10T00:00"),), (), False),
        ((bought("2026-11-25T00:00"),), (), False),
    ],
)
@in_loop
async def test_who_rewrites_history_is_told_from_which_month(
    before: tuple[BundlePurchase, ...], after: tuple[BundlePurchase, ...], says: bool, tmp_path: Path
) -> None:
    async with shop(tmp_path) as box:
        await box.put(billing(*before))
        await box.ends(spoken(1, "2026-11-03T09:00"))
        assert await box.put(billing(*after)) == ([STAY] if says else [])
        if before != ():
            assert await box.undo() == ([STAY] if says else [])


@pytest.mark.parametrize(
    ("plans", "month"),
    [
        ((PlanChoice("onecontact-2019", "0001-01"),), "2026-09"),
        ((*PLANS, PlanChoice("onecontact-2019", "2026-10")), "2026-11"),
        ((*PLANS, PlanChoice("onecontact-2019", "2026-10"), PlanChoice("3c", "2026-11")), None),
        ((*PLANS, PlanChoice("onecontact-2019", "2026-11")), "2026-11"),
        ((*PLANS, PlanChoice("onecontact-2019", "2026-12")), None),
        ((PlanChoice("3c", "2026-11"),), None),
    ],
)
@in_loop
async def test_who_charges_past_months_by_another_plan_is_told(
    plans: tuple[PlanChoice, ...], month: str | None, tmp_path: Path
) -> None:
    """There are calls of September and November."""
    async with shop(tmp_path) as box:
        assert await box.put(Billing(plans=(PlanChoice("onecontact-2019", "0001-01"),))) == []
        await box.put(billing())
        await box.ends(spoken(1, "2026-11-03T09:00"), spoken(2, "2026-09-03T09:00"))
        said = [] if month is None else [STAY.replace("bundles", "plans").replace("2026-11", month)]
        assert await box.put(Billing(plans=plans)) == said


@in_loop
async def test_who_chooses_a_plan_that_is_not_made_for_telephones_is_told_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        rooms = Billing(plans=(*PLANS, PlanChoice("meeting", "2027-01")))
        (said,) = await box.put(rooms)
        assert said.startswith("billing.plans: plan meeting has no prices for calls: ")
        assert await box.put(replace(rooms, customer="An Bình")) == []


@in_loop
async def test_a_record_that_comes_too_late_is_unrated_and_says_the_way_out(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        await box.put(billing(FIRST))
        box.it_is("2026-12-03T00:00")
        await box.put(billing(FIRST, bought("2026-12-03T00:00", bundle=ON_NET_BUNDLE)))
        await box.ends(SPENT, spoken(2, "2026-12-04T09:00", to=ON_NET))
        charges = await box.charges()
        assert (charges["c1.1"]["amount_vnd"], charges["c2.1"]["amount_vnd"]) == (None, 0)
        assert charges["c1.1"]["why"] == (
            f"billing.bundles[1]: activated_at: hotline {HOTLINE} has bundle 8 then; another one can start on {DEC_10} "
            "at the earliest, if that one is not renewed; remove that entry and enter it when the other one is over, "
            "then run `tongdai rerate --from 2026-11`"
        )
        with closing(open_for_reading(tmp_path / "box.db")) as connection:
            (shown,) = Books(connection, box.wall).reckon(to_month("2026-11")).document["items"]
        assert shown["why"]["vi"] == (
            "Chưa tính được: hai gói thoại của một hotline chồng lên nhau; hãy xóa gói sau trong billing.bundles, nhập "
            "lại khi gói trước đã hết, rồi tính lại bằng tongdai rerate."
        )
        assert "run `tongdai rerate --from 2026-11`" in shown["why"]["en"]
        await box.open()  # a power cut changes nothing
        await box.ends(spoken(3, "2026-12-05T09:00"))
        assert (await box.charges())["c3.1"]["status"] == "rated"
        # The way that it says: remove, wait, enter again, rate again. What came late counts from then on.
        assert len(await box.put(billing(FIRST))) == 1
        with pytest.raises(Refused) as refused:
            await box.put(billing(FIRST, SECOND_ONE))
        assert str(refused.value) == sold_from(DEC_10)
        box.it_is("2026-12-11T00:00")
        await box.put(billing(FIRST, SECOND_ONE))
        with closing(open_for_reading(tmp_path / "box.db")) as connection:
            made = reckon(connection, to_month("2026-11"))
        await box.revise([change.row() for change in made.changes], made.basis)
        assert {charge["status"] for charge in (await box.charges()).values()} == {"rated"}


@in_loop
async def test_a_table_by_which_bundles_would_collide_is_refused(tmp_path: Path) -> None:
    async with shop(tmp_path) as box:
        await box.put(billing(bought("2026-11-01T00:00", bundle=ON_NET_BUNDLE)))
        await box.ends(SPENT)  # off-net: not its minutes
        box.it_is("2026-12-03T00:00")
        await box.put(billing(bought("2026-11-01T00:00", bundle=ON_NET_BUNDLE), bought("2026-12-03T00:00")))
        ported = "number,operator\n0912000222,MobiFone\n"
        with pytest.raises(Refused, match=r"would not hold any more: billing\.bundles\[1\]: .*has bundle 1 then"):
            await box.take("ported", ported)
        assert (await box.take("ported", "number,operator\n0912000333,MobiFone\n"))["rows"] == 1
        await box.put(billing(bought("2026-11-01T00:00", bundle=ON_NET_BUNDLE)))
        assert (await box.take("ported", ported))["rows"] == 1
