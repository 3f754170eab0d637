"""The world as a process over real ptys, in real time."""

from __future__ import annotations

import asyncio
import os
import wave
from pathlib import Path

import pytest
import soundfile

from sim_hardware.control import ask
from sim_hardware.errors import RequestError, WorldError
from sim_hardware.sounds import key_tone, murmur
from tests.sim_hardware.world_process import AudioHost, Host, likeness, until, world

pytestmark = pytest.mark.system


async def opened(line):
    """An AT port ready for calls."""
    host = Host(line["at"])
    for command in ("ATE0", "AT+CLIP=1", "AT+CMEE=1", "AT+DDET=1"):
        await host.command(command)
    return host


async def open_audio(host, within_s=12.0):
    """CPCMREG=1 as drivers do it: again and again until the modem is ready for it."""
    give_up = asyncio.get_running_loop().time() + within_s
    while True:
        host.data.clear()
        host.write(b"AT+CPCMREG=1\r")
        await until(lambda: b"OK\r" in host.data or b"ERROR" in host.data)
        if b"OK\r" in host.data:
            return
        assert asyncio.get_running_loop().time() < give_up
        await asyncio.sleep(0.2)


async def calls_in_progress(w, count, within_s=5.0):
    give_up = asyncio.get_running_loop().time() + within_s
    while len((await w.ask(do="state"))["calls"]) != count:
        assert asyncio.get_running_loop().time() < give_up
        await asyncio.sleep(0.02)


def listen_to(path):
    samples, rate_hz = soundfile.read(path, dtype="int16")
    assert rate_hz == 8000
    return samples


def save(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    return str(path)


def test_two_lines_call_each_other_and_hear_each_other(tmp_path):
    async def main():
        async with world(tmp_path, "--odd-chunks", "--drift-ppm", "100") as w:
            first, second = await opened(w.lines["gsm-1"]), await opened(w.lines["gsm-2"])
            await first.command("ATD0937654321;")
            await second.expect("RING")
            await second.expect('+CLIP: "0901234567"')
            await second.command("ATA")
            await first.expect("VOICE CALL: BEGIN")
            await open_audio(first)
            await open_audio(second)
            said = [murmur(1)[:16_000], murmur(2)[:16_000]]
            ends = [AudioHost(w.lines[f"gsm-{n + 1}"]["audio"], said[n]) for n in (0, 1)]
            await until(lambda: all(len(end.heard) > 24_000 for end in ends))
            for end, other in ((ends[0], said[1]), (ends[1], said[0])):
                score, _ = likeness(end.heard, other[4000:14_000])
                assert score > 0.9
            await first.command("AT+CHUP")
            await second.expect("VOICE CALL: END")
            state = await w.ask(do="state")
            assert state["calls"] == []
            for host in (first, second, *ends):
                host.close()

    asyncio.run(main())
    assert [left.name for left in tmp_path.iterdir()] == ["board"], "ports and socket are gone; flash stays"


def test_a_customer_calls_a_line_keys_and_talks(tmp_path):
    said, answer = murmur(3)[:24_000], murmur(4)[:24_000]

    async def main():
        async with world(tmp_path / "w") as w:
            host = await opened(w.lines["gsm-1"])
            call = asyncio.ensure_future(
                w.ask(
                    do="call",
                    caller="0912000222",
                    called="0901234567",
                    say=save(tmp_path / "say.wav", said),
                    listen=str(tmp_path / "heard.wav"),
                    keys="3.5:5#",
                    hang_up_after=4.5,
                )
            )
            await host.expect('+CLIP: "0912000222"')
            await host.command("ATA")
            await open_audio(host)
            audio = AudioHost(w.lines["gsm-1"]["audio"], answer)
            await host.expect("+RXDTMF: 5")
            await host.expect("+RXDTMF: #")
            report = await asyncio.wait_for(call, 6)
            heard = listen_to(tmp_path / "heard.wav")
            assert likeness(audio.heard, said[16_000:])[0] > 0.95
            assert likeness(audio.heard, key_tone("5", 0.12))[0] > 0.95
            assert likeness(heard, answer[4000:16_000])[0] > 0.95
            await host.expect("VOICE CALL: END")
            for end in (host, audio):
                end.close()
            return report, len(heard)

    report, heard_samples = asyncio.run(main())
    assert report["connected"]
    assert report["duration_s"] == pytest.approx(4.5, abs=0.1)
    assert heard_samples == pytest.approx(report["duration_s"] * 8000, abs=8)
    assert (report["ended_by"], report["cause"]) == ("caller", 16)
    assert report["heard"] == str(tmp_path / "heard.wav")
    assert [e["event"] for e in report["events"]] == ["dialled", "ringing", "connected", "key", "key", "ended"]
    assert [e["key"] for e in report["events"] if e["event"] == "key"] == ["5", "#"]


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        pytest.param("0903000111", "0903000111", id="an employee"),
        pytest.param("+442071234567", "131800442071234567", id="abroad by 1318"),
        pytest.param("19001234", "19001234", id="a service number"),
    ],
)
def test_a_line_dials_a_person_who_answers(tmp_path, number, dialled):
    voice = murmur(5)[:24_000]

    async def main():
        async with world(tmp_path / "w") as w:
            heard_path = tmp_path / "employee.wav"
            await w.ask(
                do="subscriber",
                number=number,
                after=1.0,
                say=save(tmp_path / "v.wav", voice),
                listen=str(heard_path),
                hang_up_after=3.0,
            )
            host = await opened(w.lines["gsm-2"])
            await host.command(f"ATD{dialled};")
            await host.expect("VOICE CALL: BEGIN")
            await open_audio(host)
            audio = AudioHost(w.lines["gsm-2"]["audio"], murmur(6)[:16_000])
            await host.command("AT+VTS=7")
            await host.expect("VOICE CALL: END")
            ended = asyncio.get_running_loop().time()
            await until(heard_path.exists, within_s=1.0)
            assert asyncio.get_running_loop().time() - ended < 1.0
            heard = listen_to(heard_path)
            assert len(heard) == pytest.approx(24_000, abs=400)
            assert likeness(heard, key_tone("7", 0.08))[0] > 0.9
            assert likeness(audio.heard, voice[8000:20_000])[0] > 0.95
            for end in (host, audio):
                end.close()

    asyncio.run(main())


