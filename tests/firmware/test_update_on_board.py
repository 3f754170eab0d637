"""The supervisor updates itself over the link, on the simulated board: cut at every frame, tried once, confirmed."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from firmware import messages as m
from tests.firmware import artefact
from tests.firmware.client import Client, RequestFailed
from tests.firmware.rig import Rig, rig
from tests.support import micropython

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not micropython.available(), reason=micropython.WHY_NOT),
]

build = artefact.load()
KEY: rsa.RSAPrivateKey = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL = {"firmware/__init__.mpy": b"", "firmware/main.mpy": b"no bytecode at all" * 20}
"""Small, well signed, and unable to start."""


def run(story: Any) -> None:
    asyncio.run(asyncio.wait_for(story, 200))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The firmware itself, compiled, as version 1.1.0."""
    source = tmp_path_factory.mktemp("next") / "firmware"
    shutil.copytree(build.SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    version = source / "version.py"
    version.write_text(version.read_text().replace("VERSION = (1, 0, 0)", "VERSION = (1, 1, 0)"))
    return dict(build.compiled_files(source))


def image(files: dict[str, bytes], version: tuple[int, int, int] = (1, 1, 0)) -> bytes:
    return bytes(build.make_image(files, KEY, version=version, minimum=(1, 0, 0)))


async def offer(client: Client, content: bytes) -> dict[str, Any]:
    """Transfer from wherever it stands, and END. Raises `RequestFailed` when the supervisor goes away meanwhile."""
    state = await client.armed(m.UPDATE_BEGIN, 0, size=len(content), sha256=hashlib.sha256(content).digest())
    while (at := state["next_offset"]) < len(content):
        state = await client.request(m.UPDATE_DATA, offset=at, data=content[at : at + m.MAX_DATA])
    return await client.armed(m.UPDATE_END)


async def settled(client: Client) -> str:
    """How verification and installation ended."""

    async def ended() -> str | None:
        state = await client.request(m.UPDATE_STATUS)
        name = m.UPDATE_STATES[state["state"]]
        return name if name in ("installed", "failed") else None

    return str(await client.until_async(ended, 30))


async def restart(made: Rig) -> dict[str, Any]:
    """Into whatever is to be tried."""
    starts = len(made.starts())
    await made.client.armed(m.UPDATE_RESTART)
    await made.until(lambda: len(made.starts()) > starts)
    made.client.peer.greeted = False
    return await made.client.hello()


def test_tried_confirmed_and_kept(tmp_path: Path, files: dict[str, bytes]) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1, key=build.modulus(KEY)) as made:
            await offer(made.client, image(files))
            assert await settled(made.client) == "installed"
            identity = await restart(made)
            assert (identity["folder"], identity["on_trial"], identity["minor"]) == (b"b", 1, 1)
            await made.client.request(m.UPDATE_CONFIRM)
            await made.board.power_cycle()
            made.client.peer.greeted = False
            identity = await made.client.hello()
            assert (identity["folder"], identity["on_trial"], identity["fell_back"]) == (b"b", 0, 0)
            await offer(made.client, image(files, (0, 9, 0)))
            assert await settled(made.client) == "failed", "older than the minimum of what runs"
            state = await made.client.request(m.UPDATE_STATUS)
            assert m.UPDATE_ERRORS[state["error"]] == "version"

    run(story())


def test_unconfirmed_falls_back(tmp_path: Path, files: dict[str, bytes]) -> None:
    async def story() -> None:
        async with rig(tmp_path, slots=1, key=build.modulus(KEY), settings={"trial_ms": 1500}) as made:
            await offer(made.client, image(files))
            assert await settled(made.client) == "installed"
            assert (await restart(made))["on_trial"] == 1
            starts = len(made.starts())
            await made.until(lambda: len(made.starts()) > starts)
            made.client.peer.greeted = False
            identity = await made.client.hello()
            assert (identity["folder"], identity["on_trial"], identity["fell_back"]) == (b"a", 0, 1)
            assert identity["minor"] == 0

    run(story())


def test_firmware_that_hangs_is_left_by_the_watchdog(tmp_path: Path, files: dict[str, bytes]) -> None:
    (tmp_path / "main.py").write_text("def run(folder, on_trial):\n    while True:\n        pass\n")
    hanging = dict(files) | {"firmware/main.mpy": build.compile_file(tmp_path / "main.py", "firmware/main.py")}

    async def story() -> None:
        async with rig(tmp_path, slots=1, key=build.modulus(KEY)) as made:
            await offer(made.client, image(hanging))
            assert await settled(made.client) == "installed"
            await made.client.armed(m.UPDATE_RESTART)
            await made.until(lambda: "watchdog" in made.starts(), 20)
            made.client.peer.greeted = False
            identity = await made.client.hello()
            assert (identity["folder"], identity["fell_back"]) == (b"a", 1)

    run(story())


