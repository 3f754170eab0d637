"""`tongdai replay CALL-ID`: the switchboard once more over the journal of a call; does it decide the same?"""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

import msgspec

from edge.calls.checkpoint import Checkpoint
from edge.calls.replay import Divergence, replay
from edge.commands.answers import BAD_INPUT, DONE, WRONG, Failed, say
from edge.commands.status import no_box, places_of
from edge.store.codec import encode_actions, encode_event
from edge.store.journal_reader import JournalReader
from edge.telephony import CallId


def _replayed(reader: JournalReader, call: CallId) -> Divergence | None:
    start = reader.checkpoint_before(call)
    if start is None:
        raise Failed(f"call {call}: the journal does not know it (any more)", status=BAD_INPUT)
    checkpoint = msgspec.convert(start.state, Checkpoint)
    entries = reader.entries_from_checkpoint_before(call)
    return replay(checkpoint, ((row.seq, row.moment, row.event, row.actions) for row in entries))


def verb(options: Namespace) -> int:
    """Prints {"call", "equal", "event", "expected", "got"}; 0 when equal, 1 when not."""
    places = places_of(options)
    try:
        with JournalReader.open(places.data / "journal.db") as reader:
            found = _replayed(reader, CallId(options.call))
    except FileNotFoundError as error:
        raise no_box(places) from error
    say(_answer(options.call, found))
    return DONE if found is None else WRONG


def _answer(call: str, found: Divergence | None) -> dict[str, Any]:
    if found is None:
        return {"call": call, "equal": True, "event": None, "expected": None, "got": None}
    return {
        "call": call,
        "equal": False,
        "event": {"seq": found.seq, **json.loads(encode_event(found.event))},
        "expected": json.loads(encode_actions(found.expected)),
        "got": json.loads(encode_actions(found.got)),
    }
