"""New firmware for the supervisor, over its own link: sent in pieces, verified and tried by the microcontroller itself.

The supervisor takes the image only if its signature is one it trusts, keeps the running firmware until the new one was
confirmed, and falls back by itself; a link that breaks in the middle goes on where the supervisor says it stands.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import struct
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from firmware import link
from hal.errors import SupervisorError

m = link.messages
Values = dict[str, Any]

_HEADER = "<4sHHI"
_MAGIC = b"TDFW"
_FORMAT = 1
_WHY = {
    "signature": "signature: not signed by whom it trusts",
    "target": "target: built for another chip",
    "version": "version: older than the oldest it still takes",
    "storage": "storage: its flash is full or broken",
    "hash": "hash: a file was damaged on its way; try again",
}

_VERIFY_WITHIN_S = 120.0
"""RSA-2048 in Python on a small core: its time on the RP2040 is not proven."""
_RESTART_WITHIN_S = 60.0
_LOOK_AGAIN_S = 0.2
_TRIES = 5
"""Of one piece, when the link breaks."""


class UpdateLink(Protocol):
    """What an update needs of the supervisor's driver."""

    async def ask(self, kind: int, values: Values | None = None) -> Values:
        """One request. Raises `SupervisorError`."""
        ...

    async def ask_armed(self, kind: int, values: Values, argument: int = 0) -> Values:
        """A critical request, armed first. Raises `SupervisorError`."""
        ...

    async def next_hello(self) -> Values:
        """The next greeting."""
        ...


def image_fault(image: bytes) -> str | None:
    """What can be seen to be wrong with an image (`firmware/update.py`) without the supervisor's key, or None."""
    head = struct.calcsize(_HEADER)
    if len(image) < head or not image.startswith(_MAGIC):
        return "no firmware image; `make firmware` builds one"
    _, version, signature_bytes, manifest_bytes = struct.unpack_from(_HEADER, image)
    if version != _FORMAT:
        return f"an image of format {version}, of which this box knows nothing"
    head += signature_bytes
    try:
        manifest = json.loads(image[head : head + manifest_bytes])
        whole = head + manifest_bytes + sum(int(entry["size"]) for entry in manifest["files"])
    except (ValueError, KeyError, TypeError):
        return "its manifest cannot be read: the file is truncated or damaged"
    if whole != len(image):
        return f"{len(image)} bytes, of {whole} that it should have: the file is truncated or damaged"
    return None


async def install(supervisor: UpdateLink, image: bytes, progress: Callable[[int, int], None]) -> None:
    """Returns when the new firmware runs and was confirmed. Raises `SupervisorError`."""
    digest = hashlib.sha256(image).digest()
    state = await supervisor.ask_armed(m.UPDATE_BEGIN, {"size": len(image), "sha256": digest})
    _refuse_failed(state)
    offset = int(state["next_offset"])
    while offset < len(image):
        piece = image[offset : offset + m.MAX_DATA]
        state = await _patiently(supervisor, {"offset": offset, "data": piece})
        _refuse_failed(state)
        offset = int(state["next_offset"])
        progress(offset, len(image))
    await supervisor.ask_armed(m.UPDATE_END, {})
    try:
        await asyncio.wait_for(_installed(supervisor), _VERIFY_WITHIN_S)
    except TimeoutError as error:
        raise SupervisorError(f"the supervisor did not verify it within {_VERIFY_WITHIN_S:.0f} s") from error
    hello = asyncio.ensure_future(supervisor.next_hello())
    try:
        await supervisor.ask_armed(m.UPDATE_RESTART, {})
        found = await asyncio.wait_for(hello, _RESTART_WITHIN_S)
    except TimeoutError as error:
        raise SupervisorError(f"the supervisor did not come back within {_RESTART_WITHIN_S:.0f} s") from error
    finally:
        hello.cancel()
    if found["fell_back"] or not found["on_trial"]:
        raise SupervisorError("the new firmware did not start; the supervisor runs the one before")
    await supervisor.ask(m.UPDATE_CONFIRM)


async def _patiently(supervisor: UpdateLink, values: Values) -> Values:
    """One piece; after a broken link the supervisor says where it stands."""
    for _ in range(_TRIES):
        try:
            return await supervisor.ask(m.UPDATE_DATA, values)
        except SupervisorError:
            await _again(supervisor)
            state = await supervisor.ask(m.UPDATE_STATUS)
            _refuse_failed(state)
            if _name(m.UPDATE_STATES, state["state"]) != "receiving":
                raise
            if state["next_offset"] != values["offset"]:
                return state
    raise SupervisorError(f"the link broke {_TRIES} times at byte {values['offset']}; try again")


async def _again(supervisor: UpdateLink) -> None:
    for _ in range(_TRIES):
        try:
            await supervisor.ask(m.UPDATE_STATUS)
        except SupervisorError:
            await asyncio.sleep(_LOOK_AGAIN_S)
        else:
            return


async def _installed(supervisor: UpdateLink) -> None:
    while True:
        state = await supervisor.ask(m.UPDATE_STATUS)
        _refuse_failed(state)
        if _name(m.UPDATE_STATES, state["state"]) == "installed":
            return
        await asyncio.sleep(_LOOK_AGAIN_S)


def _refuse_failed(state: Values) -> None:
    if _name(m.UPDATE_STATES, state["state"]) == "failed":
        error = _name(m.UPDATE_ERRORS, state["error"])
        raise SupervisorError(f"the supervisor refused the firmware: {_WHY.get(error, error)}")


def _name(words: Sequence[str], index: int) -> str:
    """A newer supervisor may know more words than we do."""
    return words[index] if index < len(words) else f"number {index}"
