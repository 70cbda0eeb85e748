"""The use of a dictionary and its student: which usage of its word a target is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch

from languages.find import find_language
from languages.language import Language
from schemas.errors import InputError
from trainer.senses.choosing import usage_logits
from trainer.senses.dictionary import SenseDictionary
from trainer.senses.folder import DISTIL, SensesFolder, opened_description
from trainer.senses.kmeans import Floats
from trainer.senses.rows import WordRow
from trainer.senses.student import (
    StudentDescription,
    UsageStudent,
    open_student,
    student_inputs,
    student_vectors,
)
from trainer.text.inputs import InputMaker, MarkedSentence


@dataclass(frozen=True, slots=True)
class TaggedWord:
    """A target with its usage.

    ``usage`` counts from 1, as `senses show` does, and ``share`` is its probability among the
    ``n_usages``. ``vector`` is the usage's. A word that the dictionary lacks is not ``known``: it
    has no usage, and its vector is the student's ``own``.
    """

    unit: str
    known: bool
    usage: int | None
    n_usages: int
    share: float | None
    vector: Floats
    own: Floats


@dataclass(frozen=True)
class UsageEncoder:
    """A student over its dictionary; ``UsageEncoder.open("runs/demo/senses")``."""

    dictionary: SenseDictionary
    student: UsageStudent
    inputs: InputMaker
    description: StudentDescription
    language: Language

    @classmethod
    def open(cls, folder: Path | str, student: str = "student") -> Self:
        """The folder of ``viconwsd senses``; InputError where student and dictionary differ."""
        own = SensesFolder(Path(folder))
        built = opened_description(own.dictionary)
        model, tokenizer, description = open_student(own.path / student)
        if description.dictionary != built.identity:
            raise InputError(
                f"{own.path / student}: its student was taught another dictionary: run `{DISTIL}` "
                "again"
            )
        language = find_language(description.language)
        inputs = student_inputs(tokenizer, description, language)
        return cls(SenseDictionary.open(own.dictionary), model, inputs, description, language)

    def encode(
        self, items: Sequence[MarkedSentence], lemmas: Sequence[str | None] | None = None
    ) -> list[TaggedWord]:
        """The usages of the targets; a lemma is looked up instead of the target's own form."""
        rows = [self.inputs.tokenize(item) for item in items]
        places = [WordRow(row.ids, ((row.start, row.end),)) for row in rows]
        own = student_vectors(self.student, self.inputs, places)
        forms = [item.sentence[item.start : item.end] for item in items]
        given = lemmas or [None] * len(items)
        units = [
            self.language.match_key(lemma or form) for lemma, form in zip(given, forms, strict=True)
        ]
        return [self.tagged(unit, vector) for unit, vector in zip(units, own, strict=True)]

    def tagged(self, unit: str, own: Floats) -> TaggedWord:
        """The usage of a word whose student's vector (w,) is known."""
        row = self.dictionary.row_of(unit)
        if row is None:
            return TaggedWord(unit, False, None, 0, None, own, own)
        usages = self.dictionary.vectors(self.dictionary.usages(row))
        similarity, temperature = self.description.similarity, self.description.temperature
        logits = usage_logits(
            torch.from_numpy(own)[None],
            torch.from_numpy(usages)[None],
            torch.ones(1, len(usages), dtype=torch.bool),
            similarity,
            temperature,
        )[0]
        best = int(logits.argmax())
        share = float(logits.softmax(dim=0)[best])
        return TaggedWord(unit, True, best + 1, len(usages), share, usages[best], own)

    def replaced(self, units: Sequence[str], own: Floats) -> Floats:
        """(n, w) each vector's usage in the place of it, but for unknown words."""
        found = [self.tagged(unit, vector).vector for unit, vector in zip(units, own, strict=True)]
        return np.stack(found) if found else own
