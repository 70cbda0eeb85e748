"""What a language consists of."""

from __future__ import annotations

from dataclasses import dataclass

from languages.audit import AuditTexts
from languages.audit_page import AuditPageTexts
from languages.bounds import TextBounds
from languages.card import CardTexts
from languages.examples import Examples
from languages.findings import Findings
from languages.grammar import Grammar
from languages.interface import Interface
from languages.linking import Linking
from languages.names import Names
from languages.prompts import PromptSet
from languages.recognition import Recognition
from languages.replies import Replies
from languages.segmentation import Segmentation
from languages.sentences import SentenceEnds
from languages.slots import Slots
from languages.spelling import Spelling
from languages.training import TrainingTexts
from languages.wording import Wording
from languages.wordnet import OwnWordNet
from schemas.records import Pos


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
    audit_page: AuditPageTexts
    replies: Replies
    card: CardTexts
    training: TrainingTexts
    grammar: Grammar
    recognition: Recognition
    sentences: SentenceEnds
    wording: Wording
    findings: Findings
    bounds: TextBounds
    slots: Slots
    prompts: PromptSet
    wordnet: OwnWordNet
    linking: Linking
    examples: Examples
    interface: Interface

    def __hash__(self) -> int:
        """By its code: there is one language of a code."""
        return hash(self.code)

    def match_key(self, text: str) -> str:
        """The form in which two spellings of the same word are equal; for comparing only."""
        return self.spelling.match_key(text)

    def is_form(self, target: str, lemma: str, pos: Pos | None) -> bool:
        """Whether a target is the lemma or one of its forms, however both are spelled."""
        key = self.match_key(lemma)
        return self.match_key(target) == key or self.grammar.is_form(
            self.match_key(target), key, pos
        )

    def has_code(self, code: str) -> bool:
        """Whether a tag such as vi, vi-VN or vie is of this language."""
        folder = code.replace("-", "_").lower()
        return self.code == folder or folder.partition("_")[0] in (self.code, self.names.code_3)
