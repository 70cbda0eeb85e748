"""The sections ``rules`` of [glosses] and [contexts] in run.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from languages.bounds import Span
from languages.language import Language
from pipeline.checks import contexts, cues, duplicates, equality, glosses
from pipeline.checks.texts import Limits
from schemas.errors import UsageError

RENAMED = {"not_vietnamese": "other_language"}
"""Codes of earlier versions."""


class CheckRules(BaseModel):
    """Bounds and switches of a family of rules; a bound that is not set is the language's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_length: int | None = Field(default=None, ge=1)
    max_length: int | None = Field(default=None, ge=1)
    """Of the text, in the language's unit: syllables or words."""
    min_well_formed: float | None = Field(default=None, ge=0, le=1)
    """Share of counted words that could be of the language by their form."""
    min_telling: float | None = Field(default=None, ge=0, le=1)
    """Share of counted words that hardly another language has."""
    off: tuple[str, ...] = ()
    """Codes of rules that are not applied."""

    codes: ClassVar[Mapping[str, str]] = {}
    """The codes of the family, each with its message."""
    always_on: ClassVar[tuple[str, ...]] = ()
    """The codes of rules that keep spans exact and rows writable."""

    def limits(self, language: Language) -> Limits:
        """The bounds in force."""
        raise NotImplementedError

    def decisive(self, language: Language) -> dict[str, object]:
        """All that can change a result, for fingerprints."""
        return self.model_dump(mode="json") | asdict(self.limits(language))

    def _limits(self, length: Span, language: Language) -> Limits:
        own = {name: getattr(self, name) for name in ("min_length", "max_length")}
        least, most = (
            default if set_ is None else set_
            for set_, default in zip(own.values(), length, strict=True)
        )
        if least > most:
            raise UsageError(f"rules: min_length {least} is above max_length {most}")
        bounds = language.bounds
        return Limits(
            min_length=least,
            max_length=most,
            min_well_formed=_or(self.min_well_formed, bounds.min_well_formed),
            min_telling=_or(self.min_telling, bounds.min_telling),
        )

    @model_validator(mode="after")
    def _off_has_codes_that_may_be_off(self) -> CheckRules:
        for code in self.off:
            if code in RENAMED:
                raise ValueError(f"the rule {code!r} is called {RENAMED[code]!r} now")
            if code not in self.codes:
                raise ValueError(f"no rule has the code {code!r}; codes: {', '.join(self.codes)}")
            if code in self.always_on:
                raise ValueError(
                    f"the rule {code!r} keeps spans exact or rows writable and cannot be off"
                )
        return self


class GlossRules(CheckRules):
    """Bounds and switches of the rules for definitions."""

    near_equal: float = Field(default=0.85, gt=0, le=1)
    """Similarity to any other definition from which on the later one is dropped."""
    near_equal_sibling: float = Field(default=0.7, gt=0, le=1)
    """The same for two synsets that share a lemma."""

    codes = glosses.MESSAGES | equality.MESSAGES
    always_on = glosses.ALWAYS_ON

    def limits(self, language: Language) -> Limits:
        """The bounds in force."""
        return self._limits(language.bounds.gloss_length, language)


class ContextRules(CheckRules):
    """Bounds and switches of the rules for contexts."""

    max_gloss_overlap: float = Field(default=0.5, gt=0, le=1)
    """Share of the gloss's runs (of ``copied_run`` units) that a sentence may repeat, exclusive."""
    near_duplicate: float = Field(default=0.6, gt=0, le=1)
    """Similarity of two sentences of a sense from which on the later one is dropped."""
    max_word_share: float = Field(default=0.5, gt=0, le=1)
    """Share of a sense's sentences that may have one content word; two always may."""
    word_list: bool = True
    """Whether the language's own word list joins the WordNet's lemmas in finding longer words."""

    codes = contexts.MESSAGES | duplicates.MESSAGES | cues.MESSAGES
    always_on = contexts.ALWAYS_ON

    def limits(self, language: Language) -> Limits:
        """The bounds in force."""
        return self._limits(language.bounds.context_length, language)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
