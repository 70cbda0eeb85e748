"""The exceptions of viconwsd; the name of each says what happens next.

::

    ViconwsdError
    ├── UsageError          the command or the configuration is wrong; nothing ran    exit 2
    ├── RunError            the run stops; what was done is kept                      exit 1
    │   ├── InputError      a file, row or value that was given cannot be used
    │   ├── StorageError    disk full, read-only folder, corrupted file, locked run
    │   └── ServiceError    a remote service refuses or cannot be reached
    └── ItemError           one item failed for good; it goes to rejects, the run goes on

Messages are lower case, name the offending value and say what to do next. Foreign
exceptions are mapped to these where they enter, with ``raise ... from``. Anything else that
reaches the command line is a bug (exit 3).
"""

from __future__ import annotations


class ViconwsdError(Exception):
    """Anything viconwsd can explain in one line."""


class UsageError(ViconwsdError):
    """The command line or the configuration is wrong; nothing has run."""


class RunError(ViconwsdError):
    """The run cannot go on; what was done so far is kept."""


class InputError(RunError):
    """A file, row or value that the user gave cannot be used."""


class StorageError(RunError):
    """A file of the run cannot be read or written."""


class ServiceError(RunError):
    """A remote service refuses, or cannot be reached."""


class ItemError(ViconwsdError):
    """One item failed for good: ``code`` goes to the table of rejects, the run goes on."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type[ItemError], tuple[str, str]]:
        """How it travels between processes."""
        return type(self), (self.code, self.detail)
