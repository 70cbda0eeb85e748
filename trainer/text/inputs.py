"""The ids that a backbone reads: one sentence, its echo, or a gloss and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from languages.segmentation import Segmenter
from trainer.progress import progress_of
from trainer.text.pieces import Pieces, Tokenized
from trainer.text.words import MarkedWords, Word, words_around, words_of

_GLOSS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class MarkedSentence:
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
class TokenizedPair:
    """A gloss and a sentence in one row; the sentence's ids stand at ``[start, end)``."""

    tokenized: Tokenized
    start: int
    end: int


class InputMaker:
    """Makes a backbone's input from marked sentences.

    With ``echo`` the sentence stands twice and the target is marked in the second copy, where a
    decoder-only backbone has read all of the sentence (the echo trick, arXiv 2402.15449).
    ``example_label`` stands between a gloss and a sentence that are read together.
    """

    def __init__(
        self,
        pieces: Pieces,
        segment: Segmenter,
        max_length: int,
        echo: bool = False,
        example_label: str = "",
    ) -> None:
        self.pieces = pieces
        self.segment = segment
        self.max_length = max_length
        self.echo = echo
        self.example_label = example_label

    def once(self) -> InputMaker:
        """The same without an echo."""
        return InputMaker(self.pieces, self.segment, self.max_length, False, self.example_label)

    def words(self, item: MarkedSentence) -> MarkedWords:
        """The item's words, the target being one."""
        return words_around(item.sentence, item.start, item.end, self.segment, item.row)

    @property
    def _room(self) -> int:
        """The ids that a row holds beside the special ones."""
        return self.max_length - sum(map(len, self.pieces.frame))

    def tokenize_all(self, items: Sequence[MarkedSentence]) -> tuple[Tokenized, ...]:
        """The ids of all sentences, in their order."""
        found: list[Tokenized] = []
        with progress_of("segmenting sentences", len(items)) as advance:
            for item in items:
                found.append(self.tokenize(item))
                advance(1)
        return tuple(found)

    def tokenize(self, item: MarkedSentence) -> Tokenized:
        """The ids of one sentence with its special ids, at most ``max_length`` long."""
        before, after = self.pieces.frame
        marked = self.words(item)
        if not self.echo:
            return _framed(before, self.pieces.window(marked, self._room, item.row), after)
        between = self.pieces.of_word(Word(".", False, True))
        room = (self._room - len(between)) // 2
        one = self.pieces.window(marked, room, item.row)
        two = self.pieces.window(_spaced(marked), room, item.row)
        return _framed((*before, *one.ids, *between), two, after)

    def tokenize_text(self, text: str) -> Tokenized:
        """The ids of a text, cut at the end, all of its own pieces being the target."""
        before, after = self.pieces.frame
        ids = self.pieces.of_words(words_of(text, self.segment))[: self._room]
        unknown = (self.pieces.pad,) if not ids else ()
        return _framed(before, Tokenized((*ids, *unknown), 0, max(1, len(ids))), after)

    def tokenize_pair(self, lemma: str, gloss: str, item: MarkedSentence) -> TokenizedPair:
        """``lemma: gloss. LABEL sentence`` with the sentence's target marked.

        A gloss gets at most half of the window.
        """
        before, after = self.pieces.frame
        head = self.pieces.of_words(words_of(f"{lemma}: {gloss}.", self.segment))
        head = head[: int(self._room * _GLOSS_SHARE)]
        label = self.pieces.of_words(words_of(f" {self.example_label}", self.segment))
        room = self._room - len(head) - len(label)
        one = self.pieces.window(_spaced(self.words(item)), room, item.row)
        front = (*before, *head, *label)
        return TokenizedPair(_framed(front, one, after), len(front), len(front) + len(one.ids))

    def batch(self, tokenized: Sequence[Tokenized]) -> EncoderInput:
        """Rows padded on the right to the longest of them."""
        length = max((len(row.ids) for row in tokenized), default=1)
        ids = torch.full((len(tokenized), length), self.pieces.pad, dtype=torch.long)
        attention = torch.zeros((len(tokenized), length), dtype=torch.long)
        target = torch.zeros((len(tokenized), length), dtype=torch.bool)
        for at, row in enumerate(tokenized):
            ids[at, : len(row.ids)] = torch.tensor(row.ids)
            attention[at, : len(row.ids)] = 1
            target[at, row.start : row.end] = True
        return EncoderInput(ids, attention, target)


def _spaced(marked: MarkedWords) -> MarkedWords:
    """The words of a sentence that follows other text after a space."""
    return MarkedWords((Word(marked.words[0].text, True), *marked.words[1:]), marked.target)


def _framed(before: Sequence[int], inner: Tokenized, after: Sequence[int]) -> Tokenized:
    shift = len(before)
    return Tokenized((*before, *inner.ids, *after), inner.start + shift, inner.end + shift)