def test_firmware_with_one_hung_task_is_not_fed(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Everything else goes on; the task that is not heard of is named in the log, and the old firmware comes back."""
    source = (build.SOURCE / "main.py").read_text()
    deaf = source.replace("self.liveness.alive(TICKING, now)", "pass")
    assert deaf != source
    (tmp_path / "main.py").write_text(deaf)
    partly = dict(files) | {"firmware/main.mpy": build.compile_file(tmp_path / "main.py", "firmware/main.py")}

    async def story() -> None:
        async with rig(tmp_path, slots=1, key=build.modulus(KEY)) as made:
            await offer(made.client, image(partly))
            assert await settled(made.client) == "installed"
            assert (await restart(made))["on_trial"] == 1
            starts = len(made.starts())
            await made.until(lambda: len(made.starts()) > starts, 20)
            made.client.peer.greeted = False
            assert (await made.client.hello())["fell_back"] == 1
            log = m.unpack_log((await made.client.request(m.LOG_READ, number=0))["records"])
            assert "task hung" in [m.LOG_CODES[record[2]] for record in log]

    run(story())


class Cut:
    """Counts the host's chunks; the one numbered `at` arrives half, and then the supply is gone for a moment."""

    def __init__(self, made: Rig, at: int) -> None:
        self.seen = 0
        self.task: asyncio.Task[None] | None = None
        self._made = made
        self._at = at

    def __call__(self, data: bytes) -> bytes:
        self.seen += 1
        if self.task is not None and not self.task.done():
            return b""
        if self.seen == self._at:
            self.task = asyncio.get_running_loop().create_task(self._made.board.kill())
            return data[: len(data) // 2]
        return data


async def install_through_cuts(made: Rig, content: bytes) -> str:
    """As a host does it: whenever the supervisor is gone, say hello and go on."""
    while True:
        try:
            if not made.client.peer.greeted:
                await made.client.hello()
            await offer(made.client, content)
            return await settled(made.client)
        except RequestFailed:
            await made.client.hello()


def test_cut_at_every_frame_of_a_small_image(tmp_path: Path) -> None:
    """Each frame once: the supply goes in its middle. Every time the update ends installed, from where it stood; an
    image that cannot start is left by itself."""
    content = image(SMALL)

    async def story() -> None:
        async with rig(tmp_path, slots=1, key=build.modulus(KEY)) as made:
            frame, frames = 1, 2
            while frame < frames:
                cut = Cut(made, frame)
                made.board.on_noise_to_firmware = cut
                assert await install_through_cuts(made, content) == "installed", frame
                made.board.on_noise_to_firmware = None
                frames = max(frames, 6 + -(-len(content) // m.MAX_DATA))
                assert cut.task is not None, frame
                frame += 1
            identity = await restart_and_fall_back(made)
            assert (identity["folder"], identity["fell_back"]) == (b"a", 1)

    run(story())


async def restart_and_fall_back(made: Rig) -> dict[str, Any]:
    starts = len(made.starts())
    await made.client.armed(m.UPDATE_RESTART)
    await made.until(lambda: len(made.starts()) >= starts + 2)
    made.client.peer.greeted = False
    return await made.client.hello()


def test_the_real_image_cut_again_and_again(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Every fifteenth frame of one transfer, and three times while it verifies and installs; it runs in the end."""
    content = image(files)

    async def story() -> None:
        async with rig(tmp_path, slots=1, key=build.modulus(KEY)) as made:
            for at in range(0, len(content), 15 * m.MAX_DATA):
                state = await made.client.armed(
                    m.UPDATE_BEGIN, 0, size=len(content), sha256=hashlib.sha256(content).digest()
                )
                assert state["next_offset"] == at
                while state["next_offset"] < min(len(content), at + 15 * m.MAX_DATA):
                    offset = state["next_offset"]
                    piece = content[offset : offset + m.MAX_DATA]
                    state = await made.client.request(m.UPDATE_DATA, offset=offset, data=piece)
                await made.board.kill()
                made.client.peer.greeted = False
                await made.client.hello()
            for pause_s in (0.01, 0.05, 0.15):
                await offer(made.client, content)
                await asyncio.sleep(pause_s)
                await made.board.kill()
                made.client.peer.greeted = False
                identity = await made.client.hello()
                if identity["on_trial"]:
                    return
            await offer(made.client, content)
            assert await settled(made.client) == "installed"
            identity = await restart(made)
            assert (identity["folder"], identity["on_trial"], identity["minor"]) == (b"b", 1, 1)

    run(story())
