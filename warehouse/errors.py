"""Errors that a person reads: one line that names what is at fault and how to mend it."""


class HarkenError(Exception):
    """Base of every error that is shown as one line, without a traceback."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class HomeError(HarkenError):
    """The state folder can't be used: its version is newer than this program's, or it can't be written."""


class WarehouseLocked(HarkenError):
    """Another process writes the warehouse. The message names it."""


class ContractError(HarkenError):
    """A contract file is wrong, or names a source or entity that doesn't exist."""


class FileRejected(HarkenError):
    """A file can't be landed at all. Carries the reason as it stands in landing.files."""


class PublishError(HarkenError):
    """A snapshot couldn't be published or rolled back. The former snapshot still stands."""


# What DuckDB says of a query that a signal ended.
INTERRUPTED = "Query interrupted"


def was_interrupt(error: BaseException) -> bool:
    """Whether a signal lies behind an error: DuckDB drops what its handler raised amid a query, and raises its own."""
    return type(error) is RuntimeError and str(error) == INTERRUPTED
