"""What a language consists of."""

from __future__ import annotations

from dataclasses import dataclass

from languages.audit import AuditTexts
from languages.card import CardTexts
from languages.names import Names
from languages.replies import Replies
from languages.segmentation import Segmentation
from languages.spelling import Spelling
from languages.training import TrainingTexts


@dataclass(frozen=True, slots=True)
class Language:
    """A language as a value. Each field but ``code`` is a part.

    The part ``spelling`` of ``vi`` is the constant ``SPELLING`` of ``languages/vi/spelling.py``,
    and so with every other; :func:`languages.find.find_language` puts them together.
    """

    code: str
    """BCP 47, as in run.toml, in WN-LMF files and on the Hub: ``vi``."""
    names: Names
    spelling: Spelling
    segmentation: Segmentation
    audit: AuditTexts
    replies: Replies
    card: CardTexts
    training: TrainingTexts

    def match_key(self, text: str) -> str:
        """The form in which two spellings of the same word are equal; for comparing only."""
        return self.spelling.match_key(text)

    def has_code(self, code: str) -> bool:
        """Whether a tag such as vi, vi-VN or vie is of this language."""
        folder = code.replace("-", "_").lower()
        return self.code == folder or folder.partition("_")[0] in (self.code, self.names.code_3)