def test_persons_call_persons_while_others_fail(tmp_path):
    async def main():
        async with world(tmp_path / "w", "--lines", "8") as w:
            assert len(w.lines) == 8
            for number, behaviour in (("0903000101", "busy"), ("0903000102", "reject"), ("0903000103", "off")):
                described = await w.ask(do="subscriber", number=number, behaviour=behaviour, after=0.5)
                assert described["behaviour"] == behaviour
            said = murmur(7)[:16_000]
            await w.ask(do="subscriber", number="0903000104", after=0.5, say=save(tmp_path / "s.wav", said))
            calls = [
                w.ask(do="call", caller=f"091200020{n}", called=called, patience=1.5, hang_up_after=1.5, listen=listen)
                for n, (called, listen) in enumerate(
                    (number, str(tmp_path / f"{number}.wav"))
                    for number in ("0903000101", "0903000102", "0903000103", "0903000104", "0903000105", "0123", "112")
                )
            ]
            busy, rejected, off, answered, unanswered, nobody, emergency = await asyncio.gather(*calls)
            assert (busy["cause"], busy["ended_by"], busy["connected"]) == (17, "network", False)
            assert (rejected["cause"], rejected["ended_by"]) == (21, "called")
            assert (off["cause"], off["ended_by"]) == (20, "network")
            assert (unanswered["cause"], unanswered["ended_by"]) == (16, "caller")
            assert (nobody["cause"], nobody["heard"]) == (1, None)
            assert emergency["connected"]
            assert answered["duration_s"] == pytest.approx(1.5, abs=0.1)
            heard = listen_to(answered["heard"])
            assert likeness(heard, said[:8000])[0] > 0.98

    asyncio.run(main())


