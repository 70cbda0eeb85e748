"""The ids that a backbone reads: one sentence, its echo, or a gloss and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.text.pieces import Pieces, Placed
from trainer.text.words import MarkedWords, Segmenter, Word, words_around, words_of
from trainer.work import work

_GLOSS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence with its target's span, and a name for error messages."""

    sentence: str
    start: int
    end: int
    row: str = "sentence"


@dataclass(frozen=True, slots=True)
class EncoderInput:
    """A padded batch: ids, attention and target marks, all (B, L).

    ``states`` (B, L, d) are a frozen backbone's, where they were computed before.
    """

    input_ids: Tensor
    attention_mask: Tensor
    target_mask: Tensor
    states: Tensor | None = None

    def to(self, device: torch.device) -> EncoderInput:
        """The same batch on a device."""
        return EncoderInput(
            self.input_ids.to(device),
            self.attention_mask.to(device),
            self.target_mask.to(device),
            None if self.states is None else self.states.to(device),
        )


@dataclass(frozen=True, slots=True)
class PlacedPair:
    """A gloss and a sentence in one row; the sentence's ids stand at ``[start, end)``."""

    placed: Placed
    start: int
    end: int


class InputMaker:
    """Makes a backbone's input from marked sentences.

    With ``echo`` the sentence stands twice and the target is marked in the second copy, where a
    decoder-only backbone has read all of the sentence (the echo trick, arXiv 2402.15449).
    """

    def __init__(
        self, pieces: Pieces, segment: Segmenter, max_length: int, echo: bool = False
    ) -> None:
        self.pieces = pieces
        self.segment = segment
        self.max_length = max_length
        self.echo = echo

    def words(self, item: Marked) -> MarkedWords:
        """The item's words, the target being one."""
        return words_around(item.sentence, item.start, item.end, self.segment, item.row)

    def place_all(self, items: Sequence[Marked]) -> tuple[Placed, ...]:
        """The ids of all sentences, in their order."""
        found: list[Placed] = []
        with work("segmenting sentences", len(items)) as done:
            for item in items:
                found.append(self.place(item))
                done(1)
        return tuple(found)

    def place(self, item: Marked) -> Placed:
        """The ids of one sentence with its special ids, at most ``max_length`` long."""
        before, after = self.pieces.frame
        room = self.max_length - len(before) - len(after)
        if not self.echo:
            one = self.pieces.place(self.words(item), room, item.row)
            return _framed(before, one, after)
        between = self.pieces.of_word(Word(".", False, True))
        marked = self.words(item)
        first = marked.words[0]
        one = self.pieces.place(marked, (room - len(between)) // 2, item.row)
        spaced = MarkedWords((Word(first.text, True), *marked.words[1:]), marked.target)
        two = self.pieces.place(spaced, (room - len(between)) // 2, item.row)
        return _framed((*before, *one.ids, *between), two, after)

    def place_whole(self, text: str) -> Placed:
        """The ids of a text, cut at the end, all of its own pieces being the target."""
        before, after = self.pieces.frame
        room = self.max_length - len(before) - len(after)
        ids = self.pieces.of_words(words_of(text, self.segment))[:room]
        unknown = (self.pieces.pad,) if not ids else ()
        return _framed(before, Placed((*ids, *unknown), 0, max(1, len(ids))), after)

    def place_pair(self, lemma: str, gloss: str, item: Marked) -> PlacedPair:
        """``lemma: gloss. Ví dụ: sentence`` with the sentence's target marked.

        A gloss gets at most half of the window.
        """
        before, after = self.pieces.frame
        room = self.max_length - len(before) - len(after)
        head = self.gloss_ids(lemma, gloss)[: int(room * _GLOSS_SHARE)]
        tail = self.pieces.of_words(words_of(" Ví dụ:", self.segment))
        marked = self.words(item)
        first = marked.words[0]
        spaced = MarkedWords((Word(first.text, True), *marked.words[1:]), marked.target)
        one = self.pieces.place(spaced, room - len(head) - len(tail), item.row)
        front = (*before, *head, *tail)
        return PlacedPair(_framed(front, one, after), len(front), len(front) + len(one.ids))

    def gloss_ids(self, lemma: str, gloss: str) -> list[int]:
        """The ids of ``lemma: gloss.``"""
        return self.pieces.of_words(words_of(f"{lemma}: {gloss}.", self.segment))

    def batch(self, placed: Sequence[Placed]) -> EncoderInput:
        """Rows padded on the right to the longest of them."""
        length = max((len(row.ids) for row in placed), default=1)
        ids = torch.full((len(placed), length), self.pieces.pad, dtype=torch.long)
        attention = torch.zeros((len(placed), length), dtype=torch.long)
        target = torch.zeros((len(placed), length), dtype=torch.bool)
        for at, row in enumerate(placed):
            ids[at, : len(row.ids)] = torch.tensor(row.ids)
            attention[at, : len(row.ids)] = 1
            target[at, row.start : row.end] = True
        return EncoderInput(ids, attention, target)


def _framed(before: Sequence[int], placed: Placed, after: Sequence[int]) -> Placed:
    return Placed(
        (*before, *placed.ids, *after), placed.start + len(before), placed.end + len(before)
    )
