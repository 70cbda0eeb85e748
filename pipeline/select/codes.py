"""Why `select` drops a context: the codes of its rejects."""

from __future__ import annotations

from enum import StrEnum

KEPT = -1
"""The number of no code."""


class SelectCode(StrEnum):
    """Each code is one rule; the first that applies, from top to bottom, is the one reported."""

    SENSE_UNKNOWN = "sense_unknown"
    GLOSS_MISSING = "gloss_missing"
    CLUSTERED = "clustered"
    AUDITED_BAD = "audited_bad"
    AUDITED_UNSURE = "audited_unsure"
    JUDGE_DISAGREES = "judge_disagrees"
    JUDGE_NONE = "judge_none"
    UNJUDGED = "unjudged"
    CONTRADICTORY = "contradictory"
    DUPLICATE_IN_SENSE = "duplicate_in_sense"
    DUPLICATE_ACROSS_SENSES = "duplicate_across_senses"
    NEAR_DUPLICATE_IN_SENSE = "near_duplicate_in_sense"
    NEAR_DUPLICATE_ACROSS_SENSES = "near_duplicate_across_senses"
    OVER_CAP = "over_cap"

    @property
    def number(self) -> int:
        """The code as a small integer, for arrays: its place in :data:`CODES`."""
        return CODES.index(self)


CODES = tuple(SelectCode)

MEANINGS = {
    SelectCode.SENSE_UNKNOWN: "the sense is not in the inventory",
    SelectCode.GLOSS_MISSING: "the synset has no accepted gloss",
    SelectCode.CLUSTERED: "nothing tells the sense from another one of the lemma, which stays",
    SelectCode.AUDITED_BAD: "the auditors judged it bad",
    SelectCode.AUDITED_UNSURE: "the auditors could not tell",
    SelectCode.JUDGE_DISAGREES: "the judge chose another sense of the lemma",
    SelectCode.JUDGE_NONE: "the judge found that no sense of the lemma fits",
    SelectCode.UNJUDGED: "the judge was asked and gave no valid answer",
    # The one sense that the judge confirms is kept; if it confirms none or several, none is.
    SelectCode.CONTRADICTORY: "the same sentence stands for another sense of the same lemma",
    # Apart from case, punctuation and spelling variants.
    SelectCode.DUPLICATE_IN_SENSE: "equal to another sentence of the sense",
    # Whether or not of the same lemma.
    SelectCode.DUPLICATE_ACROSS_SENSES: "equal to a sentence of another sense",
    SelectCode.NEAR_DUPLICATE_IN_SENSE: "nearly equal to another sentence of the sense",
    SelectCode.NEAR_DUPLICATE_ACROSS_SENSES: "nearly equal to a sentence of another sense",
    SelectCode.OVER_CAP: "the sense has as many sentences as it may have",
}
