"""What a model is told about the form of its reply, in the language of the prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Replies:
    """The sentences around a reply that must be JSON; ``{...}`` stands for what is filled in.

    They are sent, so they are part of what names a reply in the ledger: a changed sentence
    asks anew for every reply that it was part of.
    """

    json_only: str
    """Ends the last message where the endpoint takes no schema; ``{schema}``."""
    invalid: str
    """Asks for a reply again that did not validate; ``{faults}``, a line each."""
    too_long: str
    """Asks for a reply again that was cut off at the limit of its length."""
    empty: str
    """Shown in the place of an empty reply: some chat templates reject an empty turn."""
    no_object: str
    """The fault of a reply without any JSON object."""
    fault_of_field: str
    """The line of a fault; ``{path}``, ``{fault}``."""
    fault: str
    """The line of a fault of the whole; ``{fault}``."""
    more_faults: str
    """The last line where there are more than are shown; ``{n}``."""
    faults: Mapping[str, str]
    """What a field must be, by pydantic's type of error; takes what pydantic's context holds.

    Of a type that is not here pydantic's own English message is shown.
    """
