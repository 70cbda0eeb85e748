"""What an annotator is asked, and what the answers mean; the wording is the language's.

Codes are stored; labels are shown. An answer counts as good, partly, bad or unsure. In the blind
mode the codes of senses are their numbers as shown, and good is the number of the intended one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from languages.audit import AuditMode, AuditTexts

Verdict = Literal["good", "partly", "bad", "unsure"]
UnsureRule = Literal["not_good", "left_out"]
"""Whether an unsure answer counts as not good, or leaves the share."""

REMARK = "remark"
_WHY = "_why"
_PARTS = re.compile(r"[;/\n]|\. ")
OPEN = "open"
"""In place of an answer: annotators disagree, without a majority or an adjudication."""
INTENDED = "intended"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Question:
    """One drop-down column; ``meaning`` is how the report names the criterion."""

    code: str
    meaning: str
    verdicts: Mapping[str, Verdict]
    """Code of the answer -> what it means, in the order of the drop-down."""
    reasons: Mapping[str, tuple[str, ...]]
    """Code of a bad or an unsure answer -> the codes of the reasons that may be given for it."""

    as_labelled: bool = False
    """Whether yes and no are good where the row is labelled so, and bad elsewhere."""

    @property
    def why(self) -> str:
        """Under which the reason for an answer is kept, beside the answers."""
        return self.code + _WHY

    def reason(self, given: Mapping[str, str]) -> str | None:
        """The code of the reason given for the answer that is given; None without one.

        A reason for an answer that was changed afterwards is none.
        """
        code = given.get(self.why)
        return code if code in self.reasons.get(given.get(self.code, ""), ()) else None

    def verdict(self, code: str, intended: str) -> Verdict:
        """What the answer means for the row; ``intended`` is the number of the intended sense, or
        the label of a pair."""
        if code == OPEN:
            return "unsure"
        if self.as_labelled and self.verdicts[code] != "unsure":
            return "good" if code == intended else "bad"
        return self.verdicts.get(code) or ("good" if code == intended else "bad")

    def category(self, code: str, intended: str) -> str:
        """The code, where numbers of senses become "intended" or "other"."""
        if code in self.verdicts or code == OPEN:
            return code
        return INTENDED if code == intended else OTHER

    def reason_in(self, remark: str, code: str, texts: AuditTexts) -> str | None:
        """The code of the reason for an answer that a remark names by its label."""
        told = texts.questions[self.code].reasons
        known = {texts.fold_answer(told[reason]): reason for reason in self.reasons.get(code, ())}
        parts = (texts.fold_answer(part) for part in _PARTS.split(remark))
        return next((known[part] for part in parts if part in known), None)

    def header(self, texts: AuditTexts) -> str:
        """The header of the question's column."""
        return texts.questions[self.code].header

    def labels(self, texts: AuditTexts) -> dict[str, str]:
        """The answers as annotators see them, by code, in the order of the drop-down."""
        return {code: texts.questions[self.code].answers[code] for code in self.verdicts}

    def read(
        self, typed: str, n_choices: int, texts: AuditTexts, *, plain: bool = False
    ) -> str | None:
        """The code of a typed answer; None for an answer that is not among the options.

        Case, marks, blanks and a full stop do not count. ``n_choices`` is how many senses the row
        shows; a spreadsheet may have made 2 into 2.0. ``plain``: what
        could answer another question too is taken.
        """
        folded = texts.fold_answer(typed)
        code = _codes(self.code, texts, plain).get(folded)
        if code is not None:
            return code
        number = folded.removesuffix(".0").removesuffix(",0")
        if number.isascii() and number.isdigit() and 1 <= int(number) <= n_choices:
            return str(int(number))
        return None


def is_note(question: str) -> bool:
    """Whether what is kept under this name goes with answers and is none: a remark, a reason."""
    return question == REMARK or question.endswith(_WHY)


@cache
def _codes(question: str, texts: AuditTexts, plain: bool) -> dict[str, str]:
    """Folded label or short form -> code."""
    asked = texts.questions[question]
    labels = {label: code for code, label in asked.answers.items()}
    known = {**asked.short, **(asked.plain if plain else {}), **labels}
    return {texts.fold_answer(typed): code for typed, code in known.items()}


FLUENT = Question(
    "fluent",
    "the sentence is fluent",
    {"yes": "good", "no": "bad", "unsure": "unsure"},
    {
        "no": ("grammar", "unnatural", "incomplete", "nonsense"),
        "unsure": ("dialect", "context", "unknown_word"),
    },
)
USAGE = Question(
    "usage",
    "the target has this sense",
    {"yes": "good", "other": "bad", "unsure": "unsure"},
    {
        "other": ("other_sense", "part", "name"),
        "unsure": ("context", "between", "unclear_gloss", "unknown_word"),
    },
)
GLOSS = Question(
    "gloss",
    "the gloss is right for the synset",
    {"yes": "good", "partly": "partly", "no": "bad", "unsure": "unsure"},
    {
        "no": ("other_sense", "unreadable", "group", "circular"),
        "unsure": ("group", "unclear_gloss", "unknown_word"),
    },
)
SENSE = Question(
    "sense",
    "the annotator chose the intended sense",
    {"none": "bad", "unsure": "unsure"},
    {
        "none": ("missing", "part", "name"),
        "unsure": ("context", "between", "alike", "unknown_word"),
    },
)


SAME = Question(
    "same",
    "the pair is labelled as the annotator sees it",
    {"yes": "good", "no": "bad", "unsure": "unsure"},
    {
        "no": ("other_sense", "part"),
        "unsure": ("context", "between", "unknown_word"),
    },
    as_labelled=True,
)


_OF_MODE: Mapping[AuditMode, tuple[Question, ...]] = {
    "review": (FLUENT, USAGE, GLOSS),
    "blind": (SENSE,),
    "pairs": (SAME,),
}


def questions(mode: AuditMode) -> tuple[Question, ...]:
    """The questions of a mode, in the order of their columns."""
    return _OF_MODE[mode]
