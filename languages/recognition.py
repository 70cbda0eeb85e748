"""Whether a text is in the language, told from its words without a language model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recognition:
    """Two questions about a word of letters only, in whatever case it is written."""

    well_formed: Callable[[str], bool]
    """Whether the word could be one of the language by its form, or is in a list of them."""
    telling: Callable[[str], bool]
    """Whether a word shows the language, since hardly another one has it: marked letters,
    or words such as *the* and *of*."""
    few: int = 5
    """Words below which the share of telling ones says nothing."""