def test_messages_and_faults(tmp_path):
    async def main():
        async with world(tmp_path / "w") as w:
            host = await opened(w.lines["gsm-1"])
            await w.ask(do="sms", sender="0912000222", recipient="0901234567", text="Gọi lại giúp em nhé")
            await host.expect("+CMTI")
            assert await w.ask(do="messages", number="0912000222") == []
            await w.ask(do="sms", sender="0912000222", recipient="0983000111", text="Đường")
            (message,) = await w.ask(do="messages", number="0983000111")
            assert (message["sender"], message["text"]) == ("+84912000222", "Đường")
            path = Path(w.lines["gsm-1"]["at"])
            await w.ask(do="fault", line="gsm-1", name="unplug", parameters={})
            await until(lambda: not path.exists())
            with pytest.raises(OSError, match="Input/output"):
                os.write(host.fd, b"AT\r")
            host.close()
            report = await w.ask(do="call", caller="0912000222", called="0901234567")
            assert report["cause"] == 20
            await w.ask(do="fault", line="gsm-1", name="replug", parameters={"new_name": "gsm-7"})
            renamed = path.parent.parent / "gsm-7-at"
            await until(renamed.exists)
            await until(lambda: path.samefile(renamed))  # the name by path stays
            lines = (await w.ask(do="state"))["lines"]
            assert lines[0]["at"] == str(renamed)

    asyncio.run(main())


def test_errors_name_what_and_where(tmp_path):
    async def main():
        async with world(tmp_path / "w") as w:
            for request, words in (
                ({"do": "call", "caller": "12", "called": "0901234567"}, "caller: '12'"),
                ({"do": "call", "caller": "0912000222", "called": "anna"}, "called: 'anna'"),
                ({"do": "call", "caller": "0912000222", "called": "0901234567", "say": "/nowhere.wav"}, "/nowhere.wav"),
                ({"do": "call", "caller": "0901234567", "called": "0912000222"}, "own line gsm-1"),
                ({"do": "subscriber", "number": "0912000222", "behaviour": "dance"}, "answer, busy"),
                ({"do": "subscriber", "number": "0912000222", "operator": "Moon"}, "MobiFone"),
                ({"do": "fault", "line": "gsm-3", "name": "restart", "parameters": {}}, "gsm-1, gsm-2"),
                ({"do": "fault", "line": "gsm-1", "name": "melt"}, "creg-flap"),
                ({"do": "dance"}, "dance"),
                ({"do": "subscriber", "number": "0912000222", "listen": "x.wav"}, "absolute"),
                ({"do": "life"}, "hotline"),
                ({"do": "sms", "sender": "0912000222", "recipient": "x", "text": ""}, "recipient"),
            ):
                with pytest.raises(RequestError, match=words):
                    await w.ask(**request)
            assert len(await w.ask(do="faults")) >= 23
        with pytest.raises(WorldError, match="no simulated world"):
            await ask(w.control, do="state")

    asyncio.run(main())


def test_a_client_that_leaves_hangs_up_and_a_long_directory_gets_a_short_socket(tmp_path):
    async def main():
        async with world(tmp_path / ("long" * 30)) as w:
            assert len(w.control) < 100
            await w.ask(do="subscriber", number="0903000104", after=0.1)
            call = asyncio.ensure_future(w.ask(do="call", caller="0912000222", called="0903000104"))
            await calls_in_progress(w, 1)
            call.cancel()
            await calls_in_progress(w, 0)
            return Path(w.control)

    control = asyncio.run(asyncio.wait_for(main(), 15))
    assert not control.exists()


def test_a_little_life_calls_the_hotline_until_it_is_stopped(tmp_path):
    async def main():
        async with world(tmp_path / "w") as w:
            host = await opened(w.lines["gsm-1"])
            life = {"hotline": "0901234567", "extensions": ["101"], "mobiles": ["0903000101"]}
            assert await w.ask(do="life", **life) == {"life": True}
            await host.expect("RING", within_s=10)
            await host.command("ATA")
            for key in "101":
                await host.expect(f"+RXDTMF: {key}", within_s=9)
            people = (await w.ask(do="state"))["people"]
            assert [person["number"] for person in people] == ["+84903000101"]
            assert await w.ask(do="life", off=True) == {"life": False}
            host.close()

    asyncio.run(main())


def test_a_stop_in_a_call_is_clean_and_keeps_what_was_heard(tmp_path):
    async def main():
        async with world(tmp_path / "w") as w:
            await w.ask(do="subscriber", number="0903000104", after=0.1)
            listen = str(tmp_path / "heard.wav")
            call = asyncio.ensure_future(w.ask(do="call", caller="0912000222", called="0903000104", listen=listen))
            await calls_in_progress(w, 1)
            await asyncio.sleep(1.0)
        with pytest.raises(WorldError, match="went away"):
            await call
        return listen

    assert len(listen_to(asyncio.run(main()))) > 2000
