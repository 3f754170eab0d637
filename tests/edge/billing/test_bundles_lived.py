"""Whatever is used and bought, in whatever order: a bundle that the box has sold never costs a call its price."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edge.api_server import Refused
from edge.dialplan.billing import BundlePurchase
from tests.edge.billing.paper_calls import HOTLINE, OFF_NET, ON_NET
from tests.edge.billing.shop import ALL_MINUTES_S, Shop, billing, shop, spoken


class Call(NamedTuple):
    """Answered now; somebody waits until it has ended and is stored."""

    seconds: float
    is_on_net: bool


class Wait(NamedTuple):
    days: float


class Buy(NamedTuple):
    in_days: float
    """To begin so long from now, or before now."""
    bundle: int
    when_spent: str
    auto_renew: bool


class StopRenewing(NamedTuple):
    """The newest one."""


class Undo(NamedTuple):
    pass


class Remove(NamedTuple):
    """The oldest one."""


purchases = st.builds(
    Buy,
    st.sampled_from([31.0, 31.0, 40.0, 60.0, 0.0, -10.0]),
    st.sampled_from([8, 8, 1]),
    st.sampled_from(["renew", "renew", "tiers"]),
    st.sampled_from([False, False, True]),
)
calls = st.builds(
    Call, st.sampled_from([ALL_MINUTES_S, 1_300_000.0, 599_999.5, 60.0]), st.sampled_from([False, False, True])
)
steps = st.one_of(
    purchases,
    purchases,
    calls,
    calls,
    st.builds(Wait, st.sampled_from([1.0, 7.0, 31.0, 40.0])),
    st.sampled_from([StopRenewing(), Undo(), Remove()]),
)
plans_of_people = st.lists(steps, min_size=3, max_size=10)


async def _live(box: Shop, number: int, step: object) -> None:
    held = list((await box.held()).bundles)
    match step:
        case Call(seconds, is_on_net):
            answered = box.wall
            box.wait(seconds)
            await box.ends(spoken(number, answered, seconds, ON_NET if is_on_net else OFF_NET))
            return
        case Wait(count):
            box.wait(count * 86_400)
            return
        case Undo():
            await box.undo()
            return
        case Buy(in_days, bundle, when_spent, auto_renew):
            begins = datetime.fromtimestamp(box.wall + in_days * 86_400, UTC).isoformat()
            held.append(BundlePurchase(HOTLINE, bundle, begins, when_spent, auto_renew))
        case StopRenewing() if held:
            held[-1] = replace(held[-1], auto_renew_off_at=datetime.fromtimestamp(box.wall, UTC).isoformat())
        case Remove():
            del held[:1]
    await box.put(billing(*held))


@given(st.builds(Buy, st.just(0.0), st.sampled_from([8, 8, 1]), st.just("renew"), st.booleans()), plans_of_people)
@example(
    Buy(0.0, 8, "renew", auto_renew=False), [Buy(31.0, 1, "tiers", auto_renew=True), Call(600_000.0, is_on_net=False)]
)
@example(
    Buy(0.0, 8, "renew", auto_renew=False),
    [Buy(40.0, 1, "tiers", auto_renew=True), Remove(), Call(600_000.0, False), Undo()],
)
@hypothesis_settings(max_examples=10, deadline=None)
def test_whatever_the_box_sells_no_call_loses_its_price_by_an_overlap(first: Buy, later: list[object]) -> None:
    """As long as calls are stored before the next bundle is sold."""

    async def live() -> None:
        with tempfile.TemporaryDirectory(prefix="bundles-") as folder:
            async with shop(Path(folder)) as box:
                await box.put(billing())
                for number, step in enumerate([first, *later], start=1):
                    with suppress(Refused):
                        await _live(box, number, step)
                box.wait(100 * 86_400)  # past whatever was bought
                await box.ends(spoken(99, box.wall))
                charges = await box.charges()
                assert {name for name, charge in charges.items() if charge["amount_vnd"] is None} == set()

    asyncio.run(live())
