"""Sentences as a backbone reads them, with the places of several words in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from trainer.text.inputs import EncoderInput, InputMaker
from trainer.text.pieces import Tokenized
from trainer.text.words import Word


@dataclass(frozen=True, slots=True)
class WordRow:
    """The ids of a sentence and the place of each wanted word; None for one past the window."""

    ids: tuple[int, ...]
    places: tuple[tuple[int, int] | None, ...]


def word_row(inputs: InputMaker, words: Sequence[Word], wanted: Sequence[int]) -> WordRow:
    """A sentence of words, cut at the end of the window; echoed where the inputs are.

    With an echo the places are those of the second copy.
    """
    before, after = inputs.pieces.frame
    room = inputs.max_length - len(before) - len(after)
    front: tuple[int, ...] = before
    if inputs.echo:
        between = inputs.pieces.of_word(Word(".", False, True))
        room = (room - len(between)) // 2
        first = [piece for word in words for piece in inputs.pieces.of_word(word)][:room]
        front = (*before, *first, *between)
        words = (replace(words[0], spaced=True), *words[1:])
    ids: list[int] = []
    ends = [0]
    for word in words:
        ids.extend(inputs.pieces.of_word(word))
        ends.append(len(ids))
    shift = len(front)
    places = tuple(
        (ends[at] + shift, ends[at + 1] + shift) if ends[at] < ends[at + 1] <= room else None
        for at in wanted
    )
    return WordRow((*front, *ids[:room], *after), places)


def word_batch(inputs: InputMaker, rows: Sequence[WordRow]) -> EncoderInput:
    """Rows padded on the right to the longest; no word of them is marked."""
    return inputs.batch([Tokenized(row.ids, 0, 0) for row in rows])


def word_means(states: Tensor, rows: Sequence[WordRow]) -> Tensor:
    """(n, d) means of states (B, L, d) over the words that have a place, row by row."""
    spans = [(at, *place) for at, row in enumerate(rows) for place in row.places if place]
    counts = torch.zeros(len(rows), dtype=torch.long)
    for at, _, _ in spans:
        counts[at] += 1
    most = int(counts.max()) if len(rows) else 0
    weights = states.new_zeros(len(rows), most, states.shape[1])
    slots, seen = [], [0] * len(rows)
    for at, start, end in spans:
        weights[at, seen[at], start:end] = 1.0 / (end - start)
        slots.append((at, seen[at]))
        seen[at] += 1
    means = weights @ states
    if not slots:
        return states.new_zeros(0, states.shape[2])
    chosen = torch.tensor(slots, device=states.device)
    return means[chosen[:, 0], chosen[:, 1]]
