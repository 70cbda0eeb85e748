"""Why `select` drops a context: the codes of its rejects."""

from __future__ import annotations

from enum import StrEnum


class SelectCode(StrEnum):
    """Each code is one rule; the first that applies, from top to bottom, is the one reported."""

    SENSE_UNKNOWN = "sense_unknown"
    """The sense is not in the inventory."""
    GLOSS_MISSING = "gloss_missing"
    """The synset has no accepted gloss, so the context cannot be a training row."""
    AUDITED_BAD = "audited_bad"
    """The auditors judged it bad."""
    AUDITED_UNSURE = "audited_unsure"
    """The auditors could not tell."""
    JUDGE_DISAGREES = "judge_disagrees"
    """A judge chose another sense of the lemma."""
    JUDGE_NONE = "judge_none"
    """A judge found that no sense of the lemma fits."""
    CONTRADICTORY = "contradictory"
    """The same sentence stands for another sense of the same lemma, with the same target.

    The one sense that the judge confirms is kept; if it confirms none or several, none is.
    """
    DUPLICATE_IN_SENSE = "duplicate_in_sense"
    """Equal, apart from case, punctuation and tone placement, to another context of the sense."""
    DUPLICATE_ACROSS_SENSES = "duplicate_across_senses"
    """Equal to a context of another sense, whether or not of the same lemma."""
    NEAR_DUPLICATE_IN_SENSE = "near_duplicate_in_sense"
    """Nearly equal to another context of the sense."""
    NEAR_DUPLICATE_ACROSS_SENSES = "near_duplicate_across_senses"
    """Nearly equal to a context of another sense, whether or not of the same lemma."""
    OVER_CAP = "over_cap"
    """The sense has as many contexts as it may have."""


CODES = tuple(SelectCode)
KEPT = -1
"""The number of no code; the number of a code is its place in :data:`CODES`."""


def number(code: SelectCode) -> int:
    """The code as a small integer, for arrays."""
    return CODES.index(code)
