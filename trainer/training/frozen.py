"""A frozen backbone's states of many sentences: computed once, kept on disk, mapped into memory.

Training a head on a frozen backbone then reads the backbone's states in every epoch instead of
computing them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from schemas.ids import content_digest
from trainer.model import ViConBERT
from trainer.model.encoding import mean_states
from trainer.progress import Advance, progress_of
from trainer.storage import parts
from trainer.storage.arrays import mapped_array
from trainer.storage.parts import Parts, as_stored, from_stored, of_part
from trainer.storage.pretrained import weights_digest
from trainer.text.inputs import EncoderInput, InputMaker
from trainer.text.pieces import Tokenized
from trainer.training.distributed import ProcessGroup
from trainer.training.reporting import Notify

_BATCH = 64


class HasModel(Protocol):
    """A model and the maker of its inputs."""

    @property
    def model(self) -> ViConBERT:
        """With the backbone that reads."""

    @property
    def inputs(self) -> InputMaker:
        """Pads the sentences that are tokenised already."""


_TARGETS = 2048


@dataclass(frozen=True)
class FrozenStates:
    """The states of n tokenized sentences, (positions, d) per sentence, in files of 1,024 each."""

    parts: Parts
    lengths: tuple[int, ...]
    dtype: torch.dtype

    def joined(self, batch: EncoderInput, rows: Sequence[int]) -> EncoderInput:
        """The batch of those rows with their states, zero on padding."""
        found = [self.states(row) for row in rows]
        states = torch.zeros(*batch.input_ids.shape, found[0].shape[1], dtype=self.dtype)
        for at, own in enumerate(found):
            states[at, : len(own)] = own
        return replace(batch, states=states)

    @cached_property
    def _files(self) -> list[NDArray[np.generic]]:
        return [mapped_array(path) for path in self.parts.paths]

    @cached_property
    def _starts(self) -> list[int]:
        files = (of_part(self.lengths, number) for number in range(len(self.parts.paths)))
        return [start for part in files for start in (0, *accumulate(part[:-1]))]

    def states(self, row: int) -> Tensor:
        """(positions, d) of one sentence."""
        start = self._starts[row]
        own = self._files[row // parts.ROWS][start : start + self.lengths[row]]
        return from_stored(own, self.dtype)


def frozen_states(
    reader: HasModel,
    tokenized: Sequence[Tokenized],
    folder: Path,
    most_bytes: float,
    notify: Notify,
    processes: ProcessGroup = ProcessGroup(),  # noqa: B008 (frozen)
) -> FrozenStates | None:
    """The states of the sentences, from ``folder`` or computed into it, by all processes.

    A killed run goes on at its last file of 1,024 sentences. None where they would take more
    than ``most_bytes``: the backbone then reads every sentence again in every epoch. The folder
    is named by a digest of the backbone's weights and the ids, so that it can never be stale.
    """
    if not tokenized:
        return None
    parameters = list(reader.model.backbone.parameters())
    dtype, width = parameters[0].dtype, reader.model.attention.attention.embed_dim
    lengths = tuple(len(row.ids) for row in tokenized)
    size = sum(lengths) * width * dtype.itemsize
    if size > most_bytes:
        notify(
            f"the frozen backbone's states would take {size / 1e9:.2g} GB, kept_states_gb allows "
            f"{most_bytes / 1e9:g}: it reads all sentences again in every epoch"
        )
        return None
    files = Parts(folder / _fingerprint(reader, tokenized), len(tokenized))
    missing = files.missing()
    if missing:
        notify(
            f"the frozen backbone reads {len(tokenized):,} sentences once ({size / 1e6:,.0f} MB)"
        )
    own = {n: of_part(tokenized, n) for n in missing if n % processes.size == processes.rank}
    with progress_of("encoding texts", sum(map(len, own.values()))) as advance:
        for number, part in own.items():
            files.write(number, _computed(reader, part, dtype, advance))
    processes.barrier()
    return FrozenStates(files, lengths, dtype)


def targets_of(
    reader: HasModel, tokenized: Sequence[Tokenized], known: FrozenStates | None
) -> Tensor:
    """(n, d) means of untrained states over the targets, of at most 2,048 sentences."""
    rows = range(0, len(tokenized), -(-len(tokenized) // _TARGETS))
    if known is None:
        own = [tokenized[row] for row in rows]
        return torch.from_numpy(mean_states(reader.model, reader.inputs, own, _BATCH))
    means = (
        known.states(i)[tokenized[i].start : tokenized[i].end].float().mean(dim=0) for i in rows
    )
    return torch.stack(list(means))


def _fingerprint(reader: HasModel, tokenized: Sequence[Tokenized]) -> str:
    digest = hashlib.blake2b(weights_digest(reader.model.backbone).encode(), digest_size=16)
    for row in tokenized:
        digest.update(np.array([len(row.ids), *row.ids], dtype=np.int64).tobytes())
    return content_digest(digest.hexdigest(), str(reader.model.config.layer))[:32]


@torch.no_grad()
def _computed(
    reader: HasModel, tokenized: Sequence[Tokenized], dtype: torch.dtype, advance: Advance
) -> NDArray[np.generic]:
    """(all positions, d) states in the backbone's own precision, bf16 as its bits."""
    model = reader.model
    training = model.backbone.training
    model.backbone.train(False)
    found: list[Tensor] = [torch.zeros(0)] * len(tokenized)
    order = sorted(range(len(tokenized)), key=lambda i: len(tokenized[i].ids))
    for at in range(0, len(order), _BATCH):
        rows = order[at : at + _BATCH]
        batch = reader.inputs.batch([tokenized[i] for i in rows]).to(model.device)
        states = model.states(batch.input_ids, batch.attention_mask).to(dtype).cpu()
        for k, i in enumerate(rows):
            found[i] = states[k, : len(tokenized[i].ids)].clone()
        advance(len(rows))
    model.backbone.train(training)
    return as_stored(torch.cat(found))
