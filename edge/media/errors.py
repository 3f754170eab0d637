"""What can go wrong in the media room.

MediaError
├── PromptMissingError       ours: an id that the catalogue does not have, or a set-up without its audio
├── GreetingRefusedError     the person's: a file that cannot be a greeting; the message is meant for that person
└── RecordingPathError       the world's: a file name in the recordings folder that is not one of ours
"""

from __future__ import annotations


class MediaError(Exception):
    """Root of the media room's errors."""


class PromptMissingError(MediaError, LookupError):
    """No such prompt, or its audio file is not there."""


class GreetingRefusedError(MediaError, ValueError):
    """The uploaded file cannot be the company's greeting; says what is wrong and what to do."""


class RecordingPathError(MediaError, ValueError):
    """Not the name of a recording of this box."""
