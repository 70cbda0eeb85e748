"""Pairs of targets in context with a gold answer, as every reader gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from languages.language import Language
from schemas.errors import InputError
from schemas.files import explained
from trainer.data import Item
from trainer.evaluation.word_in_context import context_pairs
from trainer.text.inputs import MarkedSentence


@dataclass(frozen=True, slots=True)
class BenchTarget:
    """A target in a sentence; one that is split has several spans."""

    sentence: str
    spans: tuple[tuple[int, int], ...]
    row: str
    """Where it stands, for messages."""

    @property
    def text(self) -> str:
        """The target itself, the parts of a split one with a space between them."""
        return " ".join(self.sentence[start:end] for start, end in self.spans)

    @property
    def marked(self) -> tuple[MarkedSentence, ...]:
        """A marked sentence for each span."""
        return tuple(MarkedSentence(self.sentence, *span, self.row) for span in self.spans)

    @classmethod
    def whole(cls, text: str, row: str) -> BenchTarget:
        """A whole sentence as the target."""
        return cls(text, ((0, len(text)),), row)


@dataclass(frozen=True, slots=True)
class BenchPair:
    """Two targets; ``gold`` is 1 for the same meaning and 0 for another, or a rating."""

    left: BenchTarget
    right: BenchTarget
    gold: float
    group: str
    """What is resampled together: the lemma."""
    part: str = ""
    """Ratings of several parts are not compared with each other; WiC: the part of speech."""


@dataclass(frozen=True, slots=True)
class BenchSet:
    """``same``: is it one meaning? (threshold from ``dev``); ``rating``: how alike is it?

    Without ``dev`` the threshold of each half of the groups is that of the other half.
    """

    name: str
    task: Literal["same", "rating"]
    test: tuple[BenchPair, ...]
    dev: tuple[BenchPair, ...] = ()


def item_pairs(items: Sequence[Item], language: Language) -> tuple[BenchPair, ...]:
    """The word-in-context pairs of a release's or a dictionary's items."""
    return tuple(
        BenchPair(
            _target_of(pair.left),
            _target_of(pair.right),
            float(pair.same),
            language.match_key(pair.left.lemma),
        )
        for pair in context_pairs(items, language)
    )


def _target_of(item: Item) -> BenchTarget:
    return BenchTarget(item.sentence, ((item.start, item.end),), item.item_id)


def read_lines(path: Path) -> list[str]:
    """The lines of a UTF-8 text without their ends; InputError where it is none."""
    try:
        with explained(path):
            text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from error
    return text.removesuffix("\n").split("\n")


def same_length(path: Path, one: Sequence[object], other: Sequence[object]) -> None:
    """InputError where a file has not a line for each of another one."""
    if len(one) != len(other):
        raise InputError(f"{path}: {len(other)} lines where {len(one)} are wanted: get it again")
