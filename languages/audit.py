"""All that annotators of an audit read in their language, and how what they type is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

AuditMode = Literal["review", "blind", "pairs"]
SheetKind = Literal["annotator", "adjudication"]

_MARKS = re.compile("[\u0300-\u036f]")
_SPACES = re.compile(r"\s+")
_AROUND = " .,;:!?…\"'“”‘’«»()[]"
"""What people put after or around an answer."""


@dataclass(frozen=True, slots=True)
class ColumnTexts:
    """The headers of a sheet's columns; no two may be equal once they are folded."""

    key: str
    sentence: str
    lemma: str
    pos: str
    gloss: str
    synonyms: str
    choices: str
    """The numbered senses of a blind audit."""
    more_choices: str
    """The same, continued; ``{number}`` counts the further columns from 1."""
    english: str
    """The other sentence of a pair across languages, its target between ``[[`` and ``]]``."""
    opinions: str
    """What the annotators of a row in dispute said; seen once the row is answered."""
    remark: str


@dataclass(frozen=True, slots=True)
class QuestionTexts:
    """A question as annotators see it."""

    header: str
    answers: Mapping[str, str]
    """Code of the answer -> its label in the drop-down."""
    explained: tuple[str, ...]
    """What each answer means, line by line, for the sheet of instructions."""
    short: Mapping[str, str]
    """What people type instead of a label, where it can mean but one answer -> its code.

    Like a label it must be of this question alone: an answer that slid into the column of another
    question is found by that.
    """
    reasons: Mapping[str, str]
    """Code of a reason for a bad or an unsure answer -> its label, a few words, no capital."""
    plain: Mapping[str, str] = field(default_factory=dict)
    """What people type that could be an answer to another question too -> its code; for rows in
    which every question is answered, so that none slid away, and for sheets of version 0.1."""


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """A row of the instructions: what is shown, what to answer, and why."""

    sentence: str
    """The target stands between ``[[`` and ``]]``."""
    shown: tuple[str, ...]
    """In a review the gloss and the synset's lemmas, in a blind audit the numbered senses, of pairs
    the English sentence."""
    answers: tuple[str, ...]
    """One for every question of the mode, as it would be typed."""
    why: str


@dataclass(frozen=True, slots=True)
class GuideTexts:
    """The sheet of instructions, from top to bottom."""

    titles: Mapping[SheetKind, str]
    welcome: str
    steps_heading: str
    steps: Mapping[SheetKind, tuple[str, ...]]
    duration: str
    """``{rows}`` rows will take about ``{minutes}`` minutes."""
    answers_heading: str
    reasons: str
    """The ``{reasons}`` of a question, any of which may stand in the column of remarks."""
    examples_heading: str
    example_headers: Mapping[AuditMode, tuple[str, ...]]
    """For the sentence, ``shown``, ``answers`` and ``why`` of the examples."""
    examples: Mapping[AuditMode, tuple[WorkedExample, ...]]


@dataclass(frozen=True, slots=True, eq=False)  # there is one per language, and it can be a key
class AuditTexts:
    """The texts of an audit's workbooks."""

    guide_sheet: str
    rows_sheet: str
    """Names of the two sheets; at most 31 characters."""
    columns: ColumnTexts
    questions: Mapping[str, QuestionTexts]
    """The questions of ``audits/questions.py`` by code."""
    guide: GuideTexts
    progress: str
    """``{done}`` of ``{rows}`` rows are finished."""
    page: str
    """What stands before the number of a printed page."""
    not_listed: str
    """Title of the message for an answer that is not in the drop-down; at most 32 characters."""
    advice: str
    """Its text, with ``{answers}``; at most 255 characters with all of them."""
    or_: str
    """The word before the last answer of the advice."""
    sense_number: str
    """What stands for the numbers of the senses in the advice."""
    no_answer: str
    """In the place of an answer that an annotator left out, for whoever adjudicates."""
    no_gloss: str
    """In the place of a gloss, with the ``{lemmas}`` of the synset."""
    plain_letters: Mapping[str, str]
    """Letters that are typed as others where the keyboard lacks them, and are no letter with a
    mark, as those lose their marks anyway: đ -> d."""

    def fold(self, text: str) -> str:
        """The form in which headers are compared: no case, no marks, single spaces."""
        return _folded(text, tuple(self.plain_letters.items()))

    def fold_answer(self, text: str) -> str:
        """The form in which answers are compared: as headers, and "Yes!" is "yes"."""
        folded = self.fold(text)
        return folded.strip(_AROUND) or folded


@lru_cache(maxsize=1 << 12)  # headers and answers come again and again
def _folded(text: str, plain_letters: tuple[tuple[str, str], ...]) -> str:
    text = _MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
    for letter, plain in plain_letters:
        text = text.replace(letter, plain)
    return _SPACES.sub(" ", text).strip()
