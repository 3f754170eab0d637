"""What can go wrong in the store.

    StoreError
    ├── LedgerMisuse        ours: a call closed twice, a charge for a call that is not closed (a bug: raise)
    ├── SettingsRefused     the peer's: a document that cannot become the next revision
    │   └── SettingsConflict    another revision has come in between
    ├── BasisMoved          the world's: charges were stored since those at hand were reckoned; reckon again
    ├── StoreMissing        the peer's: the directory holds no store of a box
    ├── StoreOverloaded     the world's: the disk is slower than the calls; rows would be lost
    └── StoreStuck          the world's: the writer thread does not end

Errors of the database itself (`sqlite3.Error`) are never wrapped or swallowed: a box that cannot write its ledger must
stop taking calls loudly.
"""

from __future__ import annotations


class StoreError(Exception):
    """Base of all errors of the store."""


class LedgerMisuse(StoreError, ValueError):
    """The caller broke a rule of the ledger; nothing was written."""


class SettingsRefused(StoreError, ValueError):
    """The document is not accepted; the message names the key."""


class SettingsConflict(SettingsRefused):
    """The change was made on top of a revision that is not the newest one any more."""


class BasisMoved(StoreError, RuntimeError):
    """What the charges were reckoned by has changed meanwhile; nothing was written."""


class StoreMissing(StoreError, FileNotFoundError):
    """No box has ever run in that directory."""


class StoreOverloaded(StoreError, RuntimeError):
    """The writer's queue is full: work arrives faster than the disk takes it."""


class StoreStuck(StoreError, TimeoutError):
    """The writer thread did not end in time; the message says what it was doing."""
