"""What can be wrong with rating's input, and who is to blame.

    RatingError
    ├── TariffError          a tariff file: every problem found, each naming file, table and row
    ├── TableError           a ported, operator, IDD or bundle table: every problem found, each naming its line
    ├── UsageError           one usage record: the field and what is wrong with it
    └── RatingInputError     what the command line prints: one line naming file, line and field

All of them are the *writer's* mistakes (bad data). A bug of ours raises an ordinary exception.
"""

from __future__ import annotations


class RatingError(ValueError):
    """Root of the tree; never raised itself."""


class TariffError(RatingError):
    """A tariff text that cannot be used. `problems` holds one sentence per fault, in the order of the file."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class TableError(RatingError):
    """A data table that cannot be used. `problems` holds one sentence per bad line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class UsageError(RatingError):
    """A usage record that cannot be rated: `field` is its path in the record ("to.number")."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message

    @property
    def sentence(self) -> str:
        """As it is printed: without a field where the whole line, or document, is wrong."""
        return self.message if self.field == "line" else str(self)


class RatingInputError(RatingError):
    """Bad input of a command, said in one line: str(error) names file, line and field."""
