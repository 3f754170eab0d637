"""A module that goes: the line is lost in the same moment, and not had again by what it still answers."""

from __future__ import annotations

import asyncio

import pytest

from hal.interfaces import CommandFailed, Dial, ModemLost, ModemReady, SendSms
from tests.hal.modem.scene import Scene, play, play_script
from tests.support.virtual_time import eventually

AT_ONCE_S = 0.05
"""Some turns of the loop, and the way over a USB port."""
WORDS = [
    "NORMAL POWER DOWN",
    "POWERED DOWN",
    "UNDER-VOLTAGE POWER DOWN",
    "UNDER-VOLTAGE WARNNING POWER DOWN",
    "OVER-VOLTAGE POWER DOWN",
]


@pytest.mark.parametrize("words", WORDS)
def test_its_last_words_are_a_loss_though_it_answers_on(words: str) -> None:
    """A module that leaves the network answers AT until it is off: six seconds of a line that takes no calls."""

    async def story(stream, driver, heard) -> None:
        stream.say(f"\r\n{words}\r\n".encode())
        await asyncio.sleep(AT_ONCE_S)
        assert [lost.reason for lost in heard.of(ModemLost)] == ["the module switched itself off"]
        await asyncio.sleep(8)
        assert len(heard.of(ModemReady)) == 1
        await eventually(lambda: len(heard.of(ModemReady)) == 2)

    play_script(story)


def test_who_switches_it_off_says_so_first() -> None:
    async def story(s: Scene) -> None:
        await s.talk()
        s.driver.signs_off("the board switches it off (asked)")
        await asyncio.sleep(AT_ONCE_S)
        assert s.heard.of(ModemLost) == [ModemLost("the board switches it off (asked)")]
        s.driver.perform(Dial(7, "0912000001"))
        assert s.heard.of(CommandFailed)[-1].token == 7
        s.driver.signs_off("the board switches it off (asked)")
        await asyncio.sleep(6)
        s.line.unplug()
        await asyncio.sleep(20)
        assert (len(s.heard.of(ModemLost)), len(s.heard.of(ModemReady))) == (1, 1), "told once"
        s.line.replug()
        await s.until(ModemReady, 2)

    play(story)


@pytest.mark.parametrize("busy", ["idle", "a message under way", "a call"])
def test_a_port_that_goes_is_a_loss_at_once(busy: str) -> None:
    async def story(s: Scene) -> None:
        if busy == "a call":
            await s.talk()
        elif busy == "a message under way":
            s.driver.perform(SendSms(5, "0912000222", "Xin chào"))
            await asyncio.sleep(0.01)
        s.line.unplug()
        await asyncio.sleep(AT_ONCE_S)
        assert len(s.heard.of(ModemLost)) == 1
        if busy == "a message under way":
            assert [failed.token for failed in s.heard.of(CommandFailed)] == [5]

    play(story)


def test_a_port_that_is_not_there_asks_for_the_modem() -> None:
    async def story(s: Scene) -> None:
        s.line.unplug()
        await s.until(ModemLost)

    async def absent(s: Scene) -> None:
        s.line.unplug()
        await s.driver.close()
        s.driver.start()
        await eventually(lambda: any("plugged in" in lost.reason for lost in s.heard.of(ModemLost)))

    play(story)
    play(absent)
