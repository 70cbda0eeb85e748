"""What an annotator is asked, in the annotator's words, and how a typed answer is read.

Codes are stored; labels are shown. An answer counts as good, partly, bad or unsure. In the blind
mode the codes of senses are their numbers as shown, and good is the number of the intended one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from audits.settings import Mode
from audits.text import fold

Verdict = Literal["good", "partly", "bad", "unsure"]

NONE_CODE = "none"
UNSURE_CODE = "unsure"
NONE_LABEL = "Không nghĩa nào"
UNSURE_LABEL = "Không chắc"
REMARK_HEADER = "Ghi chú"
REMARK = "remark"

OPEN = "open"
"""In place of an answer: annotators disagree, without a majority or an adjudication."""

INTENDED = "intended"
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a drop-down."""

    code: str
    label: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """One drop-down column; ``meaning`` is how the report names the criterion."""

    code: str
    header: str
    meaning: str
    options: tuple[Option, ...]

    def read(self, text: str, n_choices: int) -> str | None:
        """The code of a typed answer; None for an answer that is not among the options.

        Case, marks and blanks do not count. ``n_choices`` is how many senses the row shows; a
        spreadsheet may have made 2 into 2.0.
        """
        folded = fold(text)
        for option in self.options:
            if folded == fold(option.label):
                return option.code
        number = folded.removesuffix(".0").removesuffix(",0").removesuffix(".")
        if number.isascii() and number.isdigit() and 1 <= int(number) <= n_choices:
            return str(int(number))
        return None

    def verdict(self, code: str, intended: str) -> Verdict:
        """What the answer means for the row; ``intended`` is the number of the intended sense."""
        if code == OPEN:
            return "unsure"
        for option in self.options:
            if option.code == code:
                return option.verdict
        return "good" if code == intended else "bad"

    def category(self, code: str, intended: str) -> str:
        """The code, where numbers of senses become "intended" or "other"."""
        if any(option.code == code for option in self.options) or code == OPEN:
            return code
        return INTENDED if code == intended else OTHER

    def label(self, code: str) -> str:
        """The answer as the annotator sees it, or what the category means."""
        return next((option.label for option in self.options if option.code == code), code)


_UNSURE = Option(UNSURE_CODE, UNSURE_LABEL, "unsure")

FLUENT = Question(
    "fluent",
    "1. Câu tự nhiên?",
    "the sentence is fluent",
    (Option("yes", "Có", "good"), Option("no", "Không", "bad"), _UNSURE),
)
USAGE = Question(
    "usage",
    "2. Từ dùng đúng nghĩa này?",
    "the target has this sense",
    (Option("yes", "Đúng", "good"), Option("other", "Nghĩa khác", "bad"), _UNSURE),
)
GLOSS = Question(
    "gloss",
    "3. Lời giải nghĩa đúng với nhóm từ?",
    "the gloss is right for the synset",
    (
        Option("yes", "Đúng", "good"),
        Option("partly", "Đúng một phần", "partly"),
        Option("no", "Sai", "bad"),
        _UNSURE,
    ),
)
SENSE = Question(
    "sense",
    "Nghĩa số mấy?",
    "the annotator chose the intended sense",
    (Option(NONE_CODE, NONE_LABEL, "bad"), _UNSURE),
)


def questions(mode: Mode) -> tuple[Question, ...]:
    """The questions of a mode, in the order of their columns."""
    return (FLUENT, USAGE, GLOSS) if mode == "review" else (SENSE,)
