"""What can go wrong in the room of the page.

WebError
├── CannotListen     the world's: port taken, certificate unreadable (also OSError)
├── UnknownUser      the asker's: nobody of that name (also LookupError)
└── UserRefused      the asker's: a change to a user that the rules forbid; `reason` is one of `Refused`
"""

from __future__ import annotations

from enum import Enum


class WebError(Exception):
    """Root; never raised itself."""


class CannotListen(WebError, OSError):
    """The page cannot be served there; the message says where and what to do."""


class UnknownUser(WebError, LookupError):
    """`no user NAME in DATA`."""


class Refused(Enum):
    """Why a change to a user was refused; the page has a sentence for each."""

    NAME = "name"
    TAKEN = "taken"
    SHORT = "short"
    SAME = "same"
    IS_NAME = "is-name"
    SIMPLE = "simple"
    WRONG = "wrong"
    LAST_ADMIN = "last-admin"
    ROLE = "role"


class UserRefused(WebError, ValueError):
    def __init__(self, reason: Refused) -> None:
        super().__init__(reason.value)
        self.reason = reason
