"""Glosses and sentences in rows: sentences that follow the same gloss share its reading.

In a decoder-only backbone what a gloss tells does not depend on what follows it. So a row can hold
a gloss once and several sentences after it: each sees the gloss and itself, and stands where it
would stand if it came right after the gloss.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from trainer.model.encoding import evaluating
from trainer.text.inputs import TokenizedPair
from trainer.text.pieces import Tokenized

_ROW = 256
"""Ids in a row of several sentences: the longer it is, the more attention costs."""
_KNOWN: WeakKeyDictionary[nn.Module, bool] = WeakKeyDictionary()

Row = Sequence[int]
"""The numbers of pairs that share a row, and so a gloss."""


@dataclass(frozen=True, slots=True)
class PairRows:
    """What a backbone reads, and where in it the m pieces of n sentences stand.

    ``ids`` (B, L); ``attention`` (B, L) or, where sentences share rows, what is added to the
    attention's scores (B, 1, L, L), then ``positions`` (B, L). Per piece: its ``row`` and
    ``column``, the column ``before`` it in what it follows, the number of its ``pair`` among
    the batch's, and whether it is of the ``target``.
    """

    ids: Tensor
    attention: Tensor
    positions: Tensor | None
    row: Tensor
    column: Tensor
    before: Tensor
    pair: Tensor
    target: Tensor

    def to(self, device: torch.device) -> PairRows:
        """The same rows on a device."""
        own = ((field.name, getattr(self, field.name)) for field in fields(self))
        return replace(self, **{name: v.to(device) for name, v in own if v is not None})


def packed(pairs: Sequence[TokenizedPair], room: int = _ROW) -> Sequence[Row]:
    """Rows of pairs with one gloss, in their order; a row of several has at most ``room`` ids."""
    same: dict[tuple[int, ...], list[int]] = {}
    for at, pair in enumerate(pairs):
        same.setdefault(pair.tokenized.ids[: pair.start], []).append(at)
    rows: list[list[int]] = []
    for prefix, own in same.items():
        length = room
        for at in own:
            more = pairs[at].end - pairs[at].start
            if length + more > room:
                rows.append([])
                length = len(prefix)
            rows[-1].append(at)
            length += more
    return rows


def row_batches(
    rows: Sequence[Row], pairs: Sequence[TokenizedPair], most: int
) -> Iterator[list[Row]]:
    """Rows of similar length together, the longest first, padded to at most ``most`` ids."""
    length = [_length([pairs[i] for i in row]) for row in rows]
    order = sorted(range(len(rows)), key=lambda at: (-length[at], at))
    at = 0
    while at < len(order):
        own = order[at : at + max(1, most // length[order[at]])]
        yield [rows[i] for i in own]
        at += len(own)


def plain_rows(pairs: Sequence[TokenizedPair], pad: int) -> PairRows:
    """A row for each pair; any backbone can read them."""
    ids = _padded([pair.tokenized.ids for pair in pairs], pad)
    attention = _padded([[1] * len(pair.tokenized.ids) for pair in pairs], 0)
    places = [
        (at, column, column - 1, at, pair.tokenized.start <= column < pair.tokenized.end)
        for at, pair in enumerate(pairs)
        for column in range(pair.start, pair.end)
    ]
    return PairRows(ids, attention, None, *_columns(places))


def packed_rows(rows: Sequence[Sequence[TokenizedPair]], pad: int, dtype: torch.dtype) -> PairRows:
    """Rows in which all pairs have one gloss; pairs are numbered row by row.

    What follows a sentence in its own row, such as an id that ends it, is left out: no state of
    the sentence knows of it. ``dtype`` is the backbone's.
    """
    ids, positions, parts, places, n = [], [], [], [], 0
    for at, row in enumerate(rows):
        start = row[0].start
        own, stands = list(row[0].tokenized.ids[:start]), list(range(start))
        part = [0] * start
        for number, pair in enumerate(row, start=1):
            shift = len(own) - start
            for column in range(start, pair.end):
                is_target = pair.tokenized.start <= column < pair.tokenized.end
                before = column - 1 + (shift if column > start else 0)
                places.append((at, column + shift, before, n, is_target))
            own += pair.tokenized.ids[start : pair.end]
            stands += range(start, pair.end)
            part += [number] * (pair.end - start)
            n += 1
        ids.append(own)
        positions.append(stands)
        parts.append(part)
    kind = _padded(parts, 0)
    length = kind.shape[1]
    seen = (kind[:, :, None] == kind[:, None, :]) | (kind[:, None, :] == 0)
    seen &= torch.ones(length, length, dtype=torch.bool).tril()
    hidden = torch.zeros(seen.shape, dtype=dtype).masked_fill(~seen, torch.finfo(dtype).min)
    return PairRows(_padded(ids, pad), hidden[:, None], _padded(positions, 0), *_columns(places))


def reads_packed(backbone: nn.Module, longest: int) -> bool:
    """Whether the backbone can read rows that sentences share, no gloss and sentence too long.

    Tried out: what stands before must not know of what comes after, a sentence not of another
    one, and positions must matter. So it holds for whatever reads like that, and for nothing else.
    """
    config: Any = backbone.config
    text = config.get_text_config()
    window = getattr(text, "sliding_window", None)
    if window is not None and longest > window:
        return False
    if backbone not in _KNOWN:
        known = {"attention_mask", "position_ids"} <= {
            *inspect.signature(backbone.forward).parameters
        }
        plain = getattr(config, "_attn_implementation", "") in ("sdpa", "eager")
        _KNOWN[backbone] = known and plain and _tried(backbone)
    return _KNOWN[backbone]


@torch.inference_mode()
def _tried(backbone: nn.Module) -> bool:
    """Three sentences after one gloss, of made-up ids."""
    weights: Any = backbone.get_input_embeddings().weight  # type: ignore[operator]
    gloss = (5, 6, 7)
    first, other, last = (
        TokenizedPair(Tokenized((*gloss, *ids), 3, 5), 3, 5) for ids in ((8, 9), (10, 11), (12, 13))
    )

    def states(rows: PairRows) -> Tensor:
        found: Tensor = read(backbone, rows.to(weights.device)).last_hidden_state[0]
        return found

    both = packed_rows([[first, last]], 0, weights.dtype)
    with evaluating(backbone):
        alone, changed = (states(plain_rows([pair], 0))[:3] for pair in (first, other))
        beside, apart = states(both)[5:], states(packed_rows([[other, last]], 0, weights.dtype))[5:]
        moved = states(replace(both, positions=torch.arange(7)[None]))[5:]
    one_way, unmixed = torch.equal(alone, changed), torch.equal(beside, apart)
    return one_way and unmixed and not torch.equal(beside, moved)


def read(backbone: nn.Module, rows: PairRows, **wanted: bool) -> Any:
    """What the backbone gives for the rows, as it gives it."""
    placed = {} if rows.positions is None else {"position_ids": rows.positions}
    return backbone(input_ids=rows.ids, attention_mask=rows.attention, **placed, **wanted)


def _length(row: Sequence[TokenizedPair]) -> int:
    """Ids of the row; a pair by itself has those that follow its sentence too."""
    if len(row) == 1:
        return len(row[0].tokenized.ids)
    return row[0].start + sum(pair.end - pair.start for pair in row)


def _padded(rows: Sequence[Sequence[int]], pad: int) -> Tensor:
    length = max(map(len, rows))
    return torch.tensor([[*row, *[pad] * (length - len(row))] for row in rows])


def _columns(places: Sequence[tuple[int, int, int, int, bool]]) -> tuple[Tensor, ...]:
    row, column, before, pair, target = zip(*places, strict=True)
    return *map(torch.tensor, (row, column, before, pair)), torch.tensor(target)
